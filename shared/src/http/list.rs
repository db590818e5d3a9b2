//! Lists that are ordered by id, newest first, and paged by cursor.

use std::fmt::Display;

use serde::{Deserialize, de::DeserializeOwned};

use super::PageLimit;
use crate::{
    auth::{Caller, Staff},
    error::Error,
    table::{Cursor, CursorScope, Range, Tenant},
};

/// Which page.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    /// 1 to 100.
    #[serde(default)]
    #[param(value_type = Option<usize>, default = 25, minimum = 1, maximum = 100)]
    limit: Option<String>,
    /// From the page before.
    #[serde(default)]
    cursor: Option<String>,
}

/// A page that was asked for: how long it is and what it comes after.
pub struct ListPage<'a> {
    caller: &'a Caller,
    tenant: Tenant,
    scope: CursorScope<'a>,
    limit: usize,
    after: Option<String>,
}

impl ListQuery {
    /// Whether it asks for a page after the first.
    #[must_use]
    pub fn goes_on(&self) -> bool {
        self.cursor.is_some()
    }

    /// The page of the list of this name in who asks's account.
    pub fn of<'a>(self, caller: &'a Caller, list: &str) -> Result<ListPage<'a>, Error> {
        self.within(caller.tenant, caller, list)
    }

    /// The page of a list of the rental company's own.
    pub fn of_company<'a>(
        self,
        Staff(staff): &'a Staff,
        list: &str,
    ) -> Result<ListPage<'a>, Error> {
        self.within(Tenant::company(), staff, list)
    }

    fn within<'a>(
        self,
        tenant: Tenant,
        caller: &'a Caller,
        list: &str,
    ) -> Result<ListPage<'a>, Error> {
        let limit = PageLimit::parse(self.limit.as_deref())?.get();
        let scope = CursorScope::new(&caller.app.config, tenant, list);
        let after = self.cursor.map(|cursor| scope.open(&cursor)).transpose()?;
        Ok(ListPage { caller, tenant, scope, limit, after: after.map(|Cursor(id)| id) })
    }
}

impl ListPage<'_> {
    /// Reads the page of the items whose sort keys are `prefix` and their id, and the cursor
    /// of the next page, if there is one. A hundred of them are far less than one read of the table
    /// gives.
    pub async fn read<T: DeserializeOwned, I: Display>(
        &self,
        prefix: &str,
        id: impl Fn(&T) -> I,
    ) -> Result<(Vec<T>, Option<String>), Error> {
        let mut range = Range::prefix(self.tenant, prefix).newest_first().limit(self.limit + 1);
        if let Some(after) = &self.after {
            range = range.after(&format!("{prefix}{after}"));
        }
        let (items, _) = self.caller.app.table.page(&range).await?;
        Ok(self.cut(items, id))
    }

    /// The page out of all items, in any order, and the cursor of the next one.
    pub fn pick<T, I: Display>(
        &self,
        mut items: Vec<T>,
        id: impl Fn(&T) -> I,
    ) -> (Vec<T>, Option<String>) {
        items.sort_by_cached_key(|item| std::cmp::Reverse(id(item).to_string()));
        if let Some(after) = &self.after {
            items.retain(|item| id(item).to_string() < *after);
        }
        self.cut(items, id)
    }

    fn cut<T, I: Display>(
        &self,
        mut items: Vec<T>,
        id: impl Fn(&T) -> I,
    ) -> (Vec<T>, Option<String>) {
        let more = items.len() > self.limit;
        items.truncate(self.limit);
        let last = items.last().filter(|_| more).map(|item| Cursor(id(item).to_string()));
        (items, last.map(|cursor| self.scope.seal(&cursor)))
    }
}
