//! How the services are reached: patience, time limits, and the seam where tests listen in and
//! put faults.

use std::time::Duration;

use aws_sdk_dynamodb::config::{
    SharedHttpClient, SharedInterceptor, retry::RetryConfig, timeout::TimeoutConfig,
};

/// A call is tried so often in all, unless its refusal is an answer.
const TRIES: u32 = 4;
/// The longest pause between two tries.
pub(crate) const LONGEST_PAUSE: Duration = Duration::from_secs(1);

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
    pub(crate) http: Option<SharedHttpClient>,
    pub(crate) interceptors: Vec<SharedInterceptor>,
}

impl Default for Wire {
    fn default() -> Self {
        Self {
            pause: Duration::from_millis(50),
            connect: Duration::from_secs(1),
            one_try: Duration::from_secs(4),
            all_tries: Duration::from_secs(10),
            http: None,
            interceptors: Vec::new(),
        }
    }
}

impl Wire {
    pub(crate) fn retry(&self) -> RetryConfig {
        RetryConfig::standard()
            .with_max_attempts(TRIES)
            .with_initial_backoff(self.pause)
            .with_max_backoff(LONGEST_PAUSE)
    }

    pub(crate) fn timeout(&self) -> TimeoutConfig {
        TimeoutConfig::builder()
            .connect_timeout(self.connect)
            .operation_attempt_timeout(self.one_try)
            .operation_timeout(self.all_tries)
            .build()
    }
}
