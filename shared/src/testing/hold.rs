//! A process that stands still before a call leaves, so that a test decides what happens meanwhile.

use std::sync::Arc;

use aws_sdk_dynamodb::config::{
    HttpClient, RuntimeComponents, SharedHttpClient, http::HttpRequest,
};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use tokio::sync::{Notify, Semaphore};

use super::faults::operation;
use crate::wire::Wire;

/// Holds the calls of one operation until they are let go.
#[derive(Debug, Clone)]
pub struct Hold {
    operation: &'static str,
    inner: SharedHttpClient,
    reached: Arc<Notify>,
    /// Has nothing to give; whoever waits goes on when it is closed.
    gate: Arc<Semaphore>,
}

impl Hold {
    /// Before calls of an operation: `TransactWriteItems`, `Query` ...
    #[must_use]
    pub fn before(operation: &'static str) -> Self {
        Self {
            operation,
            inner: Wire::default().http_client(None),
            reached: Arc::default(),
            gate: Arc::new(Semaphore::new(0)),
        }
    }

    /// The way to the services that it stands in.
    #[must_use]
    pub fn wire(&self) -> Wire {
        Wire { http: Some(SharedHttpClient::new(self.clone())), ..Wire::default() }
    }

    /// Until such a call is about to leave.
    pub async fn reached(&self) {
        self.reached.notified().await;
    }

    /// Lets what is held go on, and whatever comes later.
    pub fn release(&self) {
        self.gate.close();
    }
}

impl HttpClient for Hold {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let inner = self.inner.http_connector(settings, components);
        SharedHttpConnector::new(Connector { hold: self.clone(), inner })
    }
}

#[derive(Debug)]
struct Connector {
    hold: Hold,
    inner: SharedHttpConnector,
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (hold, inner) = (self.hold.clone(), self.inner.clone());
        HttpConnectorFuture::new(async move {
            if operation(&request) == hold.operation {
                hold.reached.notify_one();
                let _closed = hold.gate.acquire().await;
            }
            inner.call(request).await
        })
    }
}
