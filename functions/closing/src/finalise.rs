//! The grace is over: the month's counters are read once, and the invoice goes out with its number, its lines'
//! days, what was billed and what is owed, all in one transaction.

use shared::{
    app::App,
    billing::{
        Billed, Closing, Invoice, InvoiceState, Month, Series, billed_key, close_month, opened_key,
        put_invoice, send_out as issue,
    },
    id::InvoiceId,
    money::Pico,
    notify::{Filling, Notice, NoticeKind, Words, notify},
    payments::collect_now,
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
    let forgiven = before.is_some_and(|it| it.state == InvoiceState::Void);
    let invoice = if forgiven {
        forgive(books, detailed, transaction);
        None
    } else if detailed.bill.lines.is_empty() {
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
            bill_month(books, month, Some(id), transaction);
        }
    }
    if detailed.statement.base.is_some() {
        let (key, update) = close_month(app, &books.account, books.closed.next());
        transaction.update(&key, update, None);
    } else if id.is_none() && !forgiven && books.leaves_out_base(app) {
        // With an invoice, it is written with what that moves.
        let mut balance = books.balance.clone();
        balance.left_out = Some(books.closed.next().first());
        balance.put(&books.balance, transaction, Refused::Moved);
    }
}

/// Staff voided the draft: what it was of counts as billed, and nobody pays it.
fn forgive(books: &Books, detailed: &Detailed, transaction: &mut Transaction<'_, Refused>) {
    for month in detailed.billed() {
        bill_month(books, month, None, transaction);
    }
    if detailed.statement.base.is_some() {
        let mut balance = books.balance.clone();
        balance.bill_base(books.closed.next());
        balance.put(&books.balance, transaction, Refused::Moved);
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
    let mut balance = books.balance.clone();
    let whose = (&books.account, &mut balance);
    issue(app, whose, &mut invoice, (bill, number), now, transaction);
    if detailed.statement.base.is_some() {
        balance.bill_base(books.closed.next());
    } else if books.leaves_out_base(app) {
        balance.left_out = Some(books.closed.next().first());
    }
    if balance != books.balance {
        balance.put(&books.balance, transaction, Refused::Moved);
    }
    // Where a clock runs already, the invoice joins it.
    let runs = balance.dunning.as_ref().is_some_and(|it| !it.is_over);
    if !runs && invoice.outstanding() > Pico::ZERO {
        let (key, update) = collect_now(app, books.tenant);
        transaction.update(&key, update, None);
    }
    tell(app, books, &invoice, transaction);
    invoice
}

/// Adds to a transaction how a month stands now that it is billed.
fn bill_month(
    books: &Books,
    month: &Month,
    invoice: Option<InvoiceId>,
    transaction: &mut Transaction<'_, Refused>,
) {
    let mut invoices = month.billed.invoices.clone();
    invoices.extend(invoice);
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
