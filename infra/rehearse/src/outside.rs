//! What comes from outside of the panel on AWS: time passes, and a mail comes back.

use std::process::{Command, Stdio};

use reqwest::StatusCode;
use serde_json::json;
use shared::testing::paid;
use tests::{Client, Site};

use crate::{
    RehearsalError,
    sam::{Sam, last_lines},
};

/// By AWS's own library, which the SAM command line brings along.
const SCRIPT: &str = include_str!("outside.py");

/// The emulated AWS as it is reached from outside.
pub(crate) struct Outside {
    environment: Vec<(&'static str, String)>,
    table: String,
    sam: Sam,
}

impl Outside {
    pub(crate) fn new(environment: Vec<(&'static str, String)>, table: String, sam: Sam) -> Self {
        Self { environment, table, sam }
    }

    /// Walks what the schedule and SES set off; one step that fails panics, as tests do.
    pub(crate) async fn walk(&self, site: &Site) -> Result<(), RehearsalError> {
        let mut acme = site.client("told").await;
        acme.elevate().await;
        for name in ["nightly", "backend"] {
            let key = json!({"name": name, "scopes": ["read"]});
            let made = acme.post("/v1/api-keys", &key).await;
            assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
        }
        // A registration's mail and the first key's; the second key's waits for others.
        mails(site, &acme, 2).await;
        told(site, &acme, "security", 2).await;
        self.run(&["hasten", &self.table])?;
        mails(site, &acme, 3).await;
        self.run(&["bounce", &acme.email])?;
        told(site, &acme, "channel_failing", 1).await;
        uses_up(site).await;
        self.pays(site).await
    }

    /// A client's month closes, and its card is charged at the bank, which tells of it.
    async fn pays(&self, site: &Site) -> Result<(), RehearsalError> {
        let mut payer = site.client("payer").await;
        payer.elevate().await;
        payer.save_card(paid::PAYS).await;
        let plan = json!({"set_plan": {"account": payer.account, "plan": "growth"}});
        self.sam.operate(&plan)?;
        for wanted in ["draft", "paid"] {
            self.run(&["hasten", &self.table])?;
            let look = async || {
                let list = payer.get("/v1/invoices").await.json();
                (list["items"][0]["state"] == wanted).then_some(())
            };
            let seen = match site.awaited(look).await {
                Some(()) => Some(()),
                None => site.awaited(look).await,
            };
            assert!(seen.is_some(), "{wanted}: {}", payer.get("/v1/invoices").await.text);
        }
        told(site, &payer, "invoice_paid", 1).await;
        Ok(())
    }

    fn run(&self, arguments: &[&str]) -> Result<(), RehearsalError> {
        run(&self.environment, arguments)
    }
}

/// Puts a secret where the deployed functions find it.
pub(crate) fn keep_secret(
    environment: &[(&'static str, String)],
    name: &str,
    value: &str,
) -> Result<(), RehearsalError> {
    run(environment, &["secret", name, value])
}

fn run(environment: &[(&'static str, String)], arguments: &[&str]) -> Result<(), RehearsalError> {
    let output = Command::new("python3")
        .args(["-c", SCRIPT])
        .args(arguments)
        .envs(environment.iter().map(|(name, value)| (*name, value)))
        .env_remove("AWS_PROFILE")
        .env_remove("AWS_SESSION_TOKEN")
        .stdin(Stdio::null())
        .output()
        .map_err(|error| RehearsalError::io("python3", error))?;
    if output.status.success() {
        return Ok(());
    }
    let command = arguments.first().copied().unwrap_or_default().to_owned();
    let output = last_lines(&String::from_utf8_lossy(&output.stderr));
    Err(RehearsalError::Tool { command, output })
}

/// Waits until there are so many mails to a client: the schedule comes once a minute.
async fn mails(site: &Site, client: &Client, wanted: usize) {
    let look = async || (site.mails(&client.email).await.len() >= wanted).then_some(());
    let seen = match site.awaited(look).await {
        Some(()) => Some(()),
        None => site.awaited(look).await,
    };
    let mails = site.mails(&client.email).await;
    assert!(seen.is_some() && mails.len() == wanted, "{mails:?}");
}

/// A new client's requests are let through, counted, told of and refused, at the limit of the plan that it begins
/// on.
async fn uses_up(site: &Site) {
    let mut newcomer = site.client("newcomer").await;
    newcomer.elevate().await;
    let key = json!({"name": "nightly", "scopes": ["inference"]});
    let key = newcomer.post("/v1/api-keys", &key).await.json();
    let question = json!({"api_key": key["secret"], "estimate": {"tokens": 400_000}});
    let ask = async || site.post_as_service("/v1/gateway/authorize", &question).await.json();
    let held = ask().await;
    assert_eq!(held["allowed"], true, "{held}");
    assert_eq!(ask().await["code"], "quota_exceeded", "what is held is held");
    let mut event = newcomer.event("all-of-it");
    event["data"]["input_tokens"] = json!(600_000);
    event["data"]["reservation_id"] = held["reservation_id"].clone();
    event["data"]["api_key_id"] = key["id"].clone();
    assert_eq!(site.report(&[event]).await.status, StatusCode::ACCEPTED);
    told(site, &newcomer, "limit_reached", 1).await;
    let refused = ask().await;
    assert_eq!(
        (&refused["quota"]["held"], &refused["quota"]["used"]),
        (&json!(0), &json!(600_044))
    );
}

/// Waits until a client was told so many things of a kind: the clock's next minute may be needed for it.
async fn told(site: &Site, client: &Client, kind: &str, wanted: usize) {
    let look = async || {
        let list = client.get("/v1/notifications").await.json();
        let of_kind = list["items"].as_array()?.iter().filter(|it| it["kind"] == kind).count();
        (of_kind >= wanted).then_some(())
    };
    let seen = match site.awaited(look).await {
        Some(()) => Some(()),
        None => site.awaited(look).await,
    };
    assert!(seen.is_some(), "{}", client.get("/v1/notifications").await.text);
}
