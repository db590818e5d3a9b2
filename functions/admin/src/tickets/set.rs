//! Who looks after a ticket, where it stands, and how much it matters.

use ::tickets::reply::TicketReply;
use axum::{Json, response::Response};
use serde::Deserialize;
use shared::{
    audit::Act,
    auth::Staff,
    error::{Code, Error},
    http::{Form, Json as Input, Path},
    id::UserId,
    text::required_line,
    ticket::{Change, Priority, StaffMember, Status, Ticket, staff_member},
    web::{FormState, see_other},
};

use super::{
    change::{change, member},
    note::Content,
    one,
};

const MOST_REASON_CHARACTERS: usize = 200;

/// Who is to look after a ticket.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AssignInput {
    /// One of staff; `null` for nobody.
    #[schema(value_type = Option<UserId>)]
    assignee_id: Option<String>,
}

/// Where a ticket is to stand.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StatusInput {
    /// Any but `open`.
    #[schema(value_type = Status)]
    status: String,
    /// Why; the client can read it.
    #[schema(min_length = 1, max_length = 200)]
    reason: String,
}

/// How much a ticket is to matter.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PriorityInput {
    /// Another than it has.
    #[schema(value_type = Priority)]
    priority: String,
    /// Why; the client can read it.
    #[schema(min_length = 1, max_length = 200)]
    reason: String,
}

fn reason(text: &str) -> Result<String, Error> {
    required_line(text, MOST_REASON_CHARACTERS).map_err(|it| Error::field("reason", it.code()))
}

impl AssignInput {
    async fn make(&self, staff: &Staff, id: &str) -> Result<Ticket, Error> {
        let wanted = match self.assignee_id.as_deref().map(str::parse::<UserId>).transpose() {
            Ok(None) => None,
            Ok(Some(user)) if user == staff.0.session.user => Some(member(staff)),
            Ok(Some(user)) => Some(known(staff, user).await?),
            Err(_) => return Err(Error::field("assignee_id", "staff_unknown")),
        };
        let assigned = change(staff, id, None, |ticket, changing| {
            if ticket.assignee != wanted {
                ticket.is_assigned(wanted.clone(), changing.now);
                let name = wanted.as_ref().map(|it| it.name.clone());
                changing.note(Act::TicketAssigned, Content::Assigned(name));
            }
            Ok(())
        });
        Ok(assigned.await?.0)
    }
}

async fn known(staff: &Staff, user: UserId) -> Result<StaffMember, Error> {
    let found = staff_member(&staff.app, user).await?;
    found.ok_or_else(|| Error::field("assignee_id", "staff_unknown"))
}

impl StatusInput {
    async fn make(&self, staff: &Staff, id: &str) -> Result<Ticket, Error> {
        let status = Status::from_name(&self.status)
            .ok_or_else(|| Error::field("status", "choice_unknown"))?;
        let reason = reason(&self.reason)?;
        let set = change(staff, id, None, |ticket, changing| {
            let was_over = matches!(ticket.status, Status::Resolved | Status::Closed);
            ticket.staff_sets(status, changing.now)?;
            let reopened = was_over && status == Status::InProgress;
            let told = if reopened { Change::Reopened } else { Change::Status(status) };
            changing.tell(ticket, Act::TicketStatus, told, &reason);
            Ok(())
        });
        Ok(set.await?.0)
    }
}

impl PriorityInput {
    async fn make(&self, staff: &Staff, id: &str) -> Result<Ticket, Error> {
        let priority = Priority::from_name(&self.priority)
            .ok_or_else(|| Error::field("priority", "choice_unknown"))?;
        let reason = reason(&self.reason)?;
        let set = change(staff, id, None, |ticket, changing| {
            ticket.staff_weighs(priority, changing.now)?;
            changing.tell(ticket, Act::TicketPriority, Change::Priority(priority), &reason);
            Ok(())
        });
        Ok(set.await?.0)
    }
}

macro_rules! route {
    ($name:ident, $input:ty, $path:literal, $operation:literal, $doc:literal, $conflict:literal) => {
        #[doc = $doc]
        #[utoipa::path(
            post, path = $path, operation_id = $operation, tag = "admin",
            request_body = $input,
            params(("id" = shared::id::TicketId, Path, description = "The ticket's id")),
            responses(
                (status = 200, description = "The ticket", body = TicketReply),
                (status = 400, description = "A field is not known", body = shared::http::Problem),
                (status = 404, description = "There is no such ticket", body = shared::http::Problem),
                (status = 409, description = $conflict, body = shared::http::Problem),
                (status = 422, description = "A field is not valid", body = shared::http::Problem),
            )
        )]
        pub(crate) async fn $name(
            staff: Staff,
            Path(id): Path<String>,
            Input(input): Input<$input>,
        ) -> Result<Json<TicketReply>, Error> {
            let ticket = input.make(&staff, &id).await?;
            Ok(Json(TicketReply::new(ticket, &staff.app)))
        }
    };
}

route!(
    assign,
    AssignInput,
    "/v1/admin/tickets/{id}/assign",
    "assign_ticket",
    "Says who of staff looks after a ticket.",
    "Others changed it in the same moment"
);
route!(
    status,
    StatusInput,
    "/v1/admin/tickets/{id}/status",
    "set_ticket_status",
    "Says where a ticket stands, and why. The client is told.",
    "It stands where there is no such way"
);
route!(
    priority,
    PriorityInput,
    "/v1/admin/tickets/{id}/priority",
    "set_ticket_priority",
    "Says how much a ticket matters, and why. What was promised counts anew from its opening.",
    "It has this priority, or is closed"
);

/// The form of who looks after it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AssignForm {
    assignee_id: String,
}

pub(crate) async fn assign_submit(
    staff: Staff,
    Path(id): Path<String>,
    Form(form): Form<AssignForm>,
) -> Result<Response, Error> {
    let input = AssignInput { assignee_id: Some(form.assignee_id).filter(|it| !it.is_empty()) };
    let state =
        FormState::filled(vec![("assignee_id", input.assignee_id.clone().unwrap_or_default())]);
    answered(&staff, &id, input.make(&staff, &id).await, state).await
}

pub(crate) async fn status_submit(
    staff: Staff,
    Path(id): Path<String>,
    Form(input): Form<StatusInput>,
) -> Result<Response, Error> {
    let state =
        FormState::filled(vec![("status", input.status.clone()), ("reason", input.reason.clone())]);
    answered(&staff, &id, input.make(&staff, &id).await, state).await
}

pub(crate) async fn priority_submit(
    staff: Staff,
    Path(id): Path<String>,
    Form(input): Form<PriorityInput>,
) -> Result<Response, Error> {
    let state = FormState::filled(vec![
        ("priority", input.priority.clone()),
        ("reason", input.reason.clone()),
    ]);
    answered(&staff, &id, input.make(&staff, &id).await, state).await
}

/// Back to the ticket; or its page with what was chosen and what is wrong with it.
async fn answered(
    staff: &Staff,
    id: &str,
    set: Result<Ticket, Error>,
    form: FormState,
) -> Result<Response, Error> {
    match set {
        Ok(ticket) => Ok(see_other(&format!("/admin/tickets/{}?done=changed", ticket.id))),
        Err(error) if error.code == Code::NotFound => Err(error),
        Err(error) => one::show(staff, id, form.failed(error)?, None).await,
    }
}
