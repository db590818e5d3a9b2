//! The grace is over: the month's counters are read once, and the invoice goes out with its number, its lines'
//! days, what was billed and what is owed, all in one transaction.

use shared::{
    app::App,
    billing::{
        Billed, Closing, CreditCause, Invoice, Month, Series, billed_key, close_month, opened_key,
        put_entry, put_invoice,
    },
    id::{EntryId, InvoiceId},
    money::Pico,
    notify::{Filling, Notice, NoticeKind, Words, notify},
    table::{Condition, Read, Transaction},
    timer::Timer,
};

use crate::{
    ClosingError, Outcome, Refused,
    books::{Books, Detailed},
    outcome,
};

/// So often somebody else may be first with the number: each time one more invoice is out.
const MOST_NUMBERS: u32 = 256;
/// So often something else may have moved.
const MOST_READS: u32 = 4;

/// Sends the invoice out, where there is anything to bill.
pub(crate) async fn finalise(app: &App, timer: &Timer<Closing>) -> Result<(), ClosingError> {
    for _ in 0..MOST_READS {
        let Some(mut books) = Books::read(app, timer).await? else {
            return Ok(timer.end(app).await?);
        };
        let statement = books.statement(app, books.drafted_base())?;
        let detailed = Detailed::of(app, &books, statement).await?;
        for _ in 0..MOST_NUMBERS {
            let mut transaction = app.table.transaction();
            timer.done(&mut transaction, Refused::Acted);
            close(app, &books, &detailed, &mut transaction);
            match outcome(transaction.commit().await)? {
                Outcome::Done => return Ok(()),
                Outcome::Again(Refused::Number) => {
                    let key = Series::Invoices.key();
                    let mut items = app.table.batch(&[key], Read::Strong).await?;
                    books.drawn = Series::Invoices.among(&mut items)?;
                }
                Outcome::Again(_) => break,
            }
        }
    }
    Err(ClosingError::Crowd)
}

/// Adds to a transaction all that a month's close is.
fn close(
    app: &App,
    books: &Books,
    detailed: &Detailed,
    transaction: &mut Transaction<'_, Refused>,
) {
    let before = books.draft.as_ref();
    let invoice = if detailed.bill.lines.is_empty() {
        // What the draft was of was taken back.
        before.map(Invoice::voided)
    } else {
        Some(send_out(app, books, detailed, transaction))
    };
    if let Some(invoice) = &invoice {
        put_invoice(before, invoice, transaction, Refused::Moved);
    }
    let id = invoice.as_ref().filter(|it| it.number.is_some()).map(|it| it.id);
    if let Some(id) = id.filter(|_| !detailed.opened.is_empty()) {
        transaction.put(&opened_key(books.tenant, id), &detailed.opened);
    }
    if let Some(id) = id {
        for month in detailed.billed() {
            bill_month(books, month, id, transaction);
        }
    }
    if detailed.statement.base.is_some() {
        let (key, update) = close_month(app, &books.account, books.closed.next());
        transaction.update(&key, update, None);
    }
}

/// The invoice as it goes out: with the next number, its credit taken and what is due owed.
fn send_out(
    app: &App,
    books: &Books,
    detailed: &Detailed,
    transaction: &mut Transaction<'_, Refused>,
) -> Invoice {
    let (now, bill) = (books.read_at, &detailed.bill);
    let made = (now, &app.random);
    let mut invoice = books.draft.clone().unwrap_or_else(|| {
        let span = (detailed.statement.closed.start, detailed.statement.closed.end);
        let id = InvoiceId::new(now, &app.random);
        Invoice::draft(id, &books.account, &app.tax.seller, span, bill.clone(), made)
    });
    let number = Series::Invoices.draw(books.drawn, transaction, Refused::Number);
    invoice.finalise(bill.clone(), &books.account, &app.tax.seller, number, made);

    let mut balance = books.balance.clone();
    if bill.credit_applied > Pico::ZERO {
        let entry = balance.apply(EntryId::new(now, &app.random), bill.credit_applied, now);
        put_entry(&entry.of(&invoice), transaction);
    }
    if bill.credit_granted > Pico::ZERO {
        let id = EntryId::new(now, &app.random);
        let entry = balance.grant(id, CreditCause::Invoice, bill.credit_granted, now);
        put_entry(&entry.of(&invoice), transaction);
    }
    balance.owe(invoice.outstanding());
    if detailed.statement.base.is_some() {
        balance.bill_base(books.closed.next());
    }
    if balance != books.balance {
        balance.put(&books.balance, transaction, Refused::Moved);
    }
    tell(app, books, &invoice, transaction);
    invoice
}

/// Adds to a transaction how a month stands now that it is billed.
fn bill_month(
    books: &Books,
    month: &Month,
    invoice: InvoiceId,
    transaction: &mut Transaction<'_, Refused>,
) {
    let mut invoices = month.billed.invoices.clone();
    invoices.push(invoice);
    let billed = Billed {
        figures: month.figures.clone(),
        allowance: month.terms.allowance,
        invoices,
        until: Some(books.read_at),
    };
    let as_read = month
        .billed
        .until
        .map_or(Condition::Absent, |until| Condition::Equals("until", until.to_string().into()));
    let key = billed_key(books.tenant, month.period);
    transaction.put_if(&key, &billed, as_read, Refused::Moved);
}

/// Adds to a transaction that the account's owner is told.
fn tell(app: &App, books: &Books, invoice: &Invoice, transaction: &mut Transaction<'_, Refused>) {
    let Some(owner) = books.account.owner() else { return };
    let due = invoice.outstanding();
    let words = if due > Pico::ZERO { "invoice-ready" } else { "invoice-settled" };
    let words = Words::new(words)
        .with("number", Filling::Written(invoice.number.clone().unwrap_or_default()))
        .with("month", Filling::Month(books.closed.first()))
        .with("total", Filling::Money(invoice.total))
        .with("due", Filling::Money(due));
    let (kind, now) = (NoticeKind::InvoiceReady, books.read_at);
    let notice = Notice::new(books.tenant, owner, kind, words, now);
    notify(app, notice.about(format!("/billing/invoices/{}", invoice.id)), transaction);
}
