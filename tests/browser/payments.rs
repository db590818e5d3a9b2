//! A client's way to pay, in the reader's language: a card is set up at the bank, a payment fails and says why, the
//! card's own bank asks, and what is overdue is recovered.

use serde_json::json;
use shared::{
    account::Founded,
    id::{InvoiceId, UserId},
    payments::Matter,
    testing::paid::{self, ASKS, DECLINED, PAYS},
    web::{Language, Preferences, Text},
};
use tests::{Client, Given, World};

use crate::browser::{Browser, Scripts, browse};

/// A client who owes something, at a browser.
struct Payer<'a> {
    world: &'a World,
    browser: &'a Browser,
    client: Client,
    founded: Founded,
    text: Text,
}

impl<'a> Payer<'a> {
    async fn come(world: &'a World, browser: &'a Browser, language: Language) -> Self {
        let client = world.client(&format!("payer{}", language.code())).await;
        client.patch("/v1/profile", &json!({"locale": language.code()})).await;
        let account = client.account.parse().unwrap();
        let founded = Founded { account, user: UserId::from_bytes([0; 16]) };
        let text = Text::new(Preferences { language, ..Preferences::default() });
        Self { world, browser, client, founded, text }
    }

    /// Comes to a page, with the password given a moment ago.
    async fn at(&self, path: &str) {
        let token = self.world.session_with(&self.client.account, Given::Password).await;
        self.browser.hold(&token).await;
        self.browser.open(path).await;
    }

    async fn owes(&self) -> InvoiceId {
        paid::owing(&self.world.panel.app, self.founded).await
    }

    async fn says(&self, selector: &str, words: &str) {
        let said = self.browser.text(selector).await;
        let words = self.text.get(words);
        assert!(said.contains(&words), "{selector} says {said}, not {words}");
    }

    /// Types a card on the bank's page and comes back.
    async fn types(&self, card: &str) {
        let bank = self.world.panel.cloud.bank().url();
        self.browser.arrives(&bank).await;
        self.browser.fill("input[name=number]", card).await;
        self.browser.follow("form button").await;
        if card == ASKS && self.browser.is_at(&bank).await {
            self.browser.follow("button[value=yes]").await;
        }
        self.browser.arrives(&self.world.url).await;
    }

    /// Saves a card from the page of the cards, which shows it once the bank has told of it.
    async fn saves(&self, card: &str) {
        self.at("/billing/methods").await;
        self.browser.follow("form[action='/billing/methods'] button").await;
        self.types(card).await;
        let ending = &card[12..];
        self.browser.comes_to_say("main", ending).await;
        self.says(".notice.ok", "methods-done-added").await;
    }
}

async fn pays(world: &World, browser: &Browser, language: Language) {
    let payer = Payer::come(world, browser, language).await;
    let invoice = payer.owes().await;
    let page = format!("/billing/invoices/{invoice}");

    // Without a card, paying leads to where one is added.
    payer.at(&page).await;
    browser.follow("main section.card a.button").await;
    payer.says("h1", "methods-title").await;
    payer.says(".notice.warning", "methods-wanted").await;
    payer.saves(DECLINED).await;

    payer.at(&page).await;
    browser.follow("form[action$='/pay'] button").await;
    payer.says(".notice.warning", "field-declined").await;
    payer.says(".page-header .chip + .chip", "invoice-payment-failed").await;

    // A card whose bank asks: it is confirmed on the bank's page.
    payer.saves(ASKS).await;
    payer.at(&page).await;
    browser.click("select[name=method] option:nth-of-type(2)").await;
    browser.follow("form[action$='/pay'] button").await;
    payer.says(".notice.warning", "field-authentication_required").await;
    browser.follow("main section.card > p.row > a.button").await;
    payer.types(ASKS).await;
    browser.comes_to_say("main", &payer.text.get("invoice-paid-thanks")).await;
    payer.says(".page-header .chip + .chip", "invoice-payment-paid").await;
    let charged = world.panel.cloud.bank().charged(&invoice.to_string());
    assert_eq!(charged.0, 1);

    // The clock's try fails with the card that is the default; another one recovers all.
    payer.owes().await;
    paid::due(&world.panel.app, payer.founded, &Matter::Collect {}).await;
    world.drain().await;
    payer.at("/billing").await;
    payer.says(".notice.danger h2", "overdue-title").await;
    payer.says(".notice.danger", "field-declined").await;
    payer.saves(PAYS).await;
    browser.follow("ul.entries li:last-child form[action$='/default'] button").await;
    payer.says(".notice.ok", "methods-done-default").await;
    world.drain().await;
    payer.at("/billing").await;
    payer.says("main", "billing-nothing-due").await;
    payer.at("/billing/transactions").await;
    payer.says("main", "transaction-failed").await;

    browser.follow("nav a[href='/billing']").await;
    payer.at("/billing/methods").await;
    browser.follow("ul.entries li:first-child form[action$='/remove'] button").await;
    payer.says(".notice.ok", "methods-done-removed").await;
}

#[tokio::test]
async fn a_client_sets_a_card_up_pays_fails_confirms_and_recovers_in_every_language() {
    let world = World::start().await;
    browse(&world.site, Scripts::On, async |browser: &Browser| {
        for language in Language::all() {
            pays(&world, browser, language).await;
            browser.delete_all_cookies().await.unwrap();
        }
    })
    .await;
}

#[tokio::test]
async fn a_client_pays_without_scripts() {
    let world = World::start().await;
    browse(&world.site, Scripts::Off, async |browser: &Browser| {
        pays(&world, browser, Language::default()).await;
    })
    .await;
}
