//! Where an account stands with what it owes, read as a whole and written as a whole.

use jiff::Timestamp;

use super::{Dunning, Matter, Reason, Wallet, left_out, matter_due, tell, wallet::wallet_key};
use crate::{
    account::{
        Account, AccountStatus, Bar, Barred, Subscription, SubscriptionState, account_key,
        subscription_key,
    },
    app::App,
    billing::{Balance, Invoice, balance_key, invoice_key},
    error::Code,
    id::{InvoiceId, MethodId},
    money::Pico,
    table::{Batch, Condition, Key, Read, TableError, Tenant, Transaction, Update},
};

/// Where an account stands with what it owes.
pub struct Standing {
    /// Whose.
    pub tenant: Tenant,
    /// The account.
    pub account: Account,
    /// Its subscription.
    pub subscription: Subscription,
    /// What it owes and has.
    pub balance: Balance,
    /// What it pays with.
    pub wallet: Wallet,
    /// As they were read.
    before: (Option<Barred>, SubscriptionState, Balance),
    /// Whether something was decided by the account's not being suspended, or being so.
    by_status: bool,
}

impl Standing {
    /// Where its parts lie.
    #[must_use]
    pub fn keys(tenant: Tenant) -> [Key; 4] {
        [account_key(tenant), subscription_key(tenant), balance_key(tenant), wallet_key(tenant)]
    }

    /// Among items that were read; nothing where there is no such client.
    pub fn among(tenant: Tenant, items: &mut Batch) -> Result<Option<Self>, TableError> {
        let [account, subscription, balance, wallet] = Self::keys(tenant);
        let (account, subscription) = (items.take(&account)?, items.take(&subscription)?);
        let balance = items.take(&balance)?.unwrap_or_else(|| Balance::none(tenant));
        let wallet = items.take(&wallet)?.unwrap_or_else(|| Wallet::none(tenant));
        let known: Option<(Account, Subscription)> = account.zip(subscription);
        Ok(known.map(|(account, subscription)| {
            let before = (account.barred.clone(), subscription.state, balance.clone());
            Self { tenant, account, subscription, balance, wallet, before, by_status: false }
        }))
    }

    /// Reads it.
    pub async fn read(app: &App, tenant: Tenant) -> Result<Option<Self>, TableError> {
        let mut items = app.table.batch(&Self::keys(tenant), Read::Strong).await?;
        Self::among(tenant, &mut items)
    }

    /// Reads it with one of its invoices.
    pub async fn of_invoice(
        app: &App,
        tenant: Tenant,
        id: InvoiceId,
    ) -> Result<Option<(Self, Invoice)>, TableError> {
        let mut keys = Self::keys(tenant).to_vec();
        keys.push(invoice_key(tenant, id));
        let mut items = app.table.batch(&keys, Read::Strong).await?;
        let invoice: Option<Invoice> = items.take(&keys[4])?;
        Ok(Self::among(tenant, &mut items)?.zip(invoice))
    }

    /// The clock goes on where it stood, and with it what bars the account for what is due.
    pub fn resume_clock(&mut self, now: Timestamp) {
        let Some(dunning) = &mut self.balance.dunning else { return };
        dunning.go_on(now);
        let from = dunning.blocks_from();
        if let Some(barred) = &mut self.account.barred
            && barred.why == Bar::PaymentRequired
        {
            barred.from = from;
        }
    }

    /// Whether nothing may be charged by the clock.
    #[must_use]
    pub fn is_suspended(&self) -> bool {
        self.account.status == AccountStatus::Suspended
    }

    /// What is due was paid by so much: where nothing is left of it, the clock ends and all is as it was.
    pub fn paid(&mut self, app: &App, now: Timestamp, transaction: &mut Transaction<'_, Code>) {
        if self.balance.due > Pico::ZERO || self.balance.dunning.take().is_none() {
            return;
        }
        transaction.delete(&Matter::Collect {}.key(self.tenant));
        let barred = self.account.barred.take_if(|it| it.why == Bar::PaymentRequired);
        if self.subscription.state != SubscriptionState::PastDue {
            return;
        }
        self.subscription.state = SubscriptionState::Active;
        let since = barred.map(|it| it.from);
        if left_out(app, &self.account, &self.balance, since, now) {
            let (key, update) = matter_due(app, self.tenant, &Matter::Begin {}, now);
            transaction.update(&key, update, None);
        }
    }

    /// The clock's try has failed, or there was nothing to try with. It begins, goes on to its next try, or ends with
    /// the subscription.
    pub fn failed(
        &mut self,
        app: &App,
        (invoice, reason, card): (InvoiceId, Reason, Option<MethodId>),
        now: Timestamp,
        transaction: &mut Transaction<'_, Code>,
    ) {
        if !matches!(
            self.subscription.state,
            SubscriptionState::Active | SubscriptionState::PastDue | SubscriptionState::Paused
        ) {
            // Its closing invoice was tried once, and no clock runs for it.
            return;
        }
        self.by_status = true;
        let is_suspended = self.is_suspended();
        let dunning =
            self.balance.dunning.get_or_insert_with(|| Dunning::begin(now, reason, invoice));
        (dunning.reason, dunning.invoice) = (reason, invoice);
        if is_suspended {
            dunning.stand(now);
        }
        if reason.is_hard() {
            dunning.blocked_card = card;
        }
        let (next, from) = (dunning.next_after(now), dunning.blocks_from());
        if !dunning.is_past_last(now) {
            if self.subscription.state == SubscriptionState::Active {
                self.subscription.state = SubscriptionState::PastDue;
            }
            self.account.barred.get_or_insert(Barred { why: Bar::PaymentRequired, from });
            // Another card is the default by now: it is tried at once.
            let other = self.wallet.default.is_some() && self.wallet.default != card;
            let next = next.map(|next| if other && card.is_some() { now } else { next });
            if let Some(next) = next {
                let (key, update) = matter_due(app, self.tenant, &Matter::Collect {}, next);
                transaction.update(&key, update, None);
            }
            return;
        }
        dunning.is_over = true;
        self.subscription.state = SubscriptionState::Canceled;
        self.account.barred = Some(Barred { why: Bar::SubscriptionCanceled, from: now });
        tell::canceled(app, self, transaction);
    }

    /// Adds to a transaction how it stands now, if it stood as it was read.
    pub fn put(&self, transaction: &mut Transaction<'_, Code>) -> Result<(), TableError> {
        let as_read = Condition::equals_serialized("status", &self.account.status)?;
        let as_read = if self.by_status { as_read } else { Condition::Exists };
        if self.account.barred != self.before.0 {
            return self.put_with(Update::new().when(as_read), transaction);
        }
        if self.by_status {
            transaction.check(&account_key(self.tenant), as_read, Code::Conflict);
        }
        self.put_all_else(transaction)
    }

    /// The same with a change of the account.
    pub fn put_with(
        &self,
        change: Update,
        transaction: &mut Transaction<'_, Code>,
    ) -> Result<(), TableError> {
        let change = match &self.account.barred {
            barred if *barred == self.before.0 => change,
            Some(barred) => change.set_serialized("barred", barred)?,
            None => change.remove("barred"),
        };
        transaction.update(&account_key(self.tenant), change, Some(Code::Conflict));
        self.put_all_else(transaction)
    }

    fn put_all_else(&self, transaction: &mut Transaction<'_, Code>) -> Result<(), TableError> {
        self.put_balance(transaction);
        let (_, state, _) = &self.before;
        if self.subscription.state != *state {
            let version = self.subscription.version;
            let update = Update::new()
                .set_serialized("state", &self.subscription.state)?
                .set("version", version + 1)
                .when(Condition::Equals("version", version.into()));
            transaction.update(&subscription_key(self.tenant), update, Some(Code::Conflict));
        }
        Ok(())
    }

    /// Adds to a transaction what it owes and has now, if it was as it was read.
    pub fn put_balance(&self, transaction: &mut Transaction<'_, Code>) {
        self.balance.put(&self.before.2, transaction, Code::Conflict);
    }
}
