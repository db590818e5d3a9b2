//! The bank's objects as the API has them. Source: <https://docs.stripe.com/api>.

use serde_json::{Value, json};

use super::ledger::{Intent, Ledger, Method, Refund, Session};

impl Method {
    pub(super) fn object(&self) -> Value {
        json!({
            "id": self.id, "object": "payment_method", "type": "card", "customer": self.customer,
            "card": {
                "brand": self.card.brand, "last4": self.card.last4,
                "exp_month": self.card.month, "exp_year": self.card.year,
            },
        })
    }
}

impl Intent {
    pub(super) fn object(&self) -> Value {
        json!({
            "id": self.id, "object": "payment_intent", "status": self.status,
            "amount": self.amount, "amount_received": self.received, "currency": self.currency,
            "customer": self.customer, "last_payment_error": self.error,
            "metadata": self.metadata, "payment_method_types": ["card"],
        })
    }
}

impl Session {
    /// With the address of its page, which is told while it is open.
    pub(super) fn object(&self, page: &str) -> Value {
        let url = (self.status == "open").then_some(page);
        let amount = (self.mode == "payment").then_some(self.amount);
        json!({
            "id": self.id, "object": "checkout.session", "mode": self.mode, "status": self.status,
            "customer": self.customer, "amount_total": amount, "currency": self.currency,
            "url": url, "expires_at": self.expires_at, "payment_intent": self.intent,
            "setup_intent": self.method.as_ref().map(|_| self.id.replacen("cs", "seti", 1)),
            "payment_status": match (self.mode.as_str(), self.status.as_str()) {
                ("setup", _) => "no_payment_required",
                (_, "complete") => "paid",
                _ => "unpaid",
            },
            "success_url": self.done, "cancel_url": self.cancelled, "metadata": self.metadata,
        })
    }
}

impl Refund {
    pub(super) fn object(&self) -> Value {
        json!({
            "id": self.id, "object": "refund", "payment_intent": self.intent,
            "amount": self.amount, "status": self.status, "metadata": self.metadata,
        })
    }
}

impl Ledger {
    /// A page's object, with what came of it in the place of its id.
    pub(super) fn expanded(&self, session: &Session, page: &str) -> Value {
        let mut object = session.object(page);
        let method = session.method.as_ref().and_then(|id| self.methods.get(id));
        if let Some(method) = method {
            object["setup_intent"] = json!({
                "id": object["setup_intent"], "object": "setup_intent", "status": "succeeded",
                "payment_method": method.object(),
            });
        }
        object
    }
}
