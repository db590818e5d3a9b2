//! How the services are reached: patience, time limits, and the seam where tests listen in and
//! put faults.

mod client;
mod https;

use std::{pin::Pin, sync::Arc, time::Duration};

use aws_sdk_dynamodb::config::{
    SharedHttpClient, SharedInterceptor,
    retry::{RetryConfig, RetryPartition, TokenBucket},
    timeout::TimeoutConfig,
};
use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use rustls::RootCertStore;
use rustls_pki_types::CertificateDer;

pub(crate) use self::client::{Lazily, Uplink};
use crate::{config::Aws, random::Random};

/// The authorities that certify AWS's services. To parse a system's whole bundle at every start
/// would cost more than all else that a function does then.
const AMAZON_ROOTS: &[&[u8]] = include!(concat!(env!("OUT_DIR"), "/amazon-roots.in"));

/// A call is tried so often in all, unless its refusal is an answer.
const TRIES: u32 = 4;
/// The longest pause between two tries.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// How the services are reached. The default is for production.
#[derive(Debug, Clone)]
pub struct Wire {
    /// About how long the first pause before another try is; later ones are longer.
    pub pause: Duration,
    /// A connection that is not there by then will not come.
    pub connect: Duration,
    /// One try of a call may take so long.
    pub one_try: Duration,
    /// A call with all its tries may take so long: less than a request may.
    pub all_tries: Duration,
    /// What retries may cost in all, so that a long outage is not made worse by them.
    pub(crate) retries: TokenBucket,
    pub(crate) http: Option<SharedHttpConnector>,
    pub(crate) interceptors: Vec<SharedInterceptor>,
}

impl Default for Wire {
    fn default() -> Self {
        Self {
            pause: Duration::from_millis(50),
            connect: Duration::from_secs(1),
            one_try: Duration::from_secs(4),
            all_tries: Duration::from_secs(10),
            retries: TokenBucket::default(),
            http: None,
            interceptors: Vec::new(),
        }
    }
}

impl Wire {
    /// The way to the services that these settings name.
    pub(crate) fn uplink(&self, aws: &Aws) -> Arc<Uplink> {
        let http = self.http_client(aws.authorities.as_deref());
        Arc::new(Uplink { wire: self.clone(), http, aws: aws.clone() })
    }

    /// The HTTP client of AWS's services.
    fn http_client(&self, authorities: Option<&[CertificateDer<'static>]>) -> SharedHttpClient {
        let trusted = match authorities {
            Some(ours) => parsed(ours.to_vec()),
            None => parsed(AMAZON_ROOTS.iter().map(|&root| root.into()).collect()),
        };
        https::client(self.connector(trusted))
    }

    /// The way to a server of somebody else's, certified by whom browsers trust.
    pub(crate) fn way_out(
        &self,
        authorities: Option<&[CertificateDer<'static>]>,
    ) -> SharedHttpConnector {
        self.connector(match authorities {
            Some(ours) => parsed(ours.to_vec()),
            None => RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() },
        })
    }

    /// Plain HTTP over TLS, below which tests listen in.
    fn connector(&self, trusted: RootCertStore) -> SharedHttpConnector {
        self.http.clone().unwrap_or_else(|| https::connector(self, trusted))
    }

    /// The real one, for tests to put faults before.
    #[cfg(feature = "testing")]
    pub(crate) fn real_connector() -> SharedHttpConnector {
        https::connector(&Self::default(), RootCertStore::empty())
    }

    pub(crate) fn retry(&self) -> RetryConfig {
        RetryConfig::standard()
            .with_max_attempts(TRIES)
            .with_initial_backoff(self.pause)
            .with_max_backoff(LONGEST_PAUSE)
    }

    pub(crate) fn retry_partition(&self) -> RetryPartition {
        RetryPartition::custom("panel").token_bucket(self.retries.clone()).build()
    }

    pub(crate) fn timeout(&self) -> TimeoutConfig {
        TimeoutConfig::builder()
            .connect_timeout(self.connect)
            .operation_attempt_timeout(self.one_try)
            .operation_timeout(self.all_tries)
            .build()
    }
}

fn parsed(authorities: Vec<CertificateDer<'_>>) -> RootCertStore {
    let mut trusted = RootCertStore::empty();
    trusted.add_parsable_certificates(authorities);
    trusted
}

/// Puts a call's future on the heap. The SDK's take tens of kB, and without this so would each
/// future around one, for each call that it may make, and the stack of all that poll it.
pub(crate) fn on_heap<'a, T>(
    call: impl Future<Output = T> + Send + 'a,
) -> Pin<Box<dyn Future<Output = T> + Send + 'a>> {
    Box::pin(call)
}

/// The pauses between tries: longer each time, and not in step with others.
#[derive(Clone)]
pub(crate) struct Backoff {
    random: Random,
    first: Duration,
}

impl Backoff {
    pub(crate) fn new(wire: &Wire, random: Random) -> Self {
        Self { random, first: wire.pause }
    }

    /// Waits before the try after `attempt` others.
    pub(crate) async fn wait(&self, attempt: u32) {
        let base = (self.first * (1 << attempt)).min(LONGEST_PAUSE);
        let jitter = self.random.below(u64::try_from(base.as_micros()).unwrap_or(0));
        tokio::time::sleep(base / 4 + Duration::from_micros(jitter)).await;
    }
}
