//! Word that is not the provider's, or not of now, is taken by nobody.

use proptest::{prelude::*, test_runner::TestRunner};
use secrecy::SecretString;
use serde_json::json;
use shared::{
    config::{Config, Setting},
    provider::{MOST_AGE, ProviderWord},
    testing::paid::signature,
};
use tests::{World, read};

const SECRET: &str = "whsec_bank_of_the_laptop_0123456789";
const NOW: i64 = 1_790_000_000;

fn word() -> String {
    json!({
        "id": "evt_1", "object": "event", "type": "payment_intent.succeeded",
        "data": {"object": {"id": "pi_1", "object": "payment_intent"}},
    })
    .to_string()
}

fn is_taken(header: &str, body: &str) -> bool {
    let now = jiff::Timestamp::from_second(NOW).unwrap();
    ProviderWord::read(&SecretString::from(SECRET), header, body.as_bytes(), now).is_ok()
}

#[test]
fn ten_thousand_forgeries_are_refused_and_the_genuine_word_is_taken() {
    let body = word();
    let genuine = signature(SECRET, NOW, &body);
    assert!(is_taken(&genuine, &body));
    let age = MOST_AGE.as_secs();
    assert!(is_taken(&signature(SECRET, NOW - age, &body), &body));
    assert!(is_taken(&format!("{genuine},v1=00"), &body), "a second secret is being brought in");
    let mut runner = TestRunner::new_with_rng(
        ProptestConfig { cases: 10_000, failure_persistence: None, ..ProptestConfig::default() },
        proptest::test_runner::TestRng::deterministic_rng(
            proptest::test_runner::RngAlgorithm::ChaCha,
        ),
    );
    let forged = (0..8u8, any::<u16>(), ".{0,40}", any::<u8>());
    runner
        .run(&forged, |(how, number, text, byte)| {
            let (number, place) = (i64::from(number), usize::from(byte));
            let (header, sent) = match how {
                0 => (signature(&text, NOW, &body), body.clone()),
                1 => (signature("", NOW, &body), body.clone()),
                2 => (signature(SECRET, NOW - age - 1 - number, &body), body.clone()),
                3 => (signature(SECRET, NOW + age + 1 + number, &body), body.clone()),
                4 => (genuine.clone(), format!("{body}{}", char::from(byte % 26 + b'a'))),
                5 => (text, body.clone()),
                6 => {
                    // One digit of the signature is another.
                    let mut header = genuine.clone().into_bytes();
                    let at = header.len() - 1 - place % 64;
                    header[at] = if header[at] == b'0' { b'1' } else { b'0' };
                    (String::from_utf8(header).unwrap(), body.clone())
                }
                // Another time, with the signature of this one.
                _ => {
                    let old = format!("t={NOW}");
                    (genuine.replace(&old, &format!("t={}", NOW - 1 - number % 100)), body.clone())
                }
            };
            prop_assert!(!is_taken(&header, &sent), "{header}");
            Ok(())
        })
        .unwrap();
    for header in ["", "t=1", "v1=00", "t=,v1=", "t=1790000000", "t=1790000000,t=1790000000,v1=00"]
    {
        assert!(!is_taken(header, &body), "{header}");
    }
}

#[test]
fn without_a_secret_nothing_starts() {
    for secret in ["", "   ", "short"] {
        let lookup = |name: &str| match name {
            "PAYMENTS_WEBHOOK_SECRET" => Some(secret.to_owned()),
            "AWS_CA_BUNDLE" => None,
            _ => Some("set".to_owned()),
        };
        assert!(Config::from_lookup(&[Setting::PaymentsSecret], lookup).is_err(), "{secret:?}");
    }
}

#[tokio::test]
async fn word_without_a_signature_is_400_and_changes_nothing_and_the_same_twice_is_200() {
    let world = World::start().await;
    let send = async |header: Option<String>| {
        let mut request = world.request(reqwest::Method::POST, "/v1/webhooks/stripe").body(word());
        if let Some(header) = header {
            request = request.header("stripe-signature", header);
        }
        read(request).await.status.as_u16()
    };
    assert_eq!(send(None).await, 400);
    let now = world.clock.now().as_second();
    assert_eq!(send(Some(signature("another secret", now, &word()))).await, 400);
    let genuine = signature(SECRET, now, &word());
    assert_eq!((send(Some(genuine.clone())).await, send(Some(genuine)).await), (200, 200));
    // Nobody here knows that payment: what is told of it leads to nothing, and nothing is stuck.
    world.drain().await;
}
