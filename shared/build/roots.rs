//! The authorities that certify AWS's own services.

use std::fmt::Write as _;

use webpki_root_certs::TLS_SERVER_ROOT_CERTS;

/// Their names, as Amazon publishes them.
const AMAZON: [&str; 5] = [
    "Amazon Root CA 1",
    "Amazon Root CA 2",
    "Amazon Root CA 3",
    "Amazon Root CA 4",
    "Starfield Services Root Certificate Authority - G2",
];

/// Those authorities among the ones that Mozilla trusts, each as DER, in a list as Rust writes it.
/// One that is missing fails the build: without it functions would trust nobody, and only on AWS.
pub(super) fn of_amazon() -> Result<String, String> {
    let mut list = String::from("&[");
    for name in AMAZON {
        let named = |der: &[u8]| der.windows(name.len()).any(|part| part == name.as_bytes());
        let mut found = TLS_SERVER_ROOT_CERTS.iter().filter(|der| named(der));
        let (Some(der), None) = (found.next(), found.next()) else {
            return Err(format!("Mozilla's list has not one authority named {name}"));
        };
        // Writing to a String cannot fail.
        let _ok = write!(list, "&{:?},", &der[..]);
    }
    Ok(list + "]")
}
