//! One honest request of each route of this function.

use serde_json::{Value, json};
use shared::testing::{
    Client, Site, Specimen,
    specimen::{Ground, Prepared, Request, seen},
};

const LIST: &str = "/v1/tickets";
const PAGES: &str = "/tickets";

/// All of them.
#[must_use]
pub fn specimens() -> Vec<Specimen> {
    api().into_iter().chain(files()).chain(pages()).chain(forms()).collect()
}

/// A client with a ticket.
async fn with_a_ticket(ground: &Ground) -> (Client, String) {
    let acme = ground.client().await;
    let ticket = acme.open_ticket("It does not answer").await;
    (acme, ticket)
}

/// The same, closed.
async fn with_a_closed_one(ground: &Ground) -> (Client, String) {
    let (acme, ticket) = with_a_ticket(ground).await;
    acme.post(&format!("{LIST}/{ticket}/close"), &json!({})).await;
    (acme, ticket)
}

/// A client whose message has a file: its ticket, and the path of the file below it.
async fn with_a_file(ground: &Ground) -> (Client, String, String) {
    let (acme, ticket) = with_a_ticket(ground).await;
    let file = acme.send_file(&ticket, "error.log", "line 1").await;
    let body = json!({"body": "Here it is.", "attachment_ids": [file]});
    acme.post(&format!("{LIST}/{ticket}/messages"), &body).await;
    (acme, ticket, file)
}

fn opening() -> Value {
    json!({"subject": "It does not answer", "body": "Please look."})
}

fn api() -> Vec<Specimen> {
    vec![
        Specimen::new("GET /v1/tickets", 200, |ground: Ground| async move {
            let (acme, ticket) = with_a_ticket(&ground).await;
            Request::get(LIST).by(&acme.token).shows(ticket)
        }),
        Specimen::new("POST /v1/tickets", 201, |ground: Ground| async move {
            let acme = ground.client().await;
            let request = Request::post(LIST, opening()).header("idempotency-key", &ground.name);
            is_open(request, acme)
        })
        .priced_as("with an idempotency key")
        .seen_outside(),
        Specimen::new("GET /v1/tickets/{id}", 200, |ground: Ground| async move {
            let (acme, ticket) = with_a_ticket(&ground).await;
            Request::get(format!("{LIST}/{ticket}")).by(&acme.token).shows(ticket)
        }),
        Specimen::new("GET /v1/tickets/{id}/messages", 200, |ground: Ground| async move {
            let (acme, ticket) = with_a_ticket(&ground).await;
            let request = Request::get(format!("{LIST}/{ticket}/messages"));
            request.by(&acme.token).shows("Please look.")
        }),
        Specimen::new("POST /v1/tickets/{id}/messages", 201, |ground: Ground| async move {
            let (acme, ticket) = with_a_ticket(&ground).await;
            let request =
                Request::post(format!("{LIST}/{ticket}/messages"), json!({"body": "More."}));
            let request = request.header("idempotency-key", &ground.name);
            has_written(request, acme, &ticket)
        })
        .priced_as("with an idempotency key")
        .seen_outside(),
        Specimen::new("POST /v1/tickets/{id}/close", 200, |ground: Ground| async move {
            let (acme, ticket) = with_a_ticket(&ground).await;
            stands(Request::post(format!("{LIST}/{ticket}/close"), json!({})), acme, "closed")
        })
        .or_again(409)
        .seen_outside(),
        Specimen::new("POST /v1/tickets/{id}/reopen", 200, |ground: Ground| async move {
            let (acme, ticket) = with_a_closed_one(&ground).await;
            stands(Request::post(format!("{LIST}/{ticket}/reopen"), json!({})), acme, "open")
        })
        .or_again(409)
        .seen_outside(),
    ]
}

fn files() -> Vec<Specimen> {
    vec![
        Specimen::new("POST /v1/tickets/{id}/attachments", 201, |ground: Ground| async move {
            let (acme, ticket) = with_a_ticket(&ground).await;
            let body = json!({"name": "error.log", "bytes": 6, "type": "text/plain"});
            let request = Request::post(format!("{LIST}/{ticket}/attachments"), body);
            let request = request.header("idempotency-key", &ground.name);
            request.by(&acme.token).does(|site: Site, reply| {
                let upload = reply.json()["upload"].clone();
                async move {
                    upload.is_object() && site.upload(&upload, "line 1").await.status.is_success()
                }
            })
        })
        .priced_as("with an idempotency key")
        .not_told_again(),
        Specimen::new(
            "GET /v1/tickets/{id}/attachments/{attachment}",
            303,
            |ground: Ground| async move {
                let (acme, ticket, file) = with_a_file(&ground).await;
                let request = Request::get(format!("{LIST}/{ticket}/attachments/{file}"));
                request.by(&acme.token).shows("X-Amz-Signature=")
            },
        ),
        Specimen::new("GET /tickets/{id}/files/{attachment}", 303, |ground: Ground| async move {
            let (acme, ticket, file) = with_a_file(&ground).await;
            let request = Request::get(format!("{PAGES}/{ticket}/files/{file}"));
            request.by(&acme.token).shows("X-Amz-Signature=")
        }),
    ]
}

fn pages() -> Vec<Specimen> {
    vec![
        Specimen::new("GET /tickets", 200, |ground: Ground| async move {
            let (acme, ticket) = with_a_ticket(&ground).await;
            Request::get(PAGES).by(&acme.token).shows(ticket)
        }),
        Specimen::new("GET /tickets/new", 200, |ground: Ground| async move {
            let acme = ground.client().await;
            Request::get(format!("{PAGES}/new")).by(&acme.token).shows("name=\"subject\"")
        }),
        Specimen::new("GET /tickets/{id}", 200, |ground: Ground| async move {
            let (acme, ticket, _) = with_a_file(&ground).await;
            Request::get(format!("{PAGES}/{ticket}")).by(&acme.token).shows("error.log")
        }),
        Specimen::new("GET /tickets/{id}/files", 200, |ground: Ground| async move {
            let (acme, ticket) = with_a_ticket(&ground).await;
            let request = Request::get(format!("{PAGES}/{ticket}/files"));
            request.by(&acme.token).shows("name=\"name\"")
        }),
    ]
}

fn forms() -> Vec<Specimen> {
    vec![
        Specimen::new("POST /tickets/new", 303, |ground: Ground| async move {
            let acme = ground.client().await;
            let page = seen(acme.site(), &acme.token, "/tickets/new").await.text;
            let id = page.split("name=\"id\" value=\"").nth(1).unwrap_or_default();
            let id = id.split('"').next().unwrap_or_default();
            let fields = [
                ("id", id),
                ("subject", "It does not answer"),
                ("body", "Please look."),
                ("category", "general"),
                ("priority", "normal"),
            ];
            is_open(Request::form(format!("{PAGES}/new"), &fields), acme)
        })
        .seen_outside(),
        Specimen::new("POST /tickets/{id}", 303, |ground: Ground| async move {
            let (acme, ticket) = with_a_ticket(&ground).await;
            let fields = [("once", ground.name.as_str()), ("body", "More.")];
            let request = Request::form(format!("{PAGES}/{ticket}"), &fields);
            let path = format!("{LIST}/{ticket}/messages");
            then(request, acme, path, |list| {
                list["items"].as_array().is_some_and(|it| it.len() == 2 && it[1]["body"] == "More.")
            })
        })
        .seen_outside(),
        Specimen::new("POST /tickets/{id}/close", 303, |ground: Ground| async move {
            let (acme, ticket) = with_a_ticket(&ground).await;
            stands(Request::form(format!("{PAGES}/{ticket}/close"), &[("a", "b")]), acme, "closed")
        })
        .seen_outside(),
        Specimen::new("POST /tickets/{id}/reopen", 303, |ground: Ground| async move {
            let (acme, ticket) = with_a_closed_one(&ground).await;
            stands(Request::form(format!("{PAGES}/{ticket}/reopen"), &[("a", "b")]), acme, "open")
        })
        .seen_outside(),
        Specimen::new("POST /tickets/{id}/files", 200, |ground: Ground| async move {
            let (acme, ticket) = with_a_ticket(&ground).await;
            let fields = [("name", "error.log")];
            let request = Request::form(format!("{PAGES}/{ticket}/files"), &fields);
            request.by(&acme.token).shows("name=\"x-amz-signature\"")
        }),
    ]
}

/// Reads something as who is signed in, and asks of it.
fn then(
    request: Request,
    acme: Client,
    path: String,
    is_so: impl Fn(Value) -> bool + Clone + 'static,
) -> Prepared {
    request.by(&acme.token).does(move |site: Site, _reply| {
        let (acme, path, is_so) = (acme.clone(), path.clone(), is_so.clone());
        async move { is_so(seen(&site, &acme.token, &path).await.json()) }
    })
}

fn stands(request: Request, acme: Client, status: &'static str) -> Prepared {
    then(request, acme, LIST.to_owned(), move |list| list["items"][0]["status"] == status)
}

/// One ticket is there, and no more.
fn is_open(request: Request, acme: Client) -> Prepared {
    then(request, acme, LIST.to_owned(), |list| {
        list["items"].as_array().is_some_and(|it| it.len() == 1 && it[0]["status"] == "open")
    })
}

/// It was written once.
fn has_written(request: Request, acme: Client, ticket: &str) -> Prepared {
    let path = format!("{LIST}/{ticket}/messages");
    then(request, acme, path, |list| {
        list["items"].as_array().is_some_and(|it| it.len() == 2 && it[1]["body"] == "More.")
    })
}
