//! The Lambda function.

fn main() -> Result<(), shared::boot::BootError> {
    shared::boot::consume(&usage_meter::FUNCTION, usage_meter::handle)
}
