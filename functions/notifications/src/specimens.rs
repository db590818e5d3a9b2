//! One honest request of each route of this function.

use serde_json::{Value, json};
use shared::testing::{
    Client, Site, Specimen,
    specimen::{Ground, Prepared, Request, seen},
};

const LIST: &str = "/v1/notifications";
const PREFERENCES: &str = "/v1/notifications/preferences";
const PAGES: &str = "/notifications";

/// All of them.
#[must_use]
pub fn specimens() -> Vec<Specimen> {
    api().into_iter().chain(pages()).collect()
}

fn api() -> Vec<Specimen> {
    vec![
        Specimen::new("GET /v1/notifications", 200, |ground: Ground| async move {
            let (acme, id) = ground.told().await;
            Request::get(LIST).by(&acme.token).shows(id)
        }),
        Specimen::new("POST /v1/notifications/read-all", 204, |ground: Ground| async move {
            let (acme, _) = ground.told().await;
            is_read(Request::post(format!("{LIST}/read-all"), json!({})), acme)
        })
        .seen_outside(),
        Specimen::new("POST /v1/notifications/{id}/read", 204, |ground: Ground| async move {
            let (acme, id) = ground.told().await;
            is_read(Request::post(format!("{LIST}/{id}/read"), json!({})), acme)
        })
        .seen_outside(),
        Specimen::new("POST /v1/notifications/{id}/retry", 204, |ground: Ground| async move {
            let (acme, id) = ground.told().await;
            is_mailed(Request::post(format!("{LIST}/{id}/retry"), json!({})), &acme)
        })
        .or_again(409)
        .seen_outside(),
        Specimen::new("GET /v1/notifications/preferences", 200, |ground: Ground| async move {
            let acme = ground.client().await;
            Request::get(PREFERENCES).by(&acme.token).shows("\"digest\":\"off\"")
        }),
        Specimen::new("PUT /v1/notifications/preferences", 200, |ground: Ground| async move {
            let acme = ground.client().await;
            is_daily(Request::put(PREFERENCES, json!({"digest": "daily"})), acme)
        })
        .seen_outside(),
    ]
}

fn pages() -> Vec<Specimen> {
    vec![
        Specimen::new("GET /notifications", 200, |ground: Ground| async move {
            let (acme, id) = ground.told().await;
            Request::get(PAGES).by(&acme.token).shows(id)
        }),
        Specimen::new("GET /notifications/unread", 200, |ground: Ground| async move {
            let (acme, _) = ground.told().await;
            Request::get(format!("{PAGES}/unread")).by(&acme.token).shows("\"unread\":1")
        }),
        Specimen::new("POST /notifications/read-all", 303, |ground: Ground| async move {
            let (acme, _) = ground.told().await;
            is_read(Request::form(format!("{PAGES}/read-all"), &[("a", "b")]), acme)
        })
        .seen_outside(),
        Specimen::new("GET /notifications/preferences", 200, |ground: Ground| async move {
            let acme = ground.client().await;
            let request = Request::get(format!("{PAGES}/preferences"));
            request.by(&acme.token).shows("name=\"quiet_from\"")
        }),
        Specimen::new("POST /notifications/preferences", 303, |ground: Ground| async move {
            let acme = ground.client().await;
            let fields = [("email", "news"), ("quiet_from", ""), ("digest", "daily")];
            is_daily(Request::form(format!("{PAGES}/preferences"), &fields), acme)
        })
        .seen_outside(),
        Specimen::new("POST /notifications/address", 303, |ground: Ground| async move {
            let acme = ground.client().await;
            let request = Request::form(format!("{PAGES}/address"), &[("a", "b")]);
            request.by(&acme.token).does(move |site: Site, _reply| {
                let email = acme.email.clone();
                async move { !site.mailed_token(&email).await.is_empty() }
            })
        })
        .not_told_again(),
        Specimen::new("GET /notifications/{id}", 200, |ground: Ground| async move {
            let (acme, id) = ground.told().await;
            Request::get(format!("{PAGES}/{id}")).by(&acme.token).shows(format!("{id}/retry"))
        }),
        Specimen::new("POST /notifications/{id}/read", 303, |ground: Ground| async move {
            let (acme, id) = ground.told().await;
            is_read(Request::form(format!("{PAGES}/{id}/read"), &[("a", "b")]), acme)
        })
        .seen_outside(),
        Specimen::new("POST /notifications/{id}/retry", 303, |ground: Ground| async move {
            let (acme, id) = ground.told().await;
            is_mailed(Request::form(format!("{PAGES}/{id}/retry"), &[("a", "b")]), &acme)
        })
        .seen_outside(),
    ]
}

/// Reads something as who is signed in, and asks of it.
fn then(
    request: Request,
    acme: Client,
    path: &'static str,
    is_so: impl Fn(Value) -> bool + Clone + 'static,
) -> Prepared {
    request.by(&acme.token).does(move |site: Site, _reply| {
        let (acme, is_so) = (acme.clone(), is_so.clone());
        async move { is_so(seen(&site, &acme.token, path).await.json()) }
    })
}

fn is_read(request: Request, acme: Client) -> Prepared {
    then(request, acme, LIST, |list| list["items"][0]["read_at"].is_string())
}

fn is_daily(request: Request, acme: Client) -> Prepared {
    then(request, acme, PREFERENCES, |preferences| preferences["digest"] == "daily")
}

fn is_mailed(request: Request, acme: &Client) -> Prepared {
    let email = acme.email.clone();
    request.by(&acme.token).does(move |site: Site, _reply| {
        let email = email.clone();
        async move { site.mails(&email).await.len() == 1 }
    })
}
