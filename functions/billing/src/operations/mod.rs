//! What staff do with a client's money and account: credit is given, an invoice is put right by a note, given up or
//! voided, and an account is suspended and activated. Each is written under what it was read as, and the client sees
//! it.

mod credit_note;
mod suspend;
mod write_off;

pub use credit_note::{GivenBackTo, credit_invoice};
pub use suspend::{activate, suspend};
pub use write_off::{give_up, void};

use shared::{
    auth::{Caller, Principal},
    billing::{Balance, CreditCause, balance_key, put_entry},
    error::{Code, Conflicts, Error},
    id::EntryId,
    money::Pico,
    table::Read,
};

/// Nobody is given more credit at once: a slip of the hand, not a kindness.
const MOST: Pico = Pico::new(1_000_000 * 1_000_000_000_000);

/// Gives a client credit, which the next invoices pay themselves from; the credit that it has then.
///
/// # Errors
/// When it is no amount of whole cents, or nobody of the company gives it.
pub async fn give_credit(caller: &Caller, amount: Pico) -> Result<Pico, Error> {
    of_company(caller)?;
    if amount <= Pico::ZERO || amount > MOST || amount != amount.rounded() {
        return Err(Error::field("amount", "amount_invalid"));
    }
    let app = &caller.app;
    let key = balance_key(caller.tenant);
    let mut conflicts = Conflicts::default();
    loop {
        let stored: Option<Balance> = app.table.get(&key, Read::Strong).await?;
        let before = stored.unwrap_or_else(|| Balance::none(caller.tenant));
        let (mut after, now) = (before.clone(), app.clock.now());
        let id = EntryId::new(now, &app.random);
        let entry = after.grant(id, CreditCause::Granted, amount, now);
        let mut transaction = app.table.transaction();
        put_entry(&entry.because(caller.actor(), caller.reason()), &mut transaction);
        after.put(&before, &mut transaction, Code::Conflict);
        match transaction.commit().await {
            Ok(()) => return Ok(after.credit),
            Err(cancelled) => conflicts.put_up_with(cancelled.into())?,
        }
    }
}

/// No client moves its own money.
fn of_company(caller: &Caller) -> Result<(), Error> {
    match caller.principal {
        Principal::Staff { .. } | Principal::Schedule(_) => Ok(()),
        _ => Err(Code::Forbidden.into()),
    }
}
