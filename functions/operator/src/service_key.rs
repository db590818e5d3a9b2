//! The gateway's key.

use shared::{
    account::{Account, AccountKind, account_key},
    app::App,
    auth::NewServiceKey,
    id::AccountId,
    table::{Read, Tenant},
    text::required_line,
};

use crate::{MOST_NAME_CHARACTERS, Refused};

/// Makes a service key in an account of the staff; the key leaves once.
pub async fn issue_key(app: &App, account: AccountId, name: &str) -> Result<String, Refused> {
    let name = required_line(name, MOST_NAME_CHARACTERS)?;
    let staff = Tenant::of_record(account);
    let account: Option<Account> = app.table.get(&account_key(staff), Read::Strong).await?;
    match account {
        Some(account) if account.kind == AccountKind::Staff => {
            let new = NewServiceKey::new(app, staff, name);
            app.table.put(&new.key, &new.item).await?;
            Ok(new.token)
        }
        _ => Err(Refused::NoStaffAccount),
    }
}
