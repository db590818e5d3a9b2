//! A card's last month is near: its owner is told, once.

use super::{Matter, Standing, tell};
use crate::{
    app::App,
    error::{Code, Error},
    id::MethodId,
    table::Tenant,
    timer::Timer,
};

/// Tells of a card that is still in the wallet, and ends the timer.
///
/// # Errors
/// When the table does not answer.
pub async fn tell_of_card(
    app: &App,
    tenant: Tenant,
    timer: &Timer<Matter>,
    id: MethodId,
) -> Result<(), Error> {
    let standing = Standing::read(app, tenant).await?;
    let mut transaction = app.table.transaction();
    timer.done(&mut transaction, Code::Conflict);
    if let Some(standing) = &standing
        && let Some(method) = standing.wallet.method(id)
        && let Ok(last) = method.over_from().yesterday()
    {
        tell::expiring(app, standing, &method.shown(), last, &mut transaction);
    }
    match transaction.commit().await.map_err(Error::from) {
        // Another run was first.
        Err(error) if error.code == Code::Conflict => Ok(()),
        told => told,
    }
}
