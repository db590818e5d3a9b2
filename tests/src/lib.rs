//! A running panel and its clients, for tests from outside: everything goes over HTTP.

#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "a test fails where its world does"
)]

pub mod deployment;
pub mod description;
pub mod gateway;
pub mod journeys;
pub mod soak;

use std::ops::Deref;

use local::{Options, Panel};
use reqwest::redirect::Policy;
use serde_json::Value;
pub use shared::testing::{Authenticator, Client, Given, PASSWORD, PostOffice, Reply, Site, read};
use shared::{
    auth::{Token, session_key},
    clock::Clock,
    id::SessionId,
    table::{Tenant, Update, Written},
    testing::{Login, NOW, PLAN},
    wire::Wire,
};

/// A panel of its own for every test.
pub struct World {
    /// The panel.
    pub panel: Panel,
    /// How it is reached.
    pub site: Site,
}

impl Deref for World {
    type Target = Site;

    fn deref(&self) -> &Site {
        &self.site
    }
}

/// An HTTP client that follows no redirect and keeps no cookie.
#[must_use]
pub fn http_client() -> reqwest::Client {
    reqwest::Client::builder().redirect(Policy::none()).build().expect("a client")
}

impl World {
    /// Starts a panel whose clock stands at [`NOW`].
    pub async fn start() -> Self {
        Self::over(Wire::default()).await
    }

    /// Starts a panel whose requests reach its cloud over this wire.
    pub async fn over(wire: Wire) -> Self {
        Self::at(Clock::fixed(NOW.parse().expect("a constant")), wire).await
    }

    /// Starts a panel with a clock of its own.
    pub async fn at(clock: Clock, wire: Wire) -> Self {
        let options = Options { clock, wire, ..Options::throw_away() };
        let panel = Panel::start(options).await.expect("the panel starts");
        let site = Site {
            url: panel.url.clone(),
            http: http_client(),
            clock: panel.app.clock.clone(),
            service_key: panel.people.service_key.clone(),
            staff: Login {
                email: panel.people.staff.email.clone(),
                password: panel.people.staff.password.clone(),
            },
            mail: PostOffice::Desk(panel.url.clone()),
        };
        Self { panel, site }
    }

    /// A client that registered, confirmed its address and signed in, on a plan with room for what tests do.
    pub async fn client(&self, name: &str) -> Client {
        let client = self.site.client(name).await;
        self.set_plan(&client.account, PLAN).await;
        client
    }

    /// Puts a client on a plan, as an operator does.
    pub async fn set_plan(&self, account: &str, plan: &str) {
        let set = operator::set_plan(&self.panel.app, account, plan).await;
        assert_eq!(set.expect("a plan").plan.id, plan);
    }

    /// As if the password, and with `factor` a second factor, had been given again in a session.
    pub async fn give(&self, token: &str, factor: bool) {
        let token: Token = token.parse().expect("a session");
        let key = session_key(Tenant::at_desk(token.account), SessionId::from_bytes(token.id));
        let until = self.clock.now().as_second() + 600;
        let given = Update::new()
            .set("sudo_until", until)
            .set("factor_until", if factor { until } else { 0 })
            .set_serialized("second_factor", &factor)
            .expect("a boolean");
        let table = &self.panel.app.table;
        let _written: Written<Value> = table.update(&key, given).await.expect("given");
    }
}
