//! The Lambda function.

fn main() -> Result<(), shared::boot::BootError> {
    shared::boot::invoke(shared::boot::greet_table, operator::handle)
}
