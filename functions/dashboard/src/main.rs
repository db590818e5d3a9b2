//! The Lambda function.

fn main() -> Result<(), shared::boot::BootError> {
    shared::boot::serve(&dashboard::FUNCTION, dashboard::routes)
}
