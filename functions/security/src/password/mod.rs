//! Passwords: changing one's own, and setting one anew that was forgotten.

pub(crate) mod change;
pub(crate) mod forgot;
pub(crate) mod reset;

use shared::{
    account::User,
    auth::Password,
    error::{Error, FieldError},
};

/// A new password of a user's, if it is good enough; `company` is what the account is called, where it
/// was read.
fn new_password(text: &str, user: &User, company: &str, field: &str) -> Result<Password, Error> {
    Password::new(text, &[user.email.as_str(), &user.name, company])
        .map_err(|error| Error::fields(vec![FieldError::new(field, error.code())]))
}
