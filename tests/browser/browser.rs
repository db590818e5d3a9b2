//! One Chromium and the driver that it hears.

use std::{ops::Deref, process::Stdio};

use futures::FutureExt as _;
use serde_json::{Value, json};
use tests::{PASSWORD, Site};
use thirtyfour::{
    By, ChromiumLikeCapabilities as _, DesiredCapabilities, Key, WebDriver, WebElement,
};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
};

/// A browser's window.
pub(crate) struct Browser {
    window: WebDriver,
    url: String,
}

impl Deref for Browser {
    type Target = WebDriver;

    fn deref(&self) -> &WebDriver {
        &self.window
    }
}

/// Whether pages may run scripts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scripts {
    On,
    Off,
}

/// Opens a browser at a site, does something there and closes it, whatever comes of it.
pub(crate) async fn browse(site: &Site, scripts: Scripts, visit: impl AsyncFnOnce(&Browser)) {
    let (mut driver, port) = driver().await;
    let mut wanted = DesiredCapabilities::chrome();
    // As root, Chromium has no sandbox; a container's shared memory is small.
    for argument in
        ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--hide-scrollbars"]
    {
        wanted.add_arg(argument).unwrap();
    }
    if scripts == Scripts::Off {
        let preferences = json!({"profile.managed_default_content_settings.javascript": 2});
        wanted.add_experimental_option("prefs", preferences).unwrap();
    }
    let window = WebDriver::new(format!("http://127.0.0.1:{port}"), wanted).await;
    let window = window.expect("chromium starts: `tests/run` installs it");
    let browser = Browser { window: window.clone(), url: site.url.clone() };
    let visited = std::panic::AssertUnwindSafe(visit(&browser)).catch_unwind().await;
    let _closed = window.quit().await;
    let _ended = driver.kill().await;
    if let Err(panic) = visited {
        std::panic::resume_unwind(panic);
    }
}

/// The driver, on a port of its own choice, which it says first.
async fn driver() -> (Child, u16) {
    let mut command = Command::new("chromedriver");
    let command = command.arg("--port=0").stdout(Stdio::piped()).kill_on_drop(true);
    let mut driver = command.spawn().expect("chromedriver: `tests/run` installs it");
    let mut lines = BufReader::new(driver.stdout.take().unwrap()).lines();
    while let Some(line) = lines.next_line().await.unwrap() {
        if let Some(port) = line.strip_prefix("ChromeDriver was started successfully on port ") {
            let port = port.trim_end_matches('.').parse().unwrap();
            tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
            return (driver, port);
        }
    }
    panic!("chromedriver ended");
}

impl Browser {
    /// Goes to a path of the site.
    pub(crate) async fn open(&self, path: &str) {
        self.goto(format!("{}{path}", self.url)).await.unwrap();
    }

    /// The path and query that the browser is at.
    pub(crate) async fn place(&self) -> String {
        let url = self.current_url().await.unwrap();
        url.as_str().strip_prefix(&self.url).unwrap_or(url.as_str()).to_owned()
    }

    /// The one element of a selector.
    pub(crate) async fn one(&self, selector: &str) -> WebElement {
        self.find(By::Css(selector)).await.unwrap_or_else(|error| panic!("no {selector}: {error}"))
    }

    /// What an element says.
    pub(crate) async fn text(&self, selector: &str) -> String {
        self.one(selector).await.text().await.unwrap()
    }

    pub(crate) async fn click(&self, selector: &str) {
        self.one(selector).await.click().await.unwrap();
    }

    pub(crate) async fn fill(&self, selector: &str, text: &str) {
        let field = self.one(selector).await;
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    /// Presses a key wherever the focus is.
    pub(crate) async fn press(&self, key: Key) {
        self.action_chain().send_keys(char::from(key).to_string()).perform().await.unwrap();
    }

    pub(crate) async fn type_text(&self, text: &str) {
        self.action_chain().send_keys(text).perform().await.unwrap();
    }

    /// What a script in the page returns.
    pub(crate) async fn run(&self, script: &str, arguments: Vec<Value>) -> Value {
        self.execute(script, arguments).await.unwrap().json().clone()
    }

    pub(crate) async fn devtools(&self, command: &str, parameters: Value) -> Value {
        self.window.cdp().send_raw(command, parameters).await.unwrap()
    }

    /// Signs in by the form.
    pub(crate) async fn sign_in(&self, email: &str) {
        self.open("/login").await;
        self.fill("#email", email).await;
        self.fill("#password", PASSWORD).await;
        self.click("main form button").await;
    }
}
