//! The Lambda function.

fn main() -> Result<(), shared::boot::BootError> {
    shared::boot::consume(&outbox_relay::FUNCTION, outbox_relay::handle)
}
