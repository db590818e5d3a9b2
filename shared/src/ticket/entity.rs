//! A ticket: where it stands, who has to act, and every move that it can make. It knows no time and no
//! randomness.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{
    About, Follows, Opening, Priority, Side, StaffMember, Status, Stopwatch, Support, Target,
    TicketRefused, Warning,
};
use crate::{
    id::{TicketId, UserId},
    table::{Owner, Tenant, owned},
};

/// What is resolved is closed after this time.
const CLOSED_AFTER: SignedDuration = SignedDuration::from_hours(7 * 24);
/// What is closed can be opened again for so long.
const REOPENED_WITHIN: SignedDuration = SignedDuration::from_hours(14 * 24);
/// In a ticket at most so many bytes are written: a page of them all is less than a function may reply with.
const MOST_BYTES: usize = 1_000_000;
/// A ticket has at most so many entries, its system lines among them.
const MOST_ENTRIES: u32 = 1_000;

/// A ticket as it is stored.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Ticket {
    account: Owner,
    /// Its id.
    pub id: TicketId,
    /// Which of its account's it is, counted from 1.
    pub number: u64,
    /// What it is about, in one line.
    pub subject: String,
    /// What kind of matter it is.
    pub category: String,
    /// How much it matters.
    pub priority: Priority,
    /// Where it stands.
    pub status: Status,
    /// Who has to act.
    pub waiting_for: Option<Side>,
    /// Since when.
    pub waiting_since: Timestamp,
    /// What of the account's it is about, as it looked then.
    pub about: Option<About>,
    /// The closed ticket that it goes on from.
    #[serde(default)]
    pub follows: Option<Follows>,
    /// Who is told of answers.
    pub opener: UserId,
    /// What the client's company was called when somebody of it wrote last, or who opened it.
    pub client: String,
    /// Who of staff looks after it.
    pub assignee: Option<StaffMember>,
    /// When somebody of staff first answered.
    pub first_reply_at: Option<Timestamp>,
    /// How long it was up to us.
    pub stopwatch: Stopwatch,
    /// What staff were told of its promise.
    pub warned: BTreeSet<Warning>,
    /// Whether the client's words are the last ones.
    pub client_wrote_last: bool,
    /// Whether the client has not seen it since somebody else touched it.
    pub unread: bool,
    /// How many entries it has.
    pub entries: u32,
    /// How many bytes were written in it.
    #[serde(default)]
    pub bytes: usize,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When it was touched last.
    pub updated_at: Timestamp,
    /// When it will be closed, if nobody says anything.
    pub closes_at: Option<Timestamp>,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
    /// Counts its changes.
    pub version: u64,
}

owned! {
    Ticket: account;
}

impl Ticket {
    /// A new one.
    #[must_use]
    pub fn open(
        tenant: Tenant,
        id: TicketId,
        number: u64,
        opening: Opening,
        now: Timestamp,
    ) -> Self {
        let Opening { subject, category, priority, about, follows, opener, client } = opening;
        let mut ticket = Self {
            account: tenant.owner(),
            id,
            number,
            subject,
            category,
            priority,
            status: Status::Open,
            waiting_for: None,
            waiting_since: now,
            about,
            follows,
            opener,
            client,
            assignee: None,
            first_reply_at: None,
            stopwatch: Stopwatch::default(),
            warned: BTreeSet::new(),
            client_wrote_last: true,
            unread: false,
            entries: 1,
            bytes: 0,
            created_at: now,
            updated_at: now,
            closes_at: None,
            closed_at: None,
            version: 1,
        };
        ticket.stand(Status::Open, Some(Side::Us), now);
        ticket
    }

    /// The client writes.
    pub fn client_writes(&mut self, now: Timestamp) -> Result<(), TicketRefused> {
        self.has_room()?;
        if matches!(self.status, Status::Resolved | Status::Closed) {
            self.stand_open_again(now)?;
        } else {
            self.stand(self.status, Some(Side::Us), now);
        }
        self.client_wrote_last = true;
        self.touch(false, now);
        Ok(())
    }

    /// What is written is one text more: all of them are shown together.
    pub fn takes(&mut self, body: &str) -> Result<(), TicketRefused> {
        self.bytes += body.len();
        if self.bytes <= MOST_BYTES { Ok(()) } else { Err(TicketRefused::Full) }
    }

    /// The client says, without words, that it is not solved.
    pub fn client_reopens(&mut self, now: Timestamp) -> Result<(), TicketRefused> {
        self.has_room()?;
        self.stand_open_again(now)?;
        self.touch(false, now);
        Ok(())
    }

    /// The client closes it.
    pub fn client_closes(&mut self, now: Timestamp) -> Result<(), TicketRefused> {
        self.close(now)?;
        self.touch(false, now);
        Ok(())
    }

    /// Its time in `resolved` is over.
    pub fn closes_by_itself(&mut self, now: Timestamp) -> Result<(), TicketRefused> {
        let over = self.closes_at.is_some_and(|at| at <= now);
        if self.status != Status::Resolved || !over {
            return Err(TicketRefused::NotNow);
        }
        self.close(now)?;
        self.touch(true, now);
        Ok(())
    }

    /// Staff answer.
    pub fn staff_writes(&mut self, now: Timestamp) -> Result<(), TicketRefused> {
        self.has_room()?;
        self.client_wrote_last = false;
        match self.status {
            Status::Open | Status::InProgress => {
                self.stand(Status::InProgress, Some(Side::You), now);
            }
            // Whoever adds something to what is solved does not open it; the client has time anew to say no.
            Status::Resolved => self.closes_at = Some(now + CLOSED_AFTER),
            Status::Closed => return Err(TicketRefused::Closed),
        }
        self.first_reply_at.get_or_insert(now);
        self.touch(true, now);
        Ok(())
    }

    /// Staff say where it stands.
    pub fn staff_sets(&mut self, status: Status, now: Timestamp) -> Result<(), TicketRefused> {
        match (self.status, status) {
            (Status::Open, Status::InProgress) => self.stand(status, Some(Side::Us), now),
            (Status::Resolved | Status::Closed, Status::InProgress) => {
                self.stand_open_again(now)?;
                self.status = Status::InProgress;
            }
            (Status::Open | Status::InProgress, Status::Resolved) => {
                self.stand(status, None, now);
                // What the client wrote last is not closed before somebody answers.
                self.closes_at = (!self.client_wrote_last).then_some(now + CLOSED_AFTER);
            }
            (Status::Open | Status::InProgress | Status::Resolved, Status::Closed) => {
                self.close(now)?;
            }
            _ => return Err(TicketRefused::NotNow),
        }
        self.touch(true, now);
        Ok(())
    }

    /// Staff say how much it matters. What is promised counts from opening; staff are warned anew.
    pub fn staff_weighs(
        &mut self,
        priority: Priority,
        now: Timestamp,
    ) -> Result<(), TicketRefused> {
        if self.priority == priority || self.status == Status::Closed {
            return Err(TicketRefused::NotNow);
        }
        self.priority = priority;
        self.warned.clear();
        self.touch(true, now);
        Ok(())
    }

    /// Staff say who looks after it. Who does it is nothing that the client has to look at.
    pub fn is_assigned(&mut self, assignee: Option<StaffMember>, now: Timestamp) {
        self.assignee = assignee;
        self.updated_at = now;
        self.version += 1;
    }

    /// Staff were told of its promise.
    pub fn staff_were_warned(&mut self, warnings: &[Warning]) {
        self.warned.extend(warnings);
        self.version += 1;
    }

    /// Whether the client's word would open it again.
    #[must_use]
    pub fn can_reopen(&self, now: Timestamp) -> bool {
        match self.status {
            Status::Open | Status::InProgress => false,
            Status::Resolved => true,
            Status::Closed => {
                self.closed_at.is_some_and(|at| now.duration_since(at) <= REOPENED_WITHIN)
            }
        }
    }

    /// Until when a closed one can be opened again.
    #[must_use]
    pub fn reopens_until(&self) -> Option<Timestamp> {
        self.closed_at.map(|at| at + REOPENED_WITHIN)
    }

    /// Whether it is still of anybody's concern.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.status == Status::Closed
    }

    /// When something promised is due. There is none while nothing is up to us, and none of a first reply that was
    /// given.
    #[must_use]
    pub fn due(&self, target: Target, support: &Support) -> Option<Timestamp> {
        let given = target == Target::FirstReply && self.first_reply_at.is_some();
        if given || !self.stopwatch.runs() {
            return None;
        }
        self.stopwatch.at(support.promised(self.priority, target), &support.hours)
    }

    /// Which promises staff are to be warned of and were not: when, and of what.
    #[must_use]
    pub fn warnings(&self, support: &Support) -> Vec<(Timestamp, Warning)> {
        let mut warnings = Vec::new();
        for target in Target::ALL {
            let Some(due) = self.due(target, support) else { continue };
            // Three quarters of the time leave one to do something about it.
            let near = support.promised(self.priority, target) * 3 / 4;
            let near = self.stopwatch.at(near, &support.hours).unwrap_or(due);
            for (at, late) in [(near, false), (due, true)] {
                let warning = Warning { target, late };
                if !self.warned.contains(&warning) {
                    warnings.push((at, warning));
                }
            }
        }
        warnings
    }

    /// When something happens to it by itself.
    #[must_use]
    pub fn next_alarm(&self, support: &Support) -> Option<Timestamp> {
        let warnings = self.warnings(support).into_iter().map(|(at, _)| at);
        let closes = self.closes_at.filter(|_| self.status == Status::Resolved);
        warnings.chain(closes).min()
    }

    fn stand_open_again(&mut self, now: Timestamp) -> Result<(), TicketRefused> {
        if !self.can_reopen(now) {
            let closed = self.status == Status::Closed;
            return Err(if closed { TicketRefused::Closed } else { TicketRefused::NotNow });
        }
        let answered = self.first_reply_at.is_some();
        let status = if answered { Status::InProgress } else { Status::Open };
        self.stand(status, Some(Side::Us), now);
        Ok(())
    }

    fn close(&mut self, now: Timestamp) -> Result<(), TicketRefused> {
        if self.status == Status::Closed {
            return Err(TicketRefused::NotNow);
        }
        self.stand(Status::Closed, None, now);
        self.closed_at = Some(now);
        Ok(())
    }

    fn stand(&mut self, status: Status, waiting_for: Option<Side>, now: Timestamp) {
        if (self.status, self.waiting_for) != (status, waiting_for) {
            self.waiting_since = now;
        }
        (self.status, self.waiting_for) = (status, waiting_for);
        (self.closes_at, self.closed_at) = (None, None);
        self.stopwatch.set(waiting_for == Some(Side::Us), now);
    }

    fn has_room(&self) -> Result<(), TicketRefused> {
        if self.entries < MOST_ENTRIES { Ok(()) } else { Err(TicketRefused::Full) }
    }

    /// Every change that the conversation shows.
    fn touch(&mut self, unread: bool, now: Timestamp) {
        self.entries += 1;
        self.unread = unread;
        self.updated_at = now;
        self.version += 1;
    }
}
