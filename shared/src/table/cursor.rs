//! Paging cursors: a position in a list, sealed so that it cannot be altered, and bound to the
//! account and the query it was made for.

use base64ct::{Base64UrlUnpadded, Encoding};
use subtle::ConstantTimeEq;

use super::Tenant;
use crate::config::{Config, NotAskedFor};

const TAG_BYTES: usize = 16;

/// Why a text is no position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CursorRefused {
    /// It was not made here, or for another account or another query.
    #[error("not a cursor of this list")]
    Invalid,
    /// The function does not ask for the key that cursors are made with.
    #[error(transparent)]
    Setting(#[from] NotAskedFor),
}

/// A position in a list: whatever the list finds the item after it by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor(pub String);

/// What a cursor is good for: one account and one query.
pub struct CursorScope<'a> {
    config: &'a Config,
    tenant: Tenant,
    query: String,
}

impl<'a> CursorScope<'a> {
    /// The scope of a list; `query` names the list and all that narrows it.
    pub fn new(config: &'a Config, tenant: Tenant, query: impl Into<String>) -> Self {
        Self { config, tenant, query: query.into() }
    }

    /// The cursor as a client sees it.
    pub fn seal(&self, cursor: &Cursor) -> Result<String, NotAskedFor> {
        let mut bytes = self.tag(&cursor.0)?.to_vec();
        bytes.extend_from_slice(cursor.0.as_bytes());
        Ok(Base64UrlUnpadded::encode_string(&bytes))
    }

    /// The cursor from a client's text.
    pub fn open(&self, text: &str) -> Result<Cursor, CursorRefused> {
        let bytes = Base64UrlUnpadded::decode_vec(text).map_err(|_| CursorRefused::Invalid)?;
        let (tag, position) = bytes.split_at_checked(TAG_BYTES).ok_or(CursorRefused::Invalid)?;
        let position = std::str::from_utf8(position).map_err(|_| CursorRefused::Invalid)?;
        let genuine = bool::from(self.tag(position)?.ct_eq(tag));
        genuine.then(|| Cursor(position.to_owned())).ok_or(CursorRefused::Invalid)
    }

    fn tag(&self, position: &str) -> Result<[u8; TAG_BYTES], NotAskedFor> {
        let account = self.tenant.account().to_bytes();
        let parts = [account.as_slice(), self.query.as_bytes(), position.as_bytes()];
        let hash = self.config.keyed_hash("cursor", &parts)?;
        let mut tag = [0; TAG_BYTES];
        tag.copy_from_slice(&hash[..TAG_BYTES]);
        Ok(tag)
    }
}
