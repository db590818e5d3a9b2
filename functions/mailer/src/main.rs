//! The Lambda function.

fn main() -> Result<(), shared::boot::BootError> {
    shared::boot::consume(&mailer::FUNCTION, mailer::handle)
}
