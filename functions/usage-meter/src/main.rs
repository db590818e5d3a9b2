//! The Lambda function.

fn main() -> Result<(), shared::boot::BootError> {
    shared::boot::consume(shared::boot::greet_table, usage_meter::handle)
}
