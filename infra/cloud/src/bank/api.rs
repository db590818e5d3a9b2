//! The calls of the API that the panel makes.

use std::collections::BTreeMap;

use axum::{
    Json, Router,
    body::Bytes,
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde_json::{Value, json};

use super::{
    BANK_KEY, Books,
    deed::Owner,
    ledger::{Intent, Kept, Ledger, Session},
    word::Teller,
};

#[derive(Clone)]
struct Counter {
    books: Books,
    teller: Teller,
}

type Form = BTreeMap<String, String>;
type Answer = Result<Value, (u16, Value)>;

pub(super) fn router(books: Books, teller: Teller) -> Router {
    Router::new()
        .route("/v1/customers", post(customer))
        .route("/v1/checkout/sessions", post(open))
        .route("/v1/checkout/sessions/{id}", get(session))
        .route("/v1/checkout/sessions/{id}/expire", post(expire))
        .route("/v1/payment_intents", post(intend))
        .route("/v1/payment_intents/{id}", get(intent))
        .route("/v1/payment_intents/{id}/confirm", post(confirm))
        .route("/v1/payment_intents/{id}/cancel", post(cancel))
        .route("/v1/payment_methods/{id}", get(method))
        .route("/v1/payment_methods/{id}/detach", post(detach))
        .route("/v1/refunds", post(refund).get(refunds))
        .route("/v1/refunds/{id}", get(refunded))
        .with_state(Counter { books, teller })
}

impl Counter {
    /// Answers a call that reads.
    fn read(&self, headers: &HeaderMap, work: impl FnOnce(&mut Ledger) -> Answer) -> Response {
        if !knows(headers) {
            return answer(401, &invalid("an unknown key"));
        }
        told(self.books.with(|ledger, _| work(ledger)))
    }

    /// Answers a call that does something; the same call again gets the same answer.
    fn act(
        &self,
        call: &str,
        headers: &HeaderMap,
        body: &Bytes,
        work: impl FnOnce(&mut Ledger, &Form, i64) -> Answer,
    ) -> Response {
        if !knows(headers) {
            return answer(401, &invalid("an unknown key"));
        }
        let Ok(form) = serde_urlencoded::from_bytes::<Form>(body) else {
            return answer(400, &invalid("no form"));
        };
        let key = headers.get("idempotency-key").and_then(|key| key.to_str().ok());
        let asked = format!("{call} {form:?}");
        let (status, body) = self.books.with(|ledger, now| {
            if let Some(kept) = key.and_then(|key| ledger.replies.get(key)) {
                if kept.asked != asked {
                    return (400, error("idempotency_error", "another call had this key"));
                }
                return (kept.status, kept.body.clone());
            }
            let (status, body) = match work(ledger, &form, now) {
                Ok(body) => (200, body),
                Err(refused) => refused,
            };
            if let Some(key) = key {
                let kept = Kept { asked, status, body: body.clone() };
                ledger.replies.insert(key.to_owned(), kept);
            }
            (status, body)
        });
        self.teller.tell_soon();
        answer(status, &body)
    }
}

fn knows(headers: &HeaderMap) -> bool {
    let given = headers.get(header::AUTHORIZATION).and_then(|it| it.to_str().ok());
    given.and_then(|it| it.strip_prefix("Bearer ")) == Some(BANK_KEY)
}

fn told(answered: Answer) -> Response {
    match answered {
        Ok(body) => answer(200, &body),
        Err((status, body)) => answer(status, &body),
    }
}

fn answer(status: u16, body: &Value) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, Json(body)).into_response()
}

fn error(kind: &str, message: &str) -> Value {
    json!({"error": {"type": kind, "message": message}})
}

fn invalid(message: &str) -> Value {
    error("invalid_request_error", message)
}

fn missing() -> (u16, Value) {
    (
        404,
        json!({"error": {"type": "invalid_request_error", "code": "resource_missing",
        "message": "there is no such object"}}),
    )
}

/// The fields of a form that are written within another: `metadata[account]`.
fn within(form: &Form, name: &str) -> Form {
    let inner =
        |key: &str| Some(key.strip_prefix(name)?.strip_prefix('[')?.strip_suffix(']')?.to_owned());
    form.iter().filter_map(|(key, value)| Some((inner(key)?, value.clone()))).collect()
}

fn text(form: &Form, name: &str) -> String {
    form.get(name).cloned().unwrap_or_default()
}

async fn customer(State(at): State<Counter>, headers: HeaderMap, body: Bytes) -> Response {
    at.act("customers", &headers, &body, |ledger, form, _| {
        let id = ledger.id("cus");
        let object = json!({"id": id, "object": "customer", "name": form.get("name"),
            "metadata": within(form, "metadata")});
        ledger.customers.insert(id, object.clone());
        Ok(object)
    })
}

async fn open(State(at): State<Counter>, headers: HeaderMap, body: Bytes) -> Response {
    let books = at.books.clone();
    at.act("checkout/sessions", &headers, &body, |ledger, form, now| {
        const ITEM: &str = "line_items[0][price_data]";
        let customer = form.get("customer").filter(|id| ledger.customers.contains_key(*id));
        let customer = customer.cloned().ok_or((400, invalid("no such customer")))?;
        let expires_at: i64 = text(form, "expires_at").parse().unwrap_or(now + 86_400);
        if !(now + 1_800..=now + 86_400).contains(&expires_at) {
            return Err((400, invalid("expires_at must be between 30 minutes and 24 hours away")));
        }
        let mode = text(form, "mode");
        let amount = text(form, &format!("{ITEM}[unit_amount]")).parse().unwrap_or(0);
        if mode != "setup" && amount == 0 {
            return Err((400, invalid("an amount is wanted")));
        }
        let currency = match mode.as_str() {
            "setup" => text(form, "currency"),
            _ => text(form, &format!("{ITEM}[currency]")),
        };
        let session = Session {
            id: ledger.id("cs"),
            mode,
            status: "open".to_owned(),
            customer: Some(customer),
            amount,
            currency,
            what: text(form, &format!("{ITEM}[product_data][name]")),
            done: text(form, "success_url"),
            cancelled: text(form, "cancel_url"),
            expires_at,
            intent: None,
            method: None,
            metadata: within(form, "metadata"),
            of_intent: within(form, "payment_intent_data[metadata]"),
            asked: None,
        };
        let object = session.object(&books.page(&session.id));
        ledger.sessions.insert(session.id.clone(), session);
        Ok(object)
    })
}

async fn session(
    State(at): State<Counter>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let page = at.books.page(&id);
    at.read(&headers, |ledger| {
        let session = ledger.sessions.get(&id).ok_or_else(missing)?;
        Ok(ledger.expanded(session, &page))
    })
}

async fn expire(
    State(at): State<Counter>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    at.act(&format!("expire {id}"), &headers, &body, |ledger, _, now| {
        let status = ledger.sessions.get(&id).map(|it| it.status.clone()).ok_or_else(missing)?;
        if status != "open" {
            return Err((400, invalid("the page is closed")));
        }
        ledger.close(&id, now);
        ledger.sessions.get(&id).map(|it| it.object("")).ok_or_else(missing)
    })
}

async fn intend(State(at): State<Counter>, headers: HeaderMap, body: Bytes) -> Response {
    at.act("payment_intents", &headers, &body, |ledger, form, _| {
        let amount: u64 = text(form, "amount").parse().unwrap_or(0);
        let customer = form.get("customer").filter(|id| ledger.customers.contains_key(*id));
        if amount == 0 || customer.is_none() {
            return Err((400, invalid("an amount and a customer are wanted")));
        }
        let intent = Intent {
            id: ledger.id("pi"),
            status: "requires_payment_method".to_owned(),
            amount,
            received: 0,
            currency: text(form, "currency"),
            customer: customer.cloned(),
            card: None,
            error: None,
            metadata: within(form, "metadata"),
        };
        let object = intent.object();
        ledger.intents.insert(intent.id.clone(), intent);
        Ok(object)
    })
}

async fn intent(State(at): State<Counter>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    at.read(&headers, |ledger| ledger.intents.get(&id).map(Intent::object).ok_or_else(missing))
}

async fn confirm(
    State(at): State<Counter>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    at.act(&format!("confirm {id}"), &headers, &body, |ledger, form, now| {
        let intent = ledger.intents.get(&id).ok_or_else(missing)?;
        if !["requires_payment_method", "requires_confirmation"].contains(&intent.status.as_str()) {
            return Err((400, unexpected(intent)));
        }
        let method = ledger.methods.get(&text(form, "payment_method"));
        let method = method.filter(|it| it.customer == intent.customer && it.customer.is_some());
        let card = method.map(|it| it.card.clone()).ok_or((400, invalid("no such card")))?;
        if let Err((code, decline_code)) = ledger.charge(&id, &card, Owner::Away, now) {
            let intent = ledger.intents.get(&id).map(Intent::object);
            return Err((
                402,
                json!({"error": {
                    "type": "card_error", "code": code, "decline_code": decline_code,
                    "message": "Your card was declined.", "payment_intent": intent,
                }}),
            ));
        }
        ledger.intents.get(&id).map(Intent::object).ok_or_else(missing)
    })
}

/// A payment does not stand where what is asked of it can be done.
fn unexpected(intent: &Intent) -> Value {
    json!({"error": {"type": "invalid_request_error", "code": "payment_intent_unexpected_state",
        "message": "the payment does not stand so", "payment_intent": intent.object()}})
}

async fn cancel(
    State(at): State<Counter>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    at.act(&format!("cancel {id}"), &headers, &body, |ledger, _, now| {
        let intent = ledger.intents.get_mut(&id).ok_or_else(missing)?;
        if ["succeeded", "canceled"].contains(&intent.status.as_str()) {
            return Err((400, unexpected(intent)));
        }
        intent.status = String::from("canceled");
        let object = intent.object();
        ledger.happened("payment_intent.canceled", &object, now);
        Ok(object)
    })
}

async fn method(State(at): State<Counter>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    at.read(&headers, |ledger| {
        ledger.methods.get(&id).map(super::ledger::Method::object).ok_or_else(missing)
    })
}

async fn detach(
    State(at): State<Counter>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    at.act(&format!("detach {id}"), &headers, &body, |ledger, _, _| {
        let method = ledger.methods.get_mut(&id).ok_or_else(missing)?;
        method.customer = None;
        Ok(method.object())
    })
}

async fn refund(State(at): State<Counter>, headers: HeaderMap, body: Bytes) -> Response {
    at.act("refunds", &headers, &body, |ledger, form, now| {
        let intent = text(form, "payment_intent");
        let amount = text(form, "amount").parse().unwrap_or(0);
        let metadata = within(form, "metadata");
        let refund = ledger.give_back(&intent, amount, metadata, now);
        refund.map(|it| it.object()).map_err(|why| (400, invalid(why)))
    })
}

async fn refunds(
    State(at): State<Counter>,
    Query(query): Query<Form>,
    headers: HeaderMap,
) -> Response {
    at.read(&headers, |ledger| {
        let intent = text(&query, "payment_intent");
        let of_it = ledger.refunds.values().rev().filter(|it| it.intent == intent);
        let data: Vec<Value> = of_it.map(super::ledger::Refund::object).collect();
        Ok(json!({"object": "list", "has_more": false, "data": data}))
    })
}

async fn refunded(
    State(at): State<Counter>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    at.read(&headers, |ledger| ledger.look_at_refund(&id).map(|it| it.object()).ok_or_else(missing))
}
