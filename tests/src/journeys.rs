//! The ways that lead through the whole house, written once: they run against the panel in this
//! process and against the deployed template.

use reqwest::{Method, StatusCode, header};
use serde_json::{Value, json};

use crate::{Client, PASSWORD, Site, read};

/// Walks all of them.
pub async fn all(site: &Site) {
    the_link_in_a_mail_works_once_and_only_by_the_button(site).await;
    a_client_registers_uses_and_sees_it_exact(site).await;
    a_browser_signs_in_reads_both_languages_and_signs_out(site).await;
    a_client_changes_its_profile_and_ends_its_sessions(site).await;
    a_program_has_a_key_until_it_is_revoked(site).await;
    a_client_is_told_and_says_how(site).await;
    a_client_brings_something_to_support(site).await;
    nobody_is_let_in_by_a_wrong_door(site).await;
}

async fn the_link_in_a_mail_works_once_and_only_by_the_button(site: &Site) {
    let email = "ada@link.test";
    let body = json!({"email": email, "password": PASSWORD, "name": "Ada", "locale": "ar"});
    site.post("/v1/auth/register", &body).await;
    let token = site.mailed_token(email).await;
    let mails = site.mails(email).await;
    assert_eq!(mails.len(), 1, "{mails:?}");
    assert_eq!(mails[0]["subject"], "أكّد بريدك الإلكتروني");
    assert!(mails[0]["html"].as_str().is_some_and(|html| html.contains("dir=\"rtl\"")));

    for _look in 0..2 {
        let page = site.get(&format!("/verify?token={token}")).await;
        assert_eq!(page.status, StatusCode::OK);
    }
    let confirm = json!({"token": token});
    let first = site.post("/v1/auth/verify-email", &confirm).await;
    assert_eq!(first.status, StatusCode::NO_CONTENT);
    let second = site.post("/v1/auth/verify-email", &confirm).await;
    assert_eq!(second.json()["code"], "invalid_link");
}

async fn a_client_registers_uses_and_sees_it_exact(site: &Site) {
    let acme = site.client("exact").await;
    let empty = acme.get("/v1/dashboard").await.json();
    assert_eq!(empty["usage"]["requests"], 0);
    assert_eq!(empty["subscription"]["state"], "active");

    let events: Vec<_> = (0..250).map(|number| acme.event(&format!("e{number}"))).collect();
    let counted = async |least: u64| {
        let look = async || {
            let usage = acme.get("/v1/dashboard").await.json()["usage"].clone();
            (usage["requests"].as_u64()? >= least).then_some(usage)
        };
        site.awaited(look).await.unwrap_or_default()
    };
    let reply = site.report(&events).await;
    assert_eq!((reply.status, &reply.json()["accepted"]), (StatusCode::ACCEPTED, &json!(250)));
    assert_eq!(counted(250).await["requests"], 250);
    // The same again, and one more behind it: when that one is counted, the others were handled.
    assert_eq!(site.report(&events).await.status, StatusCode::ACCEPTED);
    assert_eq!(site.report(&[acme.event("last")]).await.status, StatusCode::ACCEPTED);
    let usage = counted(251).await;
    assert_eq!(usage["requests"], 251);
    assert_eq!(usage["tokens"], 251 * 418);
    assert_eq!(usage["cost"], json!({"amount": "0.088603", "currency": "USD"}));
    assert!(usage["updated_at"].is_string());
    let by_type = acme.get("/v1/usage?group_by=ai_type").await;
    assert_eq!(by_type.status, StatusCode::OK, "{}", by_type.text);
    let log = acme.get("/v1/usage/events?limit=10").await.json();
    assert_eq!(log["items"].as_array().map(Vec::len), Some(10), "{log}");
}

async fn a_client_brings_something_to_support(site: &Site) {
    let acme = site.client("asker").await;
    site.report(&[acme.event("odd-one")]).await;
    let counted = async || {
        let log = acme.get("/v1/usage/events").await.json();
        Some(log["items"][0]["ref"].as_str()?.to_owned())
    };
    let event = site.awaited(counted).await;
    let about = json!({"type": "usage_event", "id": event});
    let body = json!({"subject": "An odd one", "body": "Why?", "about": about});
    let opened = acme.post("/v1/tickets", &body).await;
    assert_eq!(opened.status, StatusCode::CREATED, "{}", opened.text);
    let ticket = opened.json();
    assert_eq!(ticket["about"]["snapshot"]["event_id"], "odd-one");
    let id = ticket["id"].as_str().unwrap_or_default();
    // The file goes straight to the bucket, and comes straight back.
    let file = acme.send_file(id, "سجل.log", "line 1").await;
    let body = json!({"body": "The log", "attachment_ids": [file]});
    let sent = acme.post(&format!("/v1/tickets/{id}/messages"), &body).await;
    assert_eq!(sent.status, StatusCode::CREATED, "{}", sent.text);
    assert_eq!(sent.json()["attachments"][0]["bytes"], 6);
    let leads = acme.get(&format!("/v1/tickets/{id}/attachments/{file}")).await;
    assert_eq!(leads.status, StatusCode::SEE_OTHER, "{}", leads.text);
    let address = leads.header("location").to_owned();
    let fetched = read(site.http.get(&address)).await;
    assert_eq!((fetched.status, fetched.text.as_str()), (StatusCode::OK, "line 1"));
    assert!(fetched.header("content-disposition").starts_with("attachment"));
    let other = address.replace("/att_", "/att_0");
    assert_ne!(read(site.http.get(other)).await.status, StatusCode::OK);
    let counts = acme.get("/v1/dashboard").await.json()["tickets"].clone();
    assert_eq!(counts, json!({"open": 1, "waiting_for_you": 0}));
    let closed = acme.post(&format!("/v1/tickets/{id}/close"), &json!({})).await;
    assert_eq!((closed.status, &closed.json()["status"]), (StatusCode::OK, &json!("closed")));
    let page = acme.get(&format!("/tickets/{id}")).await;
    assert!(page.text.contains("سجل.log"), "{}", page.text);
}

async fn a_browser_signs_in_reads_both_languages_and_signs_out(site: &Site) {
    let email = site.register("browser").await;
    let form = [("email", email.as_str()), ("password", PASSWORD)];
    let post =
        |path: &str| site.request(Method::POST, path).header("sec-fetch-site", "same-origin");
    let login = post("/login");
    let signed_in = read(login.form(&form)).await;
    assert_eq!(signed_in.status, StatusCode::SEE_OTHER, "{}", signed_in.text);
    let cookie = signed_in.header("set-cookie").split(';').next().unwrap_or_default().to_owned();
    assert!(cookie.starts_with("__Host-session="));

    let page = async |path: &str| {
        read(site.request(Method::GET, path).header(header::COOKIE, &cookie)).await
    };
    for (language, direction) in [("en", "ltr"), ("ar", "rtl")] {
        for path in ["/", "/usage", "/profile"] {
            let shown = page(&format!("{path}?lang={language}")).await;
            assert_eq!(shown.status, StatusCode::OK, "{path}: {}", shown.text);
            assert!(shown.text.contains(&format!("lang=\"{language}\" dir=\"{direction}\"")));
        }
    }
    let shown = page("/").await.text;
    let sheet =
        shown.split("rel=\"stylesheet\" href=\"").nth(1).and_then(|it| it.split('"').next());
    let sheet = sheet.unwrap_or("no stylesheet");
    let plain = site.get(sheet).await;
    assert!(plain.header("content-type").starts_with("text/css"), "{}", plain.text);
    // Bytes that are no text go through the gateway in a wrapping of their own.
    let packed = site.request(Method::GET, sheet).header(header::ACCEPT_ENCODING, "gzip");
    let packed = packed.send().await.expect("a reply");
    assert_eq!(packed.headers()[header::CONTENT_ENCODING], "gzip");
    assert!(packed.bytes().await.expect("bytes").starts_with(&[0x1f, 0x8b]));
    let left = read(post("/logout").header(header::COOKIE, &cookie)).await;
    assert_eq!(left.status, StatusCode::SEE_OTHER);
    assert_eq!(page("/").await.status, StatusCode::SEE_OTHER, "the session has ended");
}

async fn a_client_changes_its_profile_and_ends_its_sessions(site: &Site) {
    let here = site.client("profile").await;
    let there = site.sign_in(&here.email, PASSWORD).await;
    let changed =
        here.patch("/v1/profile", &json!({"name": "Ada", "time_zone": "Asia/Riyadh"})).await;
    assert_eq!(changed.status, StatusCode::OK, "{}", changed.text);
    assert_eq!(there.get("/v1/profile").await.json()["name"], "Ada");

    let sessions = here.get("/v1/sessions").await.json();
    assert_eq!(sessions["items"].as_array().map(Vec::len), Some(2), "{sessions}");
    assert_eq!(status(&there, Method::POST, "/v1/auth/logout").await, StatusCode::NO_CONTENT);
    assert_eq!(there.get("/v1/dashboard").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(here.get("/v1/dashboard").await.status, StatusCode::OK);
}

async fn a_program_has_a_key_until_it_is_revoked(site: &Site) {
    let mut client = site.client("program").await;
    client.elevate().await;
    let wanted = json!({"name": "nightly", "scopes": ["inference", "read"]});
    let made = client.post("/v1/api-keys", &wanted).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    let made = made.json();
    let (id, secret) = (&made["id"], made["secret"].as_str().unwrap_or_default());

    let asked = async || {
        let request = site.request(Method::POST, "/v1/gateway/authorize");
        read(request.bearer_auth(&site.service_key).json(&json!({"api_key": secret}))).await
    };
    let let_in = asked().await;
    assert_eq!(let_in.status, StatusCode::OK, "{}", let_in.text);
    assert_eq!(let_in.json()["allowed"], true, "{}", let_in.text);
    for path in ["/v1/usage", "/v1/dashboard"] {
        let reply = read(site.request(Method::GET, path).bearer_auth(secret)).await;
        assert_eq!(reply.status, StatusCode::OK, "{path}: {}", reply.text);
    }
    let listed = client.get("/v1/api-keys").await.json();
    assert!(listed["items"][0]["last_used_at"].is_string(), "{listed}");

    let path = format!("/v1/api-keys/{}", id.as_str().unwrap_or_default());
    assert_eq!(status(&client, Method::DELETE, &path).await, StatusCode::NO_CONTENT);
    let refused = site.request(Method::GET, "/v1/usage").bearer_auth(secret);
    assert_eq!(read(refused).await.status, StatusCode::UNAUTHORIZED);
    // The gateway's question is an eventual read.
    let refused = async || (asked().await.json()["code"] == "key_unknown").then_some(());
    assert!(site.awaited(refused).await.is_some(), "{}", asked().await.text);
}

async fn a_client_is_told_and_says_how(site: &Site) {
    let mut client = site.client("reader").await;
    client.elevate().await;
    let wanted = json!({"name": "nightly", "scopes": ["read"]});
    assert_eq!(client.post("/v1/api-keys", &wanted).await.status, StatusCode::CREATED);
    let look = async || {
        let list = client.get("/v1/notifications").await.json();
        let one = list["items"].get(0)?.clone();
        (one["deliveries"][1]["state"] == "sent").then_some(one)
    };
    let told = site.awaited(look).await.unwrap_or_default();
    assert_eq!((&told["kind"], &told["read_at"]), (&json!("security"), &Value::Null));
    let mail = site.mails(&client.email).await[0].clone();
    assert!(mail["text"].as_str().is_some_and(|text| text.contains("/not-me?token=")), "{mail}");
    for (language, title) in [("en", "Notifications"), ("ar", "الإشعارات")] {
        let page = client.get(&format!("/notifications?lang={language}")).await;
        assert!(page.text.contains(title) && page.text.contains("nightly"), "{}", page.text);
    }
    let all = status(&client, Method::POST, "/v1/notifications/read-all").await;
    assert_eq!(all, StatusCode::NO_CONTENT);
    let read_it = client.get("/v1/notifications").await.json();
    assert!(read_it["items"][0]["read_at"].is_string(), "{read_it}");
    let path = "/v1/notifications/preferences";
    let wanted = json!({"digest": "daily", "quiet_hours": {"from": "22:00", "to": "07:00"}});
    let put = read(client.request(Method::PUT, path).json(&wanted)).await;
    assert_eq!(put.status, StatusCode::OK, "{}", put.text);
    assert_eq!(client.get(path).await.json(), put.json());
}

async fn nobody_is_let_in_by_a_wrong_door(site: &Site) {
    let client = site.client("door").await;
    let staff = site.staff().await;
    assert_eq!(site.get("/v1/dashboard").await.status, StatusCode::UNAUTHORIZED);
    let report = json!([client.event("mine")]);
    for stranger in [&client, &staff] {
        let refused = stranger.post("/v1/usage/events", &report).await;
        assert!(refused.status.is_client_error(), "{}", refused.text);
    }
    let wrong = json!({"email": client.email, "password": "not-the-password-at-all"});
    assert_eq!(site.post("/v1/auth/login", &wrong).await.status, StatusCode::UNAUTHORIZED);
    let nothing = site.get("/v1/nothing-here").await;
    assert_eq!(nothing.status, StatusCode::NOT_FOUND);
    assert_eq!(nothing.json()["code"], "not_found");
}

async fn status(client: &Client, method: Method, path: &str) -> StatusCode {
    read(client.request(method, path).json(&Value::Null)).await.status
}
