//! Payments: an invoice is charged once, what became of a charge is asked until it is known, and who does not pay is
//! reminded by a clock.
//!
//! A *charge* is one attempt at one invoice. It is written down with its payment at the provider before anything is
//! charged, and what became of it is written once, with all that follows of it: the invoice, what is owed, where the
//! subscription stands, who is told.

mod attempt;
mod begin;
mod charge;
mod conclude;
mod dunning;
mod expiring;
mod matter;
mod method;
mod page;
mod reason;
mod refund;
mod standing;
mod tell;
mod wallet;

pub use attempt::{Attempt, AttemptState, Hosted, TriedBy};
pub use begin::{begin_period, left_out};
pub use charge::{Charged, ask, charge};
pub use conclude::{Outcome, conclude, miss};
pub use dunning::{BLOCKED_AFTER, Dunning};
pub use expiring::tell_of_card;
pub use matter::{Matter, ask_again, collect_now, matter_due};
pub use method::{add_method, try_at_once};
pub use page::close_page_soon;
pub use reason::Reason;
pub use refund::{Refunded, RefundedState, give_back, settle_refund};
pub use standing::Standing;
pub use wallet::{MOST_METHODS, Method, MethodShown, MethodState, Pending, Wallet, wallet_key};
