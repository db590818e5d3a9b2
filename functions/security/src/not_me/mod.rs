//! "This was not me": the link in every mail about a change. Its button ends all sessions, locks
//! the password that somebody else may know, undoes a change of address, removes a second factor,
//! voids backup codes and revokes API keys that were given out since, and goes on to setting a
//! password anew.
//!
//! Whoever was in the account has such links too, for changes of its own. Each rescue is therefore
//! remembered, and links that it disowned do nothing: the earliest one wins, whoever uses one first.

mod close;

use askama::Template;
use axum::{extract::State, response::Response};
use serde::Deserialize;
use shared::{
    app::App,
    auth::{
        Errand, InvalidOneTimeToken, Limit, OneTimeToken, one_time_secret, read_one_time, reserve,
    },
    error::{Conflicts, Error},
    http::{Context, Form, PageQuery as Query},
    id::TokenId,
    web::{Layout, render, see_other},
};

use crate::password::reset::SECURED;
use close::Closing;

/// Closes the account to whoever is in it and undoes what came of that; the token of the link that
/// sets the password anew.
async fn close(app: &App, context: &Context, token: &str) -> Result<TokenId, Error> {
    let attempt = reserve(app, Limit::ADDRESS, &context.network()).await?;
    let (link, errand) = read_one_time(app, token).await?;
    let Errand::NotMe(notice) = errand else { return Err(InvalidOneTimeToken.into()) };
    let closing = Closing { app, context, attempt, link, notice };
    // Each time, less is left that somebody else could write in between.
    let mut conflicts = Conflicts::default();
    loop {
        match closing.carry_out().await {
            Ok(way_on) => return Ok(way_on),
            Err(error) => conflicts.put_up_with(error)?,
        }
    }
}

#[derive(Template)]
#[template(path = "not_me/page.html")]
struct Page {
    layout: Layout,
    token: String,
}

/// The token of a link.
#[derive(Deserialize)]
pub(crate) struct Link {
    #[serde(default)]
    token: String,
}

/// The same, sent by the page's button.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LinkForm {
    token: String,
}

pub(crate) async fn page(context: Context, Query(link): Query<Link>) -> Response {
    render(&Page { layout: Layout::public(&context), token: link.token })
}

pub(crate) async fn submit(
    State(app): State<App>,
    context: Context,
    Form(link): Form<LinkForm>,
) -> Result<Response, Error> {
    let id = close(&app, &context, &link.token).await?;
    let token = OneTimeToken { id, secret: one_time_secret(&app.config, id)? };
    Ok(see_other(&format!("/reset?{SECURED}token={token}")))
}
