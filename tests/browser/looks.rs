//! Every page in every language, theme and width: axe, no way to scroll aside, nobody else asked.
//! Pictures of them are kept in `screenshots` below the folder of built files.

use std::{fs, path::Path};

use base64ct::{Base64, Encoding};
use reqwest::Method;
use serde_json::{Value, json};
use shared::{
    account::Founded,
    id::UserId,
    payments::Matter,
    testing::{paid, specimen::Ground},
    web::Language,
};
use tests::{Authenticator, Client, PASSWORD, World, read};

use crate::browser::{Browser, Scripts, browse};

const AXE: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../.local/browser/node_modules/axe-core/axe.min.js");

/// What is no page, though a browser asks for it.
const NO_PAGES: [&str; 6] = [
    "/assets/icon.svg",
    "/assets/{file}",
    "/health",
    "/notifications/unread",
    "/tickets/{id}/files/{attachment}",
    "/admin/tickets/{id}/files/{attachment}",
];
/// Pages of who is at a limit, and has not paid.
const FULL: [(&str, &str); 5] = [
    ("dashboard-full", "/"),
    ("alerts-full", "/usage/alerts"),
    ("notifications-full", "/notifications"),
    ("billing-overdue", "/billing"),
    ("transactions-failed", "/billing/transactions"),
];
/// Pages by the names of their pictures; the second half is for who is signed in.
const PUBLIC: [(&str, &str); 10] = [
    ("login", "/login"),
    ("welcome", "/login?verified=1"),
    ("register", "/register"),
    ("verify", "/verify?token=mxt_x"),
    ("forgot", "/forgot"),
    ("reset", "/reset?token=mxt_x"),
    ("not-me", "/not-me?token=mxt_x"),
    ("problem", "/problems/too_many_requests"),
    ("docs", "/docs"),
    ("not-found", "/nothing-here"),
];
const PORTAL: [(&str, &str); 25] = [
    ("dashboard", "/"),
    ("usage", "/usage"),
    ("usage-by-kind", "/usage?group_by=ai_type&metric=cost"),
    ("usage-hours", "/usage?granularity=hour&from=2026-11-21&to=2026-11-23"),
    ("usage-wrong", "/usage?from=2026-11-31"),
    ("alerts", "/usage/alerts"),
    ("requests", "/usage/requests"),
    ("requests-none", "/usage/requests?ai_type=video"),
    ("profile", "/profile?saved=1"),
    ("design", "/_local/design"),
    ("email", "/profile/email"),
    ("security", "/security?done=password"),
    ("password", "/security/password"),
    ("two-factor", "/security/two-factor"),
    ("two-factor-confirm", "/security/two-factor/confirm"),
    ("sessions", "/security/sessions?done=session"),
    ("keys", "/security/keys"),
    ("key", "/security/keys/key_01kapx0000000000000000000b"),
    ("key-new", "/security/keys/new"),
    ("log", "/security/log"),
    ("notifications", "/notifications"),
    ("notifications-unread", "/notifications?unread=true"),
    ("notifications-preferences", "/notifications/preferences"),
    ("notifications-wrong", "/notifications?unread=perhaps"),
    ("sudo", "/sudo?next=/security"),
];
/// Once the second factor is on.
const GUARDED: [(&str, &str); 4] = [
    ("security-on", "/security"),
    ("codes", "/security/backup-codes"),
    ("two-factor-off", "/security/two-factor/off"),
    ("sudo-code", "/sudo?next=/security"),
];
/// Between the password and the code.
const CHALLENGED: [(&str, &str); 2] =
    [("code", "/login/verify"), ("code-backup", "/login/verify?with=backup")];
/// In what kind of window pages are looked at.
#[derive(Clone, Copy)]
struct Window {
    width: u64,
    theme: &'static str,
}

#[tokio::test]
async fn every_page_is_for_everybody_and_fits_a_telephone() {
    every_page_fits(Window { width: 360, theme: "light" }).await;
}

#[tokio::test]
async fn every_page_is_for_everybody_and_fits_a_telephone_at_night() {
    every_page_fits(Window { width: 360, theme: "dark" }).await;
}

#[tokio::test]
async fn every_page_is_for_everybody_and_fits_a_desk() {
    every_page_fits(Window { width: 1440, theme: "light" }).await;
}

#[tokio::test]
async fn every_page_is_for_everybody_and_fits_a_desk_at_night() {
    every_page_fits(Window { width: 1440, theme: "dark" }).await;
}

impl Window {
    /// Whether axe looks at it: colours are the theme's and boxes the width's, so that one of the four has nothing of
    /// its own.
    fn is_audited(self) -> bool {
        self.width != 360 || self.theme == "light"
    }
}

async fn every_page_fits(window: Window) {
    let world = World::start().await;
    let mut acme = world.client("acme").await;
    let mut events: Vec<_> = (0..40).map(|number| acme.event(&format!("look-{number}"))).collect();
    for (place, event) in events.iter_mut().enumerate() {
        let back = jiff::SignedDuration::from_hours(i64::try_from(place).unwrap() * 13);
        event["time"] = json!((world.panel.app.clock.now() - back).to_string());
        event["data"]["ai_type"] = json!(["text", "code", "image", "speech"][place % 4]);
        event["data"]["input_tokens"] = json!(70_000 * (place % 7) + 9_000);
    }
    assert_eq!(world.report(&events).await.json()["accepted"], 40);
    world.drain().await;
    let newcomer = world.client("newcomer").await;
    let full = at_its_limit(&world).await;
    let pictures = Path::new(env!("CARGO_TARGET_TMPDIR")).join("screenshots");
    fs::create_dir_all(&pictures).unwrap();

    browse(&world.site, Scripts::On, async |browser: &Browser| {
        let mut found = Vec::new();
        resize(browser, window.width, 900).await;
        let theme = json!({"features": [{"name": "prefers-color-scheme", "value": window.theme}]});
        browser.devtools("Emulation.setEmulatedMedia", theme).await;
        let look = async |browser: &Browser, pages: &[(&str, &str)], found: &mut Vec<String>| {
            for (name, path) in pages {
                look_at(browser, window, (name, path), &pictures, found).await;
            }
        };
        look(browser, &PUBLIC, &mut found).await;
        browser.sign_in(&newcomer.email).await;
        look(browser, &[("dashboard-empty", "/"), ("usage-empty", "/usage")], &mut found).await;
        browser.delete_all_cookies().await.unwrap();
        browser.sign_in(&full.email).await;
        look(browser, &FULL, &mut found).await;
        browser.delete_all_cookies().await.unwrap();
        browser.sign_in(&acme.email).await;
        prepare(&world, browser, &mut acme).await;
        look(browser, &PORTAL, &mut found).await;
        let program = acme.turn_factor_on().await;
        world.give(&acme.token, true).await;
        use_a_backup_code(&world, &acme, &program).await;
        look(browser, &GUARDED, &mut found).await;
        browser.delete_all_cookies().await.unwrap();
        browser.sign_in(&acme.email).await;
        look(browser, &CHALLENGED, &mut found).await;
        look_at_the_others(&world, browser, window, &pictures, &mut found).await;
        assert!(found.is_empty(), "{}", found.join("\n"));
    })
    .await;
}

/// A client whose requests are refused, who was told on the way there, and whose card was declined.
async fn at_its_limit(world: &World) -> Client {
    let full = world.client("full").await;
    let app = &world.panel.app;
    let founded =
        Founded { account: full.account.parse().unwrap(), user: UserId::from_bytes([0; 16]) };
    paid::card(app, founded, paid::DECLINED).await;
    paid::owing(app, founded).await;
    paid::due(app, founded, &Matter::Collect {}).await;
    world.drain().await;
    // Owing is of another plan.
    world.set_plan(&full.account, "starter").await;
    for (place, tokens) in [30_000_000, 12_000_000, 9_000_000].into_iter().enumerate() {
        world.advance(600).await;
        let mut event = full.event(&format!("f{place}"));
        event["data"]["input_tokens"] = json!(tokens);
        world.report(&[event]).await;
        world.drain().await;
    }
    full
}

/// An elevated browser, keys, sessions from here and there, a factor that was begun with.
async fn prepare(world: &World, browser: &Browser, acme: &mut Client) {
    browser.open("/sudo").await;
    browser.fill("#password", PASSWORD).await;
    browser.follow("main form button").await;
    acme.elevate().await;
    let limit = json!({"amount": "50.00", "currency": "USD"});
    let keys = [
        json!({"name": "production backend", "scopes": ["read", "inference"],
            "allowed_ips": ["192.0.2.0/24", "2001:db8::/32"], "monthly_cost_limit": limit}),
        json!({"name": "خادم التجارب", "scopes": ["inference"], "expires_at": "2026-12-31T23:59:59Z"}),
    ];
    for key in &keys {
        acme.post("/v1/api-keys", key).await;
    }
    let fields =
        [("id", "key_01kapx0000000000000000000b"), ("name", "nightly"), ("scopes", "read")];
    read(acme.request(Method::POST, "/security/keys/new").form(&fields)).await;
    let agents =
        ["Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Safari/604.1", "curl/8.14"];
    for agent in agents {
        let login = json!({"email": acme.email, "password": PASSWORD});
        let request = world.request(Method::POST, "/v1/auth/login").header("user-agent", agent);
        read(request.json(&login)).await;
    }
    acme.post("/v1/security/2fa/enable", &json!({})).await;
}

async fn use_a_backup_code(world: &World, acme: &Client, program: &Authenticator) {
    let challenge = world.challenge(&acme.email).await;
    let answer = json!({"challenge": challenge, "backup_code": program.backup_codes[2]});
    world.post("/v1/auth/login/verify", &answer).await;
}

/// Looks at a page in every language and notes what is wrong.
async fn look_at(
    browser: &Browser,
    window: Window,
    (name, path): (&str, &str),
    pictures: &Path,
    found: &mut Vec<String>,
) {
    let axe = fs::read_to_string(AXE).expect("axe-core: `tests/run` installs it");
    for language in Language::all().map(Language::code) {
        let separator = if path.contains('?') { '&' } else { '?' };
        browser.open(&format!("{path}{separator}lang={language}")).await;
        let picture = format!("{name}-{language}-{}-{}", window.theme, window.width);
        let wrong = faults(browser, window.is_audited().then_some(&axe)).await;
        keep_picture(browser, window.width, &pictures.join(format!("{picture}.png"))).await;
        found.extend(wrong.into_iter().map(|fault| format!("{picture}: {fault}")));
    }
}

/// The pages of rows that no list here names, each as its specimen has it.
async fn look_at_the_others(
    world: &World,
    browser: &Browser,
    window: Window,
    pictures: &Path,
    found: &mut Vec<String>,
) {
    let listed = [&PUBLIC[..], &PORTAL[..], &GUARDED[..], &CHALLENGED[..]].concat();
    let is_listed = |path: &str| listed.iter().any(|(_, listed)| is_of(path, listed));
    let mut number = 0;
    for specimen in local::functions().into_iter().flat_map(|function| function.specimens) {
        let path = specimen.path();
        let is_page = specimen.method() == "GET" && !path.starts_with("/v1/");
        if !is_page || is_listed(path) || NO_PAGES.contains(&path) {
            continue;
        }
        number += 1;
        world.advance(3601).await;
        let request = specimen.on(Ground::new(&world.site, &world.panel.app, number)).await.request;
        browser.delete_all_cookies().await.unwrap();
        if let Some(token) = &request.token {
            browser.hold(token).await;
        }
        let name = path.trim_matches('/').replace(['/', '{', '}'], "-");
        look_at(browser, window, (&name, &request.path), pictures, found).await;
    }
}

/// Whether an address is one of a row's path.
fn is_of(path: &str, address: &str) -> bool {
    let address = address.split('?').next().unwrap_or_default();
    let (path, address): (Vec<_>, Vec<_>) =
        (path.split('/').collect(), address.split('/').collect());
    let alike = |(path, address): (&&str, &&str)| path.starts_with('{') || path == address;
    path.len() == address.len() && path.iter().zip(&address).all(alike)
}

async fn faults(browser: &Browser, axe: Option<&String>) -> Vec<String> {
    let mut found = Vec::new();
    let here = "return [
        document.documentElement.scrollWidth > innerWidth,
        performance.getEntriesByType('resource').map(it => it.name).filter(it => !it.startsWith(location.origin)),
        document.styleSheets.length,
        [...document.querySelectorAll('[data-copy]')].filter(it => it.hidden).length,
    ]";
    let seen = browser.run(here, Vec::new()).await;
    if seen[0] == true {
        found.push("can be scrolled aside".to_owned());
    }
    if seen[1] != json!([]) || seen[2] != 1 || seen[3] != 0 {
        found.push(format!("asks others, has not its style or its script: {seen}"));
    }
    let Some(axe) = axe else { return found };
    browser.run(axe, Vec::new()).await;
    let audit = "const done = arguments[arguments.length - 1];
        axe.run({resultTypes: ['violations']}).then(it => done(it.violations), it => done(String(it)))";
    let violations = browser.execute_async(audit, Vec::new()).await.unwrap();
    let violations = violations.as_array().cloned().unwrap_or_else(|| vec![violations]);
    found.extend(violations.iter().map(|it| {
        let places = it["nodes"].as_array().into_iter().flatten().map(|node| &node["html"]);
        format!("{}: {}", it["id"], places.take(3).map(Value::to_string).collect::<String>())
    }));
    found
}

/// The whole page, as if the window were as high.
async fn keep_picture(browser: &Browser, width: u64, file: &Path) {
    let height = browser.run("return document.documentElement.scrollHeight", Vec::new()).await;
    resize(browser, width, height.as_u64().unwrap()).await;
    let picture = browser.devtools("Page.captureScreenshot", json!({"format": "png"})).await;
    resize(browser, width, 900).await;
    let bytes = Base64::decode_vec(picture["data"].as_str().unwrap()).unwrap();
    fs::write(file, bytes).unwrap();
}

async fn resize(browser: &Browser, width: u64, height: u64) {
    let size = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
    browser.devtools("Emulation.setDeviceMetricsOverride", size).await;
}
