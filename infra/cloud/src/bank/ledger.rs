//! The bank's books: all that it knows.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::card::Typed;

/// All that the bank knows.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Ledger {
    last: u64,
    pub(super) customers: BTreeMap<String, Value>,
    pub(super) methods: BTreeMap<String, Method>,
    pub(super) intents: BTreeMap<String, Intent>,
    pub(super) sessions: BTreeMap<String, Session>,
    pub(super) refunds: BTreeMap<String, Refund>,
    /// What was answered to calls with an idempotency key.
    pub(super) replies: BTreeMap<String, Kept>,
    /// What has happened and was not told yet.
    pub(super) untold: Vec<Value>,
}

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Method {
    pub(super) id: String,
    pub(super) customer: Option<String>,
    pub(super) card: Typed,
}

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Intent {
    pub(super) id: String,
    pub(super) status: String,
    pub(super) amount: u64,
    pub(super) received: u64,
    pub(super) currency: String,
    pub(super) customer: Option<String>,
    pub(super) card: Option<Typed>,
    pub(super) error: Option<Value>,
    pub(super) metadata: BTreeMap<String, String>,
}

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Session {
    pub(super) id: String,
    pub(super) mode: String,
    pub(super) status: String,
    pub(super) customer: Option<String>,
    pub(super) amount: u64,
    pub(super) currency: String,
    pub(super) what: String,
    pub(super) done: String,
    pub(super) cancelled: String,
    pub(super) expires_at: i64,
    pub(super) intent: Option<String>,
    pub(super) method: Option<String>,
    pub(super) metadata: BTreeMap<String, String>,
    pub(super) of_intent: BTreeMap<String, String>,
    /// The card whose own bank is asking its owner.
    pub(super) asked: Option<Typed>,
}

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Refund {
    pub(super) id: String,
    pub(super) intent: String,
    pub(super) amount: u64,
    pub(super) status: String,
    /// What it comes to when somebody looks again.
    pub(super) then: Option<String>,
    pub(super) metadata: BTreeMap<String, String>,
}

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Kept {
    pub(super) asked: String,
    pub(super) status: u16,
    pub(super) body: Value,
}

impl Ledger {
    pub(super) fn id(&mut self, kind: &str) -> String {
        self.last += 1;
        format!("{kind}_{:012}", self.last)
    }

    /// Writes down what has happened to an object, to be told.
    pub(super) fn happened(&mut self, kind: &str, object: &Value, now: i64) {
        let id = self.id("evt");
        let word = json!({
            "id": id, "object": "event", "type": kind, "created": now, "data": {"object": object},
        });
        self.untold.push(word);
    }

    /// Closes the pages whose time is over.
    pub(super) fn expire(&mut self, now: i64) {
        let over = |it: &&mut Session| it.status == "open" && it.expires_at <= now;
        let over: Vec<String> =
            self.sessions.values_mut().filter(over).map(|it| it.id.clone()).collect();
        for id in over {
            self.close(&id, now);
        }
    }

    /// Closes a page on which nobody did anything.
    pub(super) fn close(&mut self, id: &str, now: i64) {
        let Some(session) = self.sessions.get_mut(id) else { return };
        session.status = String::from("expired");
        let object = session.object("");
        self.happened("checkout.session.expired", &object, now);
    }

    pub(super) fn refunded(&self, intent: &str) -> u64 {
        let of_it = |it: &&Refund| it.intent == intent && it.status != "failed";
        self.refunds.values().filter(of_it).map(|it| it.amount).sum()
    }

    /// How often payments of an invoice were paid, and what they come to.
    pub(super) fn charged(&self, invoice: &str) -> (usize, u64) {
        let paid = self.of_invoice(invoice).filter(|it| it.status == "succeeded");
        paid.fold((0, 0), |(count, sum), it| (count + 1, sum + it.received))
    }

    pub(super) fn given_back(&self, invoice: &str) -> u64 {
        self.of_invoice(invoice).map(|it| self.refunded(&it.id)).sum()
    }

    fn of_invoice<'a>(&'a self, invoice: &'a str) -> impl Iterator<Item = &'a Intent> {
        let named = move |it: &&Intent| it.metadata.get("invoice").is_some_and(|it| it == invoice);
        self.intents.values().filter(named)
    }
}
