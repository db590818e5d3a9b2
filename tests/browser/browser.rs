//! One Chromium and the driver that it hears.

use std::{
    ops::Deref,
    process::Stdio,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use fantoccini::{
    Client, ClientBuilder, Locator,
    actions::{InputSource as _, KeyAction, KeyActions},
    elements::Element,
    key::Key,
    wd::WebDriverCompatibleCommand,
};
use futures::FutureExt as _;
use http::Method;
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Map, Value, json};
use tests::{PASSWORD, Site};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
};
use url::{ParseError, Url};

/// A browser's window.
pub(crate) struct Browser {
    window: Client,
    url: String,
}

impl Deref for Browser {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.window
    }
}

/// Whether pages may run scripts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scripts {
    On,
    Off,
}

/// As root, Chromium has no sandbox; a container's shared memory is small.
const ARGUMENTS: [&str; 5] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--window-size=1280,900",
];

/// No page takes so long.
const PATIENCE: Duration = Duration::from_secs(20);

/// Opens a browser at a site, does something there and closes it, whatever comes of it.
pub(crate) async fn browse(site: &Site, scripts: Scripts, visit: impl AsyncFnOnce(&Browser)) {
    let (mut driver, port) = driver().await;
    let mut options = json!({"args": ARGUMENTS});
    if scripts == Scripts::Off {
        options["prefs"] = json!({"profile.managed_default_content_settings.javascript": 2});
    }
    let wanted = Map::from_iter([("goog:chromeOptions".to_owned(), options)]);
    let window = ClientBuilder::new(HttpConnector::new())
        .capabilities(wanted)
        .connect(&format!("http://127.0.0.1:{port}"))
        .await
        .expect("chromium starts: `tests/run` installs it");
    let browser = Browser { window: window.clone(), url: site.url.clone() };
    let visited = std::panic::AssertUnwindSafe(visit(&browser)).catch_unwind().await;
    let _closed = window.close().await;
    let _ended = driver.kill().await;
    if let Err(panic) = visited {
        std::panic::resume_unwind(panic);
    }
}

/// The driver and its port, once it listens.
async fn driver() -> (Child, u16) {
    let port = port();
    let mut command = Command::new("chromedriver");
    let command = command.arg(format!("--port={port}")).stdout(Stdio::piped()).kill_on_drop(true);
    let mut driver = command.spawn().expect("chromedriver: `tests/run` installs it");
    let mut lines = BufReader::new(driver.stdout.take().unwrap()).lines();
    while let Some(line) = lines.next_line().await.unwrap() {
        if line.starts_with("ChromeDriver was started successfully on port ") {
            tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
            return (driver, port);
        }
    }
    panic!("chromedriver ended: is port {port} taken?");
}

/// A port that no other driver has, below those that the system gives out. One of those, left to its
/// own choice, the driver takes where it is free in IPv4, and ends where somebody has it in IPv6.
fn port() -> u16 {
    static DRIVERS: AtomicU32 = AtomicU32::new(0);
    let number = std::process::id() * 8 + DRIVERS.fetch_add(1, Ordering::Relaxed);
    20_000 + u16::try_from(number % 12_000).unwrap()
}

impl Browser {
    /// Goes to a path of the site, and is there once all that the page names has come.
    ///
    /// The driver alone does not wait for that: it takes the end of a new window's empty page
    /// for the end of the first one that is gone to.
    pub(crate) async fn open(&self, path: &str) {
        self.goto(&format!("{}{path}", self.url)).await.unwrap();
        let loaded = async {
            while self.run("return document.readyState", Vec::new()).await != "complete" {}
        };
        let waited = tokio::time::timeout(PATIENCE, loaded).await;
        waited.unwrap_or_else(|_| panic!("{path} does not end loading"));
    }

    /// The path and query that the browser is at.
    pub(crate) async fn place(&self) -> String {
        let url = self.current_url().await.unwrap();
        url.as_str().strip_prefix(&self.url).unwrap_or(url.as_str()).to_owned()
    }

    /// The first element of a selector.
    pub(crate) async fn one(&self, selector: &str) -> Element {
        let found = self.find(Locator::Css(selector)).await;
        found.unwrap_or_else(|error| panic!("no {selector}: {error}"))
    }

    /// What an element says.
    pub(crate) async fn text(&self, selector: &str) -> String {
        self.one(selector).await.text().await.unwrap()
    }

    pub(crate) async fn attribute(&self, selector: &str, name: &str) -> String {
        self.one(selector).await.attr(name).await.unwrap().unwrap_or_default()
    }

    pub(crate) async fn click(&self, selector: &str) {
        let clicked = self.one(selector).await.click().await;
        clicked.unwrap_or_else(|error| panic!("{selector}: {error}"));
    }

    /// Clicks what leads to another page, and is there when it returns.
    pub(crate) async fn follow(&self, selector: &str) {
        let page = self.one("html").await;
        self.click(selector).await;
        self.left(page).await;
    }

    /// Presses Enter on what leads to another page, and is there when it returns.
    pub(crate) async fn enter(&self) {
        let page = self.one("html").await;
        self.press(Key::Enter).await;
        self.left(page).await;
    }

    /// Returns once an element says something.
    pub(crate) async fn until(&self, selector: &str, text: &str) {
        let said = async { while self.text(selector).await != text {} };
        let waited = tokio::time::timeout(PATIENCE, said).await;
        assert!(waited.is_ok(), "{selector} says {:?}", self.text(selector).await);
    }

    /// Whether the browser is at a site.
    pub(crate) async fn is_at(&self, site: &str) -> bool {
        self.current_url().await.unwrap().as_str().starts_with(site)
    }

    /// Returns once the browser has come to a site, by itself.
    pub(crate) async fn arrives(&self, site: &str) {
        let there = async { while !self.is_at(site).await {} };
        let waited = tokio::time::timeout(PATIENCE, there).await;
        assert!(waited.is_ok(), "the browser is at {}", self.place().await);
    }

    /// Returns once an element of a page that comes anew by itself says something.
    pub(crate) async fn comes_to_say(&self, selector: &str, text: &str) {
        let said = async {
            loop {
                let said = match self.find(Locator::Css(selector)).await {
                    Ok(element) => element.text().await.unwrap_or_default(),
                    Err(_) => String::new(),
                };
                if said.contains(text) {
                    return;
                }
            }
        };
        let waited = tokio::time::timeout(PATIENCE, said).await;
        assert!(waited.is_ok(), "{selector} does not come to say {text}");
    }

    /// Returns once the browser has left a page.
    async fn left(&self, page: Element) {
        let gone = async { while page.tag_name().await.is_ok() {} };
        tokio::time::timeout(PATIENCE, gone).await.expect("the browser goes on to another page");
    }

    pub(crate) async fn fill(&self, selector: &str, text: &str) {
        let field = self.one(selector).await;
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    /// Presses a key wherever the focus is.
    pub(crate) async fn press(&self, key: Key) {
        self.type_text(&char::from(key).to_string()).await;
    }

    pub(crate) async fn type_text(&self, text: &str) {
        let keys =
            text.chars().flat_map(|value| [KeyAction::Down { value }, KeyAction::Up { value }]);
        let actions = keys.fold(KeyActions::new("keyboard".to_owned()), KeyActions::then);
        self.perform_actions(actions).await.unwrap();
    }

    /// What a script in the page returns.
    pub(crate) async fn run(&self, script: &str, arguments: Vec<Value>) -> Value {
        self.execute(script, arguments).await.unwrap()
    }

    pub(crate) async fn devtools(&self, command: &'static str, parameters: Value) -> Value {
        self.issue_cmd(DevTools { command, parameters }).await.unwrap()
    }

    /// Holds a session as if it had signed in.
    pub(crate) async fn hold(&self, token: &str) {
        let cookie = json!({"url": self.url, "name": shared::auth::SESSION_COOKIE, "value": token,
            "path": "/", "secure": true, "httpOnly": true});
        self.devtools("Network.setCookie", cookie).await;
    }

    /// Signs in by the form.
    pub(crate) async fn sign_in(&self, email: &str) {
        self.open("/login").await;
        self.fill("#email", email).await;
        self.fill("#password", PASSWORD).await;
        self.follow("main form button").await;
    }
}

/// A command of the browser's own tools, which the standard of drivers does not know.
#[derive(Debug)]
struct DevTools {
    command: &'static str,
    parameters: Value,
}

impl WebDriverCompatibleCommand for DevTools {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!("session/{}/goog/cdp/execute", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        let body = json!({"cmd": self.command, "params": self.parameters});
        (Method::POST, Some(body.to_string()))
    }
}
