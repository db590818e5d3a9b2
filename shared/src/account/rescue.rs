//! That a user took its login back from somebody else, and what is remembered of it.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::id::TokenId;

/// A rescue is remembered for longer than any link that it disowned is good: a test holds it to that.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(8 * 24);

/// So many are remembered each for itself: whoever has a link can go on without end.
const MOST: usize = 16;

/// When something happened to a user: in the order of the changes of the user's item, and by the clock
/// between two of them. Clocks of two functions differ; a change of address is not mistaken for a later
/// one for that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Moment {
    /// The user's version before it.
    pub version: u64,
    /// By the clock of whoever wrote it down.
    pub at: Timestamp,
}

/// That a user took its login back from somebody else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rescue {
    /// From the change that the user said was not its own.
    pub from: Moment,
    /// The epoch that began with it.
    pub epoch: u64,
    /// When the user said so.
    pub at: Timestamp,
    /// The link that said so, where it is to be used again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spared: Option<TokenId>,
}

impl Rescue {
    /// Whether it disowned a link about what happened at a moment by who had seen the user in an epoch.
    /// Moments alone do not tell: what was under way when the user was rescued is written later.
    #[must_use]
    pub fn disowned(self, link: TokenId, moment: Moment, epoch: u64) -> bool {
        self.from <= moment && epoch < self.epoch && self.spared != Some(link)
    }

    /// What is remembered once this one is added: those of before that say more. Past the most of them
    /// the two newest become one, which disowns what lies between them too; the oldest word is kept as it
    /// was.
    #[must_use]
    pub fn after(self, before: &[Self]) -> Vec<Self> {
        let says_more =
            |it: &Self| it.from < self.from && self.at.duration_since(it.at) < REMEMBERED;
        let mut rescues: Vec<_> = before.iter().copied().filter(says_more).collect();
        let folded = if rescues.len() < MOST { None } else { rescues.pop() };
        rescues.push(match folded {
            Some(newest) => {
                Self { from: newest.from, spared: self.spared.or(newest.spared), ..self }
            }
            None => self,
        });
        rescues
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    fn moment(version: u64, second: i64) -> Moment {
        Moment { version, at: Timestamp::from_second(second).unwrap() }
    }

    fn rescue(from: Moment, epoch: u64) -> Rescue {
        Rescue { from, epoch, at: from.at, spared: None }
    }

    fn link() -> TokenId {
        TokenId::new(Timestamp::UNIX_EPOCH, &Random::seeded(1))
    }

    #[test]
    fn a_rescue_outlives_every_link_that_it_disowned() {
        assert!(REMEMBERED > crate::notify::NOTICE.life);
    }

    #[test]
    fn a_clock_that_is_slow_dates_nothing_before_a_change_of_the_user() {
        let owners = rescue(moment(3, 100), 65);
        assert!(owners.disowned(link(), moment(4, 99), 0));
        assert!(!owners.disowned(link(), moment(3, 99), 0));
        assert!(!owners.disowned(link(), moment(4, 101), 65), "who saw it rescued");
    }

    #[test]
    fn past_the_most_of_them_only_the_newest_are_told_apart_no_more() {
        let rescues = (0..20u64).fold(Vec::new(), |before, number| {
            rescue(moment(number, 100), 65 + number).after(&before)
        });
        assert_eq!(rescues.len(), MOST);
        assert_eq!(rescues[0], rescue(moment(0, 100), 65));
        let disowned = |moment, epoch| rescues.iter().any(|it| it.disowned(link(), moment, epoch));
        assert!(disowned(moment(19, 100), 83), "what the last one disowned");
        assert!(!disowned(moment(14, 100), 79), "and nothing that the older ones left");
    }
}
