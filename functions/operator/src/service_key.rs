//! The gateway's key.

use shared::{app::App, auth::NewServiceKey, text::required_line};

use crate::{MOST_NAME_CHARACTERS, Refused};

/// Makes a service key; it leaves once.
pub async fn issue_key(app: &App, name: &str) -> Result<String, Refused> {
    let new = NewServiceKey::new(app, required_line(name, MOST_NAME_CHARACTERS)?);
    app.table.put(&new.key, &new.item).await?;
    Ok(new.token)
}
