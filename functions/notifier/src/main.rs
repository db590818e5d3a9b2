//! The Lambda function.

fn main() -> Result<(), shared::boot::BootError> {
    shared::boot::consume(&notifier::FUNCTION, notifier::handle)
}
