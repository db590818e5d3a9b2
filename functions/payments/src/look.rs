//! A matter whose time has come.

use jiff::SignedDuration;
use shared::{
    app::App,
    error::{Code, Error},
    id::InvoiceId,
    payments::{Matter, ask, ask_again, begin_period, matter_due, settle_refund, tell_of_card},
    table::{Cancelled, TableError, Tenant},
    timer::Timer,
};

use crate::{PaymentsError, collect::collect};

/// So long a provider that does not answer is left alone.
const LEFT_ALONE: SignedDuration = SignedDuration::from_mins(10);

/// Looks after a matter. Where the provider does not answer it is left for later: the queue's own tries are over
/// sooner than an outage.
pub(crate) async fn look(app: &App, timer: &Timer<Matter>) -> Result<(), PaymentsError> {
    let tenant = Tenant::of_record(timer);
    let looked = match &timer.what {
        Matter::Collect {} => collect(app, tenant).await,
        Matter::Check { invoice, attempt } => {
            return check(app, tenant, timer, (*invoice, *attempt)).await;
        }
        Matter::Begin {} => begin_period(app, tenant).await,
        Matter::Expiring { method } => tell_of_card(app, tenant, timer, *method).await,
        Matter::Forget { card } => app.provider.detach(card).await.map_err(Error::from),
        Matter::Refund { invoice, refund } => settle_refund(app, tenant, *invoice, *refund).await,
    };
    match looked {
        Ok(()) => Ok(timer.end(app).await?),
        Err(error) if error.code == Code::Unavailable => later(app, timer, LEFT_ALONE).await,
        Err(error) => Err(error.into()),
    }
}

/// Asks what became of an attempt, again and again until it is known.
async fn check(
    app: &App,
    tenant: Tenant,
    timer: &Timer<Matter>,
    (invoice, attempt): (InvoiceId, u32),
) -> Result<(), PaymentsError> {
    match ask(app, tenant, invoice, attempt).await {
        Ok(true) => Ok(timer.end(app).await?),
        Ok(false) => {
            let now = app.clock.now();
            let began = jiff::Timestamp::from_second(timer.due_at).unwrap_or(now);
            later(app, timer, ask_again(began, now).duration_since(now)).await
        }
        Err(error) if error.code == Code::Unavailable => later(app, timer, LEFT_ALONE).await,
        Err(error) => Err(error.into()),
    }
}

/// Has a matter looked after later, unless somebody has set it anew.
async fn later(
    app: &App,
    timer: &Timer<Matter>,
    after: SignedDuration,
) -> Result<(), PaymentsError> {
    let (tenant, due) = (Tenant::of_record(timer), app.clock.now() + after);
    let (key, update) = matter_due(app, tenant, &timer.what, due);
    let mut transaction = app.table.transaction();
    transaction.update(&key, timer.unchanged(update), Some(()));
    match transaction.commit().await {
        Ok(()) | Err(Cancelled::Refused(_)) => Ok(()),
        Err(Cancelled::Failed(error)) => Err(TableError::into(error)),
    }
}
