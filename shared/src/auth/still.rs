//! What a request does under a session that is being ended meanwhile.

use super::extract::SignedIn;
use crate::{
    account::user_key,
    table::{Condition, Transaction},
};

/// Adds to a transaction that nobody ended the user's sessions since this one was checked. Whatever
/// opens an account beside the password is given out under it (secrets of API keys and of second
/// factors, backup codes): once sessions were ended, what there is of it is all there will be. It comes
/// first in a transaction: a session that is over is told of before anything else.
pub fn if_still_signed_in<R: Clone>(
    signed_in: &SignedIn,
    transaction: &mut Transaction<'_, R>,
    refused: R,
) {
    let same = Condition::Equals("epoch", signed_in.session.epoch.into());
    transaction.check(&user_key(signed_in.tenant, signed_in.session.user), same, refused);
}
