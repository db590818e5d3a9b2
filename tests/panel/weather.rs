//! Every request in bad weather: one fault is ridden out, a lasting one is a clear 503, and after
//! it the same request does what it is for.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::json;
use shared::testing::{Fault, Faults};
use tests::{PASSWORD, World, read};

/// What calls meet.
#[derive(Default)]
struct Sky {
    /// The fault, the call that it begins with, and whether it stays.
    storm: Option<(Fault, usize, bool)>,
    calls: usize,
}

#[derive(Clone, Default)]
struct Weather(Arc<Mutex<Sky>>);

impl Weather {
    fn sky(&self) -> MutexGuard<'_, Sky> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn faults(&self) -> Faults {
        let weather = self.clone();
        Faults::new(move |_call| {
            let mut sky = weather.sky();
            sky.calls += 1;
            let calls = sky.calls;
            let (fault, from, lasting) = sky.storm?;
            (calls == from || lasting && calls > from).then_some(fault)
        })
    }

    /// Sends a request into a storm.
    async fn brave(&self, storm: Option<(Fault, usize, bool)>, request: RequestBuilder) -> u16 {
        *self.sky() = Sky { storm, calls: 0 };
        let reply = read(request).await;
        self.sky().storm = None;
        if reply.status == StatusCode::SERVICE_UNAVAILABLE {
            assert_eq!(reply.json()["code"], "unavailable", "{}", reply.text);
            assert!(!reply.header("x-request-id").is_empty());
        }
        reply.status.as_u16()
    }
}

/// A request that can be made again and again, each time on new ground.
async fn prepare(world: &World, number: usize, route: &str) -> RequestBuilder {
    let name = format!("client{number}");
    let (method, path) = route.split_once(' ').unwrap();
    let method: Method = method.parse().unwrap();
    let open = |body| world.request(method.clone(), path).json(&body);
    let email = format!("owner@{name}.test");
    // The limits on guessing see every request from one address.
    world.advance(3601).await;
    match route {
        "POST /v1/auth/register" => {
            open(json!({"email": email, "password": PASSWORD, "name": name}))
        }
        "POST /v1/auth/verify-email" => {
            let body = json!({"email": email, "password": PASSWORD, "name": name});
            world.post("/v1/auth/register", &body).await;
            open(json!({"token": world.mailed_token(&email).await}))
        }
        "POST /v1/auth/login" => open(json!({"email": "owner@acme.test", "password": PASSWORD})),
        "POST /v1/usage/events" => {
            let acme = world.sign_in("owner@acme.test", PASSWORD).await;
            open(json!([acme.event(&name)])).bearer_auth(&world.panel.people.service_key)
        }
        _ => {
            let acme = world.sign_in("owner@acme.test", PASSWORD).await;
            let request = acme.request(method.clone(), path);
            if method == Method::GET { request } else { request.json(&json!({"name": name})) }
        }
    }
}

async fn rides_out(route: &str, good: u16) {
    const FAULTS: [Fault; 7] = [
        Fault::Throttle,
        Fault::Conflict,
        Fault::InProgress,
        Fault::ServerError,
        Fault::TimeoutBefore,
        Fault::TimeoutAfter,
        Fault::LostReply,
    ];
    let weather = Weather::default();
    let world = World::over(weather.faults().wire()).await;
    world.register("acme").await;
    let mut number = 0;
    let mut next = async || {
        number += 1;
        prepare(&world, number, route).await
    };
    assert_eq!(weather.brave(None, next().await).await, good, "{route}");
    let calls = weather.sky().calls;
    assert!(calls > 0, "{route} calls something");
    for point in 1..=calls {
        for fault in FAULTS {
            let once = weather.brave(Some((fault, point, false)), next().await).await;
            assert_eq!(once, good, "{route}: {fault:?} once at call {point}");
            let request = next().await;
            let again = request.try_clone().unwrap();
            let lasting = weather.brave(Some((fault, point, true)), request).await;
            assert!([503, good].contains(&lasting), "{route}: {fault:?} from call {point}");
            if route != "POST /v1/auth/verify-email" {
                let after = weather.brave(None, again).await;
                assert_eq!(after, good, "{route}: after {fault:?} from call {point}");
            }
        }
    }
}

macro_rules! weather {
    ($($name:ident: $route:literal is $good:literal;)*) => {$(
        #[tokio::test]
        async fn $name() {
            rides_out($route, $good).await;
        }
    )*};
}

weather! {
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
}
