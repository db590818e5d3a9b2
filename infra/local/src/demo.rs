//! The first accounts: staff with a service key, and a demo company whose past is lived through
//! the real operations, day by day on the panel's own clock.

use axum::{
    body::{Body, to_bytes},
    http::{Request, header},
};
use jiff::{SignedDuration, Timestamp};
use operator::{Refused, create_staff, issue_key};
use serde_json::{Value, json};
use shared::{
    account::{AccountKind, Email, Founded, Founder, FoundingRefused, found},
    app::App,
    auth::{Password, hash_password},
    error::Error,
    http::Context,
    id::AccountId,
    queue::chain,
    random::Random,
    table::Cancelled,
    web::Language,
};
use tower::ServiceExt;

use crate::{
    DemoLogin, People, StaffLogin, Workers,
    desk::{Whose, begin_session},
    words,
};

const MOST_BYTES: usize = 64 * 1024;

const STAFF_EMAIL: &str = "staff@panel.example";
const DEMO_EMAIL: &str = "demo@acme.example";
const PASSWORD: &str = "plenty-otters-swim-north";
const DEMO_DAYS: i64 = 33;

/// Why the first accounts could not be made.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// A real operation refused.
    #[error("{0}")]
    Refused(String),
    /// The embedded cloud failed.
    #[error(transparent)]
    Cloud(#[from] cloud::CloudError),
    /// The logins could not be remembered.
    #[error("the settings file")]
    Settings(#[from] std::io::Error),
}

impl From<Refused> for DemoError {
    fn from(refused: Refused) -> Self {
        Self::Refused(chain(&refused))
    }
}

impl From<Error> for DemoError {
    fn from(error: Error) -> Self {
        Self::Refused(words(&error))
    }
}

/// Makes the staff's account with a login and a service key.
pub(crate) async fn staff(app: &App) -> Result<People, DemoError> {
    let made = create_staff(app, STAFF_EMAIL, "Sam Staff").await?;
    let service_key = issue_key(app, "gateway").await?;
    let staff = StaffLogin { email: made.email, password: made.password };
    Ok(People { service_key, staff, demo: Vec::new() })
}

/// Makes the demo company and lets it live for a month.
pub(crate) async fn company(
    app: &App,
    workers: &Workers,
    service_key: &str,
) -> Result<DemoLogin, DemoError> {
    let begin = SignedDuration::from_hours(24 * DEMO_DAYS);
    app.clock.advance(-begin);
    let lived = live(app, workers, service_key).await;
    app.clock.advance(begin - lived.as_ref().map_or(SignedDuration::ZERO, |(_, walked)| *walked));
    let (account, _) = lived?;
    let (email, password) = (DEMO_EMAIL.to_owned(), PASSWORD.to_owned());
    Ok(DemoLogin { email, password, account })
}

async fn live(
    app: &App,
    workers: &Workers,
    service_key: &str,
) -> Result<(AccountId, SignedDuration), DemoError> {
    let account = found_now(app, founder(app).await?).await?.account;
    operator::set_plan(app, &account.to_string(), "growth").await?;
    save_card(app, workers, account).await?;
    let router = usage::routes().into_router(app.clone());
    let random = Random::seeded(2026);
    let hour = SignedDuration::from_hours(1);
    let mut walked = SignedDuration::ZERO;
    let mut number = 0u64;
    for _day in 0..DEMO_DAYS {
        let mut events: Vec<Value> = Vec::new();
        for step in 0..24 {
            app.clock.advance(hour);
            walked += hour;
            // Offices sleep: a wave over the day, a little noise on top.
            let busy =
                [0, 0, 0, 0, 0, 1, 2, 4, 7, 8, 8, 6, 5, 7, 8, 7, 5, 3, 2, 1, 1, 0, 0, 0][step];
            for _ in 0..busy * 2 + random.below(3) {
                number += 1;
                events.push(event(account, number, app.clock.now(), &random));
            }
        }
        ingest(&router, service_key, events).await?;
        workers.drain().await?;
    }
    Ok((account, walked))
}

/// Saves a card that pays, as its owner would: with a session, on the bank's page, by the bank's word.
async fn save_card(app: &App, workers: &Workers, account: AccountId) -> Result<(), DemoError> {
    let context = Context::of_schedule("demo", &app.random);
    let whose = Whose { account, sudo: true, factor: false };
    let token = begin_session(app, &context, &whose).await?.unwrap_or_default();
    let router = billing::routes().into_router(app.clone());
    let refused = |error: &dyn std::fmt::Display| DemoError::Refused(error.to_string());
    let wanted = Request::post("/v1/payment-methods")
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .body(Body::empty())
        .map_err(|error| refused(&error))?;
    let Ok(reply) = router.clone().oneshot(wanted).await;
    let body = to_bytes(reply.into_body(), MOST_BYTES).await.map_err(|error| refused(&error))?;
    let opened: Value = serde_json::from_slice(&body).map_err(|error| refused(&error))?;
    let url = opened["setup_url"].as_str().unwrap_or_default();
    let bank = workers.bank();
    let _typed = bank.complete(url, "4242424242424242", true);
    for (signature, word) in bank.untold() {
        let told = Request::post("/v1/webhooks/stripe")
            .header("stripe-signature", signature)
            .body(Body::from(word))
            .map_err(|error| refused(&error))?;
        let Ok(_reply) = router.clone().oneshot(told).await;
    }
    Ok(workers.drain().await?)
}

fn event(account: AccountId, number: u64, now: Timestamp, random: &Random) -> Value {
    let models = [
        ("text", "atlas-large", 900, 350),
        ("text", "atlas-mini", 400, 120),
        ("code", "forge-1", 1800, 700),
        ("embedding", "vector-3", 600, 0),
        ("image", "canvas-2", 60, 30),
        ("speech", "voice-1", 200, 90),
    ];
    let place = [0, 0, 1, 1, 1, 2, 2, 3, 4, 5];
    let draw = usize::try_from(random.below(10)).unwrap_or(0);
    let (ai_type, model, input, output) = models[place[draw]];
    let back = SignedDuration::from_secs(i64::try_from(random.below(3600)).unwrap_or(0));
    let spread = |most: u64| most / 2 + random.below(most.max(1));
    json!({
        "specversion": "1.0", "id": format!("demo-{number}"), "source": "demo",
        "type": "ai.usage", "subject": account, "time": (now - back).to_string(),
        "data": {
            "ai_type": ai_type, "model": model, "input_tokens": spread(input),
            "output_tokens": if output == 0 { 0 } else { spread(output) },
            "latency_ms": 200 + random.below(1500), "status": "ok",
        },
    })
}

async fn ingest(
    router: &axum::Router,
    service_key: &str,
    events: Vec<Value>,
) -> Result<(), DemoError> {
    let request = Request::post("/v1/usage/events")
        .header(header::AUTHORIZATION, format!("Bearer {service_key}"))
        .header(header::CONTENT_TYPE, "application/cloudevents-batch+json")
        .body(Body::from(Value::Array(events).to_string()))
        .map_err(|error| DemoError::Refused(error.to_string()))?;
    let Ok(reply) = router.clone().oneshot(request).await;
    let status = reply.status();
    if status.is_success() { Ok(()) } else { Err(DemoError::Refused(status.to_string())) }
}

async fn founder(app: &App) -> Result<Founder, DemoError> {
    let refused = |error: &dyn std::error::Error| DemoError::Refused(error.to_string());
    let password = Password::new(PASSWORD, &[]).map_err(|error| refused(&error))?;
    Ok(Founder {
        kind: AccountKind::Client,
        plan: app.plans.default_plan().clone(),
        email: DEMO_EMAIL.parse::<Email>().map_err(|error| refused(&error))?,
        password_hash: hash_password(password, &app.random).await?,
        name: "Dana Demo".to_owned(),
        company: "Acme Robotics".to_owned(),
        locale: Language::default(),
    })
}

async fn found_now(app: &App, founder: Founder) -> Result<Founded, DemoError> {
    let mut transaction = app.table.transaction::<FoundingRefused>();
    let founded = found(app, founder, &mut transaction);
    transaction.commit().await.map_err(|cancelled: Cancelled<_>| Error::from(cancelled))?;
    Ok(founded)
}
