//! The Lambda function.

fn main() -> Result<(), shared::boot::BootError> {
    shared::boot::invoke(&timekeeper::FUNCTION, |app, event| async {
        timekeeper::handle(app, event).await.map_err(Into::into)
    })
}
