//! The calls that are made.

use super::{Intent, PaymentMethod, Provider, ProviderError, Refund, Session};
use crate::{
    id::{AccountId, InvoiceId, MethodId},
    money::{CURRENCY, Pico},
};

/// 10^-12 of the currency's unit in its smallest unit, which is a hundredth.
const MINOR: i128 = 10_000_000_000;

/// Where somebody comes back to from a page of the provider's.
#[derive(Debug, Clone, Copy)]
pub struct Back<'a> {
    /// When it is done.
    pub done: &'a str,
    /// When it is not.
    pub cancelled: &'a str,
}

/// What a payment is for.
#[derive(Debug, Clone, Copy)]
pub struct Charge<'a> {
    /// Whose.
    pub account: AccountId,
    /// The provider's name for them.
    pub customer: &'a str,
    /// The invoice.
    pub invoice: InvoiceId,
    /// Which attempt at it.
    pub attempt: u32,
    /// How much.
    pub amount: Pico,
}

impl Charge<'_> {
    /// What makes the attempt one attempt, however often it is called.
    fn key(&self) -> String {
        format!("{}#{}", self.invoice, self.attempt)
    }
}

/// An amount in the currency's smallest unit; what is less than one is not paid.
fn minor(amount: Pico) -> String {
    (amount.get() / MINOR).to_string()
}

/// An amount in the currency's smallest unit, as we count.
#[must_use]
pub fn of_minor(amount: u64) -> Pico {
    Pico::new(i128::from(amount) * MINOR)
}

impl Provider {
    /// Makes the account known.
    pub async fn customer(&self, account: AccountId, name: &str) -> Result<String, ProviderError> {
        let account = account.to_string();
        let fields = [("name", name), ("metadata[account]", &account)];
        let key = format!("customer {account}");
        let made: Named = self.post("customers", &fields, &key).await?;
        Ok(made.id)
    }

    /// A page on which a card is set up.
    pub async fn set_up(
        &self,
        (account, customer): (AccountId, &str),
        method: MethodId,
        expires_at: i64,
        back: Back<'_>,
    ) -> Result<Session, ProviderError> {
        let (account, method) = (account.to_string(), method.to_string());
        let (currency, expires_at) = (CURRENCY.to_lowercase(), expires_at.to_string());
        let fields = [
            ("mode", "setup"),
            ("customer", customer),
            ("currency", &currency),
            ("payment_method_types[0]", "card"),
            ("success_url", back.done),
            ("cancel_url", back.cancelled),
            ("expires_at", &expires_at),
            ("metadata[account]", &account),
            ("metadata[method]", &method),
        ];
        self.post("checkout/sessions", &fields, &format!("setup {method}")).await
    }

    /// A page on which an attempt is paid.
    pub async fn hosted(
        &self,
        charge: Charge<'_>,
        expires_at: i64,
        back: Back<'_>,
    ) -> Result<Session, ProviderError> {
        let (account, invoice) = (charge.account.to_string(), charge.invoice.to_string());
        let (attempt, amount) = (charge.attempt.to_string(), minor(charge.amount));
        let (currency, expires_at) = (CURRENCY.to_lowercase(), expires_at.to_string());
        let fields = [
            ("mode", "payment"),
            ("customer", charge.customer),
            ("payment_method_types[0]", "card"),
            ("line_items[0][quantity]", "1"),
            ("line_items[0][price_data][currency]", &currency),
            ("line_items[0][price_data][unit_amount]", &amount),
            ("line_items[0][price_data][product_data][name]", &invoice),
            ("success_url", back.done),
            ("cancel_url", back.cancelled),
            ("expires_at", &expires_at),
            ("metadata[account]", &account),
            ("metadata[invoice]", &invoice),
            ("metadata[attempt]", &attempt),
            ("payment_intent_data[metadata][account]", &account),
            ("payment_intent_data[metadata][invoice]", &invoice),
            ("payment_intent_data[metadata][attempt]", &attempt),
        ];
        let key = format!("{} page", charge.key());
        self.post("checkout/sessions", &fields, &key).await
    }

    /// A page, with the card that came of it.
    pub async fn session(&self, id: &str) -> Result<Session, ProviderError> {
        let path = format!("checkout/sessions/{id}?expand[]=setup_intent.payment_method");
        self.get(&path).await
    }

    /// Closes a page that nobody needs any more. One that is closed already stays so.
    pub async fn expire(&self, id: &str) -> Result<(), ProviderError> {
        let path = format!("checkout/sessions/{id}/expire");
        match self.post::<Session>(&path, &[], &format!("expire {id}")).await {
            Ok(_) | Err(ProviderError::Refused { .. } | ProviderError::NotFound) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Makes a payment that nothing is charged for yet.
    pub async fn intend(&self, charge: Charge<'_>) -> Result<Intent, ProviderError> {
        let (account, invoice) = (charge.account.to_string(), charge.invoice.to_string());
        let (attempt, amount) = (charge.attempt.to_string(), minor(charge.amount));
        let currency = CURRENCY.to_lowercase();
        let fields = [
            ("amount", amount.as_str()),
            ("currency", &currency),
            ("customer", charge.customer),
            ("payment_method_types[0]", "card"),
            ("metadata[account]", &account),
            ("metadata[invoice]", &invoice),
            ("metadata[attempt]", &attempt),
        ];
        self.post("payment_intents", &fields, &charge.key()).await
    }

    /// Charges a payment to a card whose owner is not there. The provider refuses a second time.
    pub async fn confirm(&self, intent: &str, method: &str) -> Result<Intent, ProviderError> {
        let path = format!("payment_intents/{intent}/confirm");
        let fields = [("payment_method", method), ("off_session", "true")];
        self.post(&path, &fields, &format!("confirm {intent}")).await
    }

    /// A payment as it stands.
    pub async fn intent(&self, id: &str) -> Result<Intent, ProviderError> {
        self.get(&format!("payment_intents/{id}")).await
    }

    /// Has a payment never be charged. One that is paid, or called off already, stays so.
    pub async fn call_off(&self, intent: &str) -> Result<(), ProviderError> {
        let path = format!("payment_intents/{intent}/cancel");
        match self.post::<Intent>(&path, &[], &format!("cancel {intent}")).await {
            Ok(_) | Err(ProviderError::Refused { .. } | ProviderError::NotFound) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// A card.
    pub async fn method(&self, id: &str) -> Result<PaymentMethod, ProviderError> {
        self.get(&format!("payment_methods/{id}")).await
    }

    /// Forgets a card. One that is forgotten already stays so.
    pub async fn detach(&self, method: &str) -> Result<(), ProviderError> {
        let path = format!("payment_methods/{method}/detach");
        match self.post::<PaymentMethod>(&path, &[], &format!("detach {method}")).await {
            Ok(_) | Err(ProviderError::Refused { .. } | ProviderError::NotFound) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Gives a part of a payment back, once for each key.
    pub async fn refund(
        &self,
        (account, invoice): (AccountId, InvoiceId),
        intent: &str,
        amount: Pico,
        key: &str,
    ) -> Result<Refund, ProviderError> {
        let (account, invoice) = (account.to_string(), invoice.to_string());
        let amount = minor(amount);
        let fields = [
            ("payment_intent", intent),
            ("amount", &amount),
            ("metadata[account]", &account),
            ("metadata[invoice]", &invoice),
            ("metadata[refund]", key),
        ];
        self.post("refunds", &fields, &format!("refund {key}")).await
    }

    /// All that went back of a payment, the newest first.
    pub async fn refunds_of(&self, intent: &str) -> Result<Vec<Refund>, ProviderError> {
        let listed: Listed =
            self.get(&format!("refunds?payment_intent={intent}&limit=100")).await?;
        Ok(listed.data)
    }

    /// Money on its way back, as it stands.
    pub async fn refunded(&self, id: &str) -> Result<Refund, ProviderError> {
        self.get(&format!("refunds/{id}")).await
    }
}

#[derive(serde::Deserialize)]
struct Listed {
    data: Vec<Refund>,
}

#[derive(serde::Deserialize)]
struct Named {
    id: String,
}
