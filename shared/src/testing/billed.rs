//! Months that close, without the meter that would have counted them.

use jiff::{Timestamp, civil::Date};
use serde_json::Value as Json;

use super::{Scene, told};
use crate::{
    account::{
        Account, BillingPeriod, Founded, Subscription, Terms, account_key, subscription_key,
    },
    app::App,
    billing::{
        Balance, Bill, CreditCause, Days, Invoice, LineKind, Months, Opened, Series, Stage,
        at_stage, balance_key, base_after, days_of_month, invoice_key, opened_key, put_entry,
        put_invoice, statement,
    },
    id::{EntryId, InvoiceId, LineId},
    money::Pico,
    plan::{AiType, PlanRef},
    table::{Read, Tenant},
    usage::{Counters, Grain, Sign, Totals, counter_key},
};

/// How a month was used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Used {
    /// Not at all.
    Nothing,
    /// On each of its days, in two ways.
    EveryDay,
}

/// A client that has been on a plan since the summer.
pub async fn client_of(app: &App, tenant: Tenant, plan: &str) -> Account {
    let key = account_key(tenant);
    let stored: Option<Account> = app.table.get(&key, Read::Strong).await.expect("read");
    let mut account = stored.expect("an account");
    let since: Timestamp = "2026-07-01T00:00:00Z".parse().expect("a constant");
    let plan = PlanRef { id: plan.to_owned(), version: 1 };
    account.created_at = since;
    account.terms = Terms::begun(plan.clone(), since);
    account.plan = plan.clone();
    app.table.put(&key, &account).await.expect("written");
    let key = subscription_key(tenant);
    let stored: Option<Subscription> = app.table.get(&key, Read::Strong).await.expect("read");
    let subscription = Subscription { plan, ..stored.expect("a subscription") };
    app.table.put(&key, &subscription).await.expect("written");
    account
}

/// Adds what was used on a day to the counters of its day and month.
pub async fn count(app: &App, tenant: Tenant, day: Date, ai_type: AiType, requests: u64) {
    let (tokens, cent) = (requests * 1000, 10_000_000_000_i128);
    let by_request = Pico::new(i128::from(requests) * cent / 100);
    let cost = Pico::new(i128::from(requests) * cent / 7);
    let used = Totals { requests, input_tokens: tokens, output_tokens: tokens / 2, cost };
    let mut counters = Counters::default();
    counters.count(ai_type, "m-1", &used, by_request);
    let (month, day) = (BillingPeriod::of(day).to_string(), day.to_string());
    let mut transaction = app.table.transaction::<()>();
    for (grain, span) in [(Grain::Month, month), (Grain::Day, day)] {
        let key = counter_key(tenant, grain, &span, 0);
        transaction.update(&key, counters.update(Sign::Used), None);
    }
    transaction.commit().await.expect("counted");
}

async fn use_month(app: &App, tenant: Tenant, month: BillingPeriod, used: Used) {
    if used == Used::Nothing {
        return;
    }
    for day in 1..=month.days() {
        let day = month.first().with().day(day).build().expect("a day of it");
        count(app, tenant, day, AiType::Text, 900).await;
        count(app, tenant, day, AiType::Code, 150).await;
    }
}

/// The month before the present one.
fn closed(app: &App, account: &Account) -> BillingPeriod {
    BillingPeriod::at(&account.zones, app.clock.now()).previous()
}

/// What the closing is handed of a month that has ended.
pub async fn ended(scene: &Scene, used: Used) -> Vec<Json> {
    ends(scene, used).await;
    told::due(&scene.app).await
}

/// A month ends, and its invoice is to be drafted.
pub async fn ends(scene: &Scene, used: Used) {
    let (app, tenant) = (&scene.app, Tenant::claimed(scene.client.account));
    let account = client_of(app, tenant, "growth").await;
    let month = closed(app, &account);
    use_month(app, tenant, month, used).await;
    set(app, &account, month, Stage::Draft, None).await;
}

/// The same once its invoice is drafted and the grace is over.
pub async fn drafted(scene: &Scene, used: Used) -> Vec<Json> {
    let (app, tenant) = (&scene.app, Tenant::claimed(scene.client.account));
    let account = client_of(app, tenant, "growth").await;
    let month = closed(app, &account);
    use_month(app, tenant, month, used).await;
    let draft = draft(app, &account, month).await;
    due(app, &account, month, draft).await
}

/// The same with usage of the month before it that nobody has billed.
pub async fn late(scene: &Scene) -> Vec<Json> {
    let (app, tenant) = (&scene.app, Tenant::claimed(scene.client.account));
    let account = client_of(app, tenant, "growth").await;
    let month = closed(app, &account);
    count(app, tenant, month.previous().last(), AiType::Image, 400_000).await;
    count(app, tenant, month.first(), AiType::Text, 900_000).await;
    let draft = draft(app, &account, month).await;
    due(app, &account, month, draft).await
}

/// Drafts an account's invoice of a month.
pub async fn draft(app: &App, account: &Account, month: BillingPeriod) -> InvoiceId {
    let tenant = Tenant::of_record(account);
    let key = subscription_key(tenant);
    let subscription: Option<Subscription> = app.table.get(&key, Read::Strong).await.expect("read");
    let subscription = subscription.expect("a subscription");
    let records = app.table.records(Months::range(tenant, month).strong()).await.expect("read");
    let months = Months::among(&records).expect("months");
    let base = base_after(app, account, &subscription, month).expect("a plan");
    let made = statement(app, account, &months, month, base, Pico::ZERO).expect("a plan");
    let bill = Bill::of(&made).expect("a bill");
    let now = app.clock.now();
    let id = InvoiceId::new(now, &app.random);
    let span = (made.closed.start, made.closed.end);
    let draft = Invoice::draft(id, account, &app.tax.seller, span, bill, (now, &app.random));
    let mut transaction = app.table.transaction::<()>();
    put_invoice(None, &draft, &mut transaction, ());
    transaction.commit().await.expect("drafted");
    id
}

async fn due(app: &App, account: &Account, month: BillingPeriod, draft: InvoiceId) -> Vec<Json> {
    set(app, account, month, Stage::Final, Some(draft)).await;
    told::due(app).await
}

/// Has a stage of a month's close be due.
pub async fn set(
    app: &App,
    account: &Account,
    month: BillingPeriod,
    stage: Stage,
    draft: Option<InvoiceId>,
) {
    let (key, update) = at_stage(app, account, month, stage);
    let update = draft.into_iter().fold(update, |it, id| it.set("draft", id.to_string()));
    let mut transaction = app.table.transaction::<()>();
    transaction.update(&key, update, None);
    transaction.commit().await.expect("set");
}

/// An invoice that is out, with one of its lines of usage.
#[derive(Debug, Clone)]
pub struct SentOut {
    /// The invoice.
    pub invoice: InvoiceId,
    /// A line that opens.
    pub line: LineId,
}

/// What there is of a client that has been billed for two months, with credit that it was given: its last invoice.
pub async fn history(app: &App, client: Founded) -> SentOut {
    let tenant = Tenant::claimed(client.account);
    let account = client_of(app, tenant, "growth").await;
    let month = closed(app, &account);
    let mut balance = Balance::none(tenant);
    let mut transaction = app.table.transaction::<()>();
    for _ in 0..2 {
        let id = EntryId::new(app.clock.now(), &app.random);
        let five = Pico::new(5_000_000_000_000);
        put_entry(
            &balance.grant(id, CreditCause::Granted, five, app.clock.now()),
            &mut transaction,
        );
    }
    balance.put(&Balance::none(tenant), &mut transaction, ());
    transaction.commit().await.expect("given");
    for_lines(app, &account, month.previous()).await;
    for_lines(app, &account, month).await
}

/// A client with one invoice that is due: its id.
pub async fn owing(app: &App, client: Founded) -> InvoiceId {
    let tenant = Tenant::claimed(client.account);
    let account = client_of(app, tenant, "growth").await;
    let month = closed(app, &account);
    sent_out(app, &account, month).await.id
}

/// Has an account owe what is due on an invoice.
async fn owe(app: &App, tenant: Tenant, invoice: &Invoice) {
    let stored: Option<Balance> =
        app.table.get(&balance_key(tenant), Read::Strong).await.expect("read");
    let before = stored.unwrap_or_else(|| Balance::none(tenant));
    let mut after = before.clone();
    after.owe(invoice, invoice.outstanding());
    let mut transaction = app.table.transaction::<()>();
    after.put(&before, &mut transaction, ());
    transaction.commit().await.expect("owed");
}

/// The same after the month was used every day.
async fn for_lines(app: &App, account: &Account, month: BillingPeriod) -> SentOut {
    use_month(app, Tenant::of_record(account), month, Used::EveryDay).await;
    let invoice = sent_out(app, account, month).await;
    let line = invoice.lines.iter().find(|line| line.kind == LineKind::Usage);
    SentOut { invoice: invoice.id, line: line.and_then(|line| line.id).expect("a line") }
}

/// Sends the invoice of a month out without the closing's doing.
async fn sent_out(app: &App, account: &Account, month: BillingPeriod) -> Invoice {
    let (tenant, now) = (Tenant::of_record(account), app.clock.now());
    let id = draft(app, account, month).await;
    let key = invoice_key(tenant, id);
    let stored: Option<Invoice> = app.table.get(&key, Read::Strong).await.expect("read");
    let before = stored.expect("a draft");
    let mut items = app.table.batch(&[Series::Invoices.key()], Read::Strong).await.expect("read");
    let drawn = Series::Invoices.among(&mut items).expect("a series");
    let days = days_of_month(app, tenant, month).await.expect("days");
    let mut opened = Opened::default();
    opened.insert(month, Days::between(&[], &days));

    let mut transaction = app.table.transaction::<()>();
    let number = Series::Invoices.draw(drawn, &mut transaction, ());
    let mut invoice = before.clone();
    let bill = Bill {
        lines: before.lines.clone(),
        subtotal: before.subtotal,
        taxes: before.taxes.clone(),
        total: before.total,
        credit_applied: Pico::ZERO,
        amount_due: before.amount_due,
        credit_granted: Pico::ZERO,
    };
    invoice.finalise(bill, account, &app.tax.seller, number, (now, &app.random));
    put_invoice(Some(&before), &invoice, &mut transaction, ());
    transaction.put(&opened_key(tenant, id), &opened);
    transaction.commit().await.expect("sent out");
    owe(app, tenant, &invoice).await;
    invoice
}
