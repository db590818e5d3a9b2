//! The Lambda function.

fn main() -> Result<(), shared::boot::BootError> {
    shared::boot::consume(shared::boot::the_table, mailer::handle)
}
