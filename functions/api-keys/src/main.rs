//! The Lambda function.

fn main() -> Result<(), shared::boot::BootError> {
    shared::boot::serve(&api_keys::FUNCTION, api_keys::routes)
}
