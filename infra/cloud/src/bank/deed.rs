//! What the bank does: it charges cards, sets them up, and gives money back.

use serde_json::json;

use super::{
    card::{Does, Outcome, Typed, Why},
    ledger::{Intent, Ledger, Method, Refund},
};

/// Who is there when a card is charged.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    /// Nobody.
    Away,
    /// The owner, who said yes to the card's own bank.
    Agrees,
    /// The owner, who said no.
    Refuses,
}

/// The codes of the API where its owner is wanted, or said no.
const WANTED: (&str, Option<&str>) = ("authentication_required", Some("authentication_required"));
const REFUSED: (&str, Option<&str>) = ("payment_intent_authentication_failure", None);

impl Ledger {
    /// Charges a payment to a card; the codes of the API where it is declined.
    pub(super) fn charge(
        &mut self,
        id: &str,
        card: &Typed,
        owner: Owner,
        now: i64,
    ) -> Result<(), (&'static str, Option<&'static str>)> {
        let Some(intent) = self.intents.get_mut(id) else { return Ok(()) };
        intent.card = Some(card.clone());
        let declined = match (card.does, owner) {
            (Does::Asks, Owner::Away) => Some(WANTED),
            (Does::Asks, Owner::Refuses) => Some(REFUSED),
            (_, Owner::Refuses) => Some(Why::Generic.codes()),
            (Does::Declines(why), _) => Some(why.codes()),
            _ => None,
        };
        if let Some((code, decline_code)) = declined {
            intent.status = String::from("requires_payment_method");
            intent.error = Some(json!({
                "type": "card_error", "code": code, "decline_code": decline_code,
                "message": "Your card was declined.",
            }));
            let object = intent.object();
            self.happened("payment_intent.payment_failed", &object, now);
            return Err((code, decline_code));
        }
        (intent.status, intent.received) = ("succeeded".to_owned(), intent.amount);
        intent.error = None;
        let object = intent.object();
        self.happened("payment_intent.succeeded", &object, now);
        Ok(())
    }

    /// What comes of a card that is typed on a page. `agrees` is what its owner says where the card's own bank asks;
    /// `None` asks first. Nothing where there is no such page, or it is closed.
    pub(super) fn type_card(
        &mut self,
        session: &str,
        number: &str,
        agrees: Option<bool>,
        now: i64,
    ) -> Option<Outcome> {
        let Some(card) = Typed::read(number, None, now) else { return Some(Outcome::Unknown) };
        self.take_card(session, card, agrees, now)
    }

    pub(super) fn take_card(
        &mut self,
        session: &str,
        card: Typed,
        agrees: Option<bool>,
        now: i64,
    ) -> Option<Outcome> {
        let page = self.sessions.get_mut(session).filter(|it| it.status == "open")?;
        if card.does == Does::Asks && agrees.is_none() {
            page.asked = Some(card);
            return Some(Outcome::Asked);
        }
        page.asked = None;
        let (mode, done) = (page.mode.clone(), page.done.clone());
        let refuses = agrees == Some(false);
        if mode == "setup" {
            if refuses {
                return Some(Outcome::Declined("setup_intent_authentication_failure"));
            }
            let (id, customer) = (self.id("pm"), self.customer_of(session));
            self.methods.insert(id.clone(), Method { id: id.clone(), customer, card });
            self.finish(session, None, Some(id), now);
            return Some(Outcome::Done(done));
        }
        let intent = self.intent_of(session)?;
        let owner = if refuses { Owner::Refuses } else { Owner::Agrees };
        match self.charge(&intent, &card, owner, now) {
            Err((code, why)) => Some(Outcome::Declined(why.unwrap_or(code))),
            Ok(()) => {
                self.finish(session, Some(intent), None, now);
                Some(Outcome::Done(done))
            }
        }
    }

    fn customer_of(&self, session: &str) -> Option<String> {
        self.sessions.get(session)?.customer.clone()
    }

    /// The payment of a page, which comes to be with the first card.
    fn intent_of(&mut self, session: &str) -> Option<String> {
        let page = self.sessions.get(session)?.clone();
        if let Some(intent) = page.intent {
            return Some(intent);
        }
        let id = self.id("pi");
        let intent = Intent {
            id: id.clone(),
            status: "requires_confirmation".to_owned(),
            amount: page.amount,
            received: 0,
            currency: page.currency,
            customer: page.customer,
            card: None,
            error: None,
            metadata: page.of_intent,
        };
        self.intents.insert(id.clone(), intent);
        self.sessions.get_mut(session)?.intent = Some(id.clone());
        Some(id)
    }

    fn finish(&mut self, session: &str, intent: Option<String>, method: Option<String>, now: i64) {
        let Some(page) = self.sessions.get_mut(session) else { return };
        page.status = String::from("complete");
        page.intent = intent.or(page.intent.take());
        page.method = method;
        let object = page.object("");
        self.happened("checkout.session.completed", &object, now);
    }

    /// Gives a part of a payment back; why not, where it is not to be.
    pub(super) fn give_back(
        &mut self,
        intent: &str,
        amount: u64,
        metadata: std::collections::BTreeMap<String, String>,
        now: i64,
    ) -> Result<Refund, &'static str> {
        let paid = self.intents.get(intent).filter(|it| it.status == "succeeded");
        let (received, card) = paid.map(|it| (it.received, it.card.clone())).ok_or("not paid")?;
        if amount == 0 || self.refunded(intent) + amount > received {
            return Err("more than is left of the payment");
        }
        let (status, then) = match card.map(|it| it.does) {
            Some(Does::PaysBackLate) => ("pending", Some("succeeded")),
            // The provider calls a refund done before the card's bank has the last word.
            Some(Does::PaysNothingBack) => ("succeeded", Some("failed")),
            _ => ("succeeded", None),
        };
        let refund = Refund {
            id: self.id("re"),
            intent: intent.to_owned(),
            amount,
            status: status.to_owned(),
            then: then.map(str::to_owned),
            metadata,
        };
        self.refunds.insert(refund.id.clone(), refund.clone());
        self.happened("refund.created", &refund.object(), now);
        Ok(refund)
    }

    /// A refund as it stands, which is decided by the time somebody looks.
    pub(super) fn look_at_refund(&mut self, id: &str) -> Option<Refund> {
        let refund = self.refunds.get_mut(id)?;
        if let Some(then) = refund.then.take() {
            refund.status = then;
        }
        Some(refund.clone())
    }
}
