//! The Lambda function.

fn main() -> Result<(), shared::boot::BootError> {
    shared::boot::invoke(&operator::FUNCTION, operator::handle)
}
