//! A world of its own for every test: the services on an embedded cloud in memory, a clock that
//! stands still, randomness from a seed.

mod authenticator;
pub mod billed;
mod event_specimen;
mod faults;
mod hold;
pub mod paid;
mod site;
pub mod specimen;
mod tally;
pub mod ticketed;
pub mod told;
pub mod watched;

pub use authenticator::Authenticator;
pub use event_specimen::{EventSpecimen, Scene};
pub use faults::{Call, Fault, Faults};
pub use hold::Hold;
pub use site::{Client, Given, Login, PostOffice, Reply, Site, read};
pub use specimen::Specimen;
pub use tally::{Bill, Charge, Tally};

use cloud::{Cloud, Environment, Storage};
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::sync::OnceCell;

use crate::{
    account::{AccountKind, Founded, Founder, FoundingRefused, found},
    app::App,
    auth::{Errand, Password, PasswordHash, Registration, hash_password},
    clock::Clock,
    config::{Config, Setting},
    queue::{Deliveries, Delivery, Known},
    random::Random,
    table::{Range, Tenant},
    usage::{Counters, Grain, Totals, grain_prefix},
    web::Language,
    wire::Wire,
};

/// A password that is good enough.
pub const PASSWORD: &str = "glass-otter-runs-north";

/// The moment that every test begins at.
pub const NOW: &str = "2026-11-22T12:00:00Z";

/// A test's own world. It is gone when this is dropped.
pub struct TestApp {
    /// The services under test.
    pub app: App,
    /// What lies around them.
    pub cloud: Cloud,
}

impl TestApp {
    /// A new world.
    ///
    /// # Panics
    /// When the embedded cloud does not start.
    pub async fn start() -> Self {
        let cloud = Cloud::start(Storage::Memory, 0, 0).await.expect("the embedded cloud starts");
        let now: Timestamp = NOW.parse().expect("a constant");
        let (clock, random) = (Clock::fixed(now), Random::seeded(1));
        let time = clock.clone();
        cloud.set_clock(std::sync::Arc::new(move || time.now().as_second()));
        let config = config(&environment(&cloud));
        let app = App::new(config, clock, random, &Wire::default()).expect("sound plans");
        Self { app, cloud }
    }

    /// Another process on the same cloud and clock, that reaches it over a wire of its own.
    ///
    /// # Panics
    /// When the plans are not sound.
    #[must_use]
    pub fn process(&self, wire: &Wire) -> App {
        let (clock, random) = (self.app.clock.clone(), self.app.random.clone());
        let config = config(&self.environment());
        App::new(config, clock, random, wire).expect("sound plans")
    }

    /// Another process on the same cloud, with a clock of its own.
    ///
    /// # Panics
    /// When the plans are not sound.
    #[must_use]
    pub fn process_at(&self, clock: Clock) -> App {
        let config = config(&self.environment());
        App::new(config, clock, self.app.random.clone(), &Wire::default()).expect("sound plans")
    }

    /// The environment of a function that runs as a process of its own.
    #[must_use]
    pub fn environment(&self) -> Environment {
        environment(&self.cloud)
    }

    /// A client with an account of its own.
    pub async fn client(&self, name: &str) -> Founded {
        client(&self.app, name).await
    }

    /// The scene of a client.
    #[must_use]
    pub fn scene(&self, client: Founded) -> Scene {
        Scene { app: self.app.clone(), client, number: 1 }
    }

    /// A client's tenancy.
    #[must_use]
    pub fn tenant(&self, founded: Founded) -> Tenant {
        Tenant::at_desk(founded.account)
    }

    /// What the counters of a grain hold of a client, over all spans, shards, types and models.
    ///
    /// # Panics
    /// When the parts do not add up to the whole.
    pub async fn counted(&self, client: Founded, grain: Grain) -> Totals {
        self.counters(client, grain).await.totals
    }

    /// The same by AI type and model.
    ///
    /// # Panics
    /// When the parts do not add up to the whole.
    pub async fn counters(&self, client: Founded, grain: Grain) -> Counters {
        let range = Range::prefix(self.tenant(client), grain_prefix(grain));
        let mut sum = Counters::default();
        for record in self.app.table.records(range).await.expect("the counters") {
            sum.merge(&Counters::read(&record));
        }
        let whole = |parts: Vec<&Totals>| {
            parts.into_iter().fold(Totals::default(), |mut whole, part| {
                whole.add(part);
                whole
            })
        };
        assert_eq!(sum.totals, whole(sum.by_type.values().collect()), "by type");
        assert_eq!(sum.totals, whole(sum.by_model.values().collect()), "by model");
        sum
    }

    /// The bodies of the messages in a queue, which are taken out.
    ///
    /// # Panics
    /// When there is no such queue.
    pub async fn take(&self, queue: &str) -> Vec<Value> {
        let mut bodies = Vec::new();
        loop {
            let messages = self.cloud.queues().receive(queue, 10).await.expect("the queue");
            if messages.is_empty() {
                return bodies;
            }
            for message in messages {
                bodies.push(serde_json::from_str(&message.body).expect("JSON"));
                self.cloud.queues().delete(queue, &message).await.expect("deleted");
            }
        }
    }
}

/// The plan of most tests' clients: a hard one with room for what they do.
pub const PLAN: &str = "starter";

/// A client with an account of its own, who signs in with [`PASSWORD`]; nobody registers.
///
/// # Panics
/// When it cannot be founded.
pub async fn client(app: &App, name: &str) -> Founded {
    /// Hashing takes its time; one hash is as good as many.
    static HASH: OnceCell<PasswordHash> = OnceCell::const_new();
    let hash = HASH.get_or_init(async || {
        let password = Password::new(PASSWORD, &[]).expect("a good password");
        hash_password(password, &Random::seeded(0)).await.expect("hashed")
    });
    let founder = founder(app, name, hash.await.clone());
    let mut transaction = app.table.transaction::<FoundingRefused>();
    let founded = found(app, founder, &mut transaction);
    transaction.commit().await.expect("founded");
    founded
}

fn founder(app: &App, name: &str, password_hash: PasswordHash) -> Founder {
    Founder {
        plan: app.plans.newest(PLAN).expect("a plan").reference(),
        kind: AccountKind::Client,
        email: format!("owner@{name}.test").parse().expect("an address"),
        password_hash,
        name: format!("Owner of {name}"),
        company: name.to_owned(),
        locale: Language::default(),
    }
}

fn environment(cloud: &Cloud) -> Environment {
    let mut environment = cloud.environment(&[
        ("DomainName", "https://panel.example"),
        ("MailSender", "panel@example.com"),
        ("MailSettings", "mail-settings"),
        ("PanelSecret", "a secret of at least 32 characters"),
        ("SealingKeys", "a-key-of-at-least-thirty-two-characters"),
    ]);
    environment.extend(
        [
            ("AWS_REGION", "us-east-1".to_owned()),
            ("AWS_ACCESS_KEY_ID", "test".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
            ("AWS_ENDPOINT_URL", cloud.aws_endpoint()),
            ("AWS_ENDPOINT_URL_DYNAMODB", cloud.dynamodb_endpoint()),
        ]
        .map(|(name, value)| (name.to_owned(), value)),
    );
    environment
}

fn config(environment: &Environment) -> Config {
    Config::from_lookup(&Setting::all(), |name| environment.get(name).cloned())
        .expect("the template names every setting")
}

/// A registration that waits for its link to be used.
///
/// # Panics
/// When the address is none.
#[must_use]
pub fn registration(email: &str, name: &str) -> Errand {
    Errand::Registration(Registration {
        email: email.parse().expect("an address"),
        password_hash: PasswordHash::locked(),
        name: name.to_owned(),
        company: String::new(),
        locale: Language::default(),
    })
}

/// One message, delivered for the first time.
#[must_use]
pub fn delivery(id: &str, body: String) -> Delivery {
    Delivery { message_id: id.to_owned(), body, attributes: Known::default() }
}

/// What Lambda would hand over for these bodies; the ids are `m0`, `m1` ...
#[must_use]
pub fn deliveries(bodies: impl IntoIterator<Item = Value>) -> Deliveries {
    let records = bodies
        .into_iter()
        .enumerate()
        .map(|(place, body)| delivery(&format!("m{place}"), body.to_string()));
    Deliveries { records: records.collect() }
}

/// A usage event as the ingest queues it.
#[must_use]
pub fn queued_event(founded: Founded, id: &str, time: &str) -> Value {
    json!({
        "source": "test", "id": id, "account": founded.account, "time": time,
        "data": {
            "ai_type": "text", "model": "atlas-mini", "input_tokens": 374, "output_tokens": 44,
            "requests": 1,
        },
    })
}
