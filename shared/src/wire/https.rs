//! HTTP/1.1 over TLS to AWS: hyper with rustls, and nothing of what AWS's own client brings along
//! for other people's needs (HTTP/2, proxies, pools of its own), which were an eighth of the
//! dashboard's machine code.

use std::{error::Error as StdError, fmt, future::Future, io, pin::Pin, sync::Arc};

use aws_sdk_dynamodb::config::SharedHttpClient;
use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::{
        connection::{CaptureSmithyConnection, ConnectionMetadata},
        http::{
            HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings,
            SharedHttpConnector,
        },
        orchestrator::{HttpRequest, HttpResponse},
        result::ConnectorError,
        runtime_components::RuntimeComponents,
    },
};
use aws_smithy_types::{body::SdkBody, retry::ErrorKind};
use http::Uri;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_util::{
    client::legacy::{
        Client,
        connect::{CaptureConnection, Connect, HttpConnector as Tcp, HttpInfo, capture_connection},
    },
    rt::{TokioExecutor, TokioIo, TokioTimer},
};
use rustls::{ClientConfig, RootCertStore, client::Resumption, crypto::ring};
use tokio::net::TcpStream;
use tower::{Service, ServiceExt};

use super::Wire;

/// The sessions of so many servers are kept to be resumed, with room set aside for each: a function
/// has to do with the table, queues and mails.
const SERVERS: usize = 3;

/// What rustls counts for one server: it keeps so many tickets of each.
const TICKETS: usize = 8;

/// What the SDKs take.
pub(super) fn client(connector: SharedHttpConnector) -> SharedHttpClient {
    SharedHttpClient::new(Https(connector))
}

/// A client whose servers one of the `trusted` has to certify. Plain HTTP is for the laptop, whose
/// settings name such an address.
pub(super) fn connector(wire: &Wire, trusted: RootCertStore) -> SharedHttpConnector {
    #[expect(clippy::expect_used, reason = "ring knows TLS 1.2 and 1.3; a test makes connections")]
    let mut tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring knows TLS 1.2 and 1.3")
        .with_root_certificates(trusted)
        .with_no_client_auth();
    tls.resumption = Resumption::in_memory_sessions(SERVERS * TICKETS);
    let mut tcp = Tcp::new();
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    let tls = HttpsConnectorBuilder::new().with_tls_config(tls);
    let tls = tls.https_or_http().enable_http1().wrap_connector(tcp);
    let patience = wire.connect;
    let connect = tower::service_fn(move |server| connect(tls.clone(), server, patience));
    let client = Client::builder(TokioExecutor::new()).pool_timer(TokioTimer::new()).build(connect);
    SharedHttpConnector::new(Connector(client))
}

type Connection = MaybeHttpsStream<TokioIo<TcpStream>>;
type Connecting = Pin<Box<dyn Future<Output = Result<Connection, BoxError>> + Send>>;

/// A connection with its handshake, or the news that it took too long.
fn connect(tls: HttpsConnector<Tcp>, server: Uri, patience: std::time::Duration) -> Connecting {
    Box::pin(async move {
        match tokio::time::timeout(patience, tls.oneshot(server)).await {
            Ok(connected) => connected,
            Err(late) => Err(io::Error::new(io::ErrorKind::TimedOut, late).into()),
        }
    })
}

/// What every service's client is given.
#[derive(Debug)]
struct Https(SharedHttpConnector);

impl HttpClient for Https {
    fn http_connector(
        &self,
        _settings: &HttpConnectorSettings,
        _components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        self.0.clone()
    }
}

struct Connector<C>(Client<C, SdkBody>);

impl<C> fmt::Debug for Connector<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Connector")
    }
}

impl<C: Connect + Clone + Send + Sync + 'static> HttpConnector for Connector<C> {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let mut request = match request.try_into_http1x() {
            Ok(request) => request,
            Err(error) => {
                return HttpConnectorFuture::ready(Err(ConnectorError::user(error.into())));
            }
        };
        let connection = capture_connection(&mut request);
        if let Some(wanted) = request.extensions().get::<CaptureSmithyConnection>() {
            wanted.set_connection_retriever(move || metadata(&connection));
        }
        let mut client = self.0.clone();
        HttpConnectorFuture::new(async move {
            let response = client.call(request).await.map_err(classified)?;
            HttpResponse::try_from(response.map(SdkBody::from_body_1_x))
                .map_err(|error| ConnectorError::other(error.into(), None))
        })
    }
}

/// Through this the SDK has a connection closed on which a server did not answer well.
fn metadata(connection: &CaptureConnection) -> Option<ConnectionMetadata> {
    let ends = {
        let connected = connection.connection_metadata();
        let mut extras = http::Extensions::new();
        connected.as_ref()?.get_extras(&mut extras);
        extras.get::<HttpInfo>().map(|info| (info.local_addr(), info.remote_addr()))
    };
    let connection = connection.clone();
    let mut metadata = ConnectionMetadata::builder().proxied(false).poison_fn(move || {
        if let Some(connected) = connection.connection_metadata().as_ref() {
            connected.poison();
        }
    });
    metadata.set_local_addr(ends.map(|(local, _)| local));
    metadata.set_remote_addr(ends.map(|(_, remote)| remote));
    Some(metadata.build())
}

/// What went wrong, in the words by which the SDK decides whether to try again.
fn classified(error: hyper_util::client::legacy::Error) -> ConnectorError {
    let io = source::<io::Error>(&error);
    if io.is_some_and(|io| io.kind() == io::ErrorKind::TimedOut) {
        return ConnectorError::timeout(error.into());
    }
    if error.is_connect() || io.is_some() {
        return ConnectorError::io(error.into());
    }
    match source::<hyper::Error>(&error) {
        Some(hyper) if hyper.is_timeout() => ConnectorError::timeout(error.into()),
        Some(hyper) if hyper.is_user() => ConnectorError::user(error.into()),
        Some(hyper) if hyper.is_closed() || hyper.is_canceled() => ConnectorError::io(error.into()),
        // The server closed a connection that it had kept open until then.
        Some(hyper) if hyper.is_incomplete_message() => {
            ConnectorError::other(error.into(), Some(ErrorKind::TransientError))
        }
        _ => ConnectorError::other(error.into(), None),
    }
}

/// The first error of a kind among what caused `error`.
fn source<'a, E: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a E> {
    std::iter::successors(Some(error), |&error| error.source()).find_map(|it| it.downcast_ref())
}
