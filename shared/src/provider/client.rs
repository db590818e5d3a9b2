//! One call to the payment provider: a form over HTTPS, an answer in JSON.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use aws_smithy_runtime_api::client::{
    http::{HttpConnector as _, SharedHttpConnector},
    orchestrator::HttpRequest,
};
use aws_smithy_types::body::SdkBody;
use http_body_util::BodyExt as _;
use secrecy::ExposeSecret;
use serde::de::DeserializeOwned;

use super::ProviderError;
use crate::{
    config::Config,
    wire::{Backoff, Wire, on_heap},
};

/// The version of the API whose shapes `objects` has.
const VERSION: &str = "2025-03-31.basil";

/// A call is tried so often in all where nobody knows whether it was done: it is made so that it is done once.
const TRIES: u32 = 3;

/// A bank takes its time, and a request has twelve seconds.
const PATIENCE: Duration = Duration::from_secs(4);

/// The way to the payment provider.
#[derive(Clone)]
pub struct Provider {
    wire: Wire,
    backoff: Backoff,
    config: Arc<Config>,
    /// It comes to be with the first call: most functions make none.
    connector: Arc<OnceLock<SharedHttpConnector>>,
}

/// What is written on a call: names and values, as forms have them.
pub(super) type Fields<'a> = &'a [(&'a str, &'a str)];

impl Provider {
    pub(crate) fn new(config: Arc<Config>, wire: &Wire, backoff: Backoff) -> Self {
        Self { wire: wire.clone(), backoff, config, connector: Arc::default() }
    }

    /// Reads an object.
    pub(super) async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, ProviderError> {
        self.call("GET", path, &[], None).await
    }

    /// Has something done, once however often it is called with the same key.
    pub(super) async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        fields: Fields<'_>,
        key: &str,
    ) -> Result<T, ProviderError> {
        self.call("POST", path, fields, Some(key)).await
    }

    async fn call<T: DeserializeOwned>(
        &self,
        method: &str,
        path: &str,
        fields: Fields<'_>,
        key: Option<&str>,
    ) -> Result<T, ProviderError> {
        let mut attempt = 0;
        loop {
            attempt += 1;
            match on_heap(self.once(method, path, fields, key)).await {
                Err(ProviderError::Unsure(_)) if attempt < TRIES => {
                    self.backoff.wait(attempt).await;
                }
                Err(error) => return Err(error),
                Ok(body) => {
                    return serde_json::from_slice(&body)
                        .map_err(|error| ProviderError::Unsure(error.to_string()));
                }
            }
        }
    }

    async fn once(
        &self,
        method: &str,
        path: &str,
        fields: Fields<'_>,
        key: Option<&str>,
    ) -> Result<Vec<u8>, ProviderError> {
        let (url, secret) = (self.config.payments_url()?, self.config.payments_key()?);
        let unsure = |error: &dyn std::fmt::Display| ProviderError::Unsure(error.to_string());
        let form = serde_urlencoded::to_string(fields).map_err(|error| unsure(&error))?;
        let mut request = HttpRequest::new(SdkBody::from(form));
        let uri = format!("{url}/v1/{path}");
        request.set_uri(uri).map_err(|error| unsure(&error))?;
        request.set_method(method).map_err(|error| unsure(&error))?;
        let headers = request.headers_mut();
        headers.insert("authorization", format!("Bearer {}", secret.expose_secret()));
        headers.insert("stripe-version", VERSION);
        headers.insert("content-type", "application/x-www-form-urlencoded");
        if let Some(key) = key {
            headers.insert("idempotency-key", key.to_owned());
        }
        let answered = async {
            let reply = self.connector().call(request).await.map_err(|error| unsure(&error))?;
            let status = reply.status().as_u16();
            let body = reply.into_body().collect().await.map_err(|error| unsure(&error))?;
            Ok::<_, ProviderError>((status, body.to_bytes().to_vec()))
        };
        let answered = tokio::time::timeout(self.patience(), answered).await;
        let (status, body) = answered.map_err(|late| unsure(&late))??;
        if (200..300).contains(&status) { Ok(body) } else { Err(ProviderError::of(status, &body)) }
    }

    fn patience(&self) -> Duration {
        self.wire.one_try.max(PATIENCE)
    }

    fn connector(&self) -> &SharedHttpConnector {
        self.connector.get_or_init(|| self.wire.way_out(self.config.aws.authorities.as_deref()))
    }
}
