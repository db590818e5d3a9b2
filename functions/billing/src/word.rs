//! The payment provider's word. It is taken if the provider signed it a short while ago; what it is about is looked at
//! by the payments worker, who asks how it stands.

use axum::{
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
};
use shared::{
    app::App,
    error::{Code, Error},
    outbox::{Job, OutboxRecord},
    provider::ProviderWord,
};

/// What is asked for once something happened to it.
const LOOKED_AT: [&str; 3] = ["payment_intent", "checkout.session", "refund"];

/// Takes the payment provider's word.
#[utoipa::path(
    post, path = "/v1/webhooks/stripe", operation_id = "stripe_webhook", tag = "billing",
    request_body(content = String, content_type = "application/json", description = "An event, as the provider signs it"),
    params(("Stripe-Signature" = Option<String>, Header, description = "`t=<seconds>,v1=<HMAC-SHA-256>`")),
    responses(
        (status = 200, description = "It is taken, also a second time"),
        (status = 400, description = "It is not signed by the provider, or was long ago", body = shared::http::Problem),
    )
)]
pub(crate) async fn json(
    State(app): State<App>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, Error> {
    let signature = headers.get("stripe-signature").and_then(|it| it.to_str().ok());
    let (secret, now) = (app.config.payments_secret()?, app.clock.now());
    let word = ProviderWord::read(secret, signature.unwrap_or_default(), &body, now);
    let word = word.map_err(|forged| Error::malformed(forged.to_string()))?;
    let (object, id) = word.about();
    if !LOOKED_AT.contains(&object) || id.is_empty() {
        return Ok(StatusCode::OK);
    }
    let job = Job::Provider { object: object.to_owned(), id: id.to_owned() };
    let record = OutboxRecord::new(job, now, &app.random);
    let mut transaction = app.table.transaction();
    transaction.create(&record.key(), &record, Code::Conflict);
    transaction.commit().await?;
    Ok(StatusCode::OK)
}
