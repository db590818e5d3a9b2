//! The Lambda function.

fn main() -> Result<(), shared::boot::BootError> {
    shared::boot::invoke(shared::boot::Peer::Table, operator::handle)
}
