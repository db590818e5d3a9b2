//! The Lambda function.

fn main() -> Result<(), shared::boot::BootError> {
    shared::boot::consume(shared::boot::greet_mail_queue, outbox_relay::handle)
}
