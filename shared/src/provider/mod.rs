//! The payment provider: one adapter that speaks Stripe's API at a configured address. On a laptop the bank of
//! `infra/cloud` stands there.
//!
//! Nothing here decides anything: a call is made and its answer told. What creates something carries an idempotency
//! key, so that a call whose answer was lost can be made again. Source: <https://docs.stripe.com/api>.

mod calls;
mod client;
mod error;
mod objects;
mod word;

pub use calls::{Back, Charge, of_minor};
pub use client::Provider;
pub use error::{Decline, ProviderError};
pub use objects::{
    Card, Intent, IntentStatus, PaymentMethod, Refund, RefundStatus, Session, SessionStatus,
    Written,
};
pub use word::{Forged, MOST_AGE, ProviderWord};
