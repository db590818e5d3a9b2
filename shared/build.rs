//! What is made ready once, so that no function does it at every start.

use std::{error::Error, fs, path::Path};

use data_encoding::BASE64_MIME;
use webpki_root_certs::TLS_SERVER_ROOT_CERTS;

/// The names of the authorities that certify AWS's own services, as Amazon publishes them.
const AMAZON: [&str; 2] = ["Amazon Root CA ", "Starfield Services Root Certificate Authority - G2"];
const PLANS: &str = "../infra/plans.toml";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={PLANS}");
    #[expect(clippy::disallowed_methods, reason = "this is how cargo tells a build script")]
    let out = std::env::var("OUT_DIR")?;
    let out = Path::new(&out);
    fs::write(out.join("amazon-roots.pem"), amazon_roots())?;
    let plans: serde_json::Value = toml::from_str(&fs::read_to_string(PLANS)?)?;
    fs::write(out.join("plans.json"), plans.to_string())?;
    Ok(())
}

/// The authorities of AWS among those that Mozilla trusts, as PEM.
fn amazon_roots() -> String {
    let named = |der: &[u8], name: &str| der.windows(name.len()).any(|it| it == name.as_bytes());
    let ours =
        TLS_SERVER_ROOT_CERTS.iter().filter(|der| AMAZON.iter().any(|name| named(der, name)));
    ours.fold(String::new(), |pem, der| {
        let body = BASE64_MIME.encode(der);
        pem + "-----BEGIN CERTIFICATE-----\n" + &body + "-----END CERTIFICATE-----\n"
    })
}
