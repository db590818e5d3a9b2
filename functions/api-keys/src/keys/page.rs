//! The pages of the API keys: the list, a new one, one with what can be done to it.

use askama::Template;
use axum::response::Response;
use jiff::{SignedDuration, civil::Date};
use serde::Deserialize;
use shared::{
    account::ZonePlan,
    auth::{
        ApiKey, Client, KeptForm, Scope, SignedIn, Sudo, SudoFields, SudoForm, api_keys_of,
        most_api_keys,
    },
    error::{Code, Error},
    http::{Object, PageQuery as Query, Path},
    id::KeyId,
    money::{AmountInput, CURRENCY},
    web::{FormState, Layout, Nav, Options, render, see_other},
};

use super::{
    SecretReply,
    create::{NotMade, create},
    find,
    input::KeyInput,
    revoke::revoke,
    rotate::{RotateInput, rotate},
};

/// How long a rotated key's secret usually works on, in seconds.
const DAY: i64 = 86_400;

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
    now: jiff::Timestamp,
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
        key.is_over(self.now)
    }
}

impl New {
    fn scopes(&self) -> Vec<(&'static str, bool)> {
        let chosen = |scope: &Scope| self.chosen.iter().any(|name| name == scope.as_str());
        Scope::ALL.iter().map(|scope| (scope.as_str(), chosen(scope))).collect()
    }
}

impl One {
    fn moment(&self, at: &jiff::Timestamp) -> String {
        self.layout.text.format().moment(at)
    }

    fn revoke_title(&self) -> String {
        let name = self.layout.text.isolate(&self.key.name);
        self.layout.text.with("keys-revoke-title", "name", name)
    }

    fn is_over(&self) -> bool {
        self.key.is_over(self.now)
    }

    /// What a rotation under way means for another one.
    fn rotating(&self) -> Option<String> {
        let until = self.key.previous_until().filter(|until| *until > self.now)?;
        Some(self.layout.text.with("keys-rotating", "time", self.moment(&until)))
    }

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
    let (keys, most) = (api_keys_of(&signed_in).await?, most_api_keys(&signed_in)?.into());
    let now = signed_in.app.clock.now();
    Ok(render(&Page { layout: layout(&signed_in), keys, most, now, done }))
}

pub(crate) async fn new(
    Sudo(Client(signed_in)): Sudo<Client>,
    Query(kept): Query<KeptForm>,
) -> Response {
    let layout = layout(&signed_in);
    if let Some(pairs) = kept.open::<Pairs>(&signed_in) {
        let (form, id, chosen) =
            (pairs.state().kept(), pairs.one("id").to_owned(), pairs.many("scopes"));
        return render(&New { layout, form, id, chosen });
    }
    let id = KeyId::new(signed_in.app.clock.now(), &signed_in.app.random).to_string();
    let chosen = vec![Scope::Inference.as_str().to_owned()];
    render(&New { layout, form: FormState::default(), id, chosen })
}

/// The form of a new key. A box that is not ticked is not sent; several of one name are several.
#[derive(Deserialize)]
#[serde(try_from = "Vec<(String, String)>")]
pub(crate) struct Pairs(Vec<(String, String)>);

impl TryFrom<Vec<(String, String)>> for Pairs {
    type Error = String;

    fn try_from(pairs: Vec<(String, String)>) -> Result<Self, String> {
        let unknown = pairs.iter().find(|(name, _)| name != "id" && !FIELDS.contains(&&**name));
        match unknown {
            Some((name, _)) => Err(format!("unknown field `{name}`")),
            None => Ok(Self(pairs)),
        }
    }
}

/// What is typed.
const FIELDS: [&str; 5] = ["name", "scopes", "expires_at", "allowed_ips", "monthly_cost_limit"];

impl SudoFields for Pairs {}

impl Pairs {
    fn one(&self, name: &str) -> &str {
        let pair = self.0.iter().find(|(key, _)| key == name);
        pair.map_or("", |(_, value)| value.trim())
    }

    fn many(&self, name: &str) -> Vec<String> {
        let of_name = self.0.iter().filter(|(key, _)| key == name);
        of_name.map(|(_, value)| value.clone()).collect()
    }

    fn input(&self, zones: &ZonePlan) -> KeyInput {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let expires_at = some(self.one("expires_at")).map(|day| end_of(&day, zones));
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
                .map(|amount| Object(AmountInput { amount, currency: CURRENCY.to_owned() })),
        }
    }

    fn state(&self) -> FormState {
        FormState::filled(FIELDS.map(|name| (name, self.one(name).to_owned())).into())
    }
}

/// The last second of a day in the account's zone; what is no day is left for the rule to refuse.
fn end_of(day: &str, zones: &ZonePlan) -> String {
    let next = day.parse::<Date>().ok().and_then(|day| day.tomorrow().ok());
    let end = next.and_then(|it| zones.start_of(it).checked_sub(SignedDuration::from_secs(1)).ok());
    end.map_or_else(|| day.to_owned(), |end| end.to_string())
}

pub(crate) async fn new_submit(
    SudoForm(Client(signed_in), pairs): SudoForm<Client, Pairs>,
) -> Result<Response, Error> {
    let id: KeyId = pairs.one("id").parse().map_err(|_| Error::malformed("id"))?;
    match create(&signed_in, id, &pairs.input(&signed_in.account.zones), None).await {
        Ok(Ok(made)) => Ok(show_secret(&signed_in, made)),
        // Sent twice: the key is there, and its secret was shown.
        Ok(Err(NotMade::Already)) => Ok(see_other("/security/keys?done=made")),
        Ok(Err(refused)) => show_form(&signed_in, &pairs, id, refused.into()),
        Err(error) => show_form(&signed_in, &pairs, id, error),
    }
}

/// The form with what was typed and what is wrong with it.
fn show_form(
    signed_in: &SignedIn,
    pairs: &Pairs,
    id: KeyId,
    error: Error,
) -> Result<Response, Error> {
    let (form, chosen) = (pairs.state().failed(error)?, pairs.many("scopes"));
    let page = New { layout: layout(signed_in), form, id: id.to_string(), chosen };
    Ok(page.form.respond(&page))
}

fn show_secret(signed_in: &SignedIn, made: SecretReply) -> Response {
    let layout = layout(signed_in).of_what_is_shown_once();
    render(&Secret { layout, name: made.key.name, token: made.secret })
}

pub(crate) async fn one(
    Client(signed_in): Client,
    Path(id): Path<String>,
    Query(kept): Query<KeptForm>,
) -> Result<Response, Error> {
    let key = find(&signed_in, &id).await?;
    let form = match kept.open::<RotateForm>(&signed_in) {
        Some(RotateForm { grace_seconds, .. }) => rotation(grace_seconds).kept(),
        None => rotation(DAY),
    };
    let now = signed_in.app.clock.now();
    Ok(render(&One { layout: layout(&signed_in), form, key, now }))
}

/// The form of a rotation, with how long the present secret works on.
fn rotation(grace_seconds: i64) -> FormState {
    FormState::filled(vec![("grace_seconds", grace_seconds.to_string())])
}

pub(crate) async fn rotate_submit(
    Path(id): Path<String>,
    SudoForm(Client(signed_in), input): SudoForm<Client, RotateForm>,
) -> Result<Response, Error> {
    let RotateForm { grace_seconds, version } = input;
    let input = RotateInput { grace_seconds };
    match rotate(&signed_in, &id, &input, Some(version), None).await {
        Ok(rotated) => Ok(show_secret(&signed_in, rotated)),
        // Sent twice: it is rotated, and the new secret was shown.
        Err(error) if error.code == Code::Conflict => Ok(see_other("/security/keys?done=made")),
        Err(error) => Err(error),
    }
}

/// How long the present secret works on, and the version of the key that the page showed: sending
/// the form twice rotates once.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RotateForm {
    grace_seconds: i64,
    version: u64,
}

impl SudoFields for RotateForm {
    fn page(action: &str) -> &str {
        action.strip_suffix("/rotate").unwrap_or(action)
    }
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
