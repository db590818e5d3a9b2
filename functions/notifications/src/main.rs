//! The Lambda function.

fn main() -> Result<(), shared::boot::BootError> {
    shared::boot::serve(&notifications::FUNCTION, notifications::routes)
}
