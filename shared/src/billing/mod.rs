//! Billing: what was used and what a plan costs, made into invoices that explain themselves.
//!
//! In reading order: exact amounts ([`Exact`]), what a month comes to ([`Figures`], [`Month`]), the engine
//! ([`Statement`] → [`Bill`]), which previews, drafts and charges by one function; the documents ([`Invoice`],
//! [`CreditNote`]), their numbers ([`Series`]), and what an account owes and has ([`Balance`]).

mod balance;
mod engine;
mod exact;
mod figures;
mod invoice;
mod issue;
mod line;
mod month;
mod months;
mod note;
mod paying;
mod series;
mod statement;
mod tax;
mod timer;

pub use balance::{
    Balance, CreditCause, ENTRIES, Entry, EntryKind, EntryState, balance_key, entry_key, put_entry,
};
pub use engine::{Base, Bill, PastCounting, Statement, Taxed};
pub use exact::Exact;
pub use figures::Figures;
pub use invoice::{
    BillTo, INVOICES, Invoice, InvoiceState, PaymentState, invoice_key, opened_key, put_invoice,
};
pub use issue::send_out;
pub use line::{Change, DayUse, Days, Line, LineKind, Opened, PlanSnapshot};
pub use month::{Billed, Month, MonthTerms};
pub use months::{GRACE, Months, billed_key, closing, days_of_month};
pub use note::{CreditNote, NoteAmounts, NoteRefused};
pub use series::{Drawn, Series};
pub use statement::{Unbillable, base_after, statement};
pub use tax::{Seller, Tax, TaxError, TaxTable};
pub use timer::{Closing, Stage, at_stage, close_month, is_billed};
