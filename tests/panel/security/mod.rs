//! What protects an account: the rows A, S and T of the attacks that must be impossible, from
//! outside wherever they can be.

mod authorize;
mod canary;
mod ended;
mod factor;
mod grants;
pub(crate) mod held;
mod kept;
mod keys;
mod passwords;
mod races;
mod requests;
mod rescue;
mod sessions;
mod strangers;
mod tokens;

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Request, header},
};
use futures::future::join_all;
use serde_json::Value;
use shared::{
    app::App,
    config::{Config, Setting},
    http::ClientAddress,
    random::Random,
    wire::Wire,
};
use tests::{Client, World};
use tower::ServiceExt as _;

/// How many requests a race has.
const CROWD: usize = 64;

/// Routers that share nothing but the table, as functions on AWS do.
struct Crowd(Vec<Router>);

impl Crowd {
    fn new(world: &World) -> Self {
        let router = || local::all_routes().into_router(process(world, &Wire::default()));
        Self((0..CROWD).map(|_| router()).collect())
    }

    /// Sends one request by each at once; the statuses and bodies.
    async fn at_once(&self, make: impl Fn(usize) -> Request<Body>) -> Vec<(u16, Value)> {
        let sent = self.0.iter().enumerate().map(|(place, router)| {
            let mut request = make(place);
            // Each from a network of its own: the limit of an address is another matter.
            let place = u8::try_from(place).unwrap();
            request.extensions_mut().insert(ClientAddress([203, 0, 113, place].into()));
            async move {
                let Ok(reply) = router.clone().oneshot(request).await;
                let status = reply.status().as_u16();
                let body = to_bytes(reply.into_body(), 1 << 20).await.unwrap();
                (status, serde_json::from_slice(&body).unwrap_or(Value::Null))
            }
        });
        join_all(sent).await
    }
}

/// A process of its own on the world's table and clock.
fn process(world: &World, wire: &Wire) -> App {
    let config =
        Config::from_lookup(&Setting::all(), |name| world.panel.environment.get(name).cloned())
            .unwrap();
    App::new(config, world.clock.clone(), Random::kernel(), wire).unwrap()
}

/// How many of the replies had this status.
fn count(replies: &[(u16, Value)], status: u16) -> usize {
    replies.iter().filter(|(it, _)| *it == status).count()
}

pub(crate) fn post(path: &str, token: Option<&str>, body: &Value) -> Request<Body> {
    let mut request = Request::post(path).header(header::CONTENT_TYPE, "application/json");
    if let Some(token) = token {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    request.body(Body::from(body.to_string())).unwrap()
}

/// A client with its second factor on, its elevated session and its program.
async fn guarded(world: &World, name: &str) -> (Client, tests::Authenticator) {
    let mut client = world.client(name).await;
    let program = client.turn_factor_on().await;
    (client, program)
}

/// The kinds of the newest events of the log.
async fn events(client: &Client) -> Vec<String> {
    let log = client.get("/v1/security/events").await.json();
    let items = log["items"].as_array().unwrap().clone();
    items.iter().map(|item| item["kind"].as_str().unwrap().to_owned()).collect()
}
