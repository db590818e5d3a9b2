//! How the panel's connector behaves towards a service that behaves badly.

use std::{
    net::SocketAddr,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use serde_json::Value;
use shared::{
    app::App,
    clock::Clock,
    config::Config,
    random::Random,
    table::{Key, Read, TableError},
    wire::Wire,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

const NO_ITEM: &str = "HTTP/1.1 200 OK\r\ncontent-type: application/x-amz-json-1.0\r\n\
                       content-length: 2\r\n\r\n{}";
const FAILURE: &str = "HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\n\r\n";

/// What a service does with one request after the other of a connection; then it says no more.
#[derive(Clone, Copy)]
enum Answer {
    Reply(&'static str),
    HangUp,
}

/// A table that does what `script` says of each connection and request, both from 0 on.
struct Service {
    address: SocketAddr,
    connections: Arc<AtomicUsize>,
}

impl Service {
    async fn start(script: fn(usize, usize) -> Answer) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let connections = Arc::new(AtomicUsize::new(0));
        let count = connections.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let number = count.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(serve(client, move |request| script(number, request)));
            }
        });
        Self { address, connections }
    }

    fn app(&self, scheme: &str, connect: Duration) -> App {
        let endpoint = format!("{scheme}://localhost:{}", self.address.port());
        app_at(&endpoint, None, connect)
    }

    fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

/// A panel as the functions have it, whose services are all at one address.
pub(crate) fn app_at(endpoint: &str, bundle: Option<&Path>, connect: Duration) -> App {
    let lookup = |name: &str| match name {
        "PUBLIC_URL" => Some("https://panel.example".to_owned()),
        "MAIL_SENDER" => Some("panel@example.com".to_owned()),
        "PANEL_SECRET" => Some("a secret of at least 32 characters".to_owned()),
        "SEALING_KEYS" => Some("a-key-of-at-least-32-characters-without-blanks".to_owned()),
        "PAYMENTS_URL" => Some("https://provider.example".to_owned()),
        "PAYMENTS_WEBHOOK_SECRET" => Some("whsec_at_least_24_characters".to_owned()),
        "AWS_ENDPOINT_URL" => Some(endpoint.to_owned()),
        "AWS_CA_BUNDLE" => bundle.map(|path| path.display().to_string()),
        "AWS_SESSION_TOKEN" | "AWS_ENDPOINT_URL_DYNAMODB" => None,
        _ => Some("set".to_owned()),
    };
    let config = Config::from_lookup(&shared::config::Setting::all(), lookup).unwrap();
    let mut wire = Wire::default();
    (wire.pause, wire.connect) = (Duration::from_millis(1), connect);
    App::new(config, Clock::system(), Random::seeded(1), &wire).unwrap()
}

async fn serve(mut client: TcpStream, script: impl Fn(usize) -> Answer) {
    let mut request = [0; 4096];
    for number in 0.. {
        match client.read(&mut request).await {
            Ok(1..) => {}
            _ => return,
        }
        match script(number) {
            Answer::Reply(reply) => client.write_all(reply.as_bytes()).await.unwrap(),
            Answer::HangUp => return,
        }
    }
}

pub(crate) async fn ask(app: &App) -> Result<Option<Value>, TableError> {
    app.table.get(&Key::unowned("NOTHING"), Read::Eventual).await
}

pub(crate) const PATIENT: Duration = Duration::from_secs(5);

#[tokio::test]
async fn a_connection_is_kept_and_one_that_was_closed_meanwhile_is_made_anew() {
    let service = Service::start(|connection, request| match (connection, request) {
        (0, 2) => Answer::HangUp,
        _ => Answer::Reply(NO_ITEM),
    })
    .await;
    let app = service.app("http", PATIENT);
    for _kept in 0..2 {
        assert!(ask(&app).await.unwrap().is_none());
    }
    assert_eq!(service.connections(), 1);
    assert!(ask(&app).await.unwrap().is_none(), "tried again");
    assert_eq!(service.connections(), 2);
}

#[tokio::test]
async fn a_connection_on_which_a_service_failed_is_not_used_again() {
    let service = Service::start(|connection, _| match connection {
        0 => Answer::Reply(FAILURE),
        _ => Answer::Reply(NO_ITEM),
    })
    .await;
    assert!(ask(&service.app("http", PATIENT)).await.unwrap().is_none());
    assert_eq!(service.connections(), 2);
}

#[tokio::test]
async fn a_handshake_that_does_not_come_ends_with_the_time_for_connecting() {
    let service = Service::start(|_, _| Answer::Reply("")).await;
    let began = Instant::now();
    let refused = ask(&service.app("https", Duration::from_millis(50))).await;
    assert!(refused.is_err());
    assert_eq!(service.connections(), 4, "each try has a connection of its own");
    assert!(began.elapsed() < Wire::default().one_try, "{:?}", began.elapsed());
}
