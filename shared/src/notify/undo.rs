//! The link that says "this was not me".

use super::{NOTICE, Notification};
use crate::{
    account::User,
    app::App,
    auth::{Errand, one_time_item},
    config::NotAskedFor,
    id::TokenId,
    table::Transaction,
};

/// Adds the token of a mail's link to a transaction: it undoes from the oldest change that the mail tells of and
/// that its user has not disowned since.
///
/// # Errors
/// When the function does not ask for the settings that links are derived from.
pub fn undo<R: Clone>(
    app: &App,
    user: &User,
    told: &[&Notification],
    transaction: &mut Transaction<'_, R>,
) -> Result<Option<TokenId>, NotAskedFor> {
    let token = TokenId::new(app.clock.now(), &app.random);
    let changes = told.iter().filter_map(|it| it.change.as_ref()).filter(|change| {
        let disowned =
            |rescue: &crate::account::Rescue| rescue.disowned(token, change.moment(), change.epoch);
        !user.rescues.iter().any(disowned)
    });
    let Some(oldest) = changes.min_by_key(|change| change.moment()) else { return Ok(None) };
    let errand = Errand::NotMe(oldest.clone());
    let (key, item) = one_time_item(&app.config, token, oldest.at, NOTICE.life, errand)?;
    transaction.put(&key, &item);
    Ok(Some(token))
}
