//! The provider's word that something has happened: how it stands is asked, and that is what counts.

use shared::{
    app::App,
    id::{EntryId, InvoiceId, MethodId},
    payments::{add_method, ask, settle_refund},
    provider::{ProviderError, Written},
};

use crate::PaymentsError;

/// Looks at an object of the provider's. What is not ours, or no concern of ours, is left alone.
pub(crate) async fn look_at(app: &App, object: &str, id: &str) -> Result<(), PaymentsError> {
    let looked = match object {
        "payment_intent" => payment(app, id).await,
        "checkout.session" => page(app, id).await,
        "refund" => refund(app, id).await,
        _ => Ok(()),
    };
    match looked {
        Err(PaymentsError::Provider(ProviderError::NotFound)) => Ok(()),
        looked => looked,
    }
}

async fn payment(app: &App, id: &str) -> Result<(), PaymentsError> {
    attempt(app, &app.provider.intent(id).await?.metadata).await
}

async fn page(app: &App, id: &str) -> Result<(), PaymentsError> {
    let session = app.provider.session(id).await?;
    let written = &session.metadata;
    if let Some((tenant, method)) = written.tenant().zip(written.read::<MethodId>("method")) {
        return Ok(add_method(app, tenant, method, &session).await?);
    }
    attempt(app, written).await
}

async fn attempt(app: &App, written: &Written) -> Result<(), PaymentsError> {
    let invoice = written.read::<InvoiceId>("invoice");
    let known = written.tenant().zip(invoice).zip(written.read::<u32>("attempt"));
    if let Some(((tenant, invoice), attempt)) = known {
        ask(app, tenant, invoice, attempt).await?;
    }
    Ok(())
}

async fn refund(app: &App, id: &str) -> Result<(), PaymentsError> {
    let written = app.provider.refunded(id).await?.metadata;
    let known = written.tenant().zip(written.read::<InvoiceId>("invoice"));
    if let Some(((tenant, invoice), refund)) = known.zip(written.read::<EntryId>("refund")) {
        settle_refund(app, tenant, invoice, refund).await?;
    }
    Ok(())
}
