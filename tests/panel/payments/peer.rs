//! The adapter against two providers that know nothing of each other: the bank of the laptop, and a public emulator of
//! the provider's API, so that our own reading of that API is not the only judge.

use std::{
    net::{Ipv4Addr, TcpListener},
    path::Path,
    process::Stdio,
    time::Duration,
};

use serde_json::Value;
use shared::{
    app::App,
    config::{Config, Setting},
    id::{EntryId, InvoiceId, MethodId},
    payments::Reason,
    provider::{Charge, IntentStatus, ProviderError, RefundStatus},
    testing::{TestApp, paid},
    wire::Wire,
};
use tokio::process::{Child, Command};

use crate::billing::money;

const PYTHON: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../.local/provider/bin/python");
const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/provider.py");

/// Makes a card of a customer's that pays, or one that has no money on it.
trait Cards {
    async fn of(&self, customer: &str, pays: bool) -> String;
}

struct OfBank<'a>(&'a TestApp);
struct OfEmulator(String);

impl Cards for OfBank<'_> {
    async fn of(&self, customer: &str, pays: bool) -> String {
        let (app, now) = (&self.0.app, self.0.app.clock.now());
        let back =
            shared::provider::Back { done: "https://a.example/", cancelled: "https://a.example/" };
        let account = shared::id::AccountId::new(now, &app.random);
        let method = MethodId::new(now, &app.random);
        let until = now.as_second() + 3_600;
        let page = app.provider.set_up((account, customer), method, until, back).await.unwrap();
        let card = if pays { paid::PAYS } else { "4000000000009995" };
        paid::type_card(&page.url.unwrap(), card).await;
        let page = app.provider.session(&page.id).await.unwrap();
        page.setup_intent.unwrap().payment_method.unwrap().id
    }
}

impl Cards for OfEmulator {
    async fn of(&self, customer: &str, pays: bool) -> String {
        let token = if pays { "tok_visa" } else { "tok_visa_chargeDeclinedInsufficientFunds" };
        let form = [("type", "card"), ("card[token]", token)];
        let made = self.post("payment_methods", &form).await;
        let id = made["id"].as_str().unwrap_or_else(|| panic!("{made}")).to_owned();
        self.post(&format!("payment_methods/{id}/attach"), &[("customer", customer)]).await;
        id
    }
}

impl OfEmulator {
    async fn post(&self, path: &str, form: &[(&str, &str)]) -> Value {
        let request = reqwest::Client::new().post(format!("{}/v1/{path}", self.0)).form(form);
        request.bearer_auth("sk_test").send().await.unwrap().json().await.unwrap()
    }
}

/// All that the adapter expects of a provider.
async fn speaks(app: &App, cards: &impl Cards) {
    let (provider, now) = (&app.provider, app.clock.now());
    let account = shared::id::AccountId::new(now, &app.random);
    let customer = provider.customer(account, "Acme").await.unwrap();
    assert_eq!(provider.customer(account, "Acme").await.unwrap(), customer, "made once");

    let invoice = InvoiceId::new(now, &app.random);
    let charge =
        Charge { account, customer: &customer, invoice, attempt: 1, amount: money("149.00") };
    let intent = provider.intend(charge).await.unwrap();
    assert_eq!(provider.intend(charge).await.unwrap().id, intent.id, "made once");
    assert_eq!(intent.status, IntentStatus::RequiresPaymentMethod);
    let other = Charge { amount: money("1.00"), ..charge };
    assert!(matches!(provider.intend(other).await, Err(ProviderError::Reused)));

    let good = cards.of(&customer, true).await;
    let told = provider.method(&good).await.unwrap().card.unwrap();
    assert_eq!((told.brand.as_str(), told.last4.as_str()), ("visa", "4242"));
    let paid = provider.confirm(&intent.id, &good).await.unwrap();
    assert_eq!((paid.status, paid.amount_received), (IntentStatus::Succeeded, 14_900));
    assert_eq!(
        provider.confirm(&intent.id, &good).await.unwrap().amount_received,
        14_900,
        "charged once"
    );
    let known = provider.intent(&intent.id).await.unwrap();
    assert_eq!((known.status, known.amount_received), (IntentStatus::Succeeded, 14_900));
    assert_eq!(known.metadata.read::<InvoiceId>("invoice"), Some(invoice));
    provider.call_off(&intent.id).await.unwrap();
    assert_eq!(provider.intent(&intent.id).await.unwrap().status, IntentStatus::Succeeded);

    let poor = cards.of(&customer, false).await;
    let second = provider.intend(Charge { attempt: 2, ..charge }).await.unwrap();
    assert_ne!(second.id, intent.id);
    let Err(ProviderError::Declined(why)) = provider.confirm(&second.id, &poor).await else {
        panic!("a card without money pays nothing");
    };
    assert_eq!(Reason::from(&why), Reason::InsufficientFunds);
    let known = provider.intent(&second.id).await.unwrap();
    let why = known.last_payment_error.unwrap();
    assert_eq!(
        (known.status, Reason::from(&why)),
        (IntentStatus::RequiresPaymentMethod, Reason::InsufficientFunds)
    );
    provider.call_off(&second.id).await.unwrap();
    assert_eq!(provider.intent(&second.id).await.unwrap().status, IntentStatus::Canceled);

    let key = EntryId::new(now, &app.random).to_string();
    let whose = (account, invoice);
    let back = provider.refund(whose, &intent.id, money("5.00"), &key).await.unwrap();
    assert_eq!(back.status, RefundStatus::Succeeded);
    let again = provider.refund(whose, &intent.id, money("5.00"), &key).await.unwrap();
    assert_eq!(again.id, back.id, "given back once");
    let listed = provider.refunds_of(&intent.id).await.unwrap();
    let listed: Vec<&str> = listed.iter().map(|it| it.id.as_str()).collect();
    assert_eq!(listed, [back.id.as_str()]);
    assert_eq!(provider.refunded(&back.id).await.unwrap().status, RefundStatus::Succeeded);
    let more = provider.refund(whose, &intent.id, money("144.01"), "more").await;
    assert!(matches!(more, Err(ProviderError::Refused { .. })), "{more:?}");

    let unknown = provider.intent("pi_unknown").await;
    assert!(matches!(unknown, Err(ProviderError::NotFound)), "{unknown:?}");
    provider.detach(&good).await.unwrap();
    provider.detach(&good).await.unwrap();
}

#[tokio::test]
async fn the_bank_of_the_laptop_is_what_the_adapter_expects() {
    let world = TestApp::start().await;
    speaks(&world.app, &OfBank(&world)).await;
    // A card that was forgotten is charged no more; the emulator would.
    let (provider, now) = (&world.app.provider, world.app.clock.now());
    let account = shared::id::AccountId::new(now, &world.app.random);
    let customer = provider.customer(account, "Acme").await.unwrap();
    let card = OfBank(&world).of(&customer, true).await;
    provider.detach(&card).await.unwrap();
    let invoice = InvoiceId::new(now, &world.app.random);
    let amount = money("1.00");
    let charge = Charge { account, customer: &customer, invoice, attempt: 1, amount };
    let intent = provider.intend(charge).await.unwrap();
    let refused = provider.confirm(&intent.id, &card).await;
    assert!(matches!(refused, Err(ProviderError::Refused { .. })), "{refused:?}");
}

/// The emulator on a free port, once it answers.
async fn emulator() -> (Child, String) {
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap();
    assert!(Path::new(PYTHON).exists(), "`tests/run` installs the emulator");
    let mut command = Command::new(PYTHON);
    command.args([SCRIPT, &free.port().to_string()]).kill_on_drop(true);
    let emulator = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let url = format!("http://{free}/worlds/adapter");
    let answers = async {
        while reqwest::get(format!("{url}/v1/customers")).await.is_err() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let answered = tokio::time::timeout(Duration::from_mins(1), answers).await;
    assert!(answered.is_ok(), "the emulator answers");
    (emulator, url)
}

#[tokio::test]
async fn a_public_emulator_of_the_providers_api_is_what_the_adapter_expects() {
    let (_emulator, url) = emulator().await;
    let world = TestApp::start().await;
    let mut environment = world.environment();
    environment.insert("PAYMENTS_URL".to_owned(), url.clone());
    let config = Config::from_lookup(&Setting::all(), |name| environment.get(name).cloned());
    let (clock, random) = (world.app.clock.clone(), world.app.random.clone());
    let app = App::new(config.unwrap(), clock, random, &Wire::default()).unwrap();
    speaks(&app, &OfEmulator(url)).await;
}
