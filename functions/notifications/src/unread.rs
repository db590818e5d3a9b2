//! What the bell asks for from time to time.

use axum::Json;
use serde::Serialize;
use shared::{
    auth::SignedIn,
    error::{Code, Error},
    web::{Text, bell_number},
};

/// How many notifications were not read.
#[derive(Serialize)]
pub(crate) struct Bell {
    unread: u64,
    /// The same on the bell.
    number: String,
    /// And in words.
    words: String,
}

pub(crate) async fn json(signed_in: SignedIn) -> Result<Json<Bell>, Error> {
    let preferences = signed_in.context.preferences();
    let unread = preferences.unread.ok_or(Code::Unavailable)?;
    let text = Text::new(preferences);
    let (number, words) = (bell_number(&text, unread), text.count("notices-count", unread));
    Ok(Json(Bell { unread, number, words }))
}
