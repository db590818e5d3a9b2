//! The only reader of environment variables. A setting that is missing, empty or malformed is
//! refused at the start, by its name, and never found out by a client.

use hmac::{Hmac, KeyInit, Mac};
use rustls::RootCertStore;
use rustls_pki_types::{CertificateDer, pem::PemObject};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

use crate::seal::SealingKeys;

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

/// The settings of every function.
pub struct Config {
    /// The one DynamoDB table.
    pub table_name: String,
    /// Where accepted usage events wait for the meter.
    pub usage_queue: String,
    /// Where usage events go that can never be counted.
    pub usage_dead_letters: String,
    /// Where mails wait for the mailer.
    pub mail_queue: String,
    /// The address clients see, without a trailing slash.
    pub public_url: String,
    /// The address mails come from.
    pub mail_sender: String,
    /// How AWS is reached.
    pub aws: Aws,
    /// What secrets are sealed with that have to be read again.
    pub sealing: SealingKeys,
    secret: SecretString,
}

/// How AWS is reached. On Lambda all of it comes from the runtime's own variables.
#[derive(Clone)]
pub struct Aws {
    /// The region of everything.
    pub region: String,
    /// The access key's id.
    pub access_key: String,
    /// The access key's secret.
    pub secret_key: SecretString,
    /// The token of temporary credentials.
    pub session_token: Option<SecretString>,
    /// Another address for DynamoDB than AWS's.
    pub dynamodb_endpoint: Option<String>,
    /// Another address for all else than AWS's.
    pub endpoint: Option<String>,
    /// Authorities to trust in place of AWS's own: for a proxy or an emulator.
    pub authorities: Option<Vec<CertificateDer<'static>>>,
}

impl Config {
    /// Reads the process's environment.
    pub fn from_env() -> Result<Self, ConfigError> {
        #[expect(clippy::disallowed_methods, reason = "this is where the settings come in")]
        Self::from_lookup(|name| std::env::var(name).ok())
    }

    /// Reads the settings from anything that can look up a name.
    pub fn from_lookup(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let optional = |name: &str| lookup(name).filter(|value| !value.is_empty());
        let required = |name: &'static str| optional(name).ok_or(ConfigError::Missing(name));

        let public_url = required("PUBLIC_URL")?;
        let scheme =
            public_url.starts_with("https://") || public_url.starts_with("http://127.0.0.1");
        if !scheme || public_url.ends_with('/') {
            return Err(ConfigError::Malformed("PUBLIC_URL", "is not an https origin"));
        }
        let mail_sender = required("MAIL_SENDER")?;
        if !mail_sender.contains('@') {
            return Err(ConfigError::Malformed("MAIL_SENDER", "is not an e-mail address"));
        }
        let secret = required("PANEL_SECRET")?;
        if secret.len() < 32 {
            return Err(ConfigError::Malformed("PANEL_SECRET", "is shorter than 32 characters"));
        }
        let sealing = SealingKeys::parse(&required("SEALING_KEYS")?)
            .map_err(|_| ConfigError::Malformed("SEALING_KEYS", "has a key that is too short"))?;
        let endpoint = optional("AWS_ENDPOINT_URL");
        let authorities = optional("AWS_CA_BUNDLE").map(|file| authorities(&file)).transpose()?;
        Ok(Self {
            table_name: required("TABLE_NAME")?,
            usage_queue: required("USAGE_QUEUE_URL")?,
            usage_dead_letters: required("USAGE_DEAD_LETTERS_URL")?,
            mail_queue: required("MAIL_QUEUE_URL")?,
            public_url,
            mail_sender,
            aws: Aws {
                region: required("AWS_REGION")?,
                access_key: required("AWS_ACCESS_KEY_ID")?,
                secret_key: required("AWS_SECRET_ACCESS_KEY")?.into(),
                session_token: optional("AWS_SESSION_TOKEN").map(SecretString::from),
                dynamodb_endpoint: optional("AWS_ENDPOINT_URL_DYNAMODB")
                    .or_else(|| endpoint.clone()),
                endpoint,
                authorities,
            },
            sealing,
            secret: secret.into(),
        })
    }

    /// A keyed hash of `parts` under a key that is the panel's own and `purpose`'s alone.
    #[must_use]
    pub fn keyed_hash(&self, purpose: &str, parts: &[&[u8]]) -> [u8; 32] {
        let key = mac(self.secret.expose_secret().as_bytes(), &[purpose.as_bytes()]);
        mac(&key, parts)
    }
}

/// The certificates in a PEM file: one at least, and nothing that is none.
fn authorities(file: &str) -> Result<Vec<CertificateDer<'static>>, ConfigError> {
    let malformed = |why| ConfigError::Malformed("AWS_CA_BUNDLE", why);
    let pem = std::fs::read(file).map_err(|_| malformed("cannot be read"))?;
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
    match certificates {
        Ok(certificates) if !certificates.is_empty() => {
            let mut usable = RootCertStore::empty();
            for certificate in &certificates {
                usable
                    .add(certificate.clone())
                    .map_err(|_| malformed("holds a broken certificate"))?;
            }
            Ok(certificates)
        }
        _ => Err(malformed("holds no certificates")),
    }
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
            "PANEL_SECRET" | "SEALING_KEYS" => "0123456789abcdef0123456789abcdef",
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
            "AWS_REGION",
        ] {
            for value in [None, Some(String::new())] {
                let lookup =
                    |asked: &str| if asked == name { value.clone() } else { complete(asked) };
                let error = Config::from_lookup(lookup).err().map(|error| error.to_string());
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
        ] {
            let lookup = |asked: &str| {
                if asked == name { Some(value.to_owned()) } else { complete(asked) }
            };
            assert!(matches!(Config::from_lookup(lookup), Err(ConfigError::Malformed(..))));
        }
    }

    #[test]
    fn a_bundle_without_authorities_does_not_start() {
        for file in ["/nowhere.pem", concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")] {
            let lookup = |asked: &str| {
                if asked == "AWS_CA_BUNDLE" { Some(file.to_owned()) } else { complete(asked) }
            };
            let refused = Config::from_lookup(lookup);
            assert!(matches!(refused, Err(ConfigError::Malformed("AWS_CA_BUNDLE", _))), "{file}");
        }
    }

    #[test]
    fn a_broken_certificate_does_not_start() {
        let file = std::env::temp_dir().join(format!("broken-{}.pem", std::process::id()));
        let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        std::fs::write(&file, broken).unwrap();
        let refused = authorities(&file.display().to_string());
        std::fs::remove_file(&file).unwrap();
        assert!(matches!(refused, Err(ConfigError::Malformed(_, "holds a broken certificate"))));
    }

    #[test]
    fn one_purpose_says_nothing_of_another() {
        let config = Config::from_lookup(complete).unwrap();
        assert_ne!(config.keyed_hash("a", &[b"x"]), config.keyed_hash("b", &[b"x"]));
        assert_ne!(config.keyed_hash("a", &[b"xy"]), config.keyed_hash("a", &[b"x", b"y"]));
    }
}
