//! The functions and what each is handed: the first reading request of an HTTP function's specimens, the
//! first event of a worker's.

use reqwest::Method;
use serde_json::{Value, json};
use shared::testing::{
    self, Scene,
    specimen::{Ground, Request},
};
use tests::World;

/// A function and its events.
pub(crate) struct Subject {
    /// Its binary.
    pub(crate) binary: &'static str,
    events: Vec<Value>,
}

impl Subject {
    /// The event of a number: a worker's is new to the panel each time; the traced run takes the last.
    pub(crate) fn event(&self, number: u64) -> Value {
        let last = self.events.len() - 1;
        let place = usize::try_from(number).map_or(last, |number| number.min(last));
        self.events[place].clone()
    }
}

/// Every function, the one that does nothing first; each with events for so many numbers.
pub(crate) async fn all(world: &World, numbers: u64) -> Vec<Subject> {
    let nothing = Request::get("/");
    let mut all = vec![Subject { binary: "hello", events: vec![as_gateway_has_it(&nothing)] }];
    for (place, function) in local::functions().into_iter().enumerate() {
        let mut specimens = function.specimens.iter();
        let reads = specimens.find(|it| it.route.starts_with("GET /v1/")).expect("a list");
        let ground = Ground::new(&world.site, &world.panel.app, 1_000_000 + place);
        let request = reads.on(ground).await.request;
        assert_eq!(request.method, Method::GET);
        all.push(Subject {
            binary: function.function.name,
            events: vec![as_gateway_has_it(&request)],
        });
    }
    let app = &world.panel.app;
    let client = testing::client(app, "acme").await;
    for worker in local::workers() {
        let specimen = worker.specimens.first().expect("an event");
        let mut events = Vec::new();
        for number in 0..numbers {
            events.push(specimen.in_scene(Scene { app: app.clone(), client, number }).await);
        }
        all.push(Subject { binary: worker.function.name, events });
    }
    all
}

/// A request as API Gateway hands it over.
fn as_gateway_has_it(request: &Request) -> Value {
    let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
    let mut headers = json!({"host": "panel.example", "content-type": "application/json"});
    if let Some(token) = &request.token {
        headers["authorization"] = json!(format!("Bearer {token}"));
    }
    json!({
        "version": "2.0", "routeKey": "$default", "rawPath": path, "rawQueryString": query,
        "headers": headers,
        "requestContext": {
            "accountId": "1", "apiId": "api", "domainName": "panel.example", "domainPrefix": "panel",
            "http": {"method": request.method.as_str(), "path": path, "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.1", "userAgent": "bench"},
            "requestId": "bench", "routeKey": "$default", "stage": "$default",
            "time": "22/Nov/2026:12:00:00 +0000", "timeEpoch": 1_795_348_800_000_u64,
        },
        "body": Value::Null,
        "isBase64Encoded": false,
    })
}
