//! The Lambda function.

fn main() -> Result<(), shared::boot::BootError> {
    shared::boot::serve(&tickets::FUNCTION, tickets::routes)
}
