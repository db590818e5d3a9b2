//! The Lambda function.

fn main() -> Result<(), shared::boot::BootError> {
    shared::boot::consume(&closing::FUNCTION, closing::handle)
}
