//! A router that knows its own table: what it serves can be listed, checked against the
//! template and the `OpenAPI`, and walked by a test.

use axum::{
    Router,
    handler::Handler,
    http::Method,
    routing::{MethodFilter, on},
};

use super::frame;
use crate::{app::App, auth::Access};

/// One entry of a route table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// `GET`, `POST` ...
    pub method: String,
    /// The path, parameters in braces.
    pub path: &'static str,
    /// Who may use it.
    pub access: Access,
}

/// The routes of a function.
#[derive(Default)]
pub struct Routes {
    router: Router<App>,
    table: Vec<Route>,
}

macro_rules! methods {
    ($($name:ident $filter:ident;)*) => {$(
        #[doc = concat!("Adds a `", stringify!($filter), "` route.")]
        #[must_use]
        pub fn $name<T: 'static>(
            self,
            path: &'static str,
            access: Access,
            handler: impl Handler<T, App>,
        ) -> Self {
            let row = Route { method: Method::$filter.to_string(), path, access };
            self.on(MethodFilter::$filter, row, handler)
        }
    )*};
}

impl Routes {
    /// No routes yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    methods! { get GET; post POST; patch PATCH; put PUT; delete DELETE; }

    fn on<T: 'static>(
        mut self,
        filter: MethodFilter,
        row: Route,
        handler: impl Handler<T, App>,
    ) -> Self {
        self.router = self.router.route(row.path, on(filter, handler));
        self.table.push(row);
        self
    }

    /// These routes and the others'.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        self.table.extend(other.table);
        self.router = self.router.merge(other.router);
        self
    }

    /// What is served, in the order it was written.
    #[must_use]
    pub fn table(&self) -> &[Route] {
        &self.table
    }

    /// The router, with all that surrounds a handler.
    pub fn into_router(self, app: App) -> Router {
        frame::around(self.router, app)
    }
}
