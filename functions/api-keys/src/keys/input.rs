//! What a key is to be, parsed once.

use std::collections::BTreeSet;

use ipnet::IpNet;
use jiff::Timestamp;
use serde::Deserialize;
use shared::{
    account::Role,
    auth::Scope,
    error::{Error, FieldError},
    http::Object,
    money::{AmountInput, Pico},
    text::required_line,
};

const MOST_NAME_CHARACTERS: usize = 100;
const MOST_NETWORKS: usize = 50;

/// A key to be.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeyInput {
    #[schema(min_length = 1, max_length = 100)]
    pub(super) name: String,
    /// At least one.
    #[schema(value_type = Vec<Scope>, min_items = 1)]
    pub(super) scopes: Vec<String>,
    /// When it is to stop working.
    #[serde(default)]
    #[schema(format = "date-time")]
    pub(super) expires_at: Option<String>,
    /// Addresses and networks that it works from: `192.0.2.7`, `2001:db8::/32`.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub(super) allowed_ips: Option<Vec<String>>,
    /// The most that it may cost in a billing period.
    #[serde(default)]
    #[schema(value_type = Option<AmountInput>)]
    pub(super) monthly_cost_limit: Option<Object<AmountInput>>,
}

/// What a client may say of a key.
pub(super) struct Valid {
    pub(super) name: String,
    pub(super) scopes: BTreeSet<Scope>,
    pub(super) ends_at: Option<Timestamp>,
    pub(super) allowed_ips: Vec<IpNet>,
    pub(super) monthly_cost_limit: Option<Pico>,
}

/// The parts as they are parsed, and what is wrong with them.
#[derive(Default)]
pub(super) struct Wrong(pub(super) Vec<FieldError>);

impl Wrong {
    fn add(&mut self, field: &str, code: &'static str) {
        self.0.push(FieldError::new(field, code));
    }

    pub(super) fn name(&mut self, text: &str) -> String {
        required_line(text, MOST_NAME_CHARACTERS).unwrap_or_else(|error| {
            self.add("name", error.code());
            String::new()
        })
    }

    /// The scopes, none of which the maker has not.
    pub(super) fn scopes(&mut self, names: &[String], role: Role) -> BTreeSet<Scope> {
        let own = Scope::of_role(role);
        let known = |name: &String| Scope::from_name(name).filter(|scope| own.contains(scope));
        let scopes: Option<BTreeSet<Scope>> = names.iter().map(known).collect();
        let scopes = scopes.unwrap_or_else(|| {
            self.add("scopes", "scope_unknown");
            BTreeSet::new()
        });
        if names.is_empty() {
            self.add("scopes", "scopes_required");
        }
        scopes
    }

    pub(super) fn ends_at(&mut self, text: Option<&str>, now: Timestamp) -> Option<Timestamp> {
        match text?.parse::<Timestamp>() {
            Ok(at) if at > now => return Some(at),
            Ok(_) => self.add("expires_at", "time_past"),
            Err(_) => self.add("expires_at", "time_invalid"),
        }
        None
    }

    pub(super) fn networks(&mut self, texts: &[String]) -> Vec<IpNet> {
        let nets: Option<Vec<IpNet>> = texts.iter().map(|text| network(text.trim())).collect();
        if nets.is_none() {
            self.add("allowed_ips", "network_invalid");
        } else if texts.len() > MOST_NETWORKS {
            self.add("allowed_ips", "networks_too_many");
        }
        nets.unwrap_or_default()
    }

    pub(super) fn amount(&mut self, input: Option<&AmountInput>) -> Option<Pico> {
        let amount = input?.parse();
        if amount.is_none() {
            self.add("monthly_cost_limit", "amount_invalid");
        }
        amount
    }

    pub(super) fn none_or_error(self) -> Result<(), Error> {
        if self.0.is_empty() { Ok(()) } else { Err(Error::fields(self.0)) }
    }
}

/// An address is a network of its own; bits beyond the prefix say nothing.
fn network(text: &str) -> Option<IpNet> {
    let net = match text.parse::<std::net::IpAddr>() {
        Ok(address) => IpNet::from(address.to_canonical()),
        Err(_) => text.parse::<IpNet>().ok()?,
    };
    Some(net.trunc())
}

impl KeyInput {
    pub(super) fn parse(&self, role: Role, now: Timestamp) -> Result<Valid, Error> {
        let mut wrong = Wrong::default();
        let valid = Valid {
            name: wrong.name(&self.name),
            scopes: wrong.scopes(&self.scopes, role),
            ends_at: wrong.ends_at(self.expires_at.as_deref(), now),
            allowed_ips: wrong.networks(self.allowed_ips.as_deref().unwrap_or_default()),
            monthly_cost_limit: wrong.amount(self.monthly_cost_limit.as_ref().map(|Object(it)| it)),
        };
        wrong.none_or_error()?;
        Ok(valid)
    }
}
