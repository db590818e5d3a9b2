//! The Lambda function.

fn main() -> Result<(), shared::boot::BootError> {
    shared::boot::serve(&billing::FUNCTION, billing::routes)
}
