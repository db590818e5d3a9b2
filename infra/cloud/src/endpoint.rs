//! The endpoint of every service but DynamoDB: one port, told apart by the signature's scope.

use std::sync::Arc;

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, State},
    http::{HeaderMap, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use tokio::net::TcpListener;
use winterbaume_core::{MockRequest, MockResponse, MockService};
use winterbaume_ses::SesService;
use winterbaume_sqs::SqsService;

use crate::{
    files::{self, Files},
    mailbox::Mailbox,
    queues,
};

#[derive(Clone)]
struct Services {
    sqs: Arc<SqsService>,
    ses: Arc<SesService>,
    mailbox: Mailbox,
    files: Files,
}

/// A form brings files of up to 10 MB, and one that is too long is told so by the policy.
const MOST_BYTES: usize = 16 * 1024 * 1024;

/// Serves until the task is aborted.
pub(crate) async fn serve(
    listener: TcpListener,
    sqs: Arc<SqsService>,
    mailbox: Mailbox,
    files: Files,
) {
    let services = Services { sqs, ses: Arc::new(SesService::new()), mailbox, files };
    let router = Router::new().fallback(dispatch).with_state(services);
    let router = router.layer(DefaultBodyLimit::max(MOST_BYTES));
    // Serving ends only with the listener, and there is nobody left to tell.
    let _ended = axum::serve(listener, router).await;
}

async fn dispatch(
    State(services): State<Services>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let service = signed_service(&headers);
    if service == Some("s3") || files::is_for_s3(&method, &uri, &headers) {
        return files::answer(&services.files, method, &uri, &headers, body).await;
    }
    let request = |host: &str| MockRequest {
        method: method.to_string(),
        uri: format!("https://{host}{uri}"),
        headers: headers.clone(),
        body: body.clone(),
    };
    let answer = match service {
        Some("sqs") => queues::answer(&services.sqs, request("sqs.us-east-1.amazonaws.com")).await,
        Some("ses") => match services.mailbox.take_raw(&body) {
            Some(answer) => answer,
            None => services.ses.handle(request("email.us-east-1.amazonaws.com")).await,
        },
        _ => MockResponse::error(404, "UnknownService", "this endpoint serves SQS, SES and S3"),
    };
    reply(answer)
}

/// The service in the credential scope of a signature: `.../us-east-1/sqs/aws4_request`.
fn signed_service(headers: &HeaderMap) -> Option<&str> {
    let scope = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    scope.split("Credential=").nth(1)?.split(',').next()?.split('/').nth(3)
}

fn reply(answer: MockResponse) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::BAD_GATEWAY);
    let mut response = (status, answer.body).into_response();
    *response.headers_mut() = answer.headers;
    response
}
