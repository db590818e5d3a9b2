//! How staff change a ticket: by one of its moves, under the version that was read, with its record in the
//! company's log, in one transaction.

use jiff::Timestamp;
use shared::{
    app::App,
    audit::{Act, record_act},
    auth::Staff,
    error::{Code, Conflicts, Error},
    id::MessageId,
    table::{Tenant, Transaction},
    ticket::{
        Author, Change, Message, StaffMember, Ticket, change_ticket, find_ticket, put_message,
        put_staff_member, tell_client, ticket_home,
    },
};

use super::note::{Content, Note, note_key};

/// How many entries of a ticket whoever changes it has seen; any, if it is not said.
pub(crate) type Seen = Option<u32>;

/// What is known of a change that is under way.
pub(crate) struct Changing<'a> {
    pub(crate) staff: &'a Staff,
    pub(crate) before: &'a Ticket,
    pub(crate) now: Timestamp,
    pub(crate) transaction: Transaction<'a, Code>,
}

/// A ticket of any client's, for one of staff.
pub(crate) async fn ticket_for(staff: &Staff, id: &str) -> Result<Ticket, Error> {
    let owner = ticket_home(&staff.app, id).await?;
    find_ticket(&staff.app, Tenant::of_record(&owner), id).await
}

/// Who asks, as tickets name who of staff looks after them.
pub(crate) fn member(staff: &Staff) -> StaffMember {
    let session = &staff.0.session;
    StaffMember::new(staff.tenant, session.user, session.name.clone())
}

/// Changes a ticket. `make` makes the move and adds what goes with it; it is made anew where somebody else touched
/// the ticket in between, unless whoever asks has to see that first.
pub(crate) async fn change<T>(
    staff: &Staff,
    id: &str,
    seen: Seen,
    make: impl Fn(&mut Ticket, &mut Changing<'_>) -> Result<T, Error>,
) -> Result<(Ticket, T), Error> {
    let mut conflicts = Conflicts::default();
    loop {
        let before = ticket_for(staff, id).await?;
        if seen.is_some_and(|seen| seen != before.entries) {
            return Err(Code::PreconditionFailed.into());
        }
        let (app, mut after) = (&staff.app, before.clone());
        let transaction = app.table.transaction();
        let now = app.clock.now();
        let mut changing = Changing { staff, before: &before, now, transaction };
        let made = make(&mut after, &mut changing)?;
        let mut transaction = changing.transaction;
        if after.version != before.version {
            change_ticket(app, &before, &after, &mut transaction);
        }
        // Whoever acts is known as one of staff from then on, and by the present name.
        put_staff_member(&member(staff), &mut transaction);
        match transaction.commit().await.map_err(Error::from) {
            Ok(()) => return Ok((after, made)),
            Err(error) => conflicts.put_up_with(error)?,
        }
    }
}

impl Changing<'_> {
    fn app(&self) -> &App {
        &self.staff.app
    }

    /// The client reads words of staff's and is told of them.
    pub(crate) fn answer(&mut self, after: &Ticket, id: MessageId, body: &str) -> Message {
        let author = Author::staff(&self.staff.0.session.name);
        let message = Message::written(id, author, body.to_owned(), Vec::new(), self.now);
        put_message(after, &message, &mut self.transaction);
        tell_client(&self.staff.app, after, Ok(body), self.now, &mut self.transaction);
        self.record(Act::TicketAnswered, None);
        message
    }

    /// The client reads of a change, and of why; of where the ticket stands it is told.
    pub(crate) fn tell(&mut self, after: &Ticket, act: Act, change: Change, reason: &str) {
        let id = MessageId::new(self.now, &self.app().random);
        let author = Author::staff(&self.staff.0.session.name);
        let reason = Some(reason.to_owned());
        let message = Message::happened(id, change, Some(author), reason.clone(), self.now);
        put_message(after, &message, &mut self.transaction);
        if act == Act::TicketStatus {
            tell_client(&self.staff.app, after, Err(change), self.now, &mut self.transaction);
        }
        self.record(act, reason);
    }

    /// Staff read a note, and nobody else.
    pub(crate) fn note(&mut self, act: Act, content: Content) -> Note {
        let id = MessageId::new(self.now, &self.app().random);
        let author = self.staff.0.session.name.clone();
        let note = Note { id, author, content, created_at: self.now };
        self.transaction.create(&note_key(self.before, id), &note, Code::Conflict);
        self.record(act, None);
        note
    }

    fn record(&mut self, act: Act, reason: Option<String>) {
        let (client, subject) = (Tenant::of_record(self.before), self.before.id.to_string());
        record_act(self.staff, act, client, subject, reason, &mut self.transaction);
    }
}
