//! What protects an account that is signed in.

use serde_json::json;
use shared::testing::{
    Authenticator, Client, PASSWORD, Reply, Specimen,
    specimen::{Ground, Prepared, Request, count, seen},
};

use super::{NEXT, begins, begins_in_browser, ends, opens, sets_password, text, turns_factor};

const FACTOR: &str = "/v1/security/2fa";
const CODES: &str = "/v1/security/2fa/backup-codes";

pub(super) fn specimens() -> Vec<Specimen> {
    let mut all = proving();
    all.extend(factor());
    all.extend(factor_pages());
    all.extend(code_pages());
    all.extend(sessions());
    all
}

/// A page or a list that a client's session opens, and what it shows.
fn shown(route: &'static str, shows: &'static str) -> Specimen {
    Specimen::new(route, 200, move |ground: Ground| async move {
        let acme = ground.client().await;
        let path = route.split_once(' ').map_or("", |(_, path)| path);
        Request::get(path).by(&acme.token).shows(shows)
    })
}

fn proving() -> Vec<Specimen> {
    vec![
        Specimen::new("POST /v1/auth/sudo", 200, |ground: Ground| async move {
            let acme = ground.client().await;
            let body = json!({"password": PASSWORD});
            begins(Request::post("/v1/auth/sudo", body).by(&acme.token))
        })
        .or_again(401),
        shown("GET /sudo", "name=\"password\""),
        Specimen::new("POST /sudo", 303, |ground: Ground| async move {
            let acme = ground.client().await;
            let form = Request::form("/sudo", &[("password", PASSWORD)]);
            begins_in_browser(form.by(&acme.token))
        })
        .not_told_again(),
        shown("GET /security", "/security/two-factor"),
        Specimen::new("POST /v1/security/password", 204, |ground: Ground| async move {
            let acme = ground.client().await;
            let body = json!({"current_password": PASSWORD, "new_password": NEXT});
            let request = Request::post("/v1/security/password", body).by(&acme.token);
            sets_password(request, acme.email)
        })
        .or_again(403)
        .seen_outside(),
        shown("GET /security/password", "name=\"current_password\""),
        Specimen::new("POST /security/password", 303, |ground: Ground| async move {
            let acme = ground.client().await;
            let fields = [("current_password", PASSWORD), ("new_password", NEXT)];
            let request = Request::form("/security/password", &fields).by(&acme.token);
            sets_password(request, acme.email)
        })
        .seen_outside(),
        Specimen::new("GET /v1/security/events", 200, |ground: Ground| async move {
            let acme = ground.site.sign_in(&ground.registered().await, PASSWORD).await;
            Request::get("/v1/security/events").by(&acme.token).shows("\"signed_in\"")
        }),
        Specimen::new("GET /security/log", 200, |ground: Ground| async move {
            let acme = ground.site.sign_in(&ground.registered().await, PASSWORD).await;
            Request::get("/security/log").by(&acme.token).shows("class=\"entries\"")
        }),
    ]
}

/// A factor that waits for its first code.
async fn begun(acme: &Client) -> Authenticator {
    let begun = acme.post("/v1/security/2fa/enable", &json!({})).await.json();
    Authenticator { secret: text(&begun["secret"]), backup_codes: Vec::new() }
}

/// A request whose reply has ten codes, and the factor has as many.
fn makes_codes(request: Request, acme: Client) -> Prepared {
    request.does(move |site, reply: Reply| {
        let acme = acme.clone();
        let made = reply.json()["backup_codes"].as_array().map_or(0, Vec::len);
        async move {
            let factor = seen(&site, &acme.token, FACTOR).await.json();
            made == 10 && factor["backup_codes_remaining"] == 10
        }
    })
}

fn factor() -> Vec<Specimen> {
    vec![
        Specimen::new("GET /v1/security/2fa", 200, |ground: Ground| async move {
            let (acme, _program) = ground.guarded().await;
            Request::get(FACTOR).by(&acme.token).shows("\"enabled\":true")
        }),
        Specimen::new("POST /v1/security/2fa/enable", 200, |ground: Ground| async move {
            let acme = ground.elevated().await;
            let request = Request::post("/v1/security/2fa/enable", json!({}));
            request.by(&acme.token).does(move |site, reply: Reply| {
                let acme = acme.clone();
                let secret = text(&reply.json()["secret"]);
                async move {
                    let program = Authenticator { secret, backup_codes: Vec::new() };
                    let code = json!({"code": program.code(&site)});
                    acme.post("/v1/security/2fa/verify", &code).await.status.is_success()
                }
            })
        }),
        Specimen::new("POST /v1/security/2fa/verify", 200, |ground: Ground| async move {
            let acme = ground.elevated().await;
            let code = json!({"code": begun(&acme).await.code(&ground.site)});
            let request = Request::post("/v1/security/2fa/verify", code).by(&acme.token);
            turns_factor(request, acme, true)
        })
        .or_again(409)
        .seen_outside(),
        Specimen::new("POST /v1/security/2fa/disable", 204, |ground: Ground| async move {
            let (acme, program) = ground.guarded().await;
            let code = json!({"code": program.next_code(&ground.site)});
            let request = Request::post("/v1/security/2fa/disable", code).by(&acme.token);
            turns_factor(request, acme, false)
        })
        .or_again(409)
        .seen_outside(),
        Specimen::new("GET /v1/security/2fa/backup-codes", 200, |ground: Ground| async move {
            let (acme, _program) = ground.guarded().await;
            Request::get(CODES).by(&acme.token).shows("\"remaining\":10")
        }),
        Specimen::new("POST /v1/security/2fa/backup-codes", 200, |ground: Ground| async move {
            let (acme, _program) = ground.guarded().await;
            let request = Request::post(CODES, json!({})).by(&acme.token);
            makes_codes(request.header("idempotency-key", &ground.name), acme)
        })
        .priced_as("with an idempotency key"),
    ]
}

fn factor_pages() -> Vec<Specimen> {
    vec![
        Specimen::new("GET /security/two-factor", 200, |ground: Ground| async move {
            let acme = ground.elevated().await;
            let begins = "action=\"/security/two-factor\"";
            Request::get("/security/two-factor").by(&acme.token).shows(begins)
        }),
        Specimen::new("POST /security/two-factor", 303, |ground: Ground| async move {
            let acme = ground.elevated().await;
            let request = Request::form("/security/two-factor", &[("a", "b")]).by(&acme.token);
            request.does(move |site, _reply| {
                let acme = acme.clone();
                async move {
                    let confirm = "/security/two-factor/confirm";
                    seen(&site, &acme.token, confirm).await.text.contains("<svg")
                }
            })
        })
        .seen_outside(),
        Specimen::new("GET /security/two-factor/confirm", 200, |ground: Ground| async move {
            let acme = ground.elevated().await;
            begun(&acme).await;
            Request::get("/security/two-factor/confirm").by(&acme.token).shows("name=\"code\"")
        }),
        Specimen::new("POST /security/two-factor/confirm", 200, |ground: Ground| async move {
            let acme = ground.elevated().await;
            let code = begun(&acme).await.code(&ground.site);
            let request = Request::form("/security/two-factor/confirm", &[("code", &code)]);
            turns_factor(request.by(&acme.token), acme, true)
        })
        // Sent again it leads to where the factor is on.
        .or_again(303)
        .seen_outside(),
        Specimen::new("GET /security/two-factor/off", 200, |ground: Ground| async move {
            let (acme, _program) = ground.guarded().await;
            Request::get("/security/two-factor/off").by(&acme.token).shows("name=\"code\"")
        }),
        Specimen::new("POST /security/two-factor/off", 303, |ground: Ground| async move {
            let (acme, program) = ground.guarded().await;
            let code = program.next_code(&ground.site);
            let request = Request::form("/security/two-factor/off", &[("code", &code)]);
            turns_factor(request.by(&acme.token), acme, false)
        })
        .or_again(409)
        .seen_outside(),
    ]
}

fn code_pages() -> Vec<Specimen> {
    vec![
        Specimen::new("GET /security/backup-codes", 200, |ground: Ground| async move {
            let (acme, _program) = ground.guarded().await;
            Request::get("/security/backup-codes").by(&acme.token).shows("name=\"generation\"")
        }),
        Specimen::new("POST /security/backup-codes", 200, |ground: Ground| async move {
            let (acme, program) = ground.guarded().await;
            let old = program.backup_codes[0].clone();
            let request = Request::form("/security/backup-codes", &[("generation", "0")]);
            request.by(&acme.token).does(move |site, _reply| {
                let (acme, old) = (acme.clone(), old.clone());
                async move {
                    let body = json!({"backup_code": old});
                    let proof = acme.post("/v1/auth/sudo", &body).await;
                    !proof.status.is_success() && opens(&site, &acme.token).await
                }
            })
        })
        .or_again(303)
        .seen_outside(),
    ]
}

/// A session of the account beside the one that asks: its token, and its id.
async fn another(ground: &Ground, acme: &Client) -> (String, String) {
    let other = ground.site.session(&acme.account).await;
    let list = seen(&ground.site, &other, "/v1/sessions").await.json();
    let sessions = list["items"].as_array().cloned().unwrap_or_default();
    let current = sessions.iter().find(|it| it["current"] == true);
    (other, current.map(|it| text(&it["id"])).unwrap_or_default())
}

fn sessions() -> Vec<Specimen> {
    vec![
        Specimen::new("GET /v1/sessions", 200, |ground: Ground| async move {
            let acme = ground.client().await;
            let request = Request::get("/v1/sessions").by(&acme.token);
            request.does(move |site, reply: Reply| {
                let acme = acme.clone();
                async move {
                    let current = reply.json()["items"][0]["current"] == true;
                    current && count(&site, &acme.token, "/v1/sessions").await == 1
                }
            })
        }),
        Specimen::new("DELETE /v1/sessions", 204, |ground: Ground| async move {
            let acme = ground.elevated().await;
            let (other, _id) = another(&ground, &acme).await;
            ends(Request::delete("/v1/sessions").by(&acme.token), other)
        })
        .seen_outside(),
        Specimen::new("DELETE /v1/sessions/{id}", 204, |ground: Ground| async move {
            let acme = ground.elevated().await;
            let (other, id) = another(&ground, &acme).await;
            ends(Request::delete(format!("/v1/sessions/{id}")).by(&acme.token), other)
        })
        .or_again(404)
        .seen_outside(),
        Specimen::new("GET /security/sessions", 200, |ground: Ground| async move {
            let acme = ground.client().await;
            let (_other, id) = another(&ground, &acme).await;
            Request::get("/security/sessions").by(&acme.token).shows(id)
        }),
        Specimen::new("POST /security/sessions/end-others", 303, |ground: Ground| async move {
            let acme = ground.elevated().await;
            let (other, _id) = another(&ground, &acme).await;
            let request = Request::form("/security/sessions/end-others", &[("a", "b")]);
            ends(request.by(&acme.token), other)
        })
        .seen_outside(),
        Specimen::new("POST /security/sessions/{id}/end", 303, |ground: Ground| async move {
            let acme = ground.elevated().await;
            let (other, id) = another(&ground, &acme).await;
            let request = Request::form(format!("/security/sessions/{id}/end"), &[("a", "b")]);
            ends(request.by(&acme.token), other)
        })
        .seen_outside(),
    ]
}
