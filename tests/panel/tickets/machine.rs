//! The moves of a ticket against an oracle that shares no code with it: where it stands, who has to act, and what
//! is promised, minute by minute, over changes of the clocks and holidays.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use proptest::{collection::vec, prelude::*, sample::select};
use serde_json::json;
use shared::{
    id::{AccountId, TicketId, UserId},
    random::Random,
    table::Tenant,
    ticket::{Opening, Priority, Side, Status, Support, Target, Ticket, TicketRefused},
};

/// Minutes that a first reply and a solution may take.
const PROMISED: [(Priority, i64, i64); 4] = [
    (Priority::Urgent, 30, 200),
    (Priority::High, 60, 400),
    (Priority::Normal, 90, 700),
    (Priority::Low, 300, 900),
];
const ZONE: &str = "Europe/Berlin";
/// From one to five at night: the clocks change in it.
const HOURS: (i8, i8) = (1, 5);
const HOLIDAY: &str = "2026-10-26";
const WORKDAYS: [&str; 6] = ["monday", "tuesday", "wednesday", "friday", "saturday", "sunday"];
const MINUTE: i64 = 60;
const DAY: i64 = 24 * 60;

fn support() -> Support {
    let promises: BTreeMap<_, _> = PROMISED
        .iter()
        .map(|(it, first, solved)| (it.as_str(), json!({"first_reply": first, "solution": solved})))
        .collect();
    let hours = json!({"zone": ZONE, "from": "01:00", "to": "05:00", "days": WORKDAYS,
        "holidays": [HOLIDAY]});
    Support::parse(&json!({"hours": hours, "promises": promises}).to_string()).unwrap()
}

#[derive(Debug, Clone, Copy)]
enum Step {
    ClientWrites,
    ClientReopens,
    ClientCloses,
    StaffWrites,
    StaffSets(Status),
    StaffWeighs(Priority),
    TheClock,
}

/// What a ticket is to somebody who reads the rules.
struct Oracle {
    status: &'static str,
    waiting: &'static str,
    answered: Option<i64>,
    client_wrote_last: bool,
    priority: Priority,
    opened: i64,
    resolved: i64,
    closed: i64,
    /// Minutes in which it was up to us.
    ours: Vec<i64>,
    now: i64,
}

impl Oracle {
    fn new(now: i64) -> Self {
        Self {
            status: "open",
            waiting: "us",
            answered: None,
            client_wrote_last: true,
            priority: Priority::Normal,
            opened: now,
            resolved: 0,
            closed: 0,
            ours: Vec::new(),
            now,
        }
    }

    fn pass(&mut self, minutes: i64) {
        if self.waiting == "us" {
            self.ours.extend((self.now..self.now + minutes).filter(|minute| at_work(*minute)));
        }
        self.now += minutes;
    }

    /// Whether the step is made.
    fn step(&mut self, step: Step) -> bool {
        let over_for = self.now - self.closed;
        let may_reopen = match self.status {
            "resolved" => true,
            "closed" => over_for <= 14 * DAY,
            _ => false,
        };
        let reopened = if self.answered.is_some() { "in_progress" } else { "open" };
        match (step, self.status) {
            (Step::ClientWrites, "open" | "in_progress") => self.waiting = "us",
            (Step::ClientWrites | Step::ClientReopens, "resolved" | "closed") if may_reopen => {
                (self.status, self.waiting) = (reopened, "us");
            }
            (
                Step::ClientCloses | Step::StaffSets(Status::Closed),
                "open" | "in_progress" | "resolved",
            ) => {
                (self.status, self.waiting, self.closed) = ("closed", "", self.now);
            }
            (Step::StaffWrites, "open" | "in_progress") => {
                (self.status, self.waiting) = ("in_progress", "you");
            }
            (Step::StaffWrites, "resolved") => self.resolved = self.now,
            (Step::StaffSets(Status::InProgress), "open") => self.status = "in_progress",
            (Step::StaffSets(Status::InProgress), "resolved" | "closed") if may_reopen => {
                (self.status, self.waiting) = ("in_progress", "us");
            }
            (Step::StaffSets(Status::Resolved), "open" | "in_progress") => {
                (self.status, self.waiting, self.resolved) = ("resolved", "", self.now);
            }
            (Step::StaffWeighs(priority), "open" | "in_progress" | "resolved")
                if priority != self.priority =>
            {
                self.priority = priority;
            }
            (Step::TheClock, "resolved")
                if !self.client_wrote_last && self.now - self.resolved >= 7 * DAY =>
            {
                (self.status, self.waiting, self.closed) = ("closed", "", self.now);
            }
            _ => return false,
        }
        match step {
            Step::ClientWrites => self.client_wrote_last = true,
            Step::StaffWrites => {
                self.client_wrote_last = false;
                self.answered.get_or_insert(self.now);
            }
            _ => {}
        }
        true
    }

    /// The minute at which something promised is due.
    fn due(&self, target: Target) -> Option<i64> {
        if self.waiting != "us" || (target == Target::FirstReply && self.answered.is_some()) {
            return None;
        }
        let promised = PROMISED.iter().find(|(it, ..)| *it == self.priority).unwrap();
        let promised = match target {
            Target::FirstReply => promised.1,
            Target::Solution => promised.2,
        };
        let counted = usize::try_from(promised).unwrap();
        if let Some(last) = self.ours.get(counted - 1) {
            return Some(last + 1);
        }
        let left = counted - self.ours.len();
        let later = (self.now..).filter(|minute| at_work(*minute)).nth(left - 1);
        later.map(|minute| minute + 1)
    }
}

/// Whether people are at work in a minute: by what a clock on the wall shows, and nothing else.
fn at_work(minute: i64) -> bool {
    let at = Timestamp::from_second(minute * MINUTE).unwrap();
    let wall = at.to_zoned(TimeZone::get(ZONE).unwrap());
    let day = format!("{:?}", wall.weekday()).to_lowercase();
    WORKDAYS.contains(&day.as_str())
        && wall.date().to_string() != HOLIDAY
        && (HOURS.0..HOURS.1).contains(&wall.hour())
}

fn steps() -> impl Strategy<Value = Vec<(Step, i64)>> {
    let step = prop_oneof![
        Just(Step::ClientWrites),
        Just(Step::ClientReopens),
        Just(Step::ClientCloses),
        Just(Step::StaffWrites),
        select(Status::ALL).prop_map(Step::StaffSets),
        select(Priority::ALL).prop_map(Step::StaffWeighs),
        Just(Step::TheClock),
    ];
    let wait = prop_oneof![4 => 0..400i64, 2 => 400..3_000i64, 1 => 7 * DAY..15 * DAY];
    vec((step, wait), 1..25)
}

fn make(ticket: &mut Ticket, step: Step, now: Timestamp) -> bool {
    let mut after = ticket.clone();
    let made = match step {
        Step::ClientWrites => after.client_writes(now),
        Step::ClientReopens => after.client_reopens(now),
        Step::ClientCloses => after.client_closes(now),
        Step::StaffWrites => after.staff_writes(now),
        Step::StaffSets(status) => after.staff_sets(status, now),
        Step::StaffWeighs(priority) => after.staff_weighs(priority, now),
        Step::TheClock => after.closes_by_itself(now),
    };
    if made.is_ok() {
        *ticket = after;
    }
    made.is_ok()
}

fn opened(now: Timestamp) -> Ticket {
    let random = Random::seeded(1);
    let opening = Opening {
        subject: "s".to_owned(),
        category: "general".to_owned(),
        priority: Priority::Normal,
        about: None,
        follows: None,
        opener: UserId::new(now, &random),
        client: "Acme".to_owned(),
    };
    let tenant = Tenant::at_desk(AccountId::new(now, &random));
    Ticket::open(tenant, TicketId::new(now, &random), 1, opening, now)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// Begun around the change of the clocks of autumn, and of spring.
    #[test]
    fn a_ticket_stands_and_promises_as_the_rules_say(
        steps in steps(),
        begin in prop_oneof![0..6 * DAY, (150 * DAY)..(157 * DAY)],
    ) {
        let support = support();
        let begin = "2026-10-22T00:00:00Z".parse::<Timestamp>().unwrap()
            + SignedDuration::from_mins(begin);
        let mut oracle = Oracle::new(begin.as_second() / MINUTE);
        let mut ticket = opened(begin);
        for (step, wait) in steps {
            oracle.pass(wait);
            let now = Timestamp::from_second(oracle.now * MINUTE).unwrap();
            let expected = oracle.step(step);
            prop_assert_eq!(make(&mut ticket, step, now), expected, "{:?}", step);
            // Delivered twice: what the clock did it does once.
            if let Step::TheClock = step {
                prop_assert!(!make(&mut ticket, step, now));
            }
            prop_assert_eq!(ticket.status.as_str(), oracle.status);
            let waiting = ticket.waiting_for.map_or("", Side::as_str);
            prop_assert_eq!(waiting, oracle.waiting);
            for target in Target::ALL {
                let due = ticket.due(target, &support).map(|at| at.as_second() / MINUTE);
                prop_assert_eq!(due, oracle.due(target), "{:?} after {:?}", target, step);
            }
            let answered = ticket.first_reply_at.map(|at| at.as_second() / MINUTE);
            prop_assert_eq!(answered, oracle.answered);
            prop_assert!(ticket.created_at.as_second() / MINUTE == oracle.opened);
        }
    }
}

#[test]
fn a_conversation_has_an_end_and_a_ticket_can_still_be_closed_after_it() {
    let now: Timestamp = "2026-11-22T12:00:00Z".parse().unwrap();
    let mut ticket = opened(now);
    assert_eq!(ticket.takes(&"b".repeat(1_000_000)), Ok(()));
    assert_eq!(ticket.clone().takes("b"), Err(TicketRefused::Full));
    for _entry in 1..1_000 {
        assert_eq!(ticket.client_writes(now), Ok(()));
    }
    assert_eq!(ticket.client_writes(now), Err(TicketRefused::Full));
    assert_eq!(ticket.staff_writes(now), Err(TicketRefused::Full));
    assert_eq!(ticket.client_closes(now), Ok(()));
    assert_eq!(ticket.client_reopens(now), Err(TicketRefused::Full));
}
