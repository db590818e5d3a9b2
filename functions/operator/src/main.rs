//! The Lambda function.

fn main() -> Result<(), shared::boot::BootError> {
    shared::boot::invoke(shared::boot::the_table, operator::handle)
}
