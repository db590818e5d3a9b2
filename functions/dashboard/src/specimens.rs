//! One honest request of each route of this function.

use serde_json::{Value, json};
use shared::testing::{
    Client, Specimen,
    specimen::{Ground, Prepared, Request, seen},
};

/// All of them.
#[must_use]
pub fn specimens() -> Vec<Specimen> {
    let mut all = profile();
    all.extend([
        Specimen::new("GET /", 200, |ground: Ground| async move {
            let acme = ground.client().await;
            Request::get("/").by(&acme.token).shows(&acme.account)
        }),
        Specimen::new("GET /v1/dashboard", 200, |ground: Ground| async move {
            let acme = ground.client().await;
            Request::get("/v1/dashboard").by(&acme.token).shows(&acme.account)
        }),
        open("GET /problems/{code}", "/problems/not_found", "<h1>Not found</h1>"),
        open("GET /v1/openapi.json", "/v1/openapi.json", "\"openapi\""),
        open("GET /docs", "/docs", "/v1/dashboard"),
        open("GET /assets/icon.svg", "/assets/icon.svg", "<svg"),
        open("GET /assets/{file}", "/assets/style.css", "@layer"),
        open("GET /health", "/health", "\"status\":\"ok\""),
    ]);
    all
}

/// What anybody may read.
fn open(route: &'static str, path: &'static str, shows: &'static str) -> Specimen {
    Specimen::new(route, 200, move |_ground| async move { Request::get(path).shows(shows) })
}

fn profile() -> Vec<Specimen> {
    vec![
        Specimen::new("GET /profile", 200, |ground: Ground| async move {
            let acme = ground.client().await;
            Request::get("/profile").by(&acme.token).shows(&acme.email)
        }),
        Specimen::new("POST /profile", 303, |ground: Ground| async move {
            let fields = [
                ("name", "Ada"),
                ("company", "Acme"),
                ("locale", "en"),
                ("time_zone", "UTC"),
                ("digits", "latin"),
                ("theme", "system"),
                ("billing_address", ""),
                ("tax_id", ""),
            ];
            changes(ground.client().await, Request::form("/profile", &fields), "name", "Ada")
        })
        .priced_as("another name")
        .seen_outside(),
        Specimen::new("GET /profile/email", 200, |ground: Ground| async move {
            let acme = ground.elevated().await;
            Request::get("/profile/email").by(&acme.token).shows(&acme.email)
        }),
        Specimen::new("POST /profile/email", 303, |ground: Ground| async move {
            let acme = ground.elevated().await;
            let to = format!("new@{}.test", ground.name);
            let request = Request::form("/profile/email", &[("email", &to)]).by(&acme.token);
            request.does(move |site, _reply| {
                let to = to.clone();
                async move { site.mails(&to).await.len() == 1 }
            })
        })
        .not_told_again(),
        Specimen::new("POST /profile/language", 303, |ground: Ground| async move {
            let request = Request::form("/profile/language", &[("locale", "ar")]);
            changes(ground.client().await, request, "locale", "ar")
        })
        .seen_outside(),
        Specimen::new("POST /profile/theme", 303, |ground: Ground| async move {
            let request = Request::form("/profile/theme", &[("theme", "dark")]);
            changes(ground.client().await, request, "theme", "dark")
        })
        .seen_outside(),
        Specimen::new("GET /v1/profile", 200, |ground: Ground| async move {
            let acme = ground.client().await;
            Request::get("/v1/profile").by(&acme.token).shows(&acme.email)
        }),
        Specimen::new("PATCH /v1/profile", 200, |ground: Ground| async move {
            let request = Request::patch("/v1/profile", json!({"name": "Ada"}));
            changes(ground.client().await, request, "name", "Ada")
        })
        .seen_outside(),
    ]
}

/// A request after which the profile says so.
fn changes(acme: Client, request: Request, field: &'static str, to: &'static str) -> Prepared {
    request.by(&acme.token).does(move |site, _reply| {
        let acme = acme.clone();
        async move {
            let profile: Value = seen(&site, &acme.token, "/v1/profile").await.json();
            profile[field] == to
        }
    })
}
