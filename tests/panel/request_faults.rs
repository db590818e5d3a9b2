//! Every request, of programs and of forms, under faults: one fault is ridden out, a lasting one is a clear 503, and
//! after it the same request does what it is for, once.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use reqwest::{StatusCode, header::HeaderMap};
use shared::testing::{Fault, Faults, Specimen, specimen::Request};
use tests::{Reply, World, read};

use crate::specimens::{all, ground};

/// Which fault meets which call of the next request.
#[derive(Debug, Clone, Copy)]
struct Injection {
    fault: Fault,
    from: usize,
    lasting: bool,
}

/// What is injected now, and the calls since by their operations.
#[derive(Clone, Default)]
struct Injector(Arc<Mutex<(Option<Injection>, Vec<String>)>>);

impl Injector {
    fn state(&self) -> MutexGuard<'_, (Option<Injection>, Vec<String>)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn faults(&self) -> Faults {
        let injector = self.clone();
        Faults::new(move |call| {
            let mut state = injector.state();
            state.1.push(call.operation.clone());
            let calls = state.1.len();
            let Injection { fault, from, lasting } = state.0?;
            (calls == from || lasting && calls > from).then_some(fault)
        })
    }

    /// Sends a request; its reply, and the calls that it made.
    async fn send(
        &self,
        world: &World,
        injection: Option<Injection>,
        request: &Request,
    ) -> (Reply, Vec<String>) {
        *self.state() = (injection, Vec::new());
        let reply = read(request.at(&world.site)).await;
        let (_, calls) = std::mem::take(&mut *self.state());
        (reply, calls)
    }
}

async fn rides_out(specimen: &Specimen) {
    let (route, good) = (specimen.route, specimen.good);
    let injector = Injector::default();
    let world = World::over(injector.faults().wire()).await;
    let mut number = 0;
    let mut next = async || {
        number += 1;
        specimen.on(ground(&world, number).await).await
    };
    let prepared = next().await;
    if specimen.method() != "GET" {
        let undone = prepared.is_done(&world.site, &nothing()).await;
        assert!(!undone, "{route}: its effect is there before the request");
    }
    let prepared = next().await;
    let (reply, calls) = injector.send(&world, None, &prepared.request).await;
    assert_eq!(reply.status.as_u16(), good, "{route}: {}", reply.text);
    assert!(prepared.is_done(&world.site, &reply).await, "{route} does what it is for");
    for (place, operation) in calls.iter().enumerate() {
        for fault in faults(specimen).into_iter().filter(|fault| fault.is_of(operation)) {
            let once = Injection { fault, from: place + 1, lasting: false };
            let prepared = next().await;
            let (reply, _) = injector.send(&world, Some(once), &prepared.request).await;
            assert_eq!(reply.status.as_u16(), good, "{route}: {once:?}");
            assert!(prepared.is_done(&world.site, &reply).await, "{route}: {once:?}");

            // What lasts has the request give up, whatever its kind: nothing was done, or it was and nobody told.
            if !matches!(fault, Fault::Throttle | Fault::LostReply) {
                continue;
            }
            let lasting = Injection { lasting: true, ..once };
            let prepared = next().await;
            let (reply, _) = injector.send(&world, Some(lasting), &prepared.request).await;
            if reply.status.as_u16() == good {
                // What failed is not what the request is for: that a key was used is noted next time.
                assert!(prepared.is_done(&world.site, &reply).await, "{route}: {lasting:?}");
                continue;
            }
            assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE, "{route}: {lasting:?}");
            let is_told = if route.contains(" /v1/") {
                reply.json()["code"] == "unavailable"
            } else {
                reply.header("content-type").starts_with("text/html")
            };
            assert!(is_told, "{route}: {lasting:?}: {}", reply.text);
            let (reply, _) = injector.send(&world, None, &prepared.request).await;
            let status = reply.status.as_u16();
            assert!(specimen.again.contains(&status), "{route}: {status} after {lasting:?}");
            // What was done under the lasting fault is seen where it is not a reply's secret.
            let told = status == good || specimen.is_seen_outside;
            if told && !specimen.is_told_once {
                assert!(prepared.is_done(&world.site, &reply).await, "{route}: {lasting:?}");
            }
        }
    }
}

/// Every fault that leaves the process alive. A form is another face of what programs ask for, and meets one that
/// comes before the table does what it is asked, and one that comes after. What reads meets one of each kind of answer:
/// whether the table had done it is nothing to a read.
fn faults(specimen: &Specimen) -> Vec<Fault> {
    if specimen.method() == "GET" {
        return vec![Fault::Throttle, Fault::Partial, Fault::LostReply];
    }
    if specimen.route.contains(" /v1/") {
        return Fault::ALL.into_iter().filter(|fault| !fault.kills()).collect();
    }
    vec![Fault::Throttle, Fault::LostReply]
}

/// A reply that says nothing.
fn nothing() -> Reply {
    Reply { status: StatusCode::OK, headers: HeaderMap::new(), text: String::new() }
}

/// The specimens are shared out, so that they run side by side.
const PARTS: usize = 12;

async fn part_rides_out(part: usize) {
    for (number, (_, specimen)) in all().iter().enumerate() {
        if number % PARTS == part {
            rides_out(specimen).await;
        }
    }
}

macro_rules! parts {
    ($($name:ident $part:literal;)*) => {$(
        #[tokio::test]
        async fn $name() {
            part_rides_out($part).await;
        }
    )*};
}

parts! {
    part_01_of_the_routes_rides_out_faults 0;
    part_02_of_the_routes_rides_out_faults 1;
    part_03_of_the_routes_rides_out_faults 2;
    part_04_of_the_routes_rides_out_faults 3;
    part_05_of_the_routes_rides_out_faults 4;
    part_06_of_the_routes_rides_out_faults 5;
    part_07_of_the_routes_rides_out_faults 6;
    part_08_of_the_routes_rides_out_faults 7;
    part_09_of_the_routes_rides_out_faults 8;
    part_10_of_the_routes_rides_out_faults 9;
    part_11_of_the_routes_rides_out_faults 10;
    part_12_of_the_routes_rides_out_faults 11;
}
