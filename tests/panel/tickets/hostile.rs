//! What is written to do harm, on every page that shows it and in every mail: inert, and readable.

use reqwest::{Method, StatusCode};
use scraper::{Html, Selector};
use serde_json::json;
use tests::read;

use super::Desk;

const HOSTILE: [&str; 14] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "'><svg/onload=alert(1)>",
    "</textarea><script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "<!-- --><iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "{{ layout.t(1) }} ${7*7} {% raw %}",
    "javascript:alert(1)",
    "[x](javascript:alert(1)) <a href=\"javascript:alert(1)\">x</a>",
    "https://a.example/\"onmouseover=\"alert(1)",
    "https://a.example/'><script>alert(1)</script>",
    "data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "\u{0}\u{1b}]0;x\u{7}<style>*{display:none}</style>",
];

/// What a page or a mail has that could run or lead astray.
fn harm(html: &str) -> Vec<String> {
    let page = Html::parse_document(html);
    let every = Selector::parse("*").unwrap();
    let mut found = Vec::new();
    for element in page.select(&every) {
        let name = element.value().name();
        let is_script = name == "script"
            && element.value().attr("src").is_none_or(|it| !it.starts_with("/assets/"));
        if is_script || ["iframe", "object", "embed", "base", "style"].contains(&name) {
            found.push(element.html());
        }
        for (attribute, value) in element.value().attrs() {
            let leads = ["href", "src", "action", "formaction"].contains(&attribute);
            let scheme = value.trim().to_lowercase();
            let odd = ["javascript:", "data:", "vbscript:"].iter().any(|it| scheme.starts_with(it));
            if attribute.starts_with("on") || attribute == "srcdoc" || (leads && odd) {
                found.push(element.html());
            }
        }
    }
    found
}

/// All words of a page.
fn words(html: &str) -> String {
    Html::parse_document(html).root_element().text().collect()
}

#[tokio::test]
async fn what_would_run_is_shown_as_what_it_is_to_both_sides() {
    let desk = Desk::open().await;
    for hostile in HOSTILE {
        desk.world.advance(600).await;
        let name = hostile.replace('\u{0}', "").replace(char::is_control, "");
        desk.acme.patch("/v1/profile", &json!({"name": name, "company": name})).await;
        let body = json!({"subject": hostile, "body": hostile, "category": hostile.get(..40).unwrap_or(hostile)});
        let opened = desk.acme.post("/v1/tickets", &body).await;
        assert_eq!(opened.status, StatusCode::CREATED, "{hostile:?}: {}", opened.text);
        let id = opened.json()["id"].as_str().unwrap().to_owned();
        let file = desk.acme.send_file(&id, &format!("a{hostile}.txt"), "x").await;
        let fenced = format!("```\n{hostile}\n```");
        let sent =
            desk.acts(&id, "messages", json!({"body": fenced, "attachment_ids": [file]})).await;
        assert_eq!(sent.status, StatusCode::CREATED, "{hostile:?}: {}", sent.text);
        desk.answers(&id, hostile).await;
        let note = [("note", hostile)];
        let page = desk.staff.request(Method::POST, &format!("/admin/tickets/{id}/notes"));
        read(page.form(&note)).await;
        let reason = json!({"status": "resolved", "reason": name});
        desk.handles(&id, "status", reason).await;
        for (reader, path) in [
            (&desk.acme, "/tickets".to_owned()),
            (&desk.acme, format!("/tickets/{id}")),
            (&desk.acme, format!("/tickets/{id}/files")),
            (&desk.acme, format!("/tickets/new?follows={id}")),
            (&desk.acme, "/notifications".to_owned()),
            (&desk.acme, "/".to_owned()),
            (&desk.staff, "/admin/tickets".to_owned()),
            (&desk.staff, format!("/admin/tickets/{id}")),
        ] {
            let page = reader.get(&path).await;
            assert_eq!(page.status, StatusCode::OK, "{path}");
            assert_eq!(harm(&page.text), Vec::<String>::new(), "{path} with {hostile:?}");
        }
        let seen = words(&desk.acme.get(&format!("/tickets/{id}")).await.text);
        let readable = hostile.replace(|c: char| c.is_control(), "\u{FFFD}");
        assert!(seen.matches(&readable).count() >= 3, "{readable} in {seen}");
    }
    desk.world.drain().await;
    for mail in desk.world.mails(&desk.acme.email).await {
        assert_eq!(harm(mail["html"].as_str().unwrap()), Vec::<String>::new());
        assert!(!mail["subject"].as_str().unwrap().contains('\n'));
    }
}

#[tokio::test]
async fn what_turns_or_hides_text_reaches_nothing_around_it() {
    let desk = Desk::open().await;
    let turned = "invoice\u{202E}fdp.exe\u{2066} \u{200B}zero";
    let body = json!({"subject": turned, "body": format!("{turned}\n\n```\n{turned}\n```")});
    let opened = desk.acme.post("/v1/tickets", &body).await.json();
    let id = opened["id"].as_str().unwrap();
    let file = desk.acme.send_file(id, "exe\u{202E}gpj.sh", "x").await;
    desk.acts(id, "messages", json!({"body": "file", "attachment_ids": [file]})).await;
    desk.answers(id, turned).await;
    for (reader, path) in
        [(&desk.acme, format!("/tickets/{id}")), (&desk.staff, format!("/admin/tickets/{id}"))]
    {
        let page = reader.get(&path).await.text;
        for mark in ['\u{202E}', '\u{2066}'] {
            let inside = page.contains(mark);
            assert!(!inside, "{path} has {mark:?}");
        }
        assert!(page.contains("⟨U+202E⟩fdp.exe⟨U+2066⟩"), "code says what does not show");
        assert!(page.contains("exegpj.sh"));
    }
    let api = desk.acme.get(&format!("/v1/tickets/{id}/messages")).await.json();
    assert!(api["items"][0]["body"].as_str().unwrap().contains('\u{202E}'), "kept as written");
}

#[tokio::test]
async fn long_lines_and_long_texts_are_taken_whole_and_longer_ones_refused() {
    let desk = Desk::open().await;
    let long = "ا".repeat(20_000);
    let body = json!({"subject": "s".repeat(200), "body": long});
    let opened = desk.acme.post("/v1/tickets", &body).await;
    assert_eq!(opened.status, StatusCode::CREATED);
    let id = opened.json()["id"].as_str().unwrap().to_owned();
    assert!(desk.acme.get(&format!("/tickets/{id}")).await.text.contains(&long));
    let page = desk.acme.request(Method::POST, &format!("/tickets/{id}"));
    let by_form = read(page.form(&[("body", "x ".repeat(9_000))])).await;
    assert_eq!(by_form.status, StatusCode::SEE_OTHER);
    for (subject, body) in [("s".repeat(201), "b".to_owned()), ("s".to_owned(), "b".repeat(20_001))]
    {
        let refused =
            desk.acme.post("/v1/tickets", &json!({"subject": subject, "body": body})).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    for nothing in ["", " \n\t", "\u{200b}\u{202e}"] {
        assert_eq!(desk.writes(&id, nothing).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
}
