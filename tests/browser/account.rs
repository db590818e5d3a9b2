//! The life of an account, in the reader's language: a second factor, backup codes, another password,
//! a forgotten one, a key for a program.

use shared::web::{Language, Preferences, Text};
use tests::{Authenticator, PASSWORD, World};

use crate::browser::{Browser, Scripts, browse};

const NEXT: &str = "otter-glass-runs-south";
const LAST: &str = "quartz-lamp-sails-west";

#[tokio::test]
async fn an_account_is_protected_and_recovered_in_every_language() {
    let world = World::start().await;
    browse(&world.site, Scripts::On, async |browser: &Browser| {
        for language in Language::all() {
            Life::begin(&world, browser, language).await.live().await;
            browser.delete_all_cookies().await.unwrap();
        }
    })
    .await;
}

#[tokio::test]
async fn an_account_is_protected_and_recovered_without_scripts() {
    let world = World::start().await;
    browse(&world.site, Scripts::Off, async |browser: &Browser| {
        Life::begin(&world, browser, Language::default()).await.live().await;
    })
    .await;
}

struct Life<'a> {
    world: &'a World,
    browser: &'a Browser,
    text: Text,
    email: String,
}

impl<'a> Life<'a> {
    /// Registers and confirms the address.
    async fn begin(world: &'a World, browser: &'a Browser, language: Language) -> Self {
        let text = Text::new(Preferences { language, ..Preferences::default() });
        let email = format!("life@{}.test", language.code());
        browser.open(&format!("/register?lang={}", language.code())).await;
        browser.fill("#name", "Ada").await;
        browser.fill("#email", &email).await;
        browser.fill("#password", PASSWORD).await;
        browser.follow("main form button").await;
        let token = world.mailed_token(&email).await;
        browser.open(&format!("/verify?token={token}")).await;
        browser.follow("main form button").await;
        Self { world, browser, text, email }
    }

    async fn live(&self) {
        self.sign_in(PASSWORD).await;
        assert_eq!(self.title().await, self.text.get("dashboard-title"));
        let program = self.turn_on().await;
        self.sign_out().await;
        self.in_with_a_code(&program).await;
        self.sign_out().await;
        self.in_with_a_backup_code(&program).await;
        self.regenerate(&program).await;
        self.change_password().await;
        self.make_and_revoke_a_key().await;
        self.turn_off(&program).await;
        self.sign_out().await;
        self.forget_and_reset().await;
    }

    async fn title(&self) -> String {
        self.browser.text("h1").await
    }

    async fn sign_in(&self, password: &str) {
        self.browser.open("/login").await;
        self.browser.fill("#email", &self.email).await;
        self.browser.fill("#password", password).await;
        self.browser.follow("main form button").await;
    }

    async fn sign_out(&self) {
        self.browser.click("[popovertarget=account]").await;
        self.browser.follow("#account form[action='/logout'] button").await;
        assert_eq!(self.title().await, self.text.get("login-title"));
    }

    /// From the advice on the page of security to the codes that are kept.
    async fn turn_on(&self) -> Authenticator {
        let (browser, text) = (self.browser, &self.text);
        browser.follow(".side a[href='/security']").await;
        assert!(browser.text(".notice").await.contains(&text.get("security-next-factor")));
        browser.follow(".notice a").await;
        assert_eq!(self.title().await, text.get("sudo-title"), "prove yourself first");
        browser.fill("#password", PASSWORD).await;
        browser.follow("main form button").await;
        assert_eq!(browser.place().await, "/security/two-factor", "and back");
        browser.follow("main form button").await;
        let secret = browser.text(".code code").await.replace(' ', "");
        let program = Authenticator { secret, backup_codes: Vec::new() };
        browser.fill("#code", "000000").await;
        browser.follow("form[action='/security/two-factor/confirm'] button").await;
        assert!(browser.text("[role=alert]").await.contains(&text.get("field-code_wrong")));
        browser.fill("#code", &program.code(&self.world.site)).await;
        browser.follow("form[action='/security/two-factor/confirm'] button").await;
        assert_eq!(self.title().await, text.get("codes-title"));
        let backup_codes = self.shown().await;
        assert_eq!(backup_codes.len(), 10);
        browser.click("input[type=checkbox]").await;
        browser.follow("form[action='/security'] button").await;
        assert!(browser.text(".notice").await.contains(&text.get("security-done-on")));
        Authenticator { backup_codes, ..program }
    }

    /// The secrets on the page.
    async fn shown(&self) -> Vec<String> {
        let script =
            "return [...document.querySelectorAll('.secrets code')].map(it => it.textContent)";
        let codes = self.browser.run(script, Vec::new()).await;
        serde_json::from_value(codes).unwrap()
    }

    async fn fresh_code(&self, program: &Authenticator) -> String {
        self.world.advance(60).await;
        program.code(&self.world.site)
    }

    async fn in_with_a_code(&self, program: &Authenticator) {
        self.sign_in(PASSWORD).await;
        assert_eq!(self.title().await, self.text.get("code-title"));
        self.browser.open("/").await;
        assert_eq!(self.browser.place().await, "/login", "nothing is open before the code");
        self.browser.open("/login/verify").await;
        self.browser.fill("#code", "000000").await;
        self.browser.follow("main form button").await;
        let alert = self.browser.text("[role=alert]").await;
        assert!(alert.contains(&self.text.get("field-code_wrong")));
        self.browser.fill("#code", &self.fresh_code(program).await).await;
        self.browser.follow("main form button").await;
        assert_eq!(self.title().await, self.text.get("dashboard-title"));
    }

    async fn in_with_a_backup_code(&self, program: &Authenticator) {
        self.sign_in(PASSWORD).await;
        self.browser.follow("main a[href*='with=backup']").await;
        self.browser.fill("#backup_code", &program.backup_codes[4]).await;
        self.browser.follow("main form button").await;
        assert_eq!(self.title().await, self.text.get("dashboard-title"));
    }

    async fn regenerate(&self, program: &Authenticator) {
        self.browser.open("/security/backup-codes").await;
        let left = self.text.count("codes-left", 9);
        assert!(self.browser.text("main").await.contains(&left), "{left}");
        self.browser.click("[popovertarget=anew]").await;
        self.browser.follow("#anew form button").await;
        assert_eq!(self.title().await, self.text.get("sudo-title"));
        self.browser.fill("#code", &self.fresh_code(program).await).await;
        self.browser.follow("main form button").await;
        assert_eq!(self.browser.place().await, "/security/backup-codes?again=1");
        let told = self.browser.text(".notice").await;
        assert!(told.contains(&self.text.get("sudo-again")), "nothing was made yet");
        self.browser.click("[popovertarget=anew]").await;
        self.browser.follow("#anew form button").await;
        assert_eq!(self.shown().await.len(), 10);
    }

    async fn change_password(&self) {
        self.browser.open("/security/password").await;
        self.browser.fill("#current_password", PASSWORD).await;
        self.browser.fill("#new_password", "password1234").await;
        self.browser.follow("main form button").await;
        let alert = self.browser.text("[role=alert]").await;
        assert!(alert.contains(&self.text.get("field-password_too_weak")), "{alert}");
        self.browser.fill("#current_password", PASSWORD).await;
        self.browser.fill("#new_password", NEXT).await;
        self.browser.follow("main form button").await;
        let done = self.browser.text(".notice").await;
        assert!(done.contains(&self.text.get("security-done-password")));
    }

    async fn make_and_revoke_a_key(&self) {
        self.browser.open("/security/keys").await;
        assert!(self.browser.text(".empty").await.contains(&self.text.get("keys-empty")));
        self.browser.follow(".empty a").await;
        self.browser.fill("#name", "backend").await;
        self.browser.follow("main form button").await;
        let secrets = self.shown().await;
        assert!(secrets[0].starts_with("mxk_"));
        self.browser.open("/security/keys").await;
        assert!(self.browser.text(".entries").await.contains("backend"));
        self.browser.follow(".entries a").await;
        self.browser.click("[popovertarget=revoke]").await;
        self.browser.follow("#revoke form button").await;
        assert!(self.browser.text(".notice").await.contains(&self.text.get("keys-done-revoked")));
    }

    async fn turn_off(&self, program: &Authenticator) {
        let code = self.fresh_code(program).await;
        self.browser.open("/security/two-factor/off").await;
        self.browser.fill("#code", &code).await;
        self.browser.follow("form[action='/security/two-factor/off'] button").await;
        assert!(self.browser.text(".notice").await.contains(&self.text.get("security-done-off")));
    }

    async fn forget_and_reset(&self) {
        self.browser.follow("main a[href='/forgot']").await;
        self.browser.fill("#email", &self.email).await;
        self.browser.follow("main form button").await;
        assert_eq!(self.title().await, self.text.get("register-sent-title"));
        let token = self.world.mailed_token(&self.email).await;
        self.browser.open(&format!("/reset?token={token}")).await;
        self.browser.fill("#password", LAST).await;
        self.browser.follow("main form button").await;
        assert!(self.browser.text(".notice").await.contains(&self.text.get("login-reset")));
        self.sign_in(NEXT).await;
        assert_eq!(self.title().await, self.text.get("login-title"), "the old one is over");
        self.sign_in(LAST).await;
        assert_eq!(self.title().await, self.text.get("dashboard-title"));
    }
}
