//! What is promised: a first reply and a solution within so much time of work, counted by a stopwatch that
//! stands still while nothing is up to us.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Hours, Priority};

/// Why the promises cannot be kept.
#[derive(Debug, thiserror::Error)]
pub enum SupportError {
    /// It has not the right shape.
    #[error("infra/support.toml does not parse")]
    Shape(#[from] serde_json::Error),
    /// It contradicts itself.
    #[error("infra/support.toml: {0}")]
    Rule(&'static str),
}

/// What the operator promises, read from `infra/support.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Support {
    /// When people are at work.
    pub hours: Hours,
    promises: BTreeMap<Priority, Promised>,
    /// Answers that are written often.
    #[serde(default)]
    pub answers: Vec<CannedAnswer>,
}

/// An answer that is written often, by language.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CannedAnswer {
    /// What staff know it by.
    pub name: BTreeMap<String, String>,
    /// What the client reads.
    pub text: BTreeMap<String, String>,
}

/// What is promised for a priority, in minutes of work.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
struct Promised {
    first_reply: i64,
    solution: i64,
}

/// One of the two things that are promised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// That somebody answers.
    FirstReply,
    /// That it is solved.
    Solution,
}

impl Target {
    /// Both.
    pub const ALL: [Self; 2] = [Self::FirstReply, Self::Solution];

    /// Its name in message ids.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::FirstReply => "first-reply",
            Self::Solution => "solution",
        }
    }
}

impl Support {
    /// What this version of the panel was built with.
    pub fn embedded() -> Result<Self, SupportError> {
        Self::parse(include_str!(concat!(env!("OUT_DIR"), "/support.json")))
    }

    /// Reads and checks it; the build has made JSON of it.
    pub fn parse(json: &str) -> Result<Self, SupportError> {
        let support: Self = serde_json::from_str(json)?;
        let kept = |rule: bool, words| rule.then_some(()).ok_or(SupportError::Rule(words));
        let promised = |it: &Promised| 0 < it.first_reply && it.first_reply <= it.solution;
        kept(support.hours.are_some(), "nobody is ever at work")?;
        kept(support.promises.len() == Priority::ALL.len(), "a priority has no promise")?;
        kept(support.promises.values().all(promised), "a solution comes before its first reply")?;
        Ok(support)
    }

    /// So many seconds of work something may take.
    #[must_use]
    pub fn promised(&self, priority: Priority, target: Target) -> i64 {
        let promised = self.promises.get(&priority).map_or(0, |it| match target {
            Target::FirstReply => it.first_reply,
            Target::Solution => it.solution,
        });
        promised * 60
    }
}

impl CannedAnswer {
    /// Its name and its text in languages of their own, English where there is none.
    #[must_use]
    pub fn in_languages(&self, staff: &str, client: &str) -> (&str, &str) {
        (pick(&self.name, staff), pick(&self.text, client))
    }
}

fn pick<'a>(words: &'a BTreeMap<String, String>, language: &str) -> &'a str {
    words.get(language).or_else(|| words.get("en")).map_or("", String::as_str)
}

/// What has run so far: the stretches of time in which something was up to us, oldest first. The last one may
/// go on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stopwatch(Vec<Run>);

/// A stretch of time; seconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Run {
    from: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    to: Option<i64>,
}

impl Stopwatch {
    /// Whether it runs.
    #[must_use]
    pub fn runs(&self) -> bool {
        self.0.last().is_some_and(|run| run.to.is_none())
    }

    /// Has it run from now on, or stand still.
    pub(super) fn set(&mut self, runs: bool, now: Timestamp) {
        let now = now.as_second();
        match (self.0.last_mut().filter(|run| run.to.is_none()), runs) {
            (None, true) => self.0.push(Run { from: now, to: None }),
            (Some(run), false) if run.from < now => run.to = Some(now),
            // It has not run at all.
            (Some(_), false) => drop(self.0.pop()),
            (None, false) | (Some(_), true) => {}
        }
    }

    /// The moment at which so many seconds of work have run or, if it goes on, will have. It may be past; there is
    /// none while it stands still before that.
    #[must_use]
    pub fn at(&self, seconds: i64, hours: &Hours) -> Option<Timestamp> {
        let mut left = seconds;
        for run in &self.0 {
            let from = Timestamp::from_second(run.from).ok()?;
            let Some(to) = run.to else { return Some(hours.after(from, left)) };
            let ran = hours.between(from, Timestamp::from_second(to).ok()?);
            if ran >= left {
                return Some(hours.after(from, left));
            }
            left -= ran;
        }
        None
    }
}
