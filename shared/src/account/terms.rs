//! The plans that an account has had, each from the moment on at which it began: what was used is priced by the
//! plan of its time, and what a month includes is shared out among its plans.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::plan::PlanRef;

/// An event may be 35 days old when it is counted, its month began up to 31 days before it, and the month that it
/// is counted in ends up to 31 days later: nothing asks for plans of before that.
const KEPT: SignedDuration = SignedDuration::from_hours(24 * 100);

/// A plan that an account has had.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Term {
    /// Which.
    #[serde(flatten)]
    pub plan: PlanRef,
    /// Since when. It ended where the next one began.
    pub from: Timestamp,
}

/// The plans of an account, in the order of time.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Terms(Vec<Term>);

impl Terms {
    /// One plan, from a moment on.
    #[must_use]
    pub fn begun(plan: PlanRef, from: Timestamp) -> Self {
        Self(vec![Term { plan, from }])
    }

    /// Whether nothing is known: an account of before.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The plan in force at a moment; the first one before it began.
    #[must_use]
    pub fn at(&self, moment: Timestamp) -> Option<&PlanRef> {
        let in_force = self.0.iter().rev().find(|term| term.from <= moment);
        in_force.or(self.0.first()).map(|term| &term.plan)
    }

    /// With another plan from a moment on; what ended long before is left out.
    #[must_use]
    pub fn changed(&self, plan: PlanRef, from: Timestamp) -> Self {
        let since = from.saturating_sub(KEPT).unwrap_or(Timestamp::MIN);
        let before: Vec<_> = self.0.iter().filter(|term| term.from < from).cloned().collect();
        let ended = before.iter().skip(1).take_while(|next| next.from <= since).count();
        let mut terms = before.into_iter().skip(ended).collect::<Vec<_>>();
        terms.push(Term { plan, from });
        Self(terms)
    }

    /// The plans in force between two moments, each with the first and the last of them that it was in force.
    pub fn within(
        &self,
        start: Timestamp,
        end: Timestamp,
    ) -> impl Iterator<Item = (&PlanRef, Timestamp, Timestamp)> {
        let ends = self.0.iter().skip(1).map(|next| next.from).chain([Timestamp::MAX]);
        let spans = self.0.iter().zip(ends);
        let within = spans.map(move |(term, to)| (&term.plan, term.from.max(start), to.min(end)));
        within.filter(|(_, from, to)| from < to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn plan(id: &str) -> PlanRef {
        PlanRef { id: id.to_owned(), version: 1 }
    }

    fn named(terms: &Terms, moment: &str) -> String {
        terms.at(at(moment)).unwrap().id.clone()
    }

    #[test]
    fn a_moment_has_the_plan_that_began_last_before_it() {
        let terms = Terms::begun(plan("free"), at("2026-11-01T00:00:00Z"));
        let terms = terms.changed(plan("growth"), at("2026-11-16T00:00:00Z"));
        let at_each = ["2026-10-01T00:00:00Z", "2026-11-15T23:59:59Z", "2026-11-16T00:00:00Z"];
        assert_eq!(at_each.map(|moment| named(&terms, moment)), ["free", "free", "growth"]);
        let within = terms.within(at("2026-11-10T00:00:00Z"), at("2026-12-01T00:00:00Z"));
        let spans: Vec<_> = within.map(|(plan, from, to)| (plan.id.as_str(), from, to)).collect();
        let middle = at("2026-11-16T00:00:00Z");
        let first = ("free", at("2026-11-10T00:00:00Z"), middle);
        assert_eq!(spans, [first, ("growth", middle, at("2026-12-01T00:00:00Z"))]);
    }

    #[test]
    fn what_ended_long_ago_is_left_out_and_what_was_in_force_then_stays() {
        let terms = Terms::begun(plan("free"), at("2026-01-01T00:00:00Z"));
        let terms = terms.changed(plan("starter"), at("2026-02-01T00:00:00Z"));
        let terms = terms.changed(plan("growth"), at("2026-11-16T00:00:00Z"));
        assert_eq!(terms.0.len(), 2, "{terms:?}");
        assert_eq!(named(&terms, "2026-08-10T00:00:00Z"), "starter");
    }
}
