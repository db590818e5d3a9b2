//! What every request and every message is served with.

use std::{ops::Deref, sync::Arc};

use crate::{
    clock::Clock,
    config::Config,
    mail::Mailbox,
    plan::{Catalogue, CatalogueError},
    queue::Queues,
    random::Random,
    table::Table,
    wire::{Backoff, Wire},
};

/// The panel's services and settings; cheap to clone. The state of every router.
#[derive(Clone)]
pub struct App(Arc<Services>);

/// What an [`App`] holds.
pub struct Services {
    /// The one table.
    pub table: Table,
    /// Sending to queues.
    pub queues: Queues,
    /// Sending mails.
    pub mailbox: Mailbox,
    /// What time it is.
    pub clock: Clock,
    /// Randomness.
    pub random: Random,
    /// The settings.
    pub config: Config,
    /// The plans for sale.
    pub plans: Catalogue,
}

impl Deref for App {
    type Target = Services;

    fn deref(&self) -> &Services {
        &self.0
    }
}

impl App {
    /// Puts together what the settings name; nothing is sent yet.
    pub fn new(
        config: Config,
        clock: Clock,
        random: Random,
        wire: &Wire,
    ) -> Result<Self, CatalogueError> {
        let uplink = wire.uplink(&config.aws);
        let backoff = Backoff::new(wire, random.clone());
        Ok(Self(Arc::new(Services {
            table: Table::new(uplink.client(), &config.table_name, random.clone(), backoff.clone()),
            queues: Queues::new(uplink.client(), backoff.clone()),
            mailbox: Mailbox::new(uplink.client(), backoff),
            plans: Catalogue::embedded()?,
            clock,
            random,
            config,
        })))
    }
}
