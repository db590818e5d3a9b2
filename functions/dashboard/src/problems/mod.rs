//! `GET /problems/{code}`: what a problem's `type` leads to.

use askama::Template;
use axum::response::Response;
use shared::{
    error::{Code, Error},
    http::{Context, Path},
    web::{Layout, render},
};

#[derive(Template)]
#[template(path = "problems/page.html")]
struct Page {
    layout: Layout,
    title: String,
    detail: String,
    status: u16,
    code: &'static str,
}

pub(crate) async fn page(context: Context, Path(code): Path<String>) -> Result<Response, Error> {
    let code = Code::ALL.into_iter().find(|it| it.as_str() == code).ok_or(Code::NotFound)?;
    let layout = Layout::public(&context);
    let word = |part: &str| layout.t(format!("problem-{}-{part}", code.as_str()));
    Ok(render(&Page {
        title: word("title"),
        detail: word("detail"),
        status: code.status().as_u16(),
        code: code.as_str(),
        layout,
    }))
}
