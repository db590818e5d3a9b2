//! Lists that are ordered by id, newest first, and paged by cursor.

use std::fmt::Display;

use serde::{Deserialize, de::DeserializeOwned};

use super::PageLimit;
use crate::{
    auth::{Caller, Staff},
    error::Error,
    table::{Cursor, CursorScope, Range, Tenant},
};

/// One read of the table gives so many small items.
const MOST_AT_ONCE: usize = 1_000;

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
    newest_first: bool,
}

impl ListQuery {
    /// A page of so many after a cursor, where a list has parameters besides.
    #[must_use]
    pub fn new(limit: Option<String>, cursor: Option<String>) -> Self {
        Self { limit, cursor }
    }

    /// The page after a cursor, as long as pages are.
    #[must_use]
    pub fn after(cursor: Option<String>) -> Self {
        Self { limit: None, cursor }
    }

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
        let after = after.map(|Cursor(id)| id);
        Ok(ListPage { caller, tenant, scope, limit, after, newest_first: true })
    }
}

impl ListPage<'_> {
    /// The same list from its beginning on, as conversations are read.
    #[must_use]
    pub fn oldest_first(self) -> Self {
        Self { newest_first: false, ..self }
    }

    /// Reads the page of the items whose sort keys are `prefix` and their id, and the cursor
    /// of the next page, if there is one. A hundred of them are far less than one read of the table
    /// gives.
    pub async fn read<T: DeserializeOwned, I: Display>(
        &self,
        prefix: &str,
        id: impl Fn(&T) -> I,
    ) -> Result<(Vec<T>, Option<String>), Error> {
        self.read_where(prefix, id, |_| true).await
    }

    /// The same of those that are to be shown: it reads on until the page is full, so that no page
    /// is empty before the last one.
    pub async fn read_where<T: DeserializeOwned, I: Display>(
        &self,
        prefix: &str,
        id: impl Fn(&T) -> I,
        shown: impl Fn(&T) -> bool,
    ) -> Result<(Vec<T>, Option<String>), Error> {
        let wanted = self.limit + 1;
        let mut step = wanted;
        let mut next = self.after.as_ref().map(|after| format!("{prefix}{after}"));
        let mut items: Vec<T> = Vec::new();
        loop {
            let range = Range::prefix(self.tenant, prefix).limit(step);
            let range = if self.newest_first { range.newest_first() } else { range };
            let range = next.iter().fold(range, |range, after| range.after(after));
            let (page, more) = self.caller.app.table.page(&range).await?;
            items.extend(page.into_iter().filter(&shown));
            next = more;
            // Whoever has thousands that are not shown is led past them by the thousand.
            step = MOST_AT_ONCE;
            if items.len() >= wanted || next.is_none() {
                return self.cut(items, id);
            }
        }
    }

    fn cut<T, I: Display>(
        &self,
        mut items: Vec<T>,
        id: impl Fn(&T) -> I,
    ) -> Result<(Vec<T>, Option<String>), Error> {
        let more = items.len() > self.limit;
        items.truncate(self.limit);
        let last = items.last().filter(|_| more).map(|item| Cursor(id(item).to_string()));
        let next = last.map(|cursor| self.scope.seal(&cursor)).transpose()?;
        Ok((items, next))
    }
}
