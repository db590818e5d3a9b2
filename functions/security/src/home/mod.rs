//! The page `/security`: what protects the account, and what to do next.

use askama::Template;
use axum::response::Response;
use serde::Deserialize;
use shared::{
    account::AccountKind,
    audit::Entry,
    auth::{Caller, SignedIn, api_keys_of, most_api_keys, sessions_of},
    error::Error,
    http::PageQuery as Query,
    web::{Layout, Nav, device_words, render},
};

use crate::{
    factor::{Factor, find},
    log,
};

/// So few backup codes want new ones.
const FEW_CODES: u64 = 3;
const LATEST: usize = 5;

#[derive(Template)]
#[template(path = "home/page.html")]
struct Page {
    layout: Layout,
    factor: Option<Factor>,
    sessions: u64,
    /// How many API keys there are and may be; staff have none.
    keys: Option<(u64, u64)>,
    entries: Vec<Entry>,
    done: &'static str,
}

impl Page {
    fn codes_left(&self) -> u64 {
        self.factor.as_ref().map_or(0, Factor::backup_codes_left)
    }

    fn few_codes(&self) -> bool {
        self.codes_left() < FEW_CODES
    }

    fn key_count(&self, used: &u64, most: &u64) -> String {
        let text = &self.layout.text;
        let (used, most) = (text.format().number(used), text.format().number(most));
        text.with2("keys-count", ("used", &used), ("most", &most))
    }

    fn since(&self) -> String {
        let at = self.factor.as_ref().and_then(|factor| factor.enabled_at);
        let at = at.map(|at| self.layout.text.format().moment(&at)).unwrap_or_default();
        self.layout.text.with("security-factor-since", "time", at)
    }

    fn device(&self, entry: &Entry) -> String {
        device_words(&entry.device, &self.layout.text)
    }
}

#[derive(Deserialize)]
pub(crate) struct PageQuery {
    #[serde(default)]
    done: String,
}

pub(crate) async fn page(
    signed_in: SignedIn,
    Query(query): Query<PageQuery>,
) -> Result<Response, Error> {
    let (app, tenant, user) = (&signed_in.app, signed_in.tenant, signed_in.session.user);
    let (factor, sessions, keys, entries) = tokio::join!(
        find(app, tenant, user),
        sessions_of(&signed_in, user),
        key_counts(&signed_in),
        log::latest(&signed_in, LATEST),
    );
    let done = match query.done.as_str() {
        "password" => "security-done-password",
        "on" => "security-done-on",
        "off" => "security-done-off",
        "codes" => "security-done-codes",
        _ => "",
    };
    let page = Page {
        layout: Layout::portal(&signed_in.context, Nav::Security),
        factor: factor?.filter(Factor::is_on),
        sessions: sessions?.len() as u64,
        keys: keys?,
        entries: entries?,
        done,
    };
    Ok(render(&page))
}

async fn key_counts(caller: &Caller) -> Result<Option<(u64, u64)>, Error> {
    if caller.account.kind == AccountKind::Staff {
        return Ok(None);
    }
    let keys = api_keys_of(caller).await?;
    Ok(Some((keys.len() as u64, most_api_keys(caller)?.into())))
}
