//! The whole panel in one process: the functions' routes on one port, their workers fed from the
//! embedded cloud's queues and stream, a demo company on an empty table.
//!
//! The functions are the ones that run on AWS, started with the environment that `template.yaml`
//! declares; only what lies around them is local.

mod demo;
mod design;
mod desk;
mod functions;
mod people;
pub mod replay;
mod settings;
mod workers;

pub use demo::DemoError;
pub use functions::{
    Handle, Handled, HttpFunction, Unhandled, Worker, all_routes, declared, functions, workers,
};
pub use people::{DemoLogin, People, StaffLogin};
pub use settings::Settings;
pub use workers::Workers;

use std::{net::SocketAddr, path::PathBuf, sync::Arc};

use axum::{
    Router,
    extract::{ConnectInfo, Request},
    middleware::{Next, from_fn},
    response::Response,
};
use cloud::{Cloud, CloudError, Environment, Storage};
use futures::FutureExt;
use shared::{
    app::App,
    clock::Clock,
    config::{Config, Setting},
    error::Error,
    http::ClientAddress,
    random::Random,
    wire::Wire,
};
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

/// Where `cargo lambda watch` serves the functions, as `Cargo.toml` tells it.
pub const WATCHED: &str = "http://127.0.0.1:9000";

/// How to run.
#[derive(Debug, Clone)]
pub struct Options {
    /// The panel's port; 0 picks a free one.
    pub port: u16,
    /// DynamoDB's port, or a free one if it is taken.
    pub dynamodb_port: u16,
    /// All other services' port, or a free one if it is taken.
    pub aws_port: u16,
    /// Where the data lies; `None` for a throw-away.
    pub data: Option<PathBuf>,
    /// Whether an empty table gets a demo company.
    pub demo: bool,
    /// Without the panel's own routes: for `cargo lambda watch` beside.
    pub cloud_only: bool,
    /// What time it is.
    pub clock: Clock,
    /// How the HTTP functions reach the cloud.
    pub wire: Wire,
}

impl Options {
    /// A throw-away panel on free ports, without the demo company.
    #[must_use]
    pub fn throw_away() -> Self {
        Self {
            port: 0,
            dynamodb_port: 0,
            aws_port: 0,
            data: None,
            demo: false,
            cloud_only: false,
            clock: Clock::system(),
            wire: Wire::default(),
        }
    }
}

/// Why the panel could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The embedded cloud did not start.
    #[error(transparent)]
    Cloud(#[from] CloudError),
    /// The port is taken.
    #[error("cannot listen on port {0}")]
    Listen(u16, #[source] std::io::Error),
    /// The data folder cannot be used.
    #[error("the data folder")]
    Data(#[from] std::io::Error),
    /// The environment of the template is not complete.
    #[error("the settings")]
    Config(#[from] shared::config::ConfigError),
    /// What the operator edits contradicts itself.
    #[error("the plans, or the promises of support")]
    Unsound(#[from] shared::app::UnsoundError),
    /// Staff, service key or demo company could not be made.
    #[error("the first accounts")]
    People(#[from] DemoError),
}

/// A running panel.
pub struct Panel {
    /// Where it is served.
    pub url: String,
    /// Its services.
    pub app: App,
    /// What lies around it.
    pub cloud: Arc<Cloud>,
    /// Who can sign in.
    pub people: Arc<People>,
    /// The functions' environment.
    pub environment: Environment,
    workers: Arc<Workers>,
    settings: Settings,
    stop: oneshot::Sender<()>,
    server: JoinHandle<()>,
    feeding: JoinHandle<()>,
}

impl Panel {
    /// Starts everything and answers once it serves.
    ///
    /// # Errors
    /// When a port, the data folder or the template does not allow it.
    pub async fn start(options: Options) -> Result<Self, StartError> {
        let settings = Settings::open(options.data.clone())?;
        let storage = options.data.as_deref().map_or(Storage::Memory, Storage::Folder);
        let cloud = start_cloud(storage, options.dynamodb_port, options.aws_port).await?;
        let cloud = Arc::new(cloud);
        let address = SocketAddr::from(([127, 0, 0, 1], options.port));
        let listener = TcpListener::bind(address)
            .await
            .map_err(|error| StartError::Listen(options.port, error))?;
        let url = format!("http://{}", listener.local_addr()?);

        let public = if options.cloud_only { WATCHED } else { &url };
        let environment = settings.environment(&cloud, public);
        let config = || Config::from_lookup(&Setting::all(), |name| environment.get(name).cloned());
        let (clock, random) = (options.clock.clone(), Random::kernel());
        let time = clock.clone();
        cloud.set_clock(Arc::new(move || time.now().as_second()));
        // The workers are functions of their own: their calls are not the requests'.
        let worker = App::new(config()?, clock.clone(), random.clone(), &Wire::default())?;
        let app = App::new(config()?, clock, random, &options.wire)?;
        let position = settings.stream_position();
        let workers = Arc::new(Workers::new(worker.clone(), Arc::clone(&cloud), position));
        let people = settings.people(&worker, &workers, options.demo).await?;

        let desk = desk::Desk {
            url: url.clone(),
            app: app.clone(),
            cloud: Arc::clone(&cloud),
            workers: Arc::clone(&workers),
            people: Arc::clone(&people),
        };
        let mut router = desk::router(desk);
        if !options.cloud_only {
            router = router.merge(all_routes().into_router(app.clone()));
        }
        let (stop, stopped) = oneshot::channel();
        let server = tokio::spawn(serve(listener, router, stopped));
        cloud.bank().tell(format!("{public}/v1/webhooks/stripe"));
        let feeding = tokio::spawn(feed(Arc::clone(&workers), settings.clone()));
        Ok(Self { url, app, cloud, people, environment, workers, settings, stop, server, feeding })
    }

    /// Waits until stream and queues are idle.
    ///
    /// # Errors
    /// When the embedded cloud fails.
    pub async fn drain(&self) -> Result<(), CloudError> {
        self.workers.drain().await
    }

    /// Stops serving, lets the workers finish and remembers how far the stream was read.
    ///
    /// # Errors
    /// When the embedded cloud fails.
    pub async fn stop(self) -> Result<(), CloudError> {
        // What is done at the end is told at the next start.
        self.cloud.bank().keep_to_itself();
        // The server may be gone already.
        let _gone = self.stop.send(());
        let _ended = self.server.await;
        self.feeding.abort();
        let _ended = self.feeding.await;
        self.workers.drain().await?;
        self.settings.remember_stream(self.workers.position().await);
        Ok(())
    }
}

/// The usual ports if they are free, else any.
async fn start_cloud(
    storage: Storage<'_>,
    dynamodb_port: u16,
    aws_port: u16,
) -> Result<Cloud, CloudError> {
    match Cloud::start(storage, dynamodb_port, aws_port).await {
        Err(CloudError::Listen { .. }) => Cloud::start(storage, 0, 0).await,
        started => started,
    }
}

async fn serve(listener: TcpListener, router: Router, stopped: oneshot::Receiver<()>) {
    let service =
        router.layer(from_fn(client_address)).into_make_service_with_connect_info::<SocketAddr>();
    let stopped = async {
        // A dropped sender stops as well.
        let _dropped = stopped.await;
    };
    if let Err(error) = axum::serve(listener, service).with_graceful_shutdown(stopped).await {
        tracing::error!(%error, "serving ended");
    }
}

/// What the gateway's context tells on AWS, the socket tells here.
async fn client_address(
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    mut request: Request,
    next: Next,
) -> Response {
    request.extensions_mut().insert(ClientAddress(peer.ip()));
    next.run(request).await
}

/// Feeds the workers as long as the panel runs.
async fn feed(workers: Arc<Workers>, settings: Settings) {
    const IDLE: std::time::Duration = std::time::Duration::from_millis(100);
    const TICK: std::time::Duration = std::time::Duration::from_secs(1);
    let mut ticks = tokio::time::interval(TICK);
    loop {
        if ticks.tick().now_or_never().is_some()
            && let Err(error) = workers.tick().await
        {
            tracing::error!(%error, "what is due");
        }
        match workers.pump().await {
            Ok(true) => {}
            Ok(false) => {
                settings.remember_stream(workers.position().await);
                tokio::time::sleep(IDLE).await;
            }
            Err(error) => {
                tracing::error!(%error, "feeding the workers");
                tokio::time::sleep(IDLE).await;
            }
        }
    }
}

/// The words of a failed request, for seeding's own errors.
fn words(error: &Error) -> String {
    let cause = error.source.as_deref().map(|it| shared::queue::chain(it)).unwrap_or_default();
    format!("{} {cause}", error.code.as_str())
}
