//! One honest request of each route of the tickets.

use serde_json::{Value, json};
use shared::testing::{
    Client, Site, Specimen,
    specimen::{Ground, Prepared, Request, seen},
};

const LIST: &str = "/v1/admin/tickets";
const PAGES: &str = "/admin/tickets";

/// One of staff, a client and the client's ticket.
struct Case {
    staff: String,
    acme: Client,
    ticket: String,
}

impl Case {
    async fn on(ground: &Ground) -> Self {
        let acme = ground.client().await;
        let ticket = acme.open_ticket("It does not answer").await;
        Self { staff: ground.staff().await.token, acme, ticket }
    }

    fn api(&self, what: &str) -> String {
        format!("{LIST}/{}{what}", self.ticket)
    }

    fn page(&self, what: &str) -> String {
        format!("{PAGES}/{}{what}", self.ticket)
    }

    /// What the client sees of its ticket afterwards.
    fn seen(self, request: Request, is_so: impl Fn(&Value) -> bool + Clone + 'static) -> Prepared {
        let path = format!("/v1/tickets/{}", self.ticket);
        let acme = self.acme;
        request.by(&self.staff).does(move |site: Site, _reply| {
            let (acme, path, is_so) = (acme.clone(), path.clone(), is_so.clone());
            async move { is_so(&seen(&site, &acme.token, &path).await.json()) }
        })
    }

    /// What staff see of it: how often these words stand there.
    fn told_once(self, request: Request, words: &'static str) -> Prepared {
        let (path, staff) = (self.api(""), self.staff.clone());
        request.by(&self.staff).does(move |site: Site, _reply| {
            let (path, staff) = (path.clone(), staff.clone());
            async move { seen(&site, &staff, &path).await.text.matches(words).count() == 1 }
        })
    }
}

/// Who of staff asks, as the page has it.
async fn me(case: &Case) -> String {
    let page = seen(case.acme.site(), &case.staff, &case.page("")).await.text;
    let me = page.split("type=\"hidden\" name=\"assignee_id\" value=\"").nth(1);
    me.and_then(|it| it.split('"').next()).unwrap_or_default().to_owned()
}

/// All of them.
pub(super) fn specimens() -> Vec<Specimen> {
    reading().into_iter().chain(api()).chain(forms()).collect()
}

fn reading() -> Vec<Specimen> {
    let file = |path: fn(&Case, &str) -> String| {
        move |ground: Ground| async move {
            let case = Case::on(&ground).await;
            let file = case.acme.send_file(&case.ticket, "error.log", "line 1").await;
            let body = json!({"body": "Here it is.", "attachment_ids": [file]});
            case.acme.post(&format!("/v1/tickets/{}/messages", case.ticket), &body).await;
            Request::get(path(&case, &file)).by(&case.staff).shows("X-Amz-Signature=")
        }
    };
    vec![
        Specimen::new("GET /v1/admin/tickets", 200, |ground: Ground| async move {
            let case = Case::on(&ground).await;
            let list = format!("{LIST}?client={}", case.acme.account);
            Request::get(list).by(&case.staff).shows(case.ticket)
        }),
        Specimen::new("GET /v1/admin/tickets/{id}", 200, |ground: Ground| async move {
            let case = Case::on(&ground).await;
            Request::get(case.api("")).by(&case.staff).shows("Please look.")
        }),
        Specimen::new("GET /admin/tickets", 200, |ground: Ground| async move {
            let case = Case::on(&ground).await;
            let list = format!("{PAGES}?client={}", case.acme.account);
            Request::get(list).by(&case.staff).shows(case.ticket)
        }),
        Specimen::new("GET /admin/tickets/{id}", 200, |ground: Ground| async move {
            let case = Case::on(&ground).await;
            Request::get(case.page("")).by(&case.staff).shows("Please look.")
        }),
        Specimen::new(
            "GET /v1/admin/tickets/{id}/attachments/{attachment}",
            303,
            file(|case, file| case.api(&format!("/attachments/{file}"))),
        ),
        Specimen::new(
            "GET /admin/tickets/{id}/files/{attachment}",
            303,
            file(|case, file| case.page(&format!("/files/{file}"))),
        ),
    ]
}

fn api() -> Vec<Specimen> {
    vec![
        Specimen::new("POST /v1/admin/tickets/{id}/messages", 201, |ground: Ground| async move {
            let case = Case::on(&ground).await;
            let request = Request::post(case.api("/messages"), json!({"body": "We are looking."}));
            let request = request.header("idempotency-key", &ground.name);
            case.told_once(request, "We are looking.")
        })
        .priced_as("with an idempotency key")
        .seen_outside(),
        Specimen::new("POST /v1/admin/tickets/{id}/assign", 200, |ground: Ground| async move {
            let case = Case::on(&ground).await;
            let me = me(&case).await;
            let request = Request::post(case.api("/assign"), json!({"assignee_id": me}));
            case.seen(request, |ticket| ticket["assignee"]["name"].is_string())
        })
        .seen_outside(),
        Specimen::new("POST /v1/admin/tickets/{id}/status", 200, |ground: Ground| async move {
            let case = Case::on(&ground).await;
            let body = json!({"status": "resolved", "reason": "Solved by phone"});
            let request = Request::post(case.api("/status"), body);
            case.seen(request, |ticket| ticket["status"] == "resolved")
        })
        .or_again(409)
        .seen_outside(),
        Specimen::new("POST /v1/admin/tickets/{id}/priority", 200, |ground: Ground| async move {
            let case = Case::on(&ground).await;
            let body = json!({"priority": "urgent", "reason": "It stops the shop"});
            let request = Request::post(case.api("/priority"), body);
            case.seen(request, |ticket| ticket["priority"] == "urgent")
        })
        .or_again(409)
        .seen_outside(),
    ]
}

fn forms() -> Vec<Specimen> {
    vec![
        Specimen::new("POST /admin/tickets/{id}/messages", 303, |ground: Ground| async move {
            let case = Case::on(&ground).await;
            let fields = [("body", "We are looking."), ("last", "1")];
            let request = Request::form(case.page("/messages"), &fields);
            case.told_once(request, "We are looking.")
        })
        .or_again(412)
        .seen_outside(),
        Specimen::new("POST /admin/tickets/{id}/notes", 303, |ground: Ground| async move {
            let case = Case::on(&ground).await;
            let request = Request::form(case.page("/notes"), &[("note", "For us alone.")]);
            let (path, staff) = (case.api(""), case.staff.clone());
            request.by(&case.staff).does(move |site: Site, _reply| {
                let (path, staff) = (path.clone(), staff.clone());
                async move { seen(&site, &staff, &path).await.text.contains("For us alone.") }
            })
        })
        .seen_outside(),
        Specimen::new("POST /admin/tickets/{id}/assign", 303, |ground: Ground| async move {
            let case = Case::on(&ground).await;
            let me = me(&case).await;
            let request = Request::form(case.page("/assign"), &[("assignee_id", &me)]);
            case.seen(request, |ticket| ticket["assignee"]["name"].is_string())
        })
        .seen_outside(),
        Specimen::new("POST /admin/tickets/{id}/status", 303, |ground: Ground| async move {
            let case = Case::on(&ground).await;
            let fields = [("status", "resolved"), ("reason", "Solved by phone")];
            let request = Request::form(case.page("/status"), &fields);
            case.seen(request, |ticket| ticket["status"] == "resolved")
        })
        .or_again(409)
        .seen_outside(),
        Specimen::new("POST /admin/tickets/{id}/priority", 303, |ground: Ground| async move {
            let case = Case::on(&ground).await;
            let fields = [("priority", "urgent"), ("reason", "It stops the shop")];
            let request = Request::form(case.page("/priority"), &fields);
            case.seen(request, |ticket| ticket["priority"] == "urgent")
        })
        .or_again(409)
        .seen_outside(),
    ]
}
