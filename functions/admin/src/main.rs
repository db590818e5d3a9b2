//! The Lambda function.

fn main() -> Result<(), shared::boot::BootError> {
    shared::boot::serve(&admin::FUNCTION, admin::routes)
}
