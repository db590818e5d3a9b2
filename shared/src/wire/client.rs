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

/// The way to all services: one HTTP client for them, so that they share its trust and its connections.
pub(crate) struct Uplink {
    pub(super) wire: Wire,
    pub(super) http: SharedHttpClient,
    pub(super) aws: Aws,
}

impl Uplink {
    /// The client of a service.
    pub(crate) fn client<C: SdkClient>(self: &Arc<Self>) -> Lazily<C> {
        Lazily { uplink: self.clone(), client: Arc::default() }
    }
}

/// A service's client that comes to be when it is first used: a function that sends no mail never
/// reads what SES's regions are, and what would do so is no part of its program.
pub(crate) struct Lazily<C> {
    uplink: Arc<Uplink>,
    client: Arc<OnceLock<C>>,
}

impl<C> Clone for Lazily<C> {
    fn clone(&self) -> Self {
        Self { uplink: self.uplink.clone(), client: self.client.clone() }
    }
}

impl<C: SdkClient> Deref for Lazily<C> {
    type Target = C;

    fn deref(&self) -> &C {
        self.client.get_or_init(|| C::over(&self.uplink))
    }
}

/// A client of an SDK.
pub(crate) trait SdkClient {
    fn over(uplink: &Uplink) -> Self;
}

/// Each SDK crate has a type of its own for the same settings. The last argument gives what the
/// services have not alike: how often a call is tried, and where.
macro_rules! client {
    ($sdk:ident, $own:expr $(, |$more:ident, $of:ident| $extra:expr)?) => {
        impl SdkClient for $sdk::Client {
            fn over(Uplink { wire, http, aws }: &Uplink) -> Self {
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
                $(
                    let ($more, $of) = (&mut builder, aws);
                    $extra;
                )?
                for interceptor in &wire.interceptors {
                    builder.push_interceptor(interceptor.clone());
                }
                Self::from_conf(builder.build())
            }
        }
    };
}

client!(aws_sdk_dynamodb, |wire, aws| (wire.retry(), aws.dynamodb_endpoint.clone()));
// Another address than AWS's has no name for each bucket.
client!(aws_sdk_s3, |wire, aws| (wire.retry(), aws.endpoint.clone()), |builder, aws| builder
    .set_force_path_style(Some(aws.endpoint.is_some())));
client!(aws_sdk_sqs, |wire, aws| (wire.retry(), aws.endpoint.clone()));
// SES knows no idempotency: what may have been sent is tried again by the queue alone, and what was
// not by `Mailbox`.
client!(aws_sdk_ses, |_wire, aws| (RetryConfig::disabled(), aws.endpoint.clone()));

fn credentials(aws: &Aws) -> Credentials {
    let token = aws.session_token.as_ref().map(|token| token.expose_secret().to_owned());
    Credentials::new(&aws.access_key, aws.secret_key.expose_secret(), token, None, "environment")
}
