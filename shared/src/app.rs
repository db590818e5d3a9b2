//! What every request and every message is served with.

use std::{ops::Deref, sync::Arc};

use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region, retry::RetryConfig};
use secrecy::ExposeSecret;

use crate::{
    clock::Clock,
    config::{Aws, Config},
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

/// The settings of one service's client; each SDK crate has a type of its own for the same things.
macro_rules! settings {
    ($sdk:ident, $wire:expr, $http:expr, $retry:expr, $aws:expr, $endpoint:expr) => {{
        let mut builder = $sdk::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new($aws.region.clone()))
            .credentials_provider(credentials($aws))
            .retry_config($retry)
            .retry_partition($wire.retry_partition())
            .timeout_config($wire.timeout());
        builder.set_endpoint_url($endpoint.clone());
        builder.set_http_client(Some($http.clone()));
        for interceptor in &$wire.interceptors {
            builder.push_interceptor(interceptor.clone());
        }
        builder.build()
    }};
}

impl App {
    /// Connects to what the settings name; nothing is sent yet.
    pub fn new(
        config: Config,
        clock: Clock,
        random: Random,
        wire: &Wire,
    ) -> Result<Self, CatalogueError> {
        let aws = &config.aws;
        let http = wire.client(aws.authorities.as_deref());
        let tables = aws_sdk_dynamodb::Client::from_conf(settings!(
            aws_sdk_dynamodb,
            wire,
            http,
            wire.retry(),
            aws,
            aws.dynamodb_endpoint
        ));
        let queues = settings!(aws_sdk_sqs, wire, http, wire.retry(), aws, aws.endpoint);
        let queues = aws_sdk_sqs::Client::from_conf(queues);
        // SES knows no idempotency: what may have been sent is tried again by the queue alone, and
        // what was not by `Mailbox`.
        let mails = settings!(aws_sdk_ses, wire, http, RetryConfig::disabled(), aws, aws.endpoint);
        let mails = aws_sdk_ses::Client::from_conf(mails);
        let backoff = Backoff::new(wire, random.clone());
        Ok(Self(Arc::new(Services {
            table: Table::new(tables, &config.table_name, random.clone(), backoff.clone()),
            queues: Queues::new(queues, backoff.clone()),
            mailbox: Mailbox::new(mails, backoff),
            plans: Catalogue::embedded()?,
            clock,
            random,
            config,
        })))
    }
}

fn credentials(aws: &Aws) -> Credentials {
    let token = aws.session_token.as_ref().map(|token| token.expose_secret().to_owned());
    Credentials::new(&aws.access_key, aws.secret_key.expose_secret(), token, None, "environment")
}
