//! What is due, what the next invoice comes to by now, and what the account has as credit.

mod page;

pub(crate) use page::page;

use axum::Json;
use futures::future::try_join;
use serde::Serialize;
use shared::{
    account::{BillingPeriod, Subscription, subscription_key},
    app::App,
    auth::{Allowed, Caller, Presented, ReadScope},
    billing::{Balance, Bill, Months, Statement, balance_key},
    error::{Code, Error},
    money::Money,
    payments::{Wallet, wallet_key},
    table::{Read, Tenant},
    web::Text,
};

use crate::reply::ExpectedInvoice;

/// What is read beside the check of the credential.
struct Stored {
    subscription: Option<Subscription>,
    balance: Balance,
    wallet: Wallet,
    months: Months,
}

async fn read(app: &App, tenant: Tenant) -> Result<Stored, Error> {
    let keys = [subscription_key(tenant), balance_key(tenant), wallet_key(tenant)];
    let months = app.table.records(Months::range_on_earth(tenant, app.clock.now()));
    let (mut items, months) = try_join(app.table.batch(&keys, Read::Eventual), months).await?;
    Ok(Stored {
        subscription: items.take(&keys[0])?,
        balance: items.take(&keys[1])?.unwrap_or_else(|| Balance::none(tenant)),
        wallet: items.take(&keys[2])?.unwrap_or_else(|| Wallet::none(tenant)),
        months: Months::among(&months)?,
    })
}

impl Stored {
    /// The month that closes next and what it comes to by now.
    fn next(&self, caller: &Caller) -> Result<(BillingPeriod, Bill), Error> {
        let subscription = self.subscription.as_ref().ok_or(Code::Internal)?;
        let (app, account) = (&caller.app, &caller.account);
        let (months, credit) = (&self.months, self.balance.credit);
        Ok(Statement::preview(app, account, subscription, months, credit)?)
    }
}

/// What a client owes, by now and soon.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct BillingReply {
    /// What is to be paid on invoices that are out.
    due: Money,
    /// What invoices pay themselves from before anything is charged.
    credit: Money,
    /// The next invoice as it would be now; `null` while nothing is billed.
    next_invoice: Option<ExpectedInvoice>,
}

/// What is due, the next invoice as it would be now, and the account's credit.
#[utoipa::path(
    get, path = "/v1/billing", operation_id = "billing", tag = "billing",
    responses(
        (status = 200, description = "What is due and what comes next", body = BillingReply),
    )
)]
pub(crate) async fn json(presented: Presented) -> Result<Json<BillingReply>, Error> {
    let (allowed, stored): (Allowed<ReadScope>, _) = presented.alongside(read).await?;
    let (closed, bill) = stored.next(&allowed)?;
    let text = Text::new(allowed.context.preferences());
    let next = (!bill.lines.is_empty()).then(|| ExpectedInvoice::new(closed.end(), &bill, &text));
    let (due, credit) = (stored.balance.due.into(), stored.balance.credit.into());
    Ok(Json(BillingReply { due, credit, next_invoice: next }))
}
