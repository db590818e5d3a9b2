//! How the payment of an invoice stands, and what moves it.

use jiff::Timestamp;

use super::{Invoice, InvoiceState, PaymentState};
use crate::{
    money::Pico,
    payments::{Attempt, AttemptState, Refunded, RefundedState},
};

/// So many attempts are kept: failed ones of long ago are told by the account's movements.
const MOST_ATTEMPTS: usize = 50;

impl Invoice {
    pub(super) fn settle(&mut self, now: Timestamp) {
        if self.state == InvoiceState::Open && self.outstanding() <= Pico::ZERO {
            self.state = InvoiceState::Paid;
            self.paid_at = Some(now);
        }
        self.payment_state = self.paid_how();
    }

    fn paid_how(&self) -> PaymentState {
        let returned = self.returned();
        match (self.state, self.attempts.last().map(|it| it.state)) {
            (InvoiceState::Paid, _) if returned == Pico::ZERO => PaymentState::Paid,
            (InvoiceState::Paid, _) if returned < self.amount_paid => {
                PaymentState::PartiallyRefunded
            }
            (InvoiceState::Paid, _) => PaymentState::Refunded,
            (_, None | Some(AttemptState::Succeeded)) => PaymentState::Unpaid,
            (_, Some(AttemptState::Processing)) => PaymentState::Processing,
            (_, Some(AttemptState::ActionRequired)) => PaymentState::ActionRequired,
            (_, Some(AttemptState::Failed)) => PaymentState::Failed,
        }
    }

    /// What went back to a card, or is on its way there.
    #[must_use]
    pub fn returned(&self) -> Pico {
        let kept = self.refunds.iter().filter(|it| it.state != RefundedState::Failed);
        kept.fold(Pico::ZERO, |sum, it| Pico::new(sum.get() + it.amount.get()))
    }

    /// The attempt that may still come to something.
    #[must_use]
    pub fn in_flight(&self) -> Option<&Attempt> {
        self.attempts.last().filter(|attempt| attempt.is_open())
    }

    /// An attempt by its number.
    #[must_use]
    pub fn attempt(&self, number: u32) -> Option<&Attempt> {
        self.attempts.iter().find(|attempt| attempt.number == number)
    }

    /// Writes an attempt down: a new one, or one as it stands by now.
    pub fn note_attempt(&mut self, attempt: Attempt, now: Timestamp) {
        match self.attempts.iter_mut().find(|it| it.number == attempt.number) {
            Some(known) => *known = attempt,
            None => self.attempts.push(attempt),
        }
        if self.attempts.len() > MOST_ATTEMPTS {
            let is_told = |it: &Attempt| it.state == AttemptState::Failed;
            if let Some(place) = self.attempts.iter().position(is_told) {
                self.attempts.remove(place);
            }
        }
        self.version += 1;
        self.settle(now);
    }

    /// So much was paid; what of it was not due.
    pub fn pay(&mut self, amount: Pico, now: Timestamp) -> Pico {
        let is_out = matches!(self.state, InvoiceState::Open | InvoiceState::Uncollectible);
        let due = if is_out { self.amount_due.get() - self.amount_paid.get() } else { 0 };
        let taken = amount.get().min(due.max(0));
        self.amount_paid += Pico::new(taken);
        if taken > 0 && self.state == InvoiceState::Uncollectible {
            // Nobody expected it.
            self.state = InvoiceState::Open;
        }
        self.settle(now);
        Pico::new(amount.get() - taken)
    }

    /// Nobody expects any more that it is paid.
    pub fn give_up(&mut self, now: Timestamp) {
        self.state = InvoiceState::Uncollectible;
        self.version += 1;
        self.settle(now);
    }

    /// Writes down what goes back to a card: a new one, or one as it stands by now.
    pub fn note_refund(&mut self, refund: Refunded, now: Timestamp) {
        match self.refunds.iter_mut().find(|it| it.id == refund.id) {
            Some(known) => *known = refund,
            None => self.refunds.push(refund),
        }
        self.version += 1;
        self.settle(now);
    }
}
