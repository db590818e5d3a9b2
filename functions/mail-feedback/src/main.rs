//! The Lambda function.

fn main() -> Result<(), shared::boot::BootError> {
    shared::boot::consume(&mail_feedback::FUNCTION, mail_feedback::handle)
}
