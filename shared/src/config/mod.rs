//! The only reader of environment variables. A function asks for the settings that it reads: one of them
//! that is missing, empty or malformed is refused at the start, by its name, and never found out by a client.

mod aws;
mod setting;

pub use aws::Aws;
pub use setting::Setting;

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicU32, Ordering},
};

use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

use crate::{
    error::{Code, Error},
    outbox::Queue,
    seal::SealingKeys,
};

/// Why the settings do not let the panel start.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A variable that has to be set is not, or is empty.
    #[error("{0} is not set")]
    Missing(&'static str),
    /// A variable's value cannot be what it is used for.
    #[error("{0} {1}")]
    Malformed(&'static str, &'static str),
}

/// A function uses a setting that it does not ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the function does not ask for {}", .0.variable())]
pub struct NotAskedFor(Setting);

impl From<NotAskedFor> for Error {
    fn from(defect: NotAskedFor) -> Self {
        Self::fault(Code::Internal, defect)
    }
}

/// The settings that a function asked for.
pub struct Config {
    /// The one DynamoDB table.
    pub table_name: String,
    /// How AWS is reached.
    pub aws: Aws,
    queues: BTreeMap<Queue, String>,
    public_url: Option<String>,
    mail_sender: Option<String>,
    mail_settings: Option<String>,
    files: Option<String>,
    secret: Option<SecretString>,
    sealing: Option<SealingKeys>,
    payments_url: Option<String>,
    payments_key: Option<SecretString>,
    payments_secret: Option<SecretString>,
    /// What was read so far, a bit each: a test holds it to what is asked for.
    read: AtomicU32,
}

impl Config {
    /// Reads the process's environment.
    pub fn from_env(asked: &[Setting]) -> Result<Self, ConfigError> {
        #[expect(clippy::disallowed_methods, reason = "this is where the settings come in")]
        Self::from_lookup(asked, |name| std::env::var(name).ok())
    }

    /// Reads the settings that are asked for from anything that can look up a name.
    pub fn from_lookup(
        asked: &[Setting],
        lookup: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, ConfigError> {
        let optional = |name: &str| lookup(name).filter(|value| !value.is_empty());
        let required = |name: &'static str| optional(name).ok_or(ConfigError::Missing(name));
        let wanted = |setting: Setting| {
            let asked = asked.contains(&setting).then(|| required(setting.variable()));
            asked.transpose()
        };
        let sealing = wanted(Setting::SealingKeys)?.map(|keys| sealing_keys(&keys)).transpose()?;
        let address = |queue: Queue| {
            let address = wanted(Setting::Queue(queue)).transpose()?;
            Some(address.map(|address| (queue, address)))
        };
        let queues: Result<_, ConfigError> =
            Queue::ALL.iter().filter_map(|queue| address(*queue)).collect();
        Ok(Self {
            table_name: wanted(Setting::Table)?.unwrap_or_default(),
            queues: queues?,
            public_url: wanted(Setting::PublicUrl)?.map(public_url).transpose()?,
            mail_sender: wanted(Setting::MailSender)?.map(mail_sender).transpose()?,
            mail_settings: wanted(Setting::MailSettings)?,
            files: wanted(Setting::Files)?,
            aws: Aws::from_lookup(&lookup)?,
            sealing,
            secret: wanted(Setting::PanelSecret)?.map(panel_secret).transpose()?,
            payments_url: wanted(Setting::PaymentsUrl)?.map(payments_url).transpose()?,
            payments_key: wanted(Setting::PaymentsKey)?.map(SecretString::from),
            payments_secret: wanted(Setting::PaymentsSecret)?.map(payments_secret).transpose()?,
            read: AtomicU32::new(0),
        })
    }

    /// The address of a queue.
    pub fn queue(&self, queue: Queue) -> Result<&str, NotAskedFor> {
        self.text(Setting::Queue(queue), self.queues.get(&queue))
    }

    /// The address clients see, without a trailing slash.
    pub fn public_url(&self) -> Result<&str, NotAskedFor> {
        self.text(Setting::PublicUrl, self.public_url.as_ref())
    }

    /// The address mails come from.
    pub fn mail_sender(&self) -> Result<&str, NotAskedFor> {
        self.text(Setting::MailSender, self.mail_sender.as_ref())
    }

    /// The name of SES's settings for mails.
    pub fn mail_settings(&self) -> Result<&str, NotAskedFor> {
        self.text(Setting::MailSettings, self.mail_settings.as_ref())
    }

    /// The bucket that files lie in.
    pub fn files(&self) -> Result<&str, NotAskedFor> {
        self.text(Setting::Files, self.files.as_ref())
    }

    /// What secrets are sealed with that have to be read again.
    pub fn sealing(&self) -> Result<&SealingKeys, NotAskedFor> {
        self.given(Setting::SealingKeys, self.sealing.as_ref())
    }

    /// The address of the payment provider's API.
    pub fn payments_url(&self) -> Result<&str, NotAskedFor> {
        self.text(Setting::PaymentsUrl, self.payments_url.as_ref())
    }

    /// The key by which the payment provider knows the panel.
    pub fn payments_key(&self) -> Result<&SecretString, NotAskedFor> {
        self.given(Setting::PaymentsKey, self.payments_key.as_ref())
    }

    /// What the payment provider signs its word with.
    pub fn payments_secret(&self) -> Result<&SecretString, NotAskedFor> {
        self.given(Setting::PaymentsSecret, self.payments_secret.as_ref())
    }

    /// A keyed hash of `parts` under a key that is the panel's own and `purpose`'s alone.
    pub fn keyed_hash(&self, purpose: &str, parts: &[&[u8]]) -> Result<[u8; 32], NotAskedFor> {
        let secret = self.given(Setting::PanelSecret, self.secret.as_ref())?;
        let key = mac(secret.expose_secret().as_bytes(), &[purpose.as_bytes()]);
        Ok(mac(&key, parts))
    }

    /// What was read since this was asked last.
    #[must_use]
    pub fn take_read(&self) -> Vec<Setting> {
        let read = self.read.swap(0, Ordering::Relaxed);
        let was_read = |setting: &Setting| read & setting.bit() != 0;
        Setting::all().into_iter().filter(was_read).collect()
    }

    fn text<'a>(
        &self,
        setting: Setting,
        value: Option<&'a String>,
    ) -> Result<&'a str, NotAskedFor> {
        self.given(setting, value).map(String::as_str)
    }

    fn given<'a, T>(&self, setting: Setting, value: Option<&'a T>) -> Result<&'a T, NotAskedFor> {
        self.read.fetch_or(setting.bit(), Ordering::Relaxed);
        value.ok_or(NotAskedFor(setting))
    }
}

fn public_url(url: String) -> Result<String, ConfigError> {
    let scheme = url.starts_with("https://") || url.starts_with("http://127.0.0.1");
    let name = Setting::PublicUrl.variable();
    let sound = scheme && !url.ends_with('/');
    sound.then_some(url).ok_or(ConfigError::Malformed(name, "is not an https origin"))
}

fn payments_url(url: String) -> Result<String, ConfigError> {
    let scheme = url.starts_with("https://") || url.starts_with("http://127.0.0.1:");
    let name = Setting::PaymentsUrl.variable();
    let sound = scheme && !url.ends_with('/');
    sound.then_some(url).ok_or(ConfigError::Malformed(name, "is not an https origin"))
}

/// A secret that could be guessed, or is blank, would let anybody tell us what was paid.
fn payments_secret(secret: String) -> Result<SecretString, ConfigError> {
    if secret.trim().len() < 24 {
        let name = Setting::PaymentsSecret.variable();
        return Err(ConfigError::Malformed(name, "is shorter than 24 characters"));
    }
    Ok(secret.into())
}

fn mail_sender(sender: String) -> Result<String, ConfigError> {
    let name = Setting::MailSender.variable();
    let sound = sender.contains('@');
    sound.then_some(sender).ok_or(ConfigError::Malformed(name, "is not an e-mail address"))
}

fn panel_secret(secret: String) -> Result<SecretString, ConfigError> {
    if secret.len() < 32 {
        let name = Setting::PanelSecret.variable();
        return Err(ConfigError::Malformed(name, "is shorter than 32 characters"));
    }
    Ok(secret.into())
}

fn sealing_keys(keys: &str) -> Result<SealingKeys, ConfigError> {
    let name = Setting::SealingKeys.variable();
    SealingKeys::parse(keys)
        .map_err(|_| ConfigError::Malformed(name, "has a key that is too short"))
}

/// HMAC-SHA-256 over length-prefixed parts, so that no two lists of parts read alike.
fn mac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    #[expect(clippy::expect_used, reason = "HMAC takes keys of every length")]
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of every length");
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complete(name: &str) -> Option<String> {
        let value = match name {
            "PUBLIC_URL" => "https://panel.example",
            "MAIL_SENDER" => "panel@example.com",
            "PANEL_SECRET" | "SEALING_KEYS" | "PAYMENTS_WEBHOOK_SECRET" => {
                "0123456789abcdef0123456789abcdef"
            }
            "PAYMENTS_URL" => "https://provider.example",
            "AWS_SESSION_TOKEN"
            | "AWS_CA_BUNDLE"
            | "AWS_ENDPOINT_URL"
            | "AWS_ENDPOINT_URL_DYNAMODB" => return None,
            _ => "set",
        };
        Some(value.to_owned())
    }

    #[test]
    fn each_required_setting_is_missed_by_its_name() {
        for name in [
            "TABLE_NAME",
            "PUBLIC_URL",
            "MAIL_SENDER",
            "PANEL_SECRET",
            "SEALING_KEYS",
            "PAYMENTS_URL",
            "PAYMENTS_KEY",
            "PAYMENTS_WEBHOOK_SECRET",
            "AWS_REGION",
        ] {
            for value in [None, Some(String::new())] {
                let lookup =
                    |asked: &str| if asked == name { value.clone() } else { complete(asked) };
                let error = Config::from_lookup(&Setting::all(), lookup)
                    .err()
                    .map(|error| error.to_string());
                assert_eq!(error, Some(format!("{name} is not set")));
            }
        }
    }

    #[test]
    fn a_short_secret_or_a_plain_http_origin_does_not_start() {
        for (name, value) in [
            ("PANEL_SECRET", "short"),
            ("SEALING_KEYS", "short"),
            ("PUBLIC_URL", "http://panel.example"),
            ("PAYMENTS_URL", "http://provider.example"),
            ("PAYMENTS_WEBHOOK_SECRET", "whsec_short"),
            ("PAYMENTS_WEBHOOK_SECRET", "                                "),
        ] {
            let lookup = |asked: &str| {
                if asked == name { Some(value.to_owned()) } else { complete(asked) }
            };
            assert!(matches!(
                Config::from_lookup(&Setting::all(), lookup),
                Err(ConfigError::Malformed(..))
            ));
        }
    }

    #[test]
    fn a_bundle_without_authorities_does_not_start() {
        for file in ["/nowhere.pem", concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")] {
            let lookup = |asked: &str| {
                if asked == "AWS_CA_BUNDLE" { Some(file.to_owned()) } else { complete(asked) }
            };
            let refused = Config::from_lookup(&Setting::all(), lookup);
            assert!(matches!(refused, Err(ConfigError::Malformed("AWS_CA_BUNDLE", _))), "{file}");
        }
    }

    #[test]
    fn one_purpose_says_nothing_of_another() {
        let config = Config::from_lookup(&Setting::all(), complete).unwrap();
        let hash = |purpose, parts: &[&[u8]]| config.keyed_hash(purpose, parts).unwrap();
        assert_ne!(hash("a", &[b"x"]), hash("b", &[b"x"]));
        assert_ne!(hash("a", &[b"xy"]), hash("a", &[b"x", b"y"]));
    }

    #[test]
    fn a_setting_that_is_not_asked_for_is_not_there_even_if_the_environment_has_it() {
        let config = Config::from_lookup(&[Setting::Queue(Queue::Mail)], complete).unwrap();
        assert_eq!(config.queue(Queue::Mail).ok(), Some("set"));
        assert!(config.keyed_hash("a", &[]).is_err() && config.sealing().is_err());
        let read = [Setting::PanelSecret, Setting::SealingKeys, Setting::Queue(Queue::Mail)];
        assert_eq!(config.take_read(), read);
        assert_eq!(config.take_read(), []);
    }
}
