//! Reading tickets: one, those that are not closed, and staff's queue.

use super::{
    Message, Side, Status, Ticket, TicketHome, messages_prefix,
    store::{ARCHIVE, MOST_UNCLOSED, QUEUE, UNCLOSED, Unclosed, ticket_home_key, ticket_key},
};
use crate::{
    app::App,
    auth::Staff,
    error::{Code, Error},
    id::TicketId,
    table::{Indexed, Key, Range, Read, TableError, Tenant},
};

/// A ticket of a tenant's. What is no id names nothing.
///
/// # Errors
/// When there is none, or the table fails.
pub async fn find_ticket(app: &App, tenant: Tenant, id: &str) -> Result<Ticket, Error> {
    let id: TicketId = id.parse().map_err(|_| Code::NotFound)?;
    let found: Option<Ticket> = app.table.get(&ticket_key(tenant, id), Read::Strong).await?;
    found.ok_or_else(|| Code::NotFound.into())
}

/// All that are not closed, in the order of who has to act: the client, then us, then nobody; those that wait
/// longest come first.
///
/// # Errors
/// When the table fails.
pub async fn unclosed_tickets(app: &App, tenant: Tenant) -> Result<Vec<Ticket>, TableError> {
    let most = usize::try_from(MOST_UNCLOSED).unwrap_or(usize::MAX);
    let range = Range::prefix(tenant, UNCLOSED).limit(most);
    let (marks, _): (Vec<Unclosed>, _) = app.table.page(&range).await?;
    let keys: Vec<Key> = marks.iter().map(|it| ticket_key(tenant, it.id)).collect();
    let mut tickets: Vec<Ticket> = of_keys(app, &keys).await?;
    let rank = |it: &Ticket| match (it.waiting_for, it.status) {
        (Some(Side::You), _) => 0,
        (_, Status::Resolved) => 2,
        _ => 1,
    };
    tickets.sort_by_key(|it| (rank(it), it.waiting_since, it.number));
    Ok(tickets)
}

/// A ticket's conversation, oldest first.
///
/// # Errors
/// When the table fails.
pub async fn conversation(
    app: &App,
    tenant: Tenant,
    id: TicketId,
) -> Result<Vec<Message>, TableError> {
    app.table.all(Range::prefix(tenant, &messages_prefix(id)).strong()).await
}

/// Whose the ticket of an id is.
///
/// # Errors
/// When there is none, or the table fails.
pub async fn ticket_home(app: &App, id: &str) -> Result<TicketHome, Error> {
    let id: TicketId = id.parse().map_err(|_| Code::NotFound)?;
    let owner = app.table.get(&ticket_home_key(id), Read::Eventual).await?;
    owner.ok_or_else(|| Code::NotFound.into())
}

/// Places of staff's queue: whose tickets stand there only staff learn.
pub struct QueuePlaces {
    places: Vec<Indexed>,
    /// Whether there are more.
    pub more: bool,
}

impl QueuePlaces {
    /// So many places of the queue, or of what is closed, after another.
    ///
    /// # Errors
    /// When the table fails.
    pub async fn read(
        app: &App,
        closed: bool,
        most: usize,
        after: Option<&str>,
    ) -> Result<Self, TableError> {
        let partition = if closed { ARCHIVE } else { QUEUE };
        let (places, more) = app.table.indexed(partition, most, after).await?;
        Ok(Self { places, more })
    }

    /// The tickets that stand there, each with its place.
    ///
    /// # Errors
    /// When the table fails.
    pub async fn tickets(self, staff: &Staff) -> Result<Vec<(Ticket, String)>, TableError> {
        if self.places.is_empty() {
            return Ok(Vec::new());
        }
        let keys: Vec<Key> = self.places.iter().map(|it| it.key.clone()).collect();
        let mut found = staff.app.table.batch(&keys, Read::Eventual).await?;
        let mut tickets = Vec::new();
        for place in self.places {
            tickets.extend(found.take(&place.key)?.map(|ticket| (ticket, place.text)));
        }
        Ok(tickets)
    }
}

async fn of_keys(app: &App, keys: &[Key]) -> Result<Vec<Ticket>, TableError> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let mut found = app.table.batch(keys, Read::Eventual).await?;
    let mut tickets = Vec::with_capacity(keys.len());
    for key in keys {
        tickets.extend(found.take(key)?);
    }
    Ok(tickets)
}
