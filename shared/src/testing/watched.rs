//! Use that is to be looked at, without the meter that would have counted it.

use serde::de::IgnoredAny;
use serde_json::Value as Json;

use super::{Scene, told};
use crate::{
    account::{Account, BillingPeriod, account_key},
    alerts::AlertSettings,
    app::App,
    auth::{API_KEYS, ApiKey, NewApiKey, api_key_key},
    headroom::{Amounts, Change, Hold, Whose, begin, hold_key, ledger_key},
    id::{HoldId, KeyId},
    money::Pico,
    table::{Range, Read, Tenant, Update, Written},
    usage::{Watched, watch},
};

/// What the alerts worker is handed once an account has used so many tokens more.
pub async fn touched(scene: &Scene, tokens: u64) -> Vec<Json> {
    let amount = Amounts::new(1, tokens, Pico::ZERO);
    used(scene, Whose::Account, amount, Watched::Account).await;
    told::due(&scene.app).await
}

/// The same of a key that may cost a dollar a month and has cost so many cents more.
pub async fn touched_key(scene: &Scene, cents: i64) -> Vec<Json> {
    let tenant = Tenant::claimed(scene.client.account);
    let range = Range::prefix(tenant, API_KEYS);
    let known: Vec<ApiKey> = scene.app.table.all(range).await.expect("read");
    let key = match known.first() {
        Some(key) => key.id,
        None => limited_key(&scene.app, tenant, scene).await,
    };
    let amount = Amounts::new(1, 1, Pico::new(i128::from(cents) * 10_i128.pow(10)));
    used(scene, Whose::Key(key), amount, Watched::Key(key)).await;
    told::due(&scene.app).await
}

async fn limited_key(app: &App, tenant: Tenant, scene: &Scene) -> KeyId {
    let now = app.clock.now();
    let new = NewApiKey {
        id: KeyId::new(now, &app.random),
        name: "nightly".to_owned(),
        user: scene.client.user,
        scopes: std::collections::BTreeSet::new(),
        ends_at: None,
        allowed_ips: Vec::new(),
        monthly_cost_limit: Some(Pico::new(10_i128.pow(12))),
    };
    let (key, _token) = new.make(tenant, now, &app.random);
    app.table.put(&api_key_key(tenant, key.id), &key).await.expect("written");
    key.id
}

async fn used(Scene { app, client, .. }: &Scene, whose: Whose, amount: Amounts, watched: Watched) {
    let tenant = Tenant::claimed(client.account);
    let account: Option<Account> =
        app.table.get(&account_key(tenant), Read::Strong).await.expect("read");
    let account = account.expect("an account");
    let period = BillingPeriod::at(&account.zones, app.clock.now());
    begin(app, &account, whose, period).await.expect("begun");
    let mut change = Change::default();
    change.count(amount);
    let mut transaction = app.table.transaction::<()>();
    change.write(&ledger_key(tenant, whose, period, 0), &mut transaction, ());
    let (key, update) = watch(app, tenant, period, watched, 0);
    transaction.update(&key, update, None);
    transaction.commit().await.expect("written");
}

/// A hold of a thousand tokens of an account, made without the gateway's asking.
pub async fn held(app: &App, account: &Account) -> HoldId {
    let (tenant, now) = (Tenant::of_record(account), app.clock.now());
    let period = BillingPeriod::at(&account.zones, now);
    let ledger = begin(app, account, Whose::Account, period).await.expect("begun");
    let (id, expires) = (HoldId::new(now, &app.random), ledger.expiry(now));
    let hold = Hold::new(tenant, (period, 0), (1, 1000, Pico::ZERO), None, expires);
    let mut change = Change::default();
    change.hold(hold.amount(), expires, &[]);
    let mut transaction = app.table.transaction::<()>();
    transaction.put(&hold_key(id), &hold);
    change.write(&ledger_key(tenant, Whose::Account, period, 0), &mut transaction, ());
    transaction.commit().await.expect("held");
    id
}

/// So many holds of a scene's client.
pub async fn holds(Scene { app, client, .. }: &Scene, count: usize) -> Vec<HoldId> {
    let place = account_key(Tenant::claimed(client.account));
    let account: Option<Account> = app.table.get(&place, Read::Strong).await.expect("read");
    let account = account.expect("an account");
    let mut holds = Vec::new();
    for _ in 0..count {
        holds.push(held(app, &account).await);
    }
    holds
}

/// A scene's client wants no word of its pace.
pub async fn without_pace(Scene { app, client, .. }: &Scene) {
    let settings = AlertSettings { pace: false, version: 1, ..AlertSettings::default() };
    let update = Update::new().set_serialized("alerts", &settings).expect("settings");
    let place = account_key(Tenant::claimed(client.account));
    let _written: Written<IgnoredAny> = app.table.update(&place, update).await.expect("written");
}
