//! Money that goes back to a card. It is written down before it leaves, and goes once; what cannot go back there
//! becomes the account's credit.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{
    Matter,
    matter::{ASKED_AFTER, ask_again},
    matter_due,
    standing::Standing,
    tell,
};
use crate::{
    app::App,
    billing::{CreditCause, EntryKind, EntryState, Invoice, put_entry, put_invoice},
    error::{Code, Conflicts, Error},
    id::{EntryId, InvoiceId},
    money::Pico,
    provider::{ProviderError, Refund, RefundStatus},
    table::{Tenant, Transaction},
};

/// The provider knows a call again for a day: what is older is looked up.
const KEYS_KEPT: SignedDuration = SignedDuration::from_hours(23);

/// Where money stands that goes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RefundedState {
    /// It is on its way.
    Pending,
    /// It is there.
    Succeeded,
    /// It could not go there, and is the account's credit.
    Failed,
}

impl RefundedState {
    /// Whether nobody knows yet.
    #[must_use]
    pub fn is_pending(self) -> bool {
        self == Self::Pending
    }
}

/// Money that goes back to a card, as it is stored with its invoice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refunded {
    /// The movement that tells of it, and what makes it one refund at the provider.
    pub id: EntryId,
    /// How much.
    pub amount: Pico,
    /// The provider's name for the payment that it is of.
    pub intent: String,
    /// The provider's name for it, once it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refund: Option<String>,
    /// Where it stands.
    pub state: RefundedState,
    /// When it began.
    pub at: Timestamp,
}

/// Adds to a transaction that so much of what a card paid for an invoice goes back to it, as far as cards paid it;
/// what goes. The rest is for the account's credit.
pub fn give_back(
    app: &App,
    standing: &mut Standing,
    invoice: &mut Invoice,
    most: Pico,
    transaction: &mut Transaction<'_, Code>,
) -> Pico {
    let (tenant, now) = (standing.tenant, app.clock.now());
    let mut left = most.get();
    let mut gone = 0;
    for attempt in invoice.attempts.clone().into_iter().rev() {
        let Some(intent) = attempt.intent.filter(|_| attempt.state.is_paid() && left > 0) else {
            continue;
        };
        let of_it = invoice.refunds.iter().filter(|it| it.intent == intent);
        let returned: i128 =
            of_it.filter(|it| it.state != RefundedState::Failed).map(|it| it.amount.get()).sum();
        let part = left.min(attempt.amount.get() - returned);
        if part <= 0 {
            continue;
        }
        (left, gone) = (left - part, gone + part);
        let (id, amount) = (EntryId::new(now, &app.random), Pico::new(part));
        let state = RefundedState::Pending;
        let refund = Refunded { id, amount, intent, refund: None, state, at: now };
        let entry = standing.balance.entry(id, EntryKind::Refund, amount, now);
        let entry = entry.standing(EntryState::Pending).of(invoice).by_card(attempt.method);
        put_entry(&entry, transaction);
        invoice.note_refund(refund, now);
        let matter = Matter::Refund { invoice: invoice.id, refund: id };
        let (key, update) = matter_due(app, tenant, &matter, now + ASKED_AFTER);
        transaction.update(&key, update, None);
    }
    Pico::new(gone)
}

/// Has the provider give money back that was written down, or asks how it stands; what it comes to is written once.
///
/// # Errors
/// When the provider or the table does not answer: it is tried again.
pub async fn settle_refund(
    app: &App,
    tenant: Tenant,
    id: InvoiceId,
    refund: EntryId,
) -> Result<(), Error> {
    let mut conflicts = Conflicts::default();
    loop {
        let Some((standing, invoice)) = Standing::of_invoice(app, tenant, id).await? else {
            return Ok(());
        };
        let known = invoice.refunds.iter().find(|it| it.id == refund);
        let Some(known) = known.filter(|it| it.state != RefundedState::Failed).cloned() else {
            return Ok(());
        };
        let (status, name) = ask(app, tenant, id, &known).await?;
        let came_back = matches!(status, RefundStatus::Failed | RefundStatus::Canceled);
        if known.state == RefundedState::Succeeded && !came_back {
            return Ok(());
        }
        let asked = Refunded { refund: name.or(known.refund.clone()), ..known };
        match write(app, standing, invoice, asked, status).await {
            Ok(()) => return Ok(()),
            Err(error) => conflicts.put_up_with(error)?,
        }
    }
}

/// How a refund stands at the provider. One that has no name yet is made; where it cannot be made, it may have been
/// made by a call whose reply was lost long ago.
async fn ask(
    app: &App,
    tenant: Tenant,
    invoice: InvoiceId,
    known: &Refunded,
) -> Result<(RefundStatus, Option<String>), Error> {
    let told = |it: Refund| (it.status, Some(it.id));
    if let Some(name) = &known.refund {
        return Ok(told(app.provider.refunded(name).await?));
    }
    let key = known.id.to_string();
    let is_old = app.clock.now().duration_since(known.at) > KEYS_KEPT;
    if !is_old {
        let whose = (tenant.account(), invoice);
        match app.provider.refund(whose, &known.intent, known.amount, &key).await {
            Err(ProviderError::Refused { .. } | ProviderError::NotFound) => {}
            made => return Ok(told(made?)),
        }
    }
    let all = app.provider.refunds_of(&known.intent).await?;
    let made = all.into_iter().find(|it| it.metadata.read::<EntryId>("refund") == Some(known.id));
    Ok(made.map_or((RefundStatus::Failed, None), told))
}

/// Writes down how a refund stands, with what follows of it.
async fn write(
    app: &App,
    mut standing: Standing,
    before: Invoice,
    asked: Refunded,
    status: RefundStatus,
) -> Result<(), Error> {
    let (tenant, now) = (standing.tenant, app.clock.now());
    let mut transaction = app.table.transaction();
    let mut invoice = before.clone();
    let matter = Matter::Refund { invoice: invoice.id, refund: asked.id };
    let method = invoice.attempts.iter().find(|it| it.intent.as_ref() == Some(&asked.intent));
    let method = method.and_then(|it| it.method.clone());
    let entry = standing.balance.entry(asked.id, EntryKind::Refund, asked.amount, asked.at);
    let entry = entry.of(&invoice).by_card(method);
    let state = match status {
        RefundStatus::Succeeded => {
            put_entry(&entry.standing(EntryState::Succeeded), &mut transaction);
            RefundedState::Succeeded
        }
        RefundStatus::Failed | RefundStatus::Canceled => {
            put_entry(&entry.standing(EntryState::Failed), &mut transaction);
            let id = EntryId::new(now, &app.random);
            let granted = standing.balance.grant(id, CreditCause::Returned, asked.amount, now);
            put_entry(&granted.of(&invoice), &mut transaction);
            RefundedState::Failed
        }
        RefundStatus::Pending | RefundStatus::RequiresAction => RefundedState::Pending,
    };
    if state == RefundedState::Pending {
        let (key, update) = matter_due(app, tenant, &matter, ask_again(asked.at, now));
        transaction.update(&key, update, None);
    } else {
        transaction.delete(&matter.key(tenant));
        tell::refunded(app, &standing, &invoice, (asked.amount, state), &mut transaction);
    }
    invoice.note_refund(Refunded { state, ..asked }, now);
    put_invoice(Some(&before), &invoice, &mut transaction, Code::Conflict);
    standing.put_balance(&mut transaction);
    Ok(transaction.commit().await?)
}
