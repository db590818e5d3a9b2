//! Confirming an address anew that mails came back from.

use axum::response::Response;
use shared::{
    account::{User, user_key},
    auth::{AddressCheck, Caller, Errand, Limit, SignedIn, reserve},
    error::{Code, Error},
    notify::send_link,
    table::{Read, Transaction},
    web::see_other,
};

/// Mails a link to the user's own address. It is sent although mails came back: somebody asked for it.
async fn check(caller: &Caller) -> Result<(), Error> {
    let (app, tenant) = (&caller.app, caller.tenant);
    let user: Option<User> = app.table.get(&user_key(tenant, caller.user()?), Read::Strong).await?;
    let user = user.ok_or(Code::Unauthenticated)?;
    // Every one is a mail: none of the attempts is given back.
    let _counted = reserve(app, Limit::MAILBOX, &user.email.normalised()).await?;
    let errand = Errand::AddressCheck(AddressCheck {
        account: tenant.owner(),
        user: user.id,
        email: user.email,
        name: user.name,
        locale: user.locale,
    });
    let mut transaction: Transaction<'_, Code> = app.table.transaction();
    send_link(app, app.clock.now(), errand, &mut transaction)?;
    Ok(transaction.commit().await?)
}

pub(crate) async fn submit(signed_in: SignedIn) -> Result<Response, Error> {
    check(&signed_in).await?;
    Ok(see_other("/notifications/preferences?done=mailed"))
}
