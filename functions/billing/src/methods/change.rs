//! Another card becomes the default, or one is taken out.

use axum::http::StatusCode;
use shared::{
    auth::{Caller, Client},
    error::{Code, Conflicts, Error},
    http::Path,
    id::MethodId,
    money::Pico,
    payments::{Matter, Standing, matter_due, try_at_once},
};

/// What happens to a card.
#[derive(Clone, Copy)]
pub(crate) enum Change {
    Default,
    Remove,
}

impl Change {
    pub(crate) async fn make(self, caller: &Caller, id: &str) -> Result<(), Error> {
        let id: MethodId = id.parse().map_err(|_| Code::NotFound)?;
        let mut conflicts = Conflicts::default();
        loop {
            match self.try_to_make(caller, id).await {
                Ok(()) => return Ok(()),
                Err(error) => conflicts.put_up_with(error)?,
            }
        }
    }

    async fn try_to_make(self, caller: &Caller, id: MethodId) -> Result<(), Error> {
        let (app, tenant, now) = (&caller.app, caller.tenant, caller.app.clock.now());
        let read = Standing::read(app, tenant).await?;
        let mut standing = read.ok_or(Code::NotFound)?;
        let before = standing.wallet.clone();
        let known = before.method(id).cloned();
        let mut transaction = app.table.transaction();
        match (self, known) {
            (Self::Default, None) => return Err(Code::NotFound.into()),
            (Self::Default, Some(_)) => standing.wallet.default = Some(id),
            (Self::Remove, None) if before.pending.iter().all(|it| it.id != id) => {
                return Err(Code::NotFound.into());
            }
            (Self::Remove, None) => standing.wallet.remove(id),
            (Self::Remove, Some(method)) => {
                if before.methods.len() == 1 && standing.balance.due > Pico::ZERO {
                    return Err(Code::PaymentMethodNeeded.into());
                }
                standing.wallet.remove(id);
                let (key, update) =
                    matter_due(app, tenant, &Matter::Forget { card: method.card }, now);
                transaction.update(&key, update, None);
                transaction.delete(&Matter::Expiring { method: id }.key(tenant));
                // Nothing became due since that was looked at.
                standing.put_balance(&mut transaction);
            }
        }
        standing.wallet.put(&before, &mut transaction, Code::Conflict);
        if standing.wallet.default.is_some() && standing.wallet.default != before.default {
            try_at_once(app, &standing, &mut transaction);
        }
        Ok(transaction.commit().await?)
    }
}

/// Makes a card the one that is charged.
#[utoipa::path(
    put, path = "/v1/payment-methods/{id}/default", operation_id = "set_default_payment_method", tag = "billing",
    params(("id" = MethodId, Path, description = "The card")),
    responses(
        (status = 204, description = "It is charged from now on; what is overdue is tried with it at once"),
        (status = 404, description = "There is no such card", body = shared::http::Problem),
    )
)]
pub(crate) async fn default(
    Client(signed_in): Client,
    Path(id): Path<String>,
) -> Result<StatusCode, Error> {
    Change::Default.make(&signed_in, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes a card out.
#[utoipa::path(
    delete, path = "/v1/payment-methods/{id}", operation_id = "remove_payment_method", tag = "billing",
    params(("id" = MethodId, Path, description = "The card")),
    responses(
        (status = 204, description = "It is gone"),
        (status = 404, description = "There is no such card", body = shared::http::Problem),
        (status = 409, description = "It is the last one, and something is due", body = shared::http::Problem),
    )
)]
pub(crate) async fn remove(
    Client(signed_in): Client,
    Path(id): Path<String>,
) -> Result<StatusCode, Error> {
    Change::Remove.make(&signed_in, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}
