//! Support: a ticket's life, who sees what of it, and what is promised.

mod files;
mod hidden;
mod hostile;
mod life;
mod machine;
mod races;
mod staff;

use serde_json::{Value, json};
use tests::{Client, Given, Reply, World};

/// A client and one of staff with a second factor, at a panel.
struct Desk {
    world: World,
    acme: Client,
    staff: Client,
}

impl Desk {
    async fn open() -> Self {
        let world = World::start().await;
        let acme = world.client("acme").await;
        let staff = world.staff_with_factor().await;
        Self { world, acme, staff }
    }

    /// The ticket as its client sees it.
    async fn ticket(&self, id: &str) -> Value {
        self.acme.get(&format!("/v1/tickets/{id}")).await.json()
    }

    /// The client does something with it.
    async fn acts(&self, id: &str, what: &str, body: Value) -> Reply {
        self.acme.post(&format!("/v1/tickets/{id}/{what}"), &body).await
    }

    /// The client writes.
    async fn writes(&self, id: &str, body: &str) -> Reply {
        self.acts(id, "messages", json!({"body": body})).await
    }

    /// Staff do something with it.
    async fn handles(&self, id: &str, what: &str, body: Value) -> Reply {
        self.staff.post(&format!("/v1/admin/tickets/{id}/{what}"), &body).await
    }

    /// Staff answer.
    async fn answers(&self, id: &str, body: &str) -> Reply {
        self.handles(id, "messages", json!({"body": body})).await
    }

    /// Staff say where it stands.
    async fn sets(&self, id: &str, status: &str) -> Reply {
        self.handles(id, "status", json!({"status": status, "reason": "Because"})).await
    }

    /// What the dashboard counts: those that are not closed, and those that wait for the client.
    async fn counts(&self) -> [u64; 2] {
        let counts = self.acme.get("/v1/dashboard").await.json()["tickets"].clone();
        ["open", "waiting_for_you"].map(|name| counts[name].as_u64().unwrap())
    }

    /// So many days pass, and all that happens in them; who was signed in signs in anew.
    async fn days_pass(&mut self, days: i64) {
        self.world.advance(days * 86_400).await;
        self.world.drain().await;
        let session = async |account: &str, given| self.world.session_with(account, given).await;
        let acme = session(&self.acme.account, Given::Nothing).await;
        let staff = session(&self.staff.account, Given::Factor).await;
        (self.acme.token, self.staff.token) = (acme, staff);
    }
}

/// Where a ticket stands, and who has to act.
fn stands(ticket: &Value) -> [&str; 2] {
    ["status", "waiting_for"].map(|name| ticket[name].as_str().unwrap_or("nobody"))
}
