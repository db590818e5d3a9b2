//! What every request and every message is served with.

use std::{
    ops::Deref,
    sync::{Arc, LazyLock},
};

use aws_sdk_dynamodb::config::{
    BehaviorVersion, Credentials, Region, SharedHttpClient, retry::RetryConfig,
};
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

/// The client of one service, made when it is first used; each SDK crate has a type of its own for
/// the same settings. The last argument gives what the services have not alike: how often a call is
/// tried, and where.
macro_rules! lazily {
    ($sdk:ident, $wire:expr, $http:expr, $aws:expr, $own:expr) => {{
        let (wire, http, aws): (Wire, SharedHttpClient, Aws) =
            ($wire.clone(), $http.clone(), $aws.clone());
        let make: Box<dyn FnOnce() -> $sdk::Client + Send> = Box::new(move || {
            let own: fn(&Wire, &Aws) -> (RetryConfig, Option<String>) = $own;
            let (retry, endpoint) = own(&wire, &aws);
            let mut builder = $sdk::Config::builder()
                .behavior_version(BehaviorVersion::latest())
                .region(Region::new(aws.region.clone()))
                .credentials_provider(credentials(&aws))
                .http_client(http)
                .retry_config(retry)
                .retry_partition(wire.retry_partition())
                .timeout_config(wire.timeout());
            builder.set_endpoint_url(endpoint);
            for interceptor in &wire.interceptors {
                builder.push_interceptor(interceptor.clone());
            }
            $sdk::Client::from_conf(builder.build())
        });
        Arc::new(LazyLock::new(make))
    }};
}

impl App {
    /// Puts together what the settings name; nothing is sent yet. Each service's client comes to be
    /// when it is first used: a function that sends no mail never reads what SES's regions are.
    pub fn new(
        config: Config,
        clock: Clock,
        random: Random,
        wire: &Wire,
    ) -> Result<Self, CatalogueError> {
        let http = wire.client(config.aws.authorities.as_deref());
        let tables = lazily!(aws_sdk_dynamodb, wire, http, config.aws, |wire, aws| {
            (wire.retry(), aws.dynamodb_endpoint.clone())
        });
        let queues = lazily!(aws_sdk_sqs, wire, http, config.aws, |wire, aws| {
            (wire.retry(), aws.endpoint.clone())
        });
        // SES knows no idempotency: what may have been sent is tried again by the queue alone, and
        // what was not by `Mailbox`.
        let mails = lazily!(aws_sdk_ses, wire, http, config.aws, |_wire, aws| {
            (RetryConfig::disabled(), aws.endpoint.clone())
        });
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
