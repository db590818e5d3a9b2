//! What every request and every message is served with.

use std::{ops::Deref, sync::Arc};

use crate::{
    billing::{TaxError, TaxTable},
    clock::Clock,
    config::Config,
    files::Files,
    mail::Mailbox,
    plan::{Catalogue, CatalogueError},
    provider::Provider,
    queue::Queues,
    random::Random,
    table::Table,
    ticket::{Support, SupportError},
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
    /// Files.
    pub files: Files,
    /// The payment provider.
    pub provider: Provider,
    /// What time it is.
    pub clock: Clock,
    /// Randomness.
    pub random: Random,
    /// The settings.
    pub config: Arc<Config>,
    /// The plans for sale.
    pub plans: Catalogue,
    /// Who sells, and which tax is on it.
    pub tax: TaxTable,
    /// What clients are promised when they write to support.
    pub support: Support,
}

/// Why the panel cannot be put together: what the operator edits contradicts itself.
#[derive(Debug, thiserror::Error)]
pub enum UnsoundError {
    /// The plans.
    #[error(transparent)]
    Plans(#[from] CatalogueError),
    /// The taxes.
    #[error(transparent)]
    Tax(#[from] TaxError),
    /// The promises of support.
    #[error(transparent)]
    Support(#[from] SupportError),
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
    ) -> Result<Self, UnsoundError> {
        let uplink = wire.uplink(&config.aws);
        let backoff = Backoff::new(wire, random.clone());
        let config = Arc::new(config);
        Ok(Self(Arc::new(Services {
            table: Table::new(uplink.client(), &config.table_name, random.clone(), backoff.clone()),
            queues: Queues::new(uplink.client(), backoff.clone()),
            mailbox: Mailbox::new(uplink.client(), backoff.clone()),
            files: Files::new(uplink.client(), config.aws.clone()),
            provider: Provider::new(config.clone(), wire, backoff.clone()),
            plans: Catalogue::embedded()?,
            tax: TaxTable::embedded()?,
            support: Support::embedded()?,
            clock,
            random,
            config,
        })))
    }
}
