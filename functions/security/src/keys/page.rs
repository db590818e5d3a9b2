//! The pages of the API keys: the list, a new one, one with what can be done to it.

use askama::Template;
use axum::{extract::Path, response::Response};
use serde::Deserialize;
use shared::{
    auth::{ApiKey, Client, Scope, SignedIn, Sudo},
    error::{Code, Error},
    http::{Form, PageQuery as Query},
    id::KeyId,
    web::{FormState, Layout, Nav, Options, render, see_other},
};

use super::{
    SecretReply,
    create::{NotMade, create, most_keys},
    find,
    input::{AmountInput, KeyInput},
    list::all,
    revoke::revoke,
    rotate::{RotateInput, rotate},
};

#[derive(Template)]
#[template(path = "keys/page.html")]
struct Page {
    layout: Layout,
    keys: Vec<ApiKey>,
    most: u64,
    now: jiff::Timestamp,
    done: &'static str,
}

#[derive(Template)]
#[template(path = "keys/new.html")]
struct New {
    layout: Layout,
    form: FormState,
    /// The key's id: sending the form twice makes one key.
    id: String,
    chosen: Vec<String>,
}

#[derive(Template)]
#[template(path = "keys/secret.html")]
struct Secret {
    layout: Layout,
    name: String,
    token: String,
}

#[derive(Template)]
#[template(path = "keys/key.html")]
struct One {
    layout: Layout,
    form: FormState,
    key: ApiKey,
}

fn layout(signed_in: &SignedIn) -> Layout {
    Layout::portal(&signed_in.context, Nav::Security)
}

impl Page {
    fn count(&self) -> String {
        let number = |number: u64| self.layout.text.format().number(number);
        let used = number(self.keys.len() as u64);
        self.layout.text.with2("keys-count", ("used", &used), ("most", &number(self.most)))
    }

    fn is_full(&self) -> bool {
        self.keys.len() as u64 >= self.most
    }

    fn moment(&self, at: &jiff::Timestamp) -> String {
        self.layout.text.format().moment(at)
    }

    fn is_over(&self, key: &ApiKey) -> bool {
        key.ends_at.is_some_and(|end| end <= self.now)
    }
}

impl New {
    fn scopes(&self) -> Vec<(&'static str, bool)> {
        let chosen = |scope: &Scope| self.chosen.iter().any(|name| name == scope.as_str());
        Scope::ALL.iter().map(|scope| (scope.as_str(), chosen(scope))).collect()
    }
}

impl One {
    fn graces(&self) -> Options {
        let words = |name: &str| self.layout.t(format!("keys-grace-{name}"));
        [("0", "none"), ("3600", "hour"), ("86400", "day"), ("604800", "week")]
            .map(|(seconds, name)| (seconds.to_owned(), words(name)))
            .into()
    }
}

#[derive(Deserialize)]
pub(crate) struct PageQuery {
    #[serde(default)]
    done: String,
}

pub(crate) async fn list(
    Client(signed_in): Client,
    Query(query): Query<PageQuery>,
) -> Result<Response, Error> {
    let done = match query.done.as_str() {
        "revoked" => "keys-done-revoked",
        "made" => "keys-done-made",
        _ => "",
    };
    let (keys, most) = (all(&signed_in).await?, most_keys(&signed_in)?.into());
    let now = signed_in.app.clock.now();
    Ok(render(&Page { layout: layout(&signed_in), keys, most, now, done }))
}

pub(crate) async fn new(Sudo(Client(signed_in)): Sudo<Client>) -> Response {
    let id = KeyId::new(signed_in.app.clock.now(), &signed_in.app.random).to_string();
    let chosen = vec![Scope::Inference.as_str().to_owned()];
    let form = FormState::filled(Vec::new());
    render(&New { layout: layout(&signed_in), form, id, chosen })
}

/// The form of a new key. A box that is not ticked is not sent; several of one name are several.
#[derive(Deserialize)]
#[serde(transparent)]
pub(crate) struct Pairs(Vec<(String, String)>);

impl Pairs {
    fn one(&self, name: &str) -> &str {
        let pair = self.0.iter().find(|(key, _)| key == name);
        pair.map_or("", |(_, value)| value.trim())
    }

    fn many(&self, name: &str) -> Vec<String> {
        let of_name = self.0.iter().filter(|(key, _)| key == name);
        of_name.map(|(_, value)| value.clone()).collect()
    }

    fn input(&self) -> KeyInput {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        // A day that was chosen ends as it does on the calendar of UTC.
        let expires_at = some(self.one("expires_at")).map(|day| format!("{day}T23:59:59Z"));
        let lines = self.one("allowed_ips").split([',', '\n', ' ']);
        let allowed: Vec<String> =
            lines.map(str::trim).filter(|it| !it.is_empty()).map(str::to_owned).collect();
        let limit = some(self.one("monthly_cost_limit"));
        KeyInput {
            name: self.one("name").to_owned(),
            scopes: self.many("scopes"),
            expires_at,
            allowed_ips: Some(allowed),
            monthly_cost_limit: limit
                .map(|amount| AmountInput { amount, currency: "USD".to_owned() }),
        }
    }

    fn kept(&self) -> FormState {
        let names = ["name", "expires_at", "allowed_ips", "monthly_cost_limit"];
        FormState::filled(names.map(|name| (name, self.one(name).to_owned())).into())
    }
}

pub(crate) async fn new_submit(
    Sudo(Client(signed_in)): Sudo<Client>,
    Form(pairs): Form<Pairs>,
) -> Result<Response, Error> {
    let id: KeyId = pairs.one("id").parse().map_err(|_| Error::malformed("id"))?;
    match create(&signed_in, id, &pairs.input(), None).await {
        Ok(Ok(made)) => Ok(show_secret(&signed_in, made)),
        // Sent twice: the key is there, and its secret was shown.
        Ok(Err(NotMade::Already)) => Ok(see_other("/security/keys?done=made")),
        Ok(Err(refused)) => Err(refused.into()),
        Err(error) => {
            let (form, chosen) = (pairs.kept().failed(error)?, pairs.many("scopes"));
            let page = New { layout: layout(&signed_in), form, id: id.to_string(), chosen };
            Ok(page.form.respond(&page))
        }
    }
}

fn show_secret(signed_in: &SignedIn, made: SecretReply) -> Response {
    render(&Secret { layout: layout(signed_in), name: made.key.name, token: made.secret })
}

pub(crate) async fn one(
    Client(signed_in): Client,
    Path(id): Path<String>,
) -> Result<Response, Error> {
    let key = find(&signed_in, &id).await?;
    let form = FormState::filled(vec![("grace_seconds", "86400".to_owned())]);
    Ok(render(&One { layout: layout(&signed_in), form, key }))
}

pub(crate) async fn rotate_submit(
    Sudo(Client(signed_in)): Sudo<Client>,
    Path(id): Path<String>,
    Form(input): Form<RotateInput>,
) -> Result<Response, Error> {
    Ok(show_secret(&signed_in, rotate(&signed_in, &id, &input).await?))
}

pub(crate) async fn revoke_submit(
    Client(signed_in): Client,
    Path(id): Path<String>,
) -> Result<Response, Error> {
    match revoke(&signed_in, &id).await {
        Ok(()) => Ok(see_other("/security/keys?done=revoked")),
        // Gone already: what was wanted is so.
        Err(error) if error.code == Code::NotFound => Ok(see_other("/security/keys?done=revoked")),
        Err(error) => Err(error),
    }
}
