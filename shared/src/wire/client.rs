//! The clients of the services.

use std::{
    ops::Deref,
    sync::{Arc, OnceLock},
};

use aws_sdk_dynamodb::config::{
    BehaviorVersion, Credentials, Region, SharedHttpClient, retry::RetryConfig,
};
use secrecy::ExposeSecret;

use super::Wire;
use crate::config::Aws;

/// What every client is made of: one HTTP client for all, so that they share its trust and its
/// connections.
pub(crate) struct Services {
    pub(super) wire: Wire,
    pub(super) http: SharedHttpClient,
    pub(super) aws: Aws,
}

impl Services {
    /// The client of a service.
    pub(crate) fn client<C>(self: &Arc<Self>) -> Lazily<C> {
        Lazily { services: self.clone(), client: Arc::default() }
    }
}

/// A service's client that comes to be when it is first used: a function that sends no mail never
/// reads what SES's regions are, and what would do so is no part of its program.
pub(crate) struct Lazily<C> {
    services: Arc<Services>,
    client: Arc<OnceLock<C>>,
}

impl<C> Clone for Lazily<C> {
    fn clone(&self) -> Self {
        Self { services: self.services.clone(), client: self.client.clone() }
    }
}

impl<C: Client> Deref for Lazily<C> {
    type Target = C;

    fn deref(&self) -> &C {
        self.client.get_or_init(|| C::of(&self.services))
    }
}

/// A client of an SDK.
pub(crate) trait Client {
    fn of(services: &Services) -> Self;
}

/// Each SDK crate has a type of its own for the same settings. The last argument gives what the
/// services have not alike: how often a call is tried, and where.
macro_rules! client {
    ($sdk:ident, $own:expr) => {
        impl Client for $sdk::Client {
            fn of(Services { wire, http, aws }: &Services) -> Self {
                let own: fn(&Wire, &Aws) -> (RetryConfig, Option<String>) = $own;
                let (retry, endpoint) = own(wire, aws);
                let mut builder = $sdk::Config::builder()
                    .behavior_version(BehaviorVersion::latest())
                    .region(Region::new(aws.region.clone()))
                    .credentials_provider(credentials(aws))
                    .http_client(http.clone())
                    .retry_config(retry)
                    .retry_partition(wire.retry_partition())
                    .timeout_config(wire.timeout());
                builder.set_endpoint_url(endpoint);
                for interceptor in &wire.interceptors {
                    builder.push_interceptor(interceptor.clone());
                }
                Self::from_conf(builder.build())
            }
        }
    };
}

client!(aws_sdk_dynamodb, |wire, aws| (wire.retry(), aws.dynamodb_endpoint.clone()));
client!(aws_sdk_sqs, |wire, aws| (wire.retry(), aws.endpoint.clone()));
// SES knows no idempotency: what may have been sent is tried again by the queue alone, and what was
// not by `Mailbox`.
client!(aws_sdk_ses, |_wire, aws| (RetryConfig::disabled(), aws.endpoint.clone()));

fn credentials(aws: &Aws) -> Credentials {
    let token = aws.session_token.as_ref().map(|token| token.expose_secret().to_owned());
    Credentials::new(&aws.access_key, aws.secret_key.expose_secret(), token, None, "environment")
}
