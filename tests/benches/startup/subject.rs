//! The functions and what each is handed: what it does all day.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use outbox_relay::{Change, StreamEvent, StreamRecord};
use reqwest::Method;
use serde_json::{Value, json};
use shared::{
    auth::one_time_item,
    id::TokenId,
    outbox::{Job, OutboxRecord},
    testing::{deliveries, registration},
};
use tests::{PASSWORD, World, read};

use crate::{count, process::WARM};

/// Of ten: what every function should do with.
const MEMORY: u64 = 16;

/// argon2id works in 46 MiB, by design.
const HASH_BUFFER_KIB: u64 = 47_104;

/// What a function may take.
#[derive(Clone, Copy)]
pub(crate) struct Limits {
    /// What its work needs beside what a function needs, in KiB.
    pub(crate) buffer_kib: u64,
    /// Of ten: the memory it may have beside that of a function that does nothing.
    pub(crate) memory: u64,
    /// The instructions of its start, on x86-64: what it takes now and a twentieth more, for two counts
    /// differ by a few in a hundred, and so do C libraries.
    pub(crate) instructions: u64,
}

/// A function and its events.
pub(crate) struct Subject {
    /// Its binary.
    pub(crate) binary: &'static str,
    pub(crate) limits: Limits,
    /// The event of a number; each is new to the panel.
    pub(crate) event: Box<dyn Fn(u64) -> Value>,
}

impl Subject {
    fn new(
        binary: &'static str,
        instructions: u64,
        event: impl Fn(u64) -> Value + 'static,
    ) -> Self {
        let limits = Limits { buffer_kib: 0, memory: MEMORY, instructions };
        Self { binary, limits, event: Box::new(event) }
    }

    /// For one that is not yet where all should be: most of it is machine code, all of which the
    /// kernel maps when a part of it is used.
    fn at_most(mut self, memory: u64) -> Self {
        self.limits.memory = memory;
        self
    }

    fn hashing(mut self) -> Self {
        self.limits.buffer_kib = HASH_BUFFER_KIB;
        self
    }
}

/// Every function, the one that does nothing first.
pub(crate) async fn all(world: &World, rounds: u64) -> Vec<Subject> {
    let mut acme = world.client("acme").await;
    acme.elevate().await;
    let (token, account) = (acme.token.clone(), acme.account.clone());
    let (reader, gateway) = (token.clone(), world.service_key.clone());
    let key = json!({"name": "bench", "scopes": ["inference"]});
    let made = acme.request(Method::POST, "/v1/api-keys").json(&key);
    let question = json!({"api_key": read(made).await.json()["secret"]});
    let staff = world.staff_with_factor().await.token;
    let login = json!({"email": acme.email, "password": PASSWORD});
    let count =
        usize::try_from(rounds * (WARM + 1) + count::EVENTS + 1).expect("a number of mails");
    let mail = mails(world, count).await;
    let mut all = vec![
        Subject::new("hello", 650_000, |_| request("GET", "/", None, &Value::Null)),
        Subject::new("dashboard", 2_850_000, move |_| {
            request("GET", "/v1/dashboard", Some(&token), &Value::Null)
        })
        .at_most(17),
        Subject::new("usage", 2_750_000, move |_| {
            request("GET", "/v1/usage", Some(&reader), &Value::Null)
        }),
        Subject::new("security", 3_600_000, move |_| {
            request("POST", "/v1/auth/login", None, &login)
        })
        .hashing()
        .at_most(18),
        Subject::new("api-keys", 2_800_000, move |_| {
            request("POST", "/v1/gateway/authorize", Some(&gateway), &question)
        }),
        Subject::new("admin", 2_650_000, move |_| {
            request("GET", "/v1/admin/service-keys", Some(&staff), &Value::Null)
        }),
    ];
    all.extend(workers(world, account, mail));
    let measured: BTreeSet<String> = all.iter().skip(1).map(|it| it.binary.to_owned()).collect();
    assert_eq!(measured, world.panel.cloud.template().binaries(), "every function is measured");
    all
}

/// Those that no client asks.
fn workers(world: &World, account: String, mail: Vec<Value>) -> Vec<Subject> {
    let app = world.panel.app.clone();
    let relaying = app.clone();
    vec![
        Subject::new("usage-meter", 2_600_000, move |number| {
            let now = app.clock.now().to_string();
            let data = json!({"ai_type": "text", "model": "atlas-mini", "input_tokens": 374,
                "output_tokens": 44, "requests": 1});
            let event = json!({"source": "bench", "id": number.to_string(), "account": account,
                "time": now, "data": data});
            json!(deliveries([json!([event])]))
        }),
        Subject::new("outbox-relay", 2_600_000, move |_| {
            let now = relaying.clock.now();
            let job = Job::RegistrationMail { token: TokenId::new(now, &relaying.random) };
            let record = OutboxRecord::new(job, now, &relaying.random);
            let new_image = serde_dynamo::to_item(&record).expect("an item");
            let dynamodb = Change { sequence_number: "1".to_owned(), new_image };
            json!(StreamEvent { records: vec![StreamRecord { dynamodb }] })
        }),
        Subject::new("mailer", 2_600_000, move |number| {
            // The traced run takes the last one.
            let place = usize::try_from(number).map_or(mail.len() - 1, |it| it.min(mail.len() - 1));
            json!(deliveries([mail[place].clone()]))
        }),
        Subject::new("operator", 2_600_000, |number| {
            let email = format!("staff{number}@panel.example");
            json!({"create_staff": {"email": email, "name": "Sam"}})
        })
        .hashing(),
    ]
}

/// Mails that wait to be sent.
async fn mails(world: &World, count: usize) -> Vec<Value> {
    let app = &world.panel.app;
    let mut records = Vec::new();
    for place in 0..count {
        let (now, id) = (app.clock.now(), TokenId::new(app.clock.now(), &app.random));
        let errand = registration(&format!("{place}@acme.test"), "Ada");
        let day = SignedDuration::from_hours(24);
        let (key, item) = one_time_item(&app.config, id, now, day, errand);
        app.table.put(&key, &item).await.expect("put");
        records.push(json!(OutboxRecord::new(
            Job::RegistrationMail { token: id },
            now,
            &app.random
        )));
    }
    records
}

/// A request as API Gateway hands it over.
fn request(method: &str, path: &str, token: Option<&str>, body: &Value) -> Value {
    let mut headers = json!({"host": "panel.example", "content-type": "application/json"});
    if let Some(token) = token {
        headers["authorization"] = json!(format!("Bearer {token}"));
    }
    json!({
        "version": "2.0", "routeKey": "$default", "rawPath": path, "rawQueryString": "",
        "headers": headers,
        "requestContext": {
            "accountId": "1", "apiId": "api", "domainName": "panel.example", "domainPrefix": "panel",
            "http": {"method": method, "path": path, "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.1", "userAgent": "bench"},
            "requestId": "bench", "routeKey": "$default", "stage": "$default",
            "time": "22/Nov/2026:12:00:00 +0000", "timeEpoch": 1_795_348_800_000_u64,
        },
        "body": if body.is_null() { Value::Null } else { json!(body.to_string()) },
        "isBase64Encoded": false,
    })
}
