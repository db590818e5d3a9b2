//! What the rental company's people do: the keys of its own machines, the clients' tickets. Every route wants a
//! session with a second factor, and every write says who did it.

mod service_keys;
#[cfg(feature = "testing")]
mod specimens;
mod tickets;

use shared::{
    auth::Access::Staff,
    config::Setting,
    function::{Function, Trigger},
    http::Routes,
    places,
};
use utoipa::OpenApi;

#[cfg(feature = "testing")]
pub use specimens::specimens;

/// How it is deployed.
pub const FUNCTION: Function = Function::new(
    "admin",
    &[
        Setting::Table,
        Setting::PublicUrl,
        Setting::PanelSecret,
        Setting::SealingKeys,
        Setting::Files,
    ],
    Trigger::Http(places! {
        AdminApi "/v1/admin/*";
        AdminPages "/admin/*";
    }),
);

/// All that this function serves.
#[must_use]
pub fn routes() -> Routes {
    Routes::new()
        .get("/v1/admin/service-keys", Staff, service_keys::list::json)
        .post("/v1/admin/service-keys", Staff, service_keys::create::json)
        .delete("/v1/admin/service-keys/{id}", Staff, service_keys::revoke::json)
        .get("/v1/admin/tickets", Staff, tickets::list::json)
        .get("/v1/admin/tickets/{id}", Staff, tickets::one::json)
        .post("/v1/admin/tickets/{id}/assign", Staff, tickets::set::assign)
        .post("/v1/admin/tickets/{id}/status", Staff, tickets::set::status)
        .post("/v1/admin/tickets/{id}/priority", Staff, tickets::set::priority)
        .post("/v1/admin/tickets/{id}/messages", Staff, tickets::answer::json)
        .get("/v1/admin/tickets/{id}/attachments/{attachment}", Staff, tickets::one::attachment)
        .get("/admin/tickets", Staff, tickets::list::page)
        .get("/admin/tickets/{id}", Staff, tickets::one::page)
        .post("/admin/tickets/{id}/assign", Staff, tickets::set::assign_submit)
        .post("/admin/tickets/{id}/status", Staff, tickets::set::status_submit)
        .post("/admin/tickets/{id}/priority", Staff, tickets::set::priority_submit)
        .post("/admin/tickets/{id}/messages", Staff, tickets::answer::submit)
        .post("/admin/tickets/{id}/notes", Staff, tickets::answer::note_submit)
        .get("/admin/tickets/{id}/files/{attachment}", Staff, tickets::one::attachment)
}

/// The function's part of the API's description.
#[derive(OpenApi)]
#[openapi(paths(
    service_keys::list::json,
    service_keys::create::json,
    service_keys::revoke::json,
    tickets::list::json,
    tickets::one::json,
    tickets::set::assign,
    tickets::set::status,
    tickets::set::priority,
    tickets::answer::json,
    tickets::one::attachment
))]
pub struct Api;
