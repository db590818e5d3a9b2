//! What it costs to protect an account: each route once, in the order in which a client meets them.

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use tests::{Authenticator, Client, PASSWORD, World, read};

use super::book::{Book, Budget};

const NEXT: &str = "otter-glass-runs-south";
/// Authentication, then one more.
const GET: Budget = Budget { in_sequence: 2, half_read_units: 16 };

pub(crate) async fn price(world: &World, book: &mut Book<'_>) {
    let mut acme = world.client("guarded").await;
    let program = turning_on(world, &mut acme, book).await;
    second_step(world, &acme, &program, book).await;
    looking(&acme, book).await;
    sessions(world, &mut acme, book).await;
    turning_off(world, &mut acme, &program, book).await;
    by_pages(world, book).await;
    forgetting(world, book).await;
    keys(world, book).await;
    staff(world, book).await;
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

async fn turning_on(world: &World, acme: &mut Client<'_>, book: &mut Book<'_>) -> Authenticator {
    let post = |client: &Client<'_>, path: &str, body: Value| {
        client.request(Method::POST, path).json(&body)
    };
    let sudo = "/v1/auth/sudo";
    let wrong = post(acme, sudo, json!({"password": "wrong"}));
    book.row("POST", sudo, "wrong password", 401, wrong).await;
    let reply =
        book.row("POST", sudo, "", 200, post(acme, sudo, json!({"password": PASSWORD}))).await;
    acme.token = text(&reply["token"]);
    let enable = "/v1/security/2fa/enable";
    let begun = book.row("POST", enable, "", 200, post(acme, enable, json!({}))).await;
    let secret = text(&begun["secret"]);
    let mut program = Authenticator { secret, backup_codes: Vec::new() };
    let verify = "/v1/security/2fa/verify";
    let code = json!({"code": program.code(world)});
    let on = book.row("POST", verify, "", 200, post(acme, verify, code)).await;
    program.backup_codes = serde_json::from_value(on["backup_codes"].clone()).unwrap();
    let codes = "/v1/security/2fa/backup-codes";
    let anew = book.row("POST", codes, "", 200, post(acme, codes, json!({}))).await;
    program.backup_codes = serde_json::from_value(anew["backup_codes"].clone()).unwrap();
    world.advance(60).await;
    program
}

/// A password login with a second factor: at most three calls in sequence, and two for the factor.
async fn second_step(
    world: &World,
    acme: &Client<'_>,
    program: &Authenticator,
    book: &mut Book<'_>,
) {
    let login = "/v1/auth/login";
    let body = json!({"email": acme.email, "password": PASSWORD});
    let first = Budget { in_sequence: 3, half_read_units: 8 };
    let second = Budget { in_sequence: 2, half_read_units: 8 };
    let verify = "/v1/auth/login/verify";
    let answers = [
        ("code", json!(program.code(world)), "a code", 200),
        ("code", json!("000000"), "wrong code", 401),
        ("backup_code", json!(program.backup_codes[0]), "backup code", 200),
    ];
    for (field, code, situation, status) in answers {
        let asked = world.request(Method::POST, login).json(&body);
        let asked = book.within(first).row("POST", login, "second factor on", 200, asked).await;
        let answer = json!({"challenge": asked["challenge"], field: code});
        let answer = world.request(Method::POST, verify).json(&answer);
        book.within(second).row("POST", verify, situation, status, answer).await;
    }
    world.advance(60).await;
    let form = [("email", acme.email.as_str()), ("password", PASSWORD)];
    let asked = read(world.request(Method::POST, "/login").form(&form)).await;
    let cookie = asked.header("set-cookie").split(';').next().unwrap().to_owned();
    let page = world.request(Method::GET, "/login/verify").header("cookie", &cookie);
    book.row("GET", "/login/verify", "", 200, page).await;
    let answer = world.request(Method::POST, "/login/verify").header("cookie", &cookie);
    let answer = answer.header("sec-fetch-site", "same-origin");
    let answer = answer.form(&[("code", program.code(world)), ("next", String::new())]);
    book.within(second).row("POST", "/login/verify", "", 303, answer).await;
}

async fn looking(acme: &Client<'_>, book: &mut Book<'_>) {
    for path in [
        "/v1/security/2fa",
        "/v1/security/2fa/backup-codes",
        "/v1/security/events",
        "/v1/api-keys",
        "/security",
        "/security/log",
        "/security/sessions",
        "/security/keys",
        "/security/password",
        "/security/backup-codes",
        "/sudo",
    ] {
        book.within(GET).row("GET", path, "", 200, acme.request(Method::GET, path)).await;
    }
}

async fn sessions(world: &World, acme: &mut Client<'_>, book: &mut Book<'_>) {
    acme.elevate().await;
    let other = async || {
        let desk = world.post("/_local/session", &json!({"account": acme.account})).await.json();
        let session = world.request(Method::GET, "/v1/sessions").bearer_auth(text(&desk["token"]));
        let list = read(session).await.json();
        let items = list["items"].as_array().unwrap().clone();
        text(&items.iter().find(|it| it["current"] == true).unwrap()["id"])
    };
    let one = acme.request(Method::DELETE, &format!("/v1/sessions/{}", other().await));
    book.row("DELETE", "/v1/sessions/{id}", "", 204, one).await;
    let path = format!("/security/sessions/{}/end", other().await);
    let one = acme.request(Method::POST, &path).form(&[("a", "b")]);
    book.row("POST", "/security/sessions/{id}/end", "", 303, one).await;
    let all = acme.request(Method::DELETE, "/v1/sessions");
    book.row("DELETE", "/v1/sessions", "", 204, all).await;
    let path = "/security/sessions/end-others";
    let all = acme.request(Method::POST, path).form(&[("a", "b")]);
    book.row("POST", path, "", 303, all).await;
}

async fn turning_off(
    world: &World,
    acme: &mut Client<'_>,
    program: &Authenticator,
    book: &mut Book<'_>,
) {
    world.advance(60).await;
    let password = "/v1/security/password";
    let change = json!({"current_password": PASSWORD, "new_password": NEXT});
    let change = acme.request(Method::POST, password).json(&change);
    book.row("POST", password, "", 204, change).await;
    let off = "/v1/security/2fa/disable";
    let code = json!({"code": program.code(world)});
    let code = acme.request(Method::POST, off).json(&code);
    book.row("POST", off, "", 204, code).await;
}

/// The same by the portal's forms.
async fn by_pages(world: &World, book: &mut Book<'_>) {
    let mut acme = world.client("paged").await;
    let form = acme.request(Method::POST, "/sudo").form(&[("password", PASSWORD)]);
    book.row("POST", "/sudo", "", 303, form).await;
    acme = world.sign_in(&acme.email, PASSWORD).await;
    acme.elevate().await;
    let get = |client: &Client<'_>, path: &str| client.request(Method::GET, path);
    let send = |client: &Client<'_>, path: &str, fields: &[(&str, &str)]| -> RequestBuilder {
        client.request(Method::POST, path).form(fields)
    };
    let factor = "/security/two-factor";
    book.row("GET", factor, "", 200, get(&acme, factor)).await;
    book.row("POST", factor, "", 303, send(&acme, factor, &[("a", "b")])).await;
    let confirm = "/security/two-factor/confirm";
    book.row("GET", confirm, "", 200, get(&acme, confirm)).await;
    let begun = acme.post("/v1/security/2fa/enable", &json!({})).await.json();
    let program = Authenticator { secret: text(&begun["secret"]), backup_codes: Vec::new() };
    let code = program.code(world);
    book.row("POST", confirm, "", 200, send(&acme, confirm, &[("code", &code)])).await;
    let codes = "/security/backup-codes";
    book.row("POST", codes, "", 200, send(&acme, codes, &[("generation", "0")])).await;
    let off = "/security/two-factor/off";
    book.row("GET", off, "", 200, get(&acme, off)).await;
    let code = program.next_code(world);
    book.row("POST", off, "", 303, send(&acme, off, &[("code", &code)])).await;
    let email = "/profile/email";
    book.row("GET", email, "", 200, get(&acme, email)).await;
    book.row("POST", email, "", 303, send(&acme, email, &[("email", "ada@new.test")])).await;
    let fields = [("current_password", PASSWORD), ("new_password", NEXT)];
    let password = "/security/password";
    book.row("POST", password, "", 303, send(&acme, password, &fields)).await;
}

async fn forgetting(world: &World, book: &mut Book<'_>) {
    let email = world.register("forgetful").await;
    let forgot = "/v1/auth/password/forgot";
    for (situation, email) in
        [("known address", email.as_str()), ("unknown address", "no@body.test")]
    {
        let request = world.request(Method::POST, forgot).json(&json!({"email": email}));
        book.row("POST", forgot, situation, 202, request).await;
    }
    let token = world.mailed_token(&email).await;
    let reset = "/v1/auth/password/reset";
    let body = json!({"token": token, "password": NEXT});
    let request = world.request(Method::POST, reset).json(&body);
    book.row("POST", reset, "", 204, request).await;
    let not_me = world.mailed_token(&email).await;
    book.row("GET", "/forgot", "", 200, world.request(Method::GET, "/forgot")).await;
    let request = world.request(Method::POST, "/forgot").form(&[("email", &email)]);
    book.row("POST", "/forgot", "", 202, request).await;
    let token = world.mailed_token(&email).await;
    book.row("GET", "/reset", "", 200, world.request(Method::GET, "/reset?token=mxt_x")).await;
    let fields = [("token", token.as_str()), ("password", PASSWORD)];
    let request = world.request(Method::POST, "/reset").form(&fields);
    book.row("POST", "/reset", "", 303, request).await;
    book.row("GET", "/not-me", "", 200, world.request(Method::GET, "/not-me?token=mxt_x")).await;
    let request = world.request(Method::POST, "/not-me").form(&[("token", &not_me)]);
    book.row("POST", "/not-me", "", 303, request).await;
}

async fn keys(world: &World, book: &mut Book<'_>) {
    let mut acme = world.client("programs").await;
    acme.elevate().await;
    let path = "/v1/api-keys";
    let body = json!({"name": "x", "scopes": ["inference", "read"]});
    let make = |client: &Client<'_>| client.request(Method::POST, path).json(&body);
    let made = book.row("POST", path, "", 201, make(&acme)).await;
    let (id, secret) = (text(&made["id"]), text(&made["secret"]));
    let repeatable = make(&acme).header("idempotency-key", "one");
    let other = book.row("POST", path, "with an idempotency key", 201, repeatable).await;
    let again = make(&acme).header("idempotency-key", "one");
    book.row("POST", path, "sent again", 201, again).await;
    let dashboard = Budget { in_sequence: 2, half_read_units: 8 };
    let reads = || world.request(Method::GET, "/v1/dashboard").bearer_auth(&secret);
    book.within(dashboard).row("GET", "/v1/dashboard", "API key", 200, reads()).await;

    let authorize = "/v1/gateway/authorize";
    let ask = |key: &str| {
        let request = world.request(Method::POST, authorize).bearer_auth(&world.service_key);
        request.json(&json!({"api_key": key}))
    };
    let one_read = Budget { in_sequence: 1, half_read_units: 8 };
    book.within(one_read).row("POST", authorize, "", 200, ask(&secret)).await;
    let unused = text(&other["secret"]);
    book.row("POST", authorize, "first in five minutes", 200, ask(&unused)).await;
    book.within(one_read).row("POST", authorize, "mistyped key", 200, ask("mxk_none")).await;

    let one = format!("{path}/{id}");
    let change = acme.request(Method::PATCH, &one).json(&json!({"name": "y"}));
    book.row("PATCH", "/v1/api-keys/{id}", "", 200, change).await;
    let rotate = acme.request(Method::POST, &format!("{one}/rotate")).json(&json!({}));
    book.row("POST", "/v1/api-keys/{id}/rotate", "", 200, rotate).await;
    let revoke = acme.request(Method::DELETE, &one);
    book.row("DELETE", "/v1/api-keys/{id}", "", 204, revoke).await;

    let new = "/security/keys/new";
    book.row("GET", new, "", 200, acme.request(Method::GET, new)).await;
    let id = "key_01kapx0000000000000000000b";
    let fields = [("id", id), ("name", "z"), ("scopes", "read")];
    let request = acme.request(Method::POST, new).form(&fields);
    book.row("POST", new, "", 200, request).await;
    let page = format!("/security/keys/{id}");
    book.row("GET", "/security/keys/{id}", "", 200, acme.request(Method::GET, &page)).await;
    let rotate = acme.request(Method::POST, &format!("{page}/rotate"));
    let rotate = rotate.form(&[("grace_seconds", "60"), ("version", "1")]);
    book.row("POST", "/security/keys/{id}/rotate", "", 200, rotate).await;
    let revoke = acme.request(Method::POST, &format!("{page}/revoke")).form(&[("a", "b")]);
    book.row("POST", "/security/keys/{id}/revoke", "", 303, revoke).await;
}

async fn staff(world: &World, book: &mut Book<'_>) {
    let staff = world.staff_with_factor().await;
    let path = "/v1/admin/service-keys";
    let make = staff.request(Method::POST, path).json(&json!({"name": "gateway"}));
    let made = book.row("POST", path, "", 201, make).await;
    book.within(GET).row("GET", path, "", 200, staff.request(Method::GET, path)).await;
    world.advance(301).await;
    let list = staff.request(Method::GET, path);
    book.row("GET", path, "first in five minutes", 200, list).await;
    let one = format!("{path}/{}", text(&made["id"]));
    let revoke = staff.request(Method::DELETE, &one);
    book.row("DELETE", "/v1/admin/service-keys/{id}", "", 204, revoke).await;
}
