//! One honest request of each route of this function.

mod protecting;
mod signing_in;

use serde_json::{Value, json};
use shared::testing::{
    Client, Reply, Site, Specimen,
    specimen::{Prepared, Request, seen},
};

/// A password that takes the place of the first.
const NEXT: &str = "otter-glass-runs-south";

/// All of them.
#[must_use]
pub fn specimens() -> Vec<Specimen> {
    let mut all = signing_in::specimens();
    all.extend(protecting::specimens());
    all
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// Whether a session's token opens anything.
async fn opens(site: &Site, token: &str) -> bool {
    seen(site, token, "/v1/profile").await.status.is_success()
}

/// Whether somebody can sign in.
async fn signs_in(site: &Site, email: &str, password: &str) -> bool {
    let login = json!({"email": email, "password": password});
    site.post("/v1/auth/login", &login).await.status.is_success()
}

/// A request whose reply holds the token of a session that opens.
fn begins(request: Request) -> Prepared {
    request
        .does(|site, reply: Reply| async move { opens(&site, &text(&reply.json()["token"])).await })
}

/// A form whose reply holds the cookie of a session that opens.
fn begins_in_browser(request: Request) -> Prepared {
    request.does(|site, reply: Reply| async move {
        let cookie = cookie(&reply, "__Host-session");
        opens(&site, &cookie).await
    })
}

/// A request after which a session is over.
fn ends(request: Request, token: String) -> Prepared {
    request.does(move |site, _reply| {
        let token = token.clone();
        async move { !opens(&site, &token).await }
    })
}

/// A request after which another password signs in.
fn sets_password(request: Request, email: String) -> Prepared {
    request.does(move |site, _reply| {
        let email = email.clone();
        async move { signs_in(&site, &email, NEXT).await }
    })
}

/// A request after which the second factor is on, or off.
fn turns_factor(request: Request, acme: Client, on: bool) -> Prepared {
    request.does(move |site, _reply| {
        let acme = acme.clone();
        async move {
            let factor = seen(&site, &acme.token, "/v1/security/2fa").await.json();
            factor["enabled"] == on
        }
    })
}

/// The value of a cookie that a reply sets.
fn cookie(reply: &Reply, name: &str) -> String {
    let lines = reply.headers.get_all("set-cookie").into_iter();
    let lines = lines.filter_map(|line| line.to_str().ok());
    let pairs = lines.filter_map(|line| line.split(';').next()?.split_once('='));
    let mut values = pairs.filter(|(key, _)| *key == name).map(|(_, value)| value.to_owned());
    values.next().unwrap_or_default()
}
