//! What a look at some use comes to: which thresholds it has come to since the last one, and which it is below
//! again. Nothing here reads or writes.

use std::collections::BTreeMap;

use shared::{
    alerts::{Alert, AlertId, Mark},
    id::KeyId,
    usage::{Metric, Units},
};

/// What there is to see of one metric.
pub struct Seen {
    /// Of what.
    pub metric: Metric,
    /// The API key whose use it is; the account's if there is none.
    pub key: Option<KeyId>,
    /// How much was used.
    pub used: u128,
    /// The limit in force.
    pub limit: u128,
    /// Where requests are refused, if they are anywhere.
    pub blocking: Option<u128>,
    /// Where it is told.
    pub marks: Vec<Mark>,
}

/// What has happened to one metric since the last look.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Step {
    /// Thresholds that use has come to and that were not recorded before, the highest first.
    pub crossed: Vec<Crossed>,
    /// Recorded ones that it is below again, the highest first.
    pub recovered: Vec<Recovered>,
}

/// A threshold that use has come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Crossed {
    /// What makes it the same one.
    pub id: AlertId,
    /// Whether requests are refused at it.
    pub blocks: bool,
    /// Whether it was recorded when requests were not refused at it yet.
    pub recorded: bool,
}

/// A threshold that use is below again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recovered {
    /// What makes it the same one.
    pub id: AlertId,
    /// Whether requests were refused at it.
    pub blocks: bool,
}

impl Seen {
    /// The step from what was recorded before.
    #[must_use]
    pub fn step(&self, recorded: &[Alert]) -> Step {
        let stored = |id: &AlertId| recorded.iter().find(|alert| alert.id == *id);
        let crossed = self.crossed().into_iter().filter_map(|it| match stored(&it.id) {
            None => Some(it),
            // The client set its cap to a limit that only counted until then.
            Some(alert) if it.blocks && !alert.blocks => Some(Crossed { recorded: true, ..it }),
            Some(_) => None,
        });
        let mine = |it: &&Alert| (it.id.metric, it.id.key) == (self.metric, self.key);
        let over = recorded.iter().filter(mine);
        let over = over.filter(|it| it.recovered_at.is_none() && self.is_below(it));
        let over = over.map(|it| Recovered { id: it.id, blocks: it.blocks });
        let mut recovered: Vec<_> = over.collect();
        let height = |id: &AlertId| id.at.height(id.limit.map_or(0, |limit| limit.0));
        recovered.sort_by_key(|it| std::cmp::Reverse((it.blocks, height(&it.id))));
        Step { crossed: crossed.collect(), recovered }
    }

    /// All thresholds that use has come to, the highest first. Where requests are refused is one, whatever else
    /// the client wants to be told.
    fn crossed(&self) -> Vec<Crossed> {
        let id = |limit: Option<u128>, at| AlertId {
            metric: self.metric,
            key: self.key,
            limit: limit.map(Units),
            at,
        };
        let mut marks: BTreeMap<AlertId, (u128, bool)> = BTreeMap::new();
        for mark in self.marks.iter().filter(|it| it.is_crossed(self.used, self.limit)) {
            let limit = matches!(mark, Mark::Percent(_)).then_some(self.limit);
            marks.insert(id(limit, *mark), (mark.height(self.limit), false));
        }
        let full = Mark::Percent(100);
        if let Some(blocking) = self.blocking.filter(|limit| full.is_crossed(self.used, *limit)) {
            marks.insert(id(Some(blocking), full), (full.height(blocking), true));
        }
        let mut marks: Vec<_> = marks.into_iter().collect();
        // Of what lies at one height, that requests are refused is what matters.
        marks.sort_by_key(|(_, (height, blocks))| std::cmp::Reverse((*height, *blocks)));
        marks.into_iter().map(|(id, (_, blocks))| Crossed { id, blocks, recorded: false }).collect()
    }

    /// Whether use is below a threshold that it had come to.
    fn is_below(&self, alert: &Alert) -> bool {
        if alert.blocks {
            // Where nothing is refused any more it is below, however much was used.
            return self.blocking.is_none_or(|limit| !alert.id.at.is_crossed(self.used, limit));
        }
        !alert.id.at.is_crossed(self.used, self.limit)
    }
}
