//! The Lambda function.

fn main() -> Result<(), shared::boot::BootError> {
    shared::boot::consume(&usage_alerts::FUNCTION, usage_alerts::handle)
}
