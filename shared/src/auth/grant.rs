//! What opens an account beside its password is given out here: secrets of API keys, a second
//! factor. Whoever ends all sessions because somebody else was in the account has to see all of it.

use super::extract::SignedIn;
use crate::{
    account::user_key,
    table::{Condition, Transaction, Update},
};

/// Adds to a transaction that it gives such a thing out: it is refused once all of the user's
/// sessions were ended, and the user's item counts it, so that who ends them knows whether
/// something came meanwhile.
pub fn grant<R: Clone>(signed_in: &SignedIn, transaction: &mut Transaction<'_, R>, refused: R) {
    let same = Condition::Equals("epoch", signed_in.session.epoch.into());
    let counted = Update::new().add("grants", 1u64).when(same);
    let user = user_key(signed_in.tenant, signed_in.session.user);
    transaction.update(&user, counted, Some(refused));
}
