//! What a month's close is made of.

use std::collections::BTreeMap;

use futures::future::{try_join, try_join_all};
use jiff::{Timestamp, civil::Date};
use shared::{
    account::{
        Account, BillingPeriod, Subscription, SubscriptionState, account_key, subscription_key,
    },
    app::App,
    billing::{
        Balance, Base, Bill, Closing, Days, Drawn, Figures, Invoice, Line, LineKind, Month, Months,
        Opened, Series, Statement, Unbillable, balance_key, days_of_month, invoice_key, opened_key,
        statement,
    },
    money::Pico,
    table::{Read, TableError, Tenant},
    timer::Timer,
};

use crate::ClosingError;

/// An account and its last months, as they are when one of them closes.
pub(crate) struct Books {
    pub(crate) tenant: Tenant,
    pub(crate) account: Account,
    pub(crate) subscription: Subscription,
    pub(crate) balance: Balance,
    pub(crate) draft: Option<Invoice>,
    pub(crate) drawn: Drawn,
    pub(crate) closed: BillingPeriod,
    /// When they were read: what is counted later is another invoice's.
    pub(crate) read_at: Timestamp,
    months: Months,
}

impl Books {
    /// Reads them; nothing where there is no such account any more.
    pub(crate) async fn read(
        app: &App,
        timer: &Timer<Closing>,
    ) -> Result<Option<Self>, ClosingError> {
        let (tenant, closed) = (Tenant::of_record(timer), timer.what.period());
        let read_at = app.clock.now();
        let mut keys = vec![
            account_key(tenant),
            subscription_key(tenant),
            balance_key(tenant),
            Series::Invoices.key(),
        ];
        keys.extend(timer.what.draft.map(|id| invoice_key(tenant, id)));
        let months = app.table.records(Months::range(tenant, closed).strong());
        let (mut items, months) = try_join(app.table.batch(&keys, Read::Strong), months).await?;
        let account: Option<Account> = items.take(&keys[0])?;
        let Some((account, subscription)) = account.zip(items.take(&keys[1])?) else {
            return Ok(None);
        };
        Ok(Some(Self {
            tenant,
            account,
            subscription,
            balance: items.take(&keys[2])?.unwrap_or_else(|| Balance::none(tenant)),
            drawn: Series::Invoices.among(&mut items)?,
            draft: keys.get(4).map(|key| items.take(key)).transpose()?.flatten(),
            closed,
            read_at,
            months: Months::among(&months)?,
        }))
    }

    /// What is billed, with the next month's base where there is one that was not billed yet.
    pub(crate) fn statement(&self, app: &App, base: Option<Base>) -> Result<Statement, Unbillable> {
        let base = base.filter(|_| !self.balance.has_base_of(self.closed.next()));
        let (account, months) = (&self.account, &self.months);
        Ok(statement(app, account, months, self.closed, base, self.balance.credit)?)
    }

    /// Whether the next month's base is left out, though its plan has a price and the subscription goes on: something
    /// is not paid, or the account is suspended.
    pub(crate) fn leaves_out_base(&self, app: &App) -> bool {
        let next = self.closed.next();
        let start = next.starts_at(&self.account.zones);
        let plan = app.plans.require(self.account.plan_at(start));
        let priced = plan.is_ok_and(|plan| plan.monthly_price > Pico::ZERO);
        let goes_on = matches!(
            self.subscription.state,
            SubscriptionState::Active | SubscriptionState::PastDue
        );
        goes_on && priced && !self.balance.has_base_of(next)
    }

    /// The base that the draft has: what its plan was at the month's end.
    pub(crate) fn drafted_base(&self) -> Option<Base> {
        let lines = self.draft.iter().flat_map(|draft| &draft.lines);
        let line = lines.into_iter().find(|line: &&Line| line.kind == LineKind::Base)?;
        let (plan, start, end) = (line.plan.clone()?, line.start, line.end);
        Some(Base { plan, start, end, share: (1, 1) })
    }
}

/// What is billed when it goes out: each month by its days, so that lines open to exactly what they are made of.
pub(crate) struct Detailed {
    pub(crate) statement: Statement,
    pub(crate) bill: Bill,
    /// What lines open to, by month.
    pub(crate) opened: Opened,
    billed: Vec<BillingPeriod>,
}

impl Detailed {
    /// Counts the months that changed anew, day by day, and takes what was billed before from them.
    pub(crate) async fn of(
        app: &App,
        books: &Books,
        mut statement: Statement,
    ) -> Result<Self, ClosingError> {
        let mut opened = Opened::default();
        let mut billed = Vec::new();
        let closed = statement.closed.period;
        for month in statement.earlier.iter_mut().chain([&mut statement.closed]) {
            if !month.has_changed() {
                continue;
            }
            let days = days_of_month(app, books.tenant, month.period).await?;
            month.figures = all(&days);
            // A difference of less than a cent waits until there is more of it.
            if month.period == closed || month.difference().rounded() != Some(Pico::ZERO) {
                let before = billed_days(app, books.tenant, month.period, &month.billed.invoices);
                opened.insert(month.period, Days::between(&before.await?, &days));
                billed.push(month.period);
            }
        }
        let bill = Bill::of(&statement).map_err(Unbillable::from)?;
        Ok(Self { statement, bill, opened, billed })
    }

    /// The months that the invoice bills something of.
    pub(crate) fn billed(&self) -> impl Iterator<Item = &Month> {
        let months = self.statement.earlier.iter().chain([&self.statement.closed]);
        months.filter(|month| self.billed.contains(&month.period))
    }
}

fn all(days: &BTreeMap<Date, Figures>) -> Figures {
    days.values().fold(Figures::default(), |mut all, day| {
        all.merge(day);
        all
    })
}

/// What invoices have billed of a month's days.
async fn billed_days(
    app: &App,
    tenant: Tenant,
    period: BillingPeriod,
    invoices: &[shared::id::InvoiceId],
) -> Result<Vec<Days>, TableError> {
    let opened = invoices.iter().map(async |id| {
        let opened: Option<Opened> = app.table.get(&opened_key(tenant, *id), Read::Strong).await?;
        Ok::<_, TableError>(opened.and_then(|it| it.month(period).cloned()))
    });
    Ok(try_join_all(opened).await?.into_iter().flatten().collect())
}
