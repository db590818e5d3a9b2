//! Every request of the API under faults: one fault is ridden out, a lasting one is a clear 503, and
//! after it the same request does what it is for, once.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::json;
use shared::testing::{Fault, Faults};
use tests::{PASSWORD, Reply, World, read};

/// Which fault meets which call of the next request.
#[derive(Debug, Clone, Copy)]
struct Injection {
    fault: Fault,
    from: usize,
    lasting: bool,
}

/// What is injected now, and the calls since.
#[derive(Clone, Default)]
struct Injector(Arc<Mutex<(Option<Injection>, usize)>>);

impl Injector {
    fn state(&self) -> MutexGuard<'_, (Option<Injection>, usize)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn faults(&self) -> Faults {
        let injector = self.clone();
        Faults::new(move |_call| {
            let mut state = injector.state();
            state.1 += 1;
            let calls = state.1;
            let Injection { fault, from, lasting } = state.0?;
            (calls == from || lasting && calls > from).then_some(fault)
        })
    }

    /// Sends a request; its reply, and the calls that it made.
    async fn send(&self, injection: Option<Injection>, request: &RequestBuilder) -> (Reply, usize) {
        *self.state() = (injection, 0);
        let reply = read(request.try_clone().unwrap()).await;
        let calls = std::mem::take(&mut *self.state()).1;
        (reply, calls)
    }
}

/// A request on new ground, and what tells its effect from others'.
struct Prepared {
    request: RequestBuilder,
    name: String,
    token: String,
}

async fn prepare(world: &World, number: usize, route: &str) -> Prepared {
    let name = format!("client{number}");
    let (method, path) = route.split_once(' ').unwrap();
    let method: Method = method.parse().unwrap();
    let email = format!("owner@{name}.test");
    let registration = json!({"email": email, "password": PASSWORD, "name": name});
    // The limits on guessing see every request from one address.
    world.advance(3601).await;
    let acme = world.sign_in("owner@acme.test", PASSWORD).await;
    let request = world.request(method.clone(), path);
    let request = match route {
        "POST /v1/auth/register" => request.json(&registration),
        "POST /v1/auth/verify-email" => {
            world.post("/v1/auth/register", &registration).await;
            request.json(&json!({"token": world.mailed_token(&email).await}))
        }
        "POST /v1/auth/login" => {
            request.json(&json!({"email": "owner@acme.test", "password": PASSWORD}))
        }
        "POST /v1/usage/events" => {
            let key = &world.panel.people.service_key;
            request.bearer_auth(key).json(&[acme.event(&name)])
        }
        _ if method == Method::GET => request.bearer_auth(&acme.token),
        _ => request.bearer_auth(&acme.token).json(&json!({"name": name})),
    };
    Prepared { request, name, token: acme.token }
}

/// Whether the request did what it is for, and did it once.
async fn effect(world: &World, route: &str, prepared: &Prepared, reply: &Reply) -> bool {
    let email = format!("owner@{}.test", prepared.name);
    let profile = async |token: &str| {
        read(world.request(Method::GET, "/v1/profile").bearer_auth(token)).await
    };
    match route {
        "POST /v1/auth/register" => world.mails(&email).await.len() == 1,
        "POST /v1/auth/verify-email" => world.sign_in(&email, PASSWORD).await.email == email,
        "POST /v1/auth/login" => {
            let token = reply.json()["token"].as_str().unwrap_or_default().to_owned();
            profile(&token).await.status == StatusCode::OK
        }
        "POST /v1/auth/logout" => profile(&prepared.token).await.status == StatusCode::UNAUTHORIZED,
        "POST /v1/usage/events" => {
            world.drain().await;
            let log = world.request(Method::GET, "/v1/usage/events?limit=100");
            let log = read(log.bearer_auth(&prepared.token)).await.json();
            let items = log["items"].as_array().cloned().unwrap_or_default();
            items.iter().filter(|item| item["id"] == prepared.name.as_str()).count() == 1
        }
        "PATCH /v1/profile" => {
            profile(&prepared.token).await.json()["name"] == prepared.name.as_str()
        }
        _ => reply.json().is_object(),
    }
}

/// What the same request may answer when a lasting fault hid that it was done.
fn after(route: &str, good: u16) -> Vec<u16> {
    match route {
        "POST /v1/auth/verify-email" => vec![good, 422],
        "POST /v1/auth/logout" => vec![good, 401],
        _ => vec![good],
    }
}

async fn rides_out(route: &str, good: u16) {
    let injector = Injector::default();
    let world = World::over(injector.faults().wire()).await;
    world.register("acme").await;
    let mut number = 0;
    let mut next = async || {
        number += 1;
        prepare(&world, number, route).await
    };
    let (reply, calls) = injector.send(None, &next().await.request).await;
    assert_eq!(reply.status.as_u16(), good, "{route}: {}", reply.text);
    for from in 1..=calls {
        for fault in Fault::ALL.into_iter().filter(|fault| !fault.kills()) {
            let once = Injection { fault, from, lasting: false };
            let prepared = next().await;
            let (reply, _) = injector.send(Some(once), &prepared.request).await;
            assert_eq!(reply.status.as_u16(), good, "{route}: {once:?}");
            assert!(effect(&world, route, &prepared, &reply).await, "{route}: {once:?}");

            let lasting = Injection { lasting: true, ..once };
            let prepared = next().await;
            let (reply, _) = injector.send(Some(lasting), &prepared.request).await;
            assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE, "{route}: {lasting:?}");
            assert_eq!(reply.json()["code"], "unavailable", "{route}: {lasting:?}");
            let (reply, _) = injector.send(None, &prepared.request).await;
            let status = reply.status.as_u16();
            assert!(after(route, good).contains(&status), "{route}: {status} after {lasting:?}");
            if route != "POST /v1/auth/register" {
                assert!(effect(&world, route, &prepared, &reply).await, "{route}: {lasting:?}");
            }
        }
    }
}

macro_rules! routes {
    ($($name:ident: $route:literal is $good:literal;)*) => {
        const ROUTES: &[&str] = &[$($route),*];

        $(#[tokio::test]
        async fn $name() {
            rides_out($route, $good).await;
        })*
    };
}

routes! {
    the_dashboard_rides_out_faults: "GET /v1/dashboard" is 200;
    usage_rides_out_faults: "GET /v1/usage" is 200;
    the_log_rides_out_faults: "GET /v1/usage/events" is 200;
    sessions_ride_out_faults: "GET /v1/sessions" is 200;
    the_profile_rides_out_faults: "GET /v1/profile" is 200;
    a_changed_profile_rides_out_faults: "PATCH /v1/profile" is 200;
    ingest_rides_out_faults: "POST /v1/usage/events" is 202;
    registering_rides_out_faults: "POST /v1/auth/register" is 202;
    verifying_rides_out_faults: "POST /v1/auth/verify-email" is 204;
    signing_in_rides_out_faults: "POST /v1/auth/login" is 200;
    signing_out_rides_out_faults: "POST /v1/auth/logout" is 204;
}

#[test]
fn every_route_of_the_api_is_put_under_faults() {
    let routes = local::all_routes();
    let api = routes.table().iter().filter(|route| route.path.starts_with("/v1/"));
    let api: BTreeSet<String> = api.map(|it| format!("{} {}", it.method, it.path)).collect();
    let mut covered: BTreeSet<String> = ROUTES.iter().map(|it| (*it).to_owned()).collect();
    // Calls nothing.
    covered.insert("GET /v1/openapi.json".to_owned());
    assert_eq!(api, covered);
}
