//! The engine: what a month and its account's terms make on an invoice. It knows no time, no table and no
//! randomness; what is expected, what is drafted and what is charged come from here alone.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::{Exact, Line, LineKind, Month, PlanSnapshot, Tax};
use crate::money::Pico;

/// An amount is past what can be counted: a defect, for nothing that is used costs so much.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an amount is past counting")]
pub struct PastCounting;

/// The plan's price for a span of time, which is a month or the end of one.
#[derive(Debug, Clone)]
pub struct Base {
    /// The plan.
    pub plan: PlanSnapshot,
    /// From when it is charged.
    pub start: Timestamp,
    /// Until when.
    pub end: Timestamp,
    /// How much of the month that is: seconds, of the month's seconds.
    pub share: (u128, u128),
}

/// What is to be billed.
#[derive(Debug, Clone)]
pub struct Statement {
    /// The month that closes.
    pub closed: Month,
    /// The months before it, the oldest first.
    pub earlier: Vec<Month>,
    /// What is charged in advance.
    pub base: Option<Base>,
    /// The tax that is on it.
    pub tax: Option<Tax>,
    /// The account's credit.
    pub credit: Pico,
}

/// A tax and what it comes to.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Taxed {
    /// Which.
    #[serde(flatten)]
    pub tax: Tax,
    /// What it is on.
    pub base: Pico,
    /// What it comes to.
    pub amount: Pico,
}

/// What an invoice says in numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bill {
    /// The lines, in their order; a line of nothing is none.
    pub lines: Vec<Line>,
    /// Their sum.
    pub subtotal: Pico,
    /// The taxes on it.
    pub taxes: Vec<Taxed>,
    /// With taxes.
    pub total: Pico,
    /// What of it the account's credit pays.
    pub credit_applied: Pico,
    /// What is left to pay.
    pub amount_due: Pico,
    /// What the account has as credit afterwards and did not have before: a total below zero.
    pub credit_granted: Pico,
}

impl Bill {
    /// What is to be billed, as an invoice says it.
    ///
    /// # Errors
    /// When an amount is past counting.
    pub fn of(statement: &Statement) -> Result<Self, PastCounting> {
        let mut lines = usage(&statement.closed)?;
        for month in &statement.earlier {
            lines.extend(difference(month)?);
        }
        lines.extend(statement.base.as_ref().map(base).transpose()?.flatten());
        Self::of_lines(lines, statement.tax.as_ref(), statement.credit)
    }

    /// A base and nothing else, as an invoice says it.
    ///
    /// # Errors
    /// When an amount is past counting.
    pub fn of_base(it: &Base, tax: Option<&Tax>, credit: Pico) -> Result<Self, PastCounting> {
        Self::of_lines(base(it)?.into_iter().collect(), tax, credit)
    }

    fn of_lines(lines: Vec<Line>, tax: Option<&Tax>, credit: Pico) -> Result<Self, PastCounting> {
        let subtotal = sum(lines.iter().map(|line| line.amount))?;
        let tax = tax.filter(|_| !lines.is_empty());
        let taxes: Vec<_> = tax.map(|tax| taxed(tax, subtotal)).transpose()?.into_iter().collect();
        let total = sum(taxes.iter().map(|it| it.amount).chain([subtotal]))?;
        let credit_applied = total.min(credit).max(Pico::ZERO);
        let amount_due = Pico::new(total.max(Pico::ZERO).get() - credit_applied.get());
        let credit_granted = Pico::new(-total.min(Pico::ZERO).get());
        Ok(Self { lines, subtotal, taxes, total, credit_applied, amount_due, credit_granted })
    }
}

impl Bill {
    /// All taxes on it.
    #[must_use]
    pub fn tax(&self) -> Pico {
        Pico::new(self.total.get() - self.subtotal.get())
    }
}

/// What was used in the closed month beyond what was billed of it: a line for each AI type, and what is included.
fn usage(month: &Month) -> Result<Vec<Line>, PastCounting> {
    if !month.terms.is_priced {
        return Ok(Vec::new());
    }
    let (now, before) = (&month.figures, &month.billed.figures);
    let span = (month.start, month.end);
    let types: BTreeSet<_> = now.by_type.keys().chain(before.by_type.keys()).copied().collect();
    let mut lines = Vec::new();
    for ai_type in types {
        let (now, before) = (now.of(ai_type), before.of(ai_type));
        let amount = Exact::from(now.cost) - Exact::from(before.cost);
        let line = Line::new(LineKind::Usage, rounded(&amount)?, span).using(month, &before, &now);
        lines.push(Line { ai_type: Some(ai_type), ..line });
    }
    let included = now.included(month.terms.allowance) - before.included(month.billed.allowance);
    let line = Line::new(LineKind::Included, rounded(&-included)?, span);
    lines.push(Line { included: Some(month.terms.allowance), ..line });
    lines.retain(|line| line.amount != Pico::ZERO);
    Ok(lines)
}

/// What was used in an earlier month, or taken back, since it was billed.
fn difference(month: &Month) -> Result<Option<Line>, PastCounting> {
    if !month.terms.is_priced {
        return Ok(None);
    }
    let amount = rounded(&month.difference())?;
    let kind = match amount.cmp(&Pico::ZERO) {
        std::cmp::Ordering::Greater => LineKind::LateUsage,
        std::cmp::Ordering::Less => LineKind::Correction,
        std::cmp::Ordering::Equal => return Ok(None),
    };
    let line = Line::new(kind, amount, (month.start, month.end));
    Ok(Some(line.using(month, &month.billed.figures.totals(), &month.figures.totals())))
}

fn base(base: &Base) -> Result<Option<Line>, PastCounting> {
    let (part, whole) = base.share;
    let amount = rounded(&Exact::share(base.plan.price, part, whole))?;
    let line = Line::new(LineKind::Base, amount, (base.start, base.end));
    let line = Line { plan: Some(base.plan.clone()), ..line };
    Ok((amount != Pico::ZERO).then_some(line))
}

fn taxed(tax: &Tax, base: Pico) -> Result<Taxed, PastCounting> {
    Ok(Taxed { tax: tax.clone(), base, amount: tax.on(base).ok_or(PastCounting)? })
}

fn rounded(amount: &Exact) -> Result<Pico, PastCounting> {
    amount.rounded().ok_or(PastCounting)
}

fn sum(mut amounts: impl Iterator<Item = Pico>) -> Result<Pico, PastCounting> {
    amounts.try_fold(Pico::ZERO, Pico::plus).ok_or(PastCounting)
}
