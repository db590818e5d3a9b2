//! The Lambda function.

fn main() -> Result<(), shared::boot::BootError> {
    shared::boot::consume(&ticket_clock::FUNCTION, ticket_clock::handle)
}
