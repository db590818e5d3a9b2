//! The second step of signing in: a code for the challenge that the password got.

use askama::Template;
use axum::{extract::State, http::HeaderMap, response::Response};
use secrecy::SecretString;
use serde::Deserialize;
use shared::{
    account::{Account, AccountStatus, User, account_key, user_key},
    app::App,
    audit::{Actor, Event, EventKind, record_and_tell},
    auth::{Challenge, FormerSession, Limit, PresentedChallenge, reserve},
    error::{Code, Error},
    http::{Context, Form, Json, PageQuery as Query, encoded},
    table::{Condition, Read},
    web::{FormState, Layout, render, see_other},
};

use super::{LoggedIn, LoginReply, begin};
use crate::{
    cookie,
    factor::{self, Proof, ProofInput, at_its_field, factor_key},
};

/// A challenge and what answers it: one of the two codes.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AnswerInput {
    /// What the password got.
    challenge: String,
    /// Six digits.
    #[serde(default)]
    #[schema(example = "123456")]
    code: Option<String>,
    /// As it was shown.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "3-h4kd-9x2m-w7qp")]
    backup_code: Option<SecretString>,
}

/// Two steps in sequence: attempts beside one read; one transaction, in which the code is used up,
/// the challenge and the former session go and the session begins.
async fn answer(
    app: &App,
    context: &Context,
    challenge: &str,
    proof: Proof,
    former: Option<FormerSession>,
) -> Result<LoggedIn, Error> {
    let presented = PresentedChallenge::parse(&app.config, challenge, app.clock.now())?;
    let (tenant, user) = (presented.tenant, presented.user);
    let mut keys = vec![
        presented.key.clone(),
        user_key(tenant, user),
        account_key(tenant),
        factor_key(tenant, user),
    ];
    keys.extend(former.as_ref().map(|former| former.key.clone()));
    let (name, network) = (user.to_string(), context.network());
    let (by_user, by_network, items) = tokio::join!(
        reserve(app, proof.limit(), &name),
        reserve(app, Limit::ADDRESS, &network),
        app.table.batch(&keys, Read::Strong),
    );
    let (by_user, by_network, mut items) = (by_user?, by_network?, items?);
    let stored: Option<Challenge> = items.take(&keys[0])?;
    let user: User = items.take(&keys[1])?.ok_or(Code::Unauthenticated)?;
    let account: Account = items.take(&keys[2])?.ok_or(Code::Unauthenticated)?;
    let role = account.role_of(user.id).ok_or(Code::Unauthenticated)?;
    presented.check(stored.as_ref(), &user, app.clock.now())?;
    let factor = factor::on(items.take(&keys[3])?).map_err(|_| Code::Unauthenticated)?;
    let judged = factor.judge(app, tenant, &user, context, proof, &by_user).await?;
    if account.status == AccountStatus::Suspended {
        return Err(Code::Suspended.into());
    }

    let mut transaction = app.table.transaction();
    transaction.delete_if(&presented.key, Condition::Exists, Code::Unauthenticated);
    if judged.backup {
        let (kind, actor) = (EventKind::BackupCodeUsed, Actor::user(&user));
        let event = Event::new(kind, actor, context);
        record_and_tell(app, tenant, &user, event, &mut transaction);
    }
    judged.use_up(tenant, user.id, &mut transaction);
    by_user.give_back(&mut transaction);
    by_network.give_back(&mut transaction);
    if let Some(former) = former {
        former.end(&mut items, &mut transaction)?;
    }
    let session = begin(app, context, tenant, &user, true, &mut transaction);
    transaction.commit().await?;
    Ok(LoggedIn { issued: session.issued(), user, account, role })
}

/// Answers the challenge of a sign-in with a code of the second factor.
#[utoipa::path(
    post, path = "/v1/auth/login/verify", operation_id = "verify_sign_in", tag = "security",
    request_body = AnswerInput,
    responses(
        (status = 200, description = "Signed in", body = LoginReply),
        (status = 401, description = "The code is wrong or used, or the challenge is over", body = shared::http::Problem),
        (status = 403, description = "The account is suspended", body = shared::http::Problem),
        (status = 422, description = "One of the two kinds of code is wanted", body = shared::http::Problem),
        (status = 429, description = "Too many wrong codes", body = shared::http::Problem),
    )
)]
pub(crate) async fn json(
    State(app): State<App>,
    context: Context,
    Json(input): Json<AnswerInput>,
) -> Result<axum::Json<LoginReply>, Error> {
    let proof = ProofInput::new(input.code, input.backup_code).parse()?;
    Ok(axum::Json(answer(&app, &context, &input.challenge, proof, None).await?.reply()))
}

#[derive(Template)]
#[template(path = "login/code.html")]
struct Page {
    layout: Layout,
    form: FormState,
    next: String,
    backup: bool,
}

impl Page {
    fn next_encoded(&self) -> String {
        encoded(&self.next)
    }
}

#[derive(Deserialize)]
pub(crate) struct PageQuery {
    #[serde(default)]
    next: String,
    #[serde(default)]
    with: String,
}

pub(crate) async fn page(
    context: Context,
    headers: HeaderMap,
    Query(query): Query<PageQuery>,
) -> Result<Response, Error> {
    if cookie::challenge(&headers).is_none() {
        return Ok(see_other(&format!("/login?next={}", encoded(&query.next))));
    }
    let layout = Layout::public(&context);
    let (form, backup) = (FormState::default(), query.with == "backup");
    Ok(render(&Page { layout, form, next: query.next, backup }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AnswerForm {
    #[serde(default)]
    code: Option<String>,
    #[serde(default)]
    backup_code: Option<SecretString>,
    #[serde(default)]
    next: String,
}

pub(crate) async fn submit(
    State(app): State<App>,
    context: Context,
    headers: HeaderMap,
    former: Option<FormerSession>,
    Form(input): Form<AnswerForm>,
) -> Result<Response, Error> {
    let anew = || see_other(&format!("/login?next={}", encoded(&input.next)));
    let Some(challenge) = cookie::challenge(&headers) else { return Ok(anew()) };
    let backup = input.backup_code.is_some();
    let answered = match ProofInput::new(input.code, input.backup_code).parse() {
        Ok(proof) => answer(&app, &context, challenge, proof, former).await,
        Err(error) => Err(error),
    };
    match answered {
        Ok(logged_in) => Ok(logged_in.go_on(&input.next)),
        Err(error) if error.code == Code::Unauthenticated => Ok(anew()),
        Err(error) => {
            let form = FormState::default().failed(at_its_field(error, backup))?;
            let page = Page { layout: Layout::public(&context), form, next: input.next, backup };
            Ok(page.form.respond(&page))
        }
    }
}
