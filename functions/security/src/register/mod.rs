//! Registering: remember what was entered, mail a link, tell nobody whether the address is known.

use askama::Template;
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use shared::{
    account::Email,
    app::App,
    auth::{self, Errand, Limit, Password, Registration},
    error::{Code, Error, FieldError},
    http::{Context, Form, Json},
    notify::send_link,
    text::{line, required_line},
    web::{FormState, Language, Layout, render},
};

const MOST_NAME_CHARACTERS: usize = 100;

/// What a registration consists of.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RegistrationInput {
    /// Where the link goes and what one signs in with.
    #[schema(format = "email", example = "ada@acme.test")]
    pub email: String,
    /// At least 8 characters and hard to guess.
    #[schema(format = "password")]
    pub password: String,
    /// The person's name.
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    /// The company's name.
    #[serde(default)]
    #[schema(max_length = 100)]
    pub company: Option<String>,
    /// Without it the caller's language.
    #[serde(default)]
    #[schema(value_type = Option<Language>)]
    pub locale: Option<String>,
}

struct Valid {
    email: Email,
    password: Password,
    name: String,
    company: String,
    locale: Language,
}

impl RegistrationInput {
    fn parse(self, fallback: Language) -> Result<Valid, Error> {
        let mut wrong = Vec::new();
        let email = self.email.parse::<Email>();
        if email.is_err() {
            wrong.push(FieldError::new("email", "email_invalid"));
        }
        let name = required_line(&self.name, MOST_NAME_CHARACTERS);
        let company = line(self.company.as_deref().unwrap_or_default(), MOST_NAME_CHARACTERS);
        for (field, text) in [("name", &name), ("company", &company)] {
            if let Err(error) = text {
                wrong.push(FieldError::new(field, error.code()));
            }
        }
        let locale = match self.locale.as_deref() {
            None | Some("") => Some(fallback),
            Some(code) => Language::from_code(code),
        };
        if locale.is_none() {
            wrong.push(FieldError::new("locale", "locale_unknown"));
        }
        let password = Password::new(
            &self.password,
            &[&self.email, &self.name, self.company.as_deref().unwrap_or_default()],
        );
        if let Err(error) = &password {
            wrong.push(FieldError::new("password", error.code()));
        }
        match (email, password, name, company, locale) {
            (Ok(email), Ok(password), Ok(name), Ok(company), Some(locale)) => {
                Ok(Valid { email, password, name, company, locale })
            }
            _ => Err(Error::fields(wrong)),
        }
    }
}

/// Registers: the same calls and the same answer for every valid input. Whether the address has
/// an account is found out by the mailer, where nobody can watch.
pub async fn register(app: &App, context: &Context, input: RegistrationInput) -> Result<(), Error> {
    let input = input.parse(context.language())?;
    // Every registration sends a mail: none of the attempts is given back.
    let _counted = auth::reserve(app, Limit::REGISTER, &context.network()).await?;
    let registration = Registration {
        email: input.email,
        password_hash: auth::hash_password(input.password, &app.random).await?,
        name: input.name,
        company: input.company,
        locale: input.locale,
    };
    let mut transaction = app.table.transaction::<Code>();
    send_link(app, app.clock.now(), Errand::Registration(registration), &mut transaction)?;
    transaction.commit().await?;
    Ok(())
}

/// Registers a company; a mail brings the link that confirms the address.
#[utoipa::path(
    post, path = "/v1/auth/register", operation_id = "register", tag = "security",
    request_body = RegistrationInput,
    responses(
        (status = 202, description = "Always alike, `{}`; a mail tells more", body = Object),
        (status = 422, description = "Fields are not valid", body = shared::http::Problem),
        (status = 429, description = "Too many registrations", body = shared::http::Problem),
    )
)]
pub(crate) async fn json(
    State(app): State<App>,
    context: Context,
    Json(input): Json<RegistrationInput>,
) -> Result<Response, Error> {
    register(&app, &context, input).await?;
    Ok((StatusCode::ACCEPTED, axum::Json(serde_json::json!({}))).into_response())
}

#[derive(Template)]
#[template(path = "register/page.html")]
struct Page {
    layout: Layout,
    form: FormState,
}

#[derive(Template)]
#[template(path = "register/sent.html")]
struct Sent {
    layout: Layout,
    /// As it was typed.
    email: String,
}

pub(crate) async fn page(context: Context) -> Response {
    render(&Page { layout: Layout::public(&context), form: FormState::default() })
}

pub(crate) async fn submit(
    State(app): State<App>,
    context: Context,
    Form(input): Form<RegistrationInput>,
) -> Result<Response, Error> {
    let form = FormState::filled(vec![
        ("email", input.email.clone()),
        ("name", input.name.clone()),
        ("company", input.company.clone().unwrap_or_default()),
    ]);
    let layout = Layout::public(&context);
    let email = input.email.clone();
    match register(&app, &context, input).await {
        Ok(()) => Ok((StatusCode::ACCEPTED, render(&Sent { layout, email })).into_response()),
        Err(error) => {
            let page = Page { layout, form: form.failed(error)? };
            Ok(page.form.respond(&page))
        }
    }
}
