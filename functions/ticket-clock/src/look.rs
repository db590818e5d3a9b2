//! One look at a ticket whose time has come.

use jiff::{SignedDuration, Timestamp};
use shared::{
    app::App,
    error::{Code, Error},
    id::MessageId,
    table::{Read, Tenant, Transaction},
    ticket::{
        Alarm, Change, Message, StaffMember, Status, Target, Ticket, Told, Warning, change_ticket,
        look_again, put_message, staff_members, tell_client, tell_staff, ticket_key,
    },
    timer::Timer,
};

use crate::ClockError;

/// Of a ticket that nobody looks after so many of staff are warned.
const MOST_WARNED: usize = 25;

/// Where nobody is known to be one of staff, it is looked again after this time.
const UNHEARD: SignedDuration = SignedDuration::from_hours(1);

/// Does what is due of a ticket. A change that somebody makes meanwhile sets the timer anew, and this does nothing.
pub(crate) async fn look(app: &App, timer: &Timer<Alarm>) -> Result<(), ClockError> {
    let (tenant, now) = (Tenant::of_record(timer), app.clock.now());
    let ticket: Option<Ticket> =
        app.table.get(&ticket_key(tenant, timer.what.ticket), Read::Strong).await?;
    let Some(before) = ticket else { return Ok(timer.end(app).await?) };
    let mut transaction = app.table.transaction();
    let (mut after, warned) = (before.clone(), due(app, &before, now));
    if after.closes_by_itself(now).is_ok() {
        close(app, &before, &after, now, &mut transaction);
    } else if !warned.is_empty() {
        let told = whom(app, &before).await?;
        if told.is_empty() {
            // Whoever becomes one of staff is to hear of it.
            look_again(app, &before, now + UNHEARD, &mut transaction);
        } else {
            after.staff_were_warned(&warned);
            change_ticket(app, &before, &after, &mut transaction);
            warn(app, &after, &warned, &told, now, &mut transaction);
        }
    } else if let Some(at) = before.next_alarm(&app.support) {
        look_again(app, &before, at, &mut transaction);
    } else {
        timer.done(&mut transaction, Code::Conflict);
    }
    // Where somebody was first the timer is set anew: delivered again, this finds it so.
    Ok(transaction.commit().await.map_err(Error::from)?)
}

/// What staff are to be warned of by now.
fn due(app: &App, ticket: &Ticket, now: Timestamp) -> Vec<Warning> {
    let warnings = ticket.warnings(&app.support).into_iter();
    warnings.filter(|(at, _)| *at <= now).map(|(_, warning)| warning).collect()
}

fn close(
    app: &App,
    before: &Ticket,
    after: &Ticket,
    now: Timestamp,
    transaction: &mut Transaction<'_, Code>,
) {
    let (id, change) = (MessageId::new(now, &app.random), Change::Status(Status::Closed));
    change_ticket(app, before, after, transaction);
    put_message(after, &Message::happened(id, change, None, None, now), transaction);
    tell_client(app, after, Err(change), now, transaction);
}

/// Who looks after a ticket, or all of staff.
async fn whom(app: &App, ticket: &Ticket) -> Result<Vec<StaffMember>, ClockError> {
    Ok(match &ticket.assignee {
        Some(assignee) => vec![assignee.clone()],
        None => staff_members(app).await?.into_iter().take(MOST_WARNED).collect(),
    })
}

/// Of what is late already nobody is told that it soon will be.
fn warn(
    app: &App,
    ticket: &Ticket,
    warnings: &[Warning],
    told: &[StaffMember],
    now: Timestamp,
    transaction: &mut Transaction<'_, Code>,
) {
    for target in Target::ALL {
        let of_target = warnings.iter().filter(|it| it.target == target);
        let Some(late) = of_target.map(|it| it.late).max() else { continue };
        for member in told {
            let what = Told::Promise(target, late);
            tell_staff(app, ticket, member, what, now, transaction);
        }
    }
}
