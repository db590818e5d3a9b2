//! A ticket's life in the browser, client and staff in turn, in the reader's language.

use std::fs;

use serde_json::json;
use shared::web::{Language, Preferences, Text};
use tests::{Client, Given, World};

use crate::browser::{Browser, Scripts, browse};

/// A client and one of staff who use one browser in turn.
struct Desk<'a> {
    world: &'a World,
    browser: &'a Browser,
    client: Client,
    staff: Client,
    text: Text,
    ticket: String,
}

impl<'a> Desk<'a> {
    async fn open(world: &'a World, browser: &'a Browser, language: Language) -> Self {
        let client = world.client(&format!("reader{}", language.code())).await;
        let staff = world.staff().await;
        for one in [&client, &staff] {
            one.patch("/v1/profile", &json!({"locale": language.code()})).await;
        }
        let text = Text::new(Preferences { language, ..Preferences::default() });
        Self { world, browser, client, staff, text, ticket: String::new() }
    }

    /// The client comes to a page.
    async fn client_at(&self, path: &str) {
        let token = self.world.session_with(&self.client.account, Given::Nothing).await;
        self.browser.hold(&token).await;
        self.browser.open(path).await;
    }

    /// Staff come to a page.
    async fn staff_at(&self, path: &str) {
        let token = self.world.session_with(&self.staff.account, Given::Factor).await;
        self.browser.hold(&token).await;
        self.browser.open(path).await;
    }

    fn page(&self) -> String {
        format!("/tickets/{}", self.ticket)
    }

    fn staff_page(&self) -> String {
        format!("/admin/tickets/{}", self.ticket)
    }

    async fn says(&self, selector: &str, words: &str) {
        let said = self.browser.text(selector).await;
        let words = self.text.get(words);
        assert!(said.contains(&words), "{selector} says {said}, not {words}");
    }

    /// From a line of the log to a ticket that is about it.
    async fn opens_from_the_log(&mut self) {
        self.world.report(&[self.client.event("request-7")]).await;
        self.world.drain().await;
        self.client_at("/usage/requests").await;
        self.browser.follow("tbody a[href^='/tickets/new']").await;
        self.says("h1", "tickets-new").await;
        assert!(self.browser.text("main details").await.contains("request-7"));
        self.browser.fill("#subject", "It is slow").await;
        self.browser.fill("#body", "See https://status.example/x and\n```\nGET /v1\n```").await;
        self.browser.follow("main form.composer button.button").await;
        self.says(".notice.ok", "ticket-done-opened").await;
        self.says(".page-header .chip", "ticket-status-open").await;
        assert_eq!(self.browser.text(".prose a").await, "https://status.example/x");
        assert_eq!(self.browser.text(".prose pre").await, "GET /v1");
        let place = self.browser.place().await;
        let id = place.trim_start_matches("/tickets/");
        self.ticket = id.split('?').next().map(str::to_owned).unwrap();
    }

    /// From the queue to a note and an answer, each by its own button.
    async fn staff_note_and_answer(&self) {
        self.staff_at("/admin/tickets").await;
        self.says("h1", "support-title").await;
        self.browser.follow(&format!(".entries a[href='{}']", self.staff_page())).await;
        self.browser.fill("#note", "Known since Tuesday").await;
        self.browser.follow("form.note button").await;
        self.says(".notice.ok", "support-done-noted").await;
        assert!(self.browser.text(".said.note").await.contains("Known since Tuesday"));
        self.browser.fill("#body", "We are on it").await;
        self.browser.follow("form[action$='/messages'] button.button").await;
        self.says(".notice.ok", "support-done-sent").await;
        self.says(".page-header .chip", "ticket-waits-for-client").await;
    }

    /// The client sees the answer and no note, and writes.
    async fn client_reads_and_writes(&self) {
        self.client_at("/tickets").await;
        self.says(".entries .unread .chip", "ticket-waits-for-you").await;
        self.browser.follow(".entries .unread a").await;
        let page = self.browser.text("main").await;
        assert!(page.contains("We are on it") && !page.contains("Tuesday"), "{page}");
        assert!(page.contains(&self.text.get("ticket-paused")));
        self.browser.fill("#body", "Thank you").await;
        self.browser.follow("main form.composer button.button").await;
        self.says(".notice.ok", "ticket-done-sent").await;
    }

    async fn staff_resolve(&self) {
        self.staff_at(&self.staff_page()).await;
        let status = "form[action$='/status']";
        let option = format!("{status} option[value=resolved]");
        self.browser.click(&option).await;
        self.browser.fill("#status-reason", "It was the network").await;
        self.browser.follow(&format!("{status} button")).await;
        self.says(".page-header .chip", "ticket-status-resolved").await;
    }

    async fn days_pass(&self, days: i64) {
        self.world.advance(days * 86_400).await;
        self.world.drain().await;
    }
}

async fn lives(world: &World, browser: &Browser, language: Language) {
    let mut desk = Desk::open(world, browser, language).await;
    desk.opens_from_the_log().await;
    desk.staff_note_and_answer().await;
    desk.client_reads_and_writes().await;
    desk.staff_resolve().await;
    desk.client_at(&desk.page()).await;
    assert!(browser.text(".talk").await.contains("It was the network"), "the client reads why");
    browser.follow("form[action$='/reopen'] button").await;
    desk.says(".page-header .chip", "ticket-status-in_progress").await;
    // Nobody writes: the clock closes it.
    desk.staff_at(&desk.staff_page()).await;
    browser.fill("#body", "Solved now").await;
    browser.follow("form[action$='/messages'] button.button").await;
    desk.staff_resolve().await;
    desk.days_pass(8).await;
    desk.client_at("/tickets?show=closed").await;
    browser.follow(".entries a").await;
    desk.says(".page-header .chip", "ticket-status-closed").await;
    desk.says("main form.composer button.button", "ticket-send-and-reopen").await;
    browser.follow("form[action$='/reopen'] button").await;
    desk.says(".page-header .chip", "ticket-status-in_progress").await;
    browser.follow("form[action$='/close'] button").await;
    desk.days_pass(15).await;
    desk.client_at(&desk.page()).await;
    desk.says(".notice.info", "ticket-over").await;
    browser.follow(".notice.info a").await;
    assert!(browser.text("main form").await.contains("It is slow"), "the new one names it");
}

#[tokio::test]
async fn a_ticket_lives_with_client_and_staff_in_every_language() {
    let world = World::start().await;
    browse(&world.site, Scripts::On, async |browser: &Browser| {
        for language in Language::all() {
            lives(&world, browser, language).await;
            browser.delete_all_cookies().await.unwrap();
        }
    })
    .await;
}

#[tokio::test]
async fn a_ticket_lives_without_scripts() {
    let world = World::start().await;
    browse(&world.site, Scripts::Off, async |browser: &Browser| {
        lives(&world, browser, Language::default()).await;
    })
    .await;
}

/// The names of the files that wait for a message.
async fn waiting(browser: &Browser) -> String {
    browser.text(".files ul").await
}

#[tokio::test]
async fn a_file_is_sent_with_scripts_and_without() {
    let world = World::start().await;
    let client = world.client("sender").await;
    let ticket = client.open_ticket("Files").await;
    let folder = std::env::temp_dir().join(format!("files-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let file = folder.join("سجل error.log");
    fs::write(&file, "line 1\nline 2").unwrap();
    let file = file.display().to_string();
    let page = format!("/tickets/{ticket}");
    for scripts in [Scripts::On, Scripts::Off] {
        browse(&world.site, scripts, async |browser: &Browser| {
            browser.sign_in(&client.email).await;
            browser.open(&page).await;
            if scripts == Scripts::On {
                browser.one(".files input[type=file]").await.send_keys(&file).await.unwrap();
                browser.until(".files ul", "سجل error.log").await;
            } else {
                browser.follow(".files a.button").await;
                browser.fill("#name", "plain.log").await;
                browser.follow("main form button.button").await;
                browser.one("#file").await.send_keys(&file).await.unwrap();
                browser.follow("main form button.button").await;
                assert!(browser.place().await.starts_with(&page), "the bucket leads back");
                assert_eq!(waiting(browser).await, "plain.log");
            }
            browser.fill("#body", "Here it is").await;
            browser.follow("main form.composer button.button").await;
            assert_eq!(waiting(browser).await, "");
        })
        .await;
    }
    fs::remove_dir_all(&folder).unwrap();
    let messages = client.get(&format!("/v1/tickets/{ticket}/messages")).await.json();
    for (place, name) in [(1, "سجل error.log"), (2, "plain.log")] {
        let sent = &messages["items"][place]["attachments"][0];
        assert_eq!((&sent["name"], &sent["bytes"]), (&json!(name), &json!(13)));
    }
}

async fn typed(browser: &Browser) -> String {
    let value = browser.run("return document.querySelector('#body').value", Vec::new()).await;
    value.as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_draft_survives_a_reload_and_an_ended_session_and_goes_when_it_is_sent() {
    let world = World::start().await;
    let client = world.client("drafter").await;
    let ticket = client.open_ticket("Draft").await;
    let page = format!("/tickets/{ticket}");
    browse(&world.site, Scripts::On, async |browser: &Browser| {
        browser.sign_in(&client.email).await;
        browser.open(&page).await;
        browser.fill("#body", "Half a thought").await;
        browser.open(&page).await;
        assert_eq!(typed(browser).await, "Half a thought", "after a reload");
        // The session ends while somebody types.
        browser.delete_all_cookies().await.unwrap();
        browser.fill("#body", "Half a thought, and more").await;
        browser.follow("main form.composer button.button").await;
        assert!(browser.place().await.starts_with("/login"));
        browser.fill("#email", &client.email).await;
        browser.fill("#password", tests::PASSWORD).await;
        browser.follow("main form button").await;
        browser.open(&page).await;
        assert_eq!(typed(browser).await, "Half a thought, and more", "after signing in anew");
        browser.follow("main form.composer button.button").await;
        assert_eq!(typed(browser).await, "", "after it was sent");
        browser.open(&page).await;
        assert_eq!(typed(browser).await, "");
    })
    .await;
}
