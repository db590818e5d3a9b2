//! Who staff are: each has an account of its own, and this says where.

use super::StaffMember;
use crate::{
    app::App,
    id::UserId,
    table::{Key, Range, Read, TableError, Tenant, Transaction},
};

const STAFF: &str = "STAFF#";

fn key(user: UserId) -> Key {
    Key::of(Tenant::company(), format_args!("{STAFF}{user}"))
}

/// Adds to a transaction that somebody is one of staff.
pub fn put_staff_member<R: Clone>(member: &StaffMember, transaction: &mut Transaction<'_, R>) {
    transaction.put(&key(member.user), member);
}

/// One of staff, by the user's id.
///
/// # Errors
/// When the table fails.
pub async fn staff_member(app: &App, user: UserId) -> Result<Option<StaffMember>, TableError> {
    app.table.get(&key(user), Read::Strong).await
}

/// All of staff, the longest known first.
///
/// # Errors
/// When the table fails.
pub async fn staff_members(app: &App) -> Result<Vec<StaffMember>, TableError> {
    app.table.all(Range::prefix(Tenant::company(), STAFF)).await
}
