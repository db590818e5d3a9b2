//! What an account pays with: its cards, the one that is charged, those that are being set up.

pub(crate) mod add;
pub(crate) mod change;
pub(crate) mod page;

use axum::Json;
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde::Serialize;
use shared::{
    app::App,
    auth::{Client, Presented},
    billing::{Balance, balance_key},
    error::Error,
    id::MethodId,
    payments::{MethodState, Wallet, wallet_key},
    table::{Read, Tenant},
};

/// What is read of an account's cards.
pub(crate) struct Stored {
    pub(crate) wallet: Wallet,
    pub(crate) balance: Balance,
}

pub(crate) async fn read(app: &App, tenant: Tenant) -> Result<Stored, Error> {
    let keys = [wallet_key(tenant), balance_key(tenant)];
    let mut items = app.table.batch(&keys, Read::Strong).await?;
    Ok(Stored {
        wallet: items.take(&keys[0])?.unwrap_or_else(|| Wallet::none(tenant)),
        balance: items.take(&keys[1])?.unwrap_or_else(|| Balance::none(tenant)),
    })
}

/// Something to pay with.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct MethodReply {
    id: MethodId,
    kind: MethodKind,
    /// `visa`, `mastercard` ...; nobody knows while it is being set up.
    #[serde(skip_serializing_if = "Option::is_none")]
    brand: Option<String>,
    /// The last four digits of its number.
    #[serde(skip_serializing_if = "Option::is_none")]
    last4: Option<String>,
    /// The last month in which it is good.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires: Option<ExpiresReply>,
    /// Whether it is charged unless somebody says otherwise.
    default: bool,
    state: MethodState,
}

/// What kind of thing it is.
#[derive(Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
enum MethodKind {
    /// A card.
    Card,
}

/// A month.
#[derive(Serialize, utoipa::ToSchema)]
struct ExpiresReply {
    month: i8,
    year: i16,
}

/// What an account pays with.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct MethodList {
    items: Vec<MethodReply>,
    /// There are never so many that they have pages.
    next_cursor: Option<String>,
}

/// The day of a moment where cards are concerned, which know no zone.
pub(crate) fn today(now: Timestamp) -> Date {
    TimeZone::UTC.to_datetime(now).date()
}

pub(crate) fn replies(wallet: &Wallet, now: Timestamp) -> Vec<MethodReply> {
    let ready = wallet.methods.iter().map(|it| MethodReply {
        id: it.id,
        kind: MethodKind::Card,
        brand: Some(it.brand.clone()),
        last4: Some(it.last4.clone()),
        expires: Some(ExpiresReply { month: it.month, year: it.year }),
        default: wallet.default == Some(it.id),
        state: it.state(today(now)),
    });
    let open = wallet.pending.iter().filter(|it| now < it.expires_at);
    let pending = open.map(|it| MethodReply {
        id: it.id,
        kind: MethodKind::Card,
        brand: None,
        last4: None,
        expires: None,
        default: false,
        state: MethodState::Pending,
    });
    ready.chain(pending).collect()
}

/// What the account pays with.
#[utoipa::path(
    get, path = "/v1/payment-methods", operation_id = "list_payment_methods", tag = "billing",
    responses((status = 200, description = "The cards", body = MethodList))
)]
pub(crate) async fn json(presented: Presented) -> Result<Json<MethodList>, Error> {
    let (Client(signed_in), stored) = presented.alongside(read).await?;
    let items = replies(&stored.wallet, signed_in.app.clock.now());
    Ok(Json(MethodList { items, next_cursor: None }))
}
