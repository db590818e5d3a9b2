//! Coming in: what needs no session, and the way out.

use serde_json::{Value, json};
use shared::testing::{
    PASSWORD, Specimen, read,
    specimen::{Ground, Prepared, Request},
};

use super::{NEXT, begins, begins_in_browser, cookie, ends, sets_password, signs_in};

pub(super) fn specimens() -> Vec<Specimen> {
    let mut all = registering();
    all.extend(logging_in());
    all.extend(forgetting());
    all.extend(leaving());
    all
}

fn email(ground: &Ground) -> String {
    format!("owner@{}.test", ground.name)
}

fn registration(ground: &Ground) -> Value {
    json!({"email": email(ground), "password": PASSWORD, "name": ground.name})
}

/// The link of a new registration.
async fn registered(ground: &Ground) -> String {
    ground.site.post("/v1/auth/register", &registration(ground)).await;
    ground.site.mailed_token(&email(ground)).await
}

fn registering() -> Vec<Specimen> {
    vec![
        Specimen::new("POST /v1/auth/register", 202, |ground: Ground| async move {
            mails_once(Request::post("/v1/auth/register", registration(&ground)), &ground)
        })
        .not_told_again(),
        open("GET /register", "/register", "name=\"email\""),
        Specimen::new("POST /register", 202, |ground: Ground| async move {
            let email = email(&ground);
            let fields = [("email", email.as_str()), ("password", PASSWORD), ("name", "Ada")];
            mails_once(Request::form("/register", &fields), &ground)
        })
        .not_told_again(),
        Specimen::new("POST /v1/auth/verify-email", 204, |ground: Ground| async move {
            let body = json!({"token": registered(&ground).await});
            founds(Request::post("/v1/auth/verify-email", body), &ground)
        })
        .or_again(422)
        .seen_outside(),
        Specimen::new("GET /verify", 200, |ground: Ground| async move {
            let token = registered(&ground).await;
            Request::get(format!("/verify?token={token}")).shows(format!("value=\"{token}\""))
        }),
        Specimen::new("POST /verify", 303, |ground: Ground| async move {
            let token = registered(&ground).await;
            founds(Request::form("/verify", &[("token", &token)]), &ground)
        })
        .or_again(422)
        .seen_outside(),
    ]
}

/// What anybody may see.
fn open(route: &'static str, path: &'static str, shows: &'static str) -> Specimen {
    Specimen::new(route, 200, move |_ground| async move { Request::get(path).shows(shows) })
}

fn mails_once(request: Request, ground: &Ground) -> Prepared {
    let to = email(ground);
    request.does(move |site, _reply| {
        let to = to.clone();
        async move { site.mails(&to).await.len() == 1 }
    })
}

fn founds(request: Request, ground: &Ground) -> Prepared {
    let email = email(ground);
    request.does(move |site, _reply| {
        let email = email.clone();
        async move { signs_in(&site, &email, PASSWORD).await }
    })
}

fn logging_in() -> Vec<Specimen> {
    vec![
        Specimen::new("POST /v1/auth/login", 200, |ground: Ground| async move {
            let email = ground.registered().await;
            let body = json!({"email": email, "password": PASSWORD});
            begins(Request::post("/v1/auth/login", body))
        }),
        open("GET /login", "/login", "name=\"password\""),
        Specimen::new("POST /login", 303, |ground: Ground| async move {
            let email = ground.registered().await;
            let fields = [("email", email.as_str()), ("password", PASSWORD)];
            begins_in_browser(Request::form("/login", &fields))
        }),
        Specimen::new("POST /v1/auth/login/verify", 200, |ground: Ground| async move {
            let (acme, program) = ground.guarded().await;
            let challenge = ground.site.challenge(&acme.email).await;
            let code = program.next_code(&ground.site);
            let body = json!({"challenge": challenge, "code": code});
            begins(Request::post("/v1/auth/login/verify", body))
        })
        .or_again(401),
        Specimen::new("GET /login/verify", 200, |ground: Ground| async move {
            let (cookie, _code) = challenged(&ground).await;
            let page = Request::get("/login/verify").header("cookie", cookie);
            page.shows("name=\"code\"")
        }),
        Specimen::new("POST /login/verify", 303, |ground: Ground| async move {
            let (cookie, code) = challenged(&ground).await;
            let fields = [("code", code.as_str()), ("next", "")];
            let answer = Request::form("/login/verify", &fields).header("cookie", cookie);
            begins_in_browser(answer.header("sec-fetch-site", "same-origin"))
        })
        .not_told_again(),
    ]
}

/// The cookie of a browser that is asked for a code, and the code.
async fn challenged(ground: &Ground) -> (String, String) {
    let (acme, program) = ground.guarded().await;
    let fields = [("email", acme.email.as_str()), ("password", PASSWORD)];
    let asked = read(Request::form("/login", &fields).at(&ground.site)).await;
    let challenge = cookie(&asked, "__Host-challenge");
    (format!("__Host-challenge={challenge}"), program.next_code(&ground.site))
}

/// The link that sets a forgotten password anew.
async fn forgotten(ground: &Ground) -> (String, String) {
    let email = ground.registered().await;
    ground.site.post("/v1/auth/password/forgot", &json!({"email": email})).await;
    let token = ground.site.mailed_token(&email).await;
    (email, token)
}

/// The link that says "this was not me", of a key that was made.
async fn disowned(ground: &Ground) -> (String, String) {
    let acme = ground.elevated().await;
    acme.post("/v1/api-keys", &json!({"name": "x", "scopes": ["read"]})).await;
    let link = ground.site.mailed_token(&acme.email).await;
    (acme.token, link)
}

fn forgetting() -> Vec<Specimen> {
    vec![
        Specimen::new("POST /v1/auth/password/forgot", 202, |ground: Ground| async move {
            let email = ground.registered().await;
            mails_a_link(Request::post("/v1/auth/password/forgot", json!({"email": email})), email)
        })
        .seen_outside(),
        open("GET /forgot", "/forgot", "name=\"email\""),
        Specimen::new("POST /forgot", 202, |ground: Ground| async move {
            let email = ground.registered().await;
            mails_a_link(Request::form("/forgot", &[("email", &email)]), email)
        })
        .seen_outside(),
        Specimen::new("POST /v1/auth/password/reset", 204, |ground: Ground| async move {
            let (email, token) = forgotten(&ground).await;
            let body = json!({"token": token, "password": NEXT});
            sets_password(Request::post("/v1/auth/password/reset", body), email)
        })
        .or_again(422)
        .seen_outside(),
        Specimen::new("GET /reset", 200, |ground: Ground| async move {
            let (_email, token) = forgotten(&ground).await;
            Request::get(format!("/reset?token={token}")).shows(format!("value=\"{token}\""))
        }),
        Specimen::new("POST /reset", 303, |ground: Ground| async move {
            let (email, token) = forgotten(&ground).await;
            let fields = [("token", token.as_str()), ("password", NEXT)];
            sets_password(Request::form("/reset", &fields), email)
        })
        .or_again(422)
        .seen_outside(),
        Specimen::new("GET /not-me", 200, |ground: Ground| async move {
            let (_session, link) = disowned(&ground).await;
            Request::get(format!("/not-me?token={link}")).shows(format!("value=\"{link}\""))
        }),
        Specimen::new("POST /not-me", 303, |ground: Ground| async move {
            let (session, link) = disowned(&ground).await;
            ends(Request::form("/not-me", &[("token", &link)]), session)
        })
        .priced_as("of a key that was made")
        .or_again(422)
        .seen_outside(),
    ]
}

/// The newest mail has a link that sets a password.
fn mails_a_link(request: Request, email: String) -> Prepared {
    request.does(move |site, _reply| {
        let email = email.clone();
        async move {
            let token = site.mailed_token(&email).await;
            let body = json!({"token": token, "password": NEXT});
            site.post("/v1/auth/password/reset", &body).await.status.is_success()
        }
    })
}

fn leaving() -> Vec<Specimen> {
    vec![
        Specimen::new("POST /v1/auth/logout", 204, |ground: Ground| async move {
            let acme = ground.client().await;
            ends(Request::post("/v1/auth/logout", json!({})).by(&acme.token), acme.token)
        })
        .or_again(401)
        .seen_outside(),
        Specimen::new("POST /logout", 303, |ground: Ground| async move {
            let acme = ground.client().await;
            ends(Request::form("/logout", &[("next", "/")]).by(&acme.token), acme.token)
        })
        .seen_outside(),
    ]
}
