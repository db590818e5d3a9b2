//! The Lambda function.

fn main() -> Result<(), shared::boot::BootError> {
    shared::boot::consume(shared::boot::Peer::MailQueue, outbox_relay::handle)
}
