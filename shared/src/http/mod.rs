//! The way of a request: what surrounds every handler of every function.

mod context;
mod frame;
mod idempotency;
mod input;
mod list;
mod own_path;
mod problem;
mod routes;
mod strict;

pub use context::cookie;
pub use context::{ClientAddress, Context, Face};
pub use frame::UploadsTo;
pub use idempotency::{IdempotencyKey, Once, Repeatable, json_reply};
pub use input::{
    Form, IfMatch, Json, Object, PageLimit, PageQuery, Path, Query, decode_json, media_type,
    read_body,
};
pub(crate) use input::{decode_form, form_body};
pub use list::{ListPage, ListQuery};
pub use own_path::{encoded, own_path};
pub(crate) use problem::Failed;
pub use problem::Problem;
pub use routes::{Route, Routes};
pub use strict::Strict;
