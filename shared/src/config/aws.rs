//! How AWS is reached.

use rustls::RootCertStore;
use rustls_pki_types::{CertificateDer, pem::PemObject};
use secrecy::SecretString;

use super::ConfigError;

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

impl Aws {
    /// Reads it from anything that can look up a name.
    pub(super) fn from_lookup(
        lookup: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, ConfigError> {
        let optional = |name: &str| lookup(name).filter(|value| !value.is_empty());
        let required = |name: &'static str| optional(name).ok_or(ConfigError::Missing(name));
        let endpoint = optional("AWS_ENDPOINT_URL");
        let authorities = optional("AWS_CA_BUNDLE").map(|file| authorities(&file)).transpose()?;
        Ok(Self {
            region: required("AWS_REGION")?,
            access_key: required("AWS_ACCESS_KEY_ID")?,
            secret_key: required("AWS_SECRET_ACCESS_KEY")?.into(),
            session_token: optional("AWS_SESSION_TOKEN").map(SecretString::from),
            dynamodb_endpoint: optional("AWS_ENDPOINT_URL_DYNAMODB").or_else(|| endpoint.clone()),
            endpoint,
            authorities,
        })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_certificate_does_not_start() {
        let file = std::env::temp_dir().join(format!("broken-{}.pem", std::process::id()));
        let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        std::fs::write(&file, broken).unwrap();
        let refused = authorities(&file.display().to_string());
        std::fs::remove_file(&file).unwrap();
        assert!(matches!(refused, Err(ConfigError::Malformed(_, "holds a broken certificate"))));
    }
}
