//! What clients bring to support: opened with what it is about, told in a conversation, with a promise that both
//! sides see.

mod files;
mod input;
mod list;
mod moves;
mod one;
mod open;
pub mod reply;
#[cfg(feature = "testing")]
mod specimens;
pub mod words;
mod write;

use shared::{
    auth::{
        Access::{Client, ClientOr},
        Scope::{Read, TicketsWrite},
    },
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
    "tickets",
    &[
        Setting::Table,
        Setting::PublicUrl,
        Setting::PanelSecret,
        Setting::SealingKeys,
        Setting::Files,
    ],
    Trigger::Http(places! {
        Tickets "/v1/tickets";
        OneTicket "/v1/tickets/*";
        TicketsPage "/tickets";
        TicketsPages "/tickets/*";
    }),
);

/// All that this function serves.
#[must_use]
pub fn routes() -> Routes {
    Routes::new()
        .get("/v1/tickets", ClientOr(Read), list::json)
        .post("/v1/tickets", ClientOr(TicketsWrite), open::json)
        .get("/v1/tickets/{id}", ClientOr(Read), one::json)
        .get("/v1/tickets/{id}/messages", ClientOr(Read), one::messages)
        .post("/v1/tickets/{id}/messages", ClientOr(TicketsWrite), write::json)
        .post("/v1/tickets/{id}/close", ClientOr(TicketsWrite), moves::close)
        .post("/v1/tickets/{id}/reopen", ClientOr(TicketsWrite), moves::reopen)
        .post("/v1/tickets/{id}/attachments", ClientOr(TicketsWrite), files::json)
        .get("/v1/tickets/{id}/attachments/{attachment}", ClientOr(Read), files::fetch)
        .get("/tickets", Client, list::page)
        .get("/tickets/new", Client, open::new)
        .post("/tickets/new", Client, open::submit)
        .get("/tickets/{id}", Client, one::page)
        .post("/tickets/{id}", Client, write::submit)
        .post("/tickets/{id}/close", Client, moves::close_submit)
        .post("/tickets/{id}/reopen", Client, moves::reopen_submit)
        .get("/tickets/{id}/files", Client, files::new)
        .post("/tickets/{id}/files", Client, files::submit)
        .get("/tickets/{id}/files/{attachment}", Client, files::follow)
}

/// The function's part of the API's description.
#[derive(OpenApi)]
#[openapi(paths(
    list::json,
    open::json,
    one::json,
    one::messages,
    write::json,
    moves::close,
    moves::reopen,
    files::json,
    files::fetch
))]
pub struct Api;
