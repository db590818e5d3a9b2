//! Every request of the API under faults: one fault is ridden out, a lasting one is a clear 503, and
//! after it the same request does what it is for, once.

mod ground;

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use ground::{after, effect, prepare};
use reqwest::{RequestBuilder, StatusCode};
use shared::testing::{Fault, Faults};
use tests::{Reply, World, read};

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

/// Routes whose effect is there to see even where the same request is refused the second time.
const TELLS: [&str; 3] = ["POST /v1/auth/verify-email", "POST /v1/auth/logout", "POST /not-me"];

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
            let is_told = if route.contains(" /v1/") {
                reply.json()["code"] == "unavailable"
            } else {
                reply.header("content-type").starts_with("text/html")
            };
            assert!(is_told, "{route}: {lasting:?}: {}", reply.text);
            let (reply, _) = injector.send(None, &prepared.request).await;
            let status = reply.status.as_u16();
            assert!(after(route, good).contains(&status), "{route}: {status} after {lasting:?}");
            // What was done under the lasting fault is seen where it is not a reply's secret.
            let told = status == good || TELLS.contains(&route);
            if told && route != "POST /v1/auth/register" {
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
    the_second_step_rides_out_faults: "POST /v1/auth/login/verify" is 200;
    forgetting_rides_out_faults: "POST /v1/auth/password/forgot" is 202;
    rescuing_rides_out_faults: "POST /not-me" is 303;
    resetting_rides_out_faults: "POST /v1/auth/password/reset" is 204;
    a_changed_password_rides_out_faults: "POST /v1/security/password" is 204;
    sudo_rides_out_faults: "POST /v1/auth/sudo" is 200;
    the_factor_rides_out_faults: "GET /v1/security/2fa" is 200;
    beginning_a_factor_rides_out_faults: "POST /v1/security/2fa/enable" is 200;
    turning_a_factor_on_rides_out_faults: "POST /v1/security/2fa/verify" is 200;
    turning_it_off_rides_out_faults: "POST /v1/security/2fa/disable" is 204;
    backup_codes_ride_out_faults: "GET /v1/security/2fa/backup-codes" is 200;
    new_backup_codes_ride_out_faults: "POST /v1/security/2fa/backup-codes" is 200;
    the_security_log_rides_out_faults: "GET /v1/security/events" is 200;
    ending_a_session_rides_out_faults: "DELETE /v1/sessions/{id}" is 204;
    ending_the_others_rides_out_faults: "DELETE /v1/sessions" is 204;
    keys_ride_out_faults: "GET /v1/api-keys" is 200;
    a_new_key_rides_out_faults: "POST /v1/api-keys" is 201;
    a_changed_key_rides_out_faults: "PATCH /v1/api-keys/{id}" is 200;
    a_rotated_key_rides_out_faults: "POST /v1/api-keys/{id}/rotate" is 200;
    a_revoked_key_rides_out_faults: "DELETE /v1/api-keys/{id}" is 204;
    authorizing_rides_out_faults: "POST /v1/gateway/authorize" is 200;
    service_keys_ride_out_faults: "GET /v1/admin/service-keys" is 200;
    a_new_service_key_rides_out_faults: "POST /v1/admin/service-keys" is 201;
    a_revoked_service_key_rides_out_faults: "DELETE /v1/admin/service-keys/{id}" is 204;
}

#[test]
fn every_route_of_the_api_is_put_under_faults() {
    let routes = local::all_routes();
    let api = routes.table().iter().filter(|route| route.path.starts_with("/v1/"));
    let api: BTreeSet<String> = api.map(|it| format!("{} {}", it.method, it.path)).collect();
    let covered = ROUTES.iter().filter(|route| route.contains(" /v1/"));
    let mut covered: BTreeSet<String> = covered.map(|it| (*it).to_owned()).collect();
    // Calls nothing.
    covered.insert("GET /v1/openapi.json".to_owned());
    assert_eq!(api, covered);
}
