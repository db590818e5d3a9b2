//! A month has ended: its invoice is drafted, with the price of the next month by the plan of this moment.

use shared::{
    app::App,
    billing::{
        Bill, Closing, Invoice, InvoiceState, Stage, Unbillable, at_stage, base_after, put_invoice,
    },
    id::InvoiceId,
    timer::Timer,
};

use crate::{ClosingError, Outcome, Refused, books::Books, outcome};

/// Drafts it, where there is anything to bill by now, and has it go out after the grace.
pub(crate) async fn draft(app: &App, timer: &Timer<Closing>) -> Result<(), ClosingError> {
    let Some(books) = Books::read(app, timer).await? else { return Ok(timer.end(app).await?) };
    let base = base_after(app, &books.account, &books.subscription, books.closed);
    let statement = books.statement(app, base.map_err(Unbillable::from)?)?;
    let bill = Bill::of(&statement).map_err(Unbillable::from)?;
    let mut transaction = app.table.transaction();
    let (key, update) = at_stage(app, &books.account, books.closed, Stage::Final);
    let mut update = timer.unchanged(update);
    let before = books.draft.as_ref().filter(|it| it.state == InvoiceState::Draft);
    if !bill.lines.is_empty() {
        let now = books.read_at;
        let id = before.map_or_else(|| InvoiceId::new(now, &app.random), |draft| draft.id);
        let span = (statement.closed.start, statement.closed.end);
        let made = (now, &app.random);
        let mut draft = Invoice::draft(id, &books.account, &app.tax.seller, span, bill, made);
        draft.version += before.map_or(0, |before| before.version);
        put_invoice(before, &draft, &mut transaction, Refused::Moved);
        update = update.set("draft", id.to_string());
    } else if let Some(before) = before {
        // It was drafted when there was something to bill.
        put_invoice(Some(before), &before.voided(), &mut transaction, Refused::Moved);
        update = update.remove("draft");
    }
    transaction.update(&key, update, Some(Refused::Acted));
    match outcome(transaction.commit().await)? {
        Outcome::Done => Ok(()),
        // Its message comes again.
        Outcome::Again(_) => Err(ClosingError::Crowd),
    }
}
