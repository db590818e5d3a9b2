//! The Lambda function.

fn main() -> Result<(), shared::boot::BootError> {
    shared::boot::serve(&security::FUNCTION, security::routes)
}
