//! What a handler may know about its request beside its input.

use std::{
    convert::Infallible,
    net::IpAddr,
    sync::{Arc, OnceLock},
};

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, Method, header, request::Parts},
};

use crate::{
    random::Random,
    web::{Language, Preferences},
};

/// The address a request came from, as the gateway saw it. Headers are never asked: a client
/// writes them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

/// Which of the two faces a request speaks to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Face {
    /// A program: problems are JSON.
    Api,
    /// A person's browser: problems are pages.
    Browser,
}

/// The request's surroundings; cheap to clone.
#[derive(Debug, Clone)]
pub struct Context {
    /// Named in the reply and the log.
    pub request_id: String,
    /// Where it came from.
    pub address: Option<IpAddr>,
    /// The browser's or the program's name for itself, cut to 200 characters.
    pub user_agent: String,
    /// The path, without the query.
    pub path: String,
    /// Which face is spoken to.
    pub face: Face,
    /// Path and query without `lang`: where a switch of language comes back to. Never logged, for
    /// links in mails carry secrets.
    pub(crate) place: String,
    /// The page of ours whose form this is, if the browser says.
    pub(crate) form: Option<String>,
    /// Whether the page can be come back to after signing in.
    pub(crate) can_return: bool,
    negotiated: Language,
    asked: Option<Language>,
    profile: Arc<OnceLock<Preferences>>,
}

impl Context {
    pub(super) fn of(parts: &Parts, random: &Random) -> Self {
        let header = |name| parts.headers.get(name).and_then(|value| value.to_str().ok());
        let path = parts.uri.path().to_owned();
        let api = path == "/v1" || path.starts_with("/v1/");
        let browser = !api;
        let asked = query_language(parts.uri.query().unwrap_or_default()).filter(|_| browser);
        let negotiated = cookie(&parts.headers, "lang")
            .filter(|_| browser)
            .and_then(Language::from_code)
            .or_else(|| header(header::ACCEPT_LANGUAGE).and_then(Language::negotiate))
            .unwrap_or_default();
        Self {
            request_id: hex::encode(random.bytes::<12>()),
            address: parts.extensions.get::<ClientAddress>().map(|address| address.0),
            user_agent: header(header::USER_AGENT).unwrap_or_default().chars().take(200).collect(),
            place: place(&path, parts.uri.query().unwrap_or_default()),
            form: header(header::REFERER).and_then(path_of).filter(|_| browser),
            can_return: parts.method == Method::GET,
            path,
            face: if api { Face::Api } else { Face::Browser },
            negotiated,
            asked,
            profile: Arc::default(),
        }
    }

    /// The language that the browser is to remember, for pages before signing in: what was asked for,
    /// or the profile's where the browser says another.
    pub(crate) fn language_to_remember(&self) -> Option<Language> {
        let profile = self.profile.get().map(|it| it.language);
        let language = self.asked.or(profile.filter(|it| *it != self.negotiated));
        language.filter(|_| self.face == Face::Browser)
    }

    /// The language of the reply: asked for in the address, else the profile's, else the
    /// cookie's, else what the browser prefers. Programs are answered by their header.
    #[must_use]
    pub fn language(&self) -> Language {
        let profile = self.profile.get().filter(|_| self.face == Face::Browser);
        self.asked.or(profile.map(|it| it.language)).unwrap_or(self.negotiated)
    }

    /// How the reply looks and writes numbers.
    #[must_use]
    pub fn preferences(&self) -> Preferences {
        let profile = self.profile.get().cloned().unwrap_or_default();
        Preferences { language: self.language(), ..profile }
    }

    /// Whether the reply may be a page.
    pub(crate) fn is_page(&self) -> bool {
        self.face == Face::Browser
    }

    /// The address as text, for the log of sessions and events.
    #[must_use]
    pub fn address_text(&self) -> String {
        self.address.map_or_else(|| "unknown".to_owned(), |address| address.to_string())
    }

    /// The network that limits count: an IPv4 address, or the /64 that one subscriber has of IPv6.
    #[must_use]
    pub fn network(&self) -> String {
        match self.address.map(|address| address.to_canonical()) {
            Some(IpAddr::V6(address)) => {
                let net = u128::from(address) >> 64 << 64;
                format!("{}/64", std::net::Ipv6Addr::from(net))
            }
            Some(address) => address.to_string(),
            None => "unknown".to_owned(),
        }
    }

    /// What happens at a time comes from nowhere and has no request.
    #[must_use]
    pub fn of_schedule(name: &str, random: &Random) -> Self {
        Self {
            request_id: hex::encode(random.bytes::<12>()),
            address: None,
            user_agent: name.to_owned(),
            path: String::new(),
            face: Face::Api,
            place: String::new(),
            form: None,
            can_return: false,
            negotiated: Language::default(),
            asked: None,
            profile: Arc::default(),
        }
    }

    /// Called once the request's user is known.
    pub(crate) fn remember(&self, preferences: Preferences) {
        // The first credential that was checked is the request's own.
        let _already = self.profile.set(preferences);
    }
}

impl<S: Sync> FromRequestParts<S> for Context {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts
            .extensions
            .get::<Self>()
            .cloned()
            .unwrap_or_else(|| Self::of(parts, &Random::kernel())))
    }
}

/// The value of a cookie.
#[must_use]
pub fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let cookies = headers.get_all(header::COOKIE).into_iter();
    cookies
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name).then_some(value))
}

/// Path and query of an address, whatever its host: they are followed on this one alone.
fn path_of(address: &str) -> Option<String> {
    let (_, rest) = address.split_once("://")?;
    let path = rest.find('/').map_or("/", |at| &rest[at..]);
    Some(super::own_path(path).to_owned())
}

/// A path that begins with two slashes would be another host's address.
fn place(path: &str, query: &str) -> String {
    let path = if path.starts_with("//") { "/" } else { path };
    let kept: Vec<&str> =
        query.split('&').filter(|pair| !pair.is_empty() && !pair.starts_with("lang=")).collect();
    if kept.is_empty() { path.to_owned() } else { format!("{path}?{}", kept.join("&")) }
}

fn query_language(query: &str) -> Option<Language> {
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(query).ok()?;
    let (_, code) = pairs.into_iter().rev().find(|(key, _)| key == "lang")?;
    Language::from_code(&code)
}
