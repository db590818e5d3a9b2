//! `GET /docs`: the API's description for people, read from the same file that programs get.

mod document;

use askama::Template;
use axum::response::Response;
use shared::{
    error::{Code, Error},
    http::Context,
    web::{Layout, render},
};

use document::{Document, Field, Operation};

#[derive(Template)]
#[template(path = "docs/page.html")]
struct Page<'a> {
    layout: Layout,
    document: &'a Document,
}

pub(crate) async fn page(context: Context) -> Result<Response, Error> {
    let document = document::embedded().map_err(|error| Error::fault(Code::Internal, error))?;
    Ok(render(&Page { layout: Layout::public(&context), document }))
}

impl Page<'_> {
    /// Who may call it, in the reader's words.
    fn audience(&self, operation: &Operation) -> String {
        let takes = |scheme: &str| operation.credentials.iter().any(|it| it == scheme);
        self.layout.t(match () {
            () if operation.credentials.is_empty() => "docs-for-anyone",
            () if takes("service_key") => "docs-for-services",
            () if takes("api_key") => "docs-for-programs",
            () => "docs-for-clients",
        })
    }

    /// The name of a table that scrolls: each has one of its own.
    fn region(&self, caption: &str, about: &str) -> String {
        format!("{}: {about}", self.layout.t(caption))
    }

    fn necessity(&self, field: &Field) -> String {
        self.layout.t(if field.required { "docs-required" } else { "docs-optional" })
    }
}
