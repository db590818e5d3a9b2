//! The API's description, merged from the functions' parts.

use serde_json::{Value, json};
use shared::auth::SESSION_COOKIE;
use utoipa::OpenApi;

/// What each HTTP function says of its own API.
#[must_use]
pub fn parts() -> [utoipa::openapi::OpenApi; 5] {
    [
        security::Api::openapi(),
        api_keys::Api::openapi(),
        dashboard::Api::openapi(),
        usage::Api::openapi(),
        admin::Api::openapi(),
    ]
}

/// The merged OpenAPI 3.1 document, as it is embedded in `functions/dashboard/openapi.json`.
#[must_use]
pub fn merged() -> Value {
    let [mut document, others @ ..] = parts();
    for part in others {
        document.merge(part);
    }
    let mut document = serde_json::to_value(document).expect("it serialises");
    document["info"] = json!({
        "title": "AI rental panel",
        "version": "1",
        "description": "Accounts, usage and billing of rented AI capacity. Problems are \
                        application/problem+json; lists page by cursor.",
        "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
    });
    for operation in operations(&mut document) {
        describe_problems(operation);
        if let Some(Value::Array(schemes)) = operation.get_mut("security")
            && schemes.contains(&json!({"session": []}))
        {
            schemes.push(json!({"cookie": []}));
        }
    }
    document["components"]["securitySchemes"] = json!({
        "session": {"type": "http", "scheme": "bearer", "description": "A session's token, mxs_..."},
        "cookie": {"type": "apiKey", "in": "cookie", "name": SESSION_COOKIE,
            "description": "The same token as the portal's pages send it; what changes something then has to come from the portal"},
        "api_key": {"type": "http", "scheme": "bearer", "description": "An API key, mxk_... with the scope"},
        "service_key": {"type": "http", "scheme": "bearer", "description": "A service key, mxv_..."},
    });
    document
}

fn operations(document: &mut Value) -> impl Iterator<Item = &mut Value> {
    let paths = document["paths"].as_object_mut().into_iter().flatten();
    paths.flat_map(|(_, path)| path.as_object_mut().into_iter().flatten()).map(|(_, it)| it)
}

/// What every operation has in common: failures are problems, and those that a credential or the
/// panel's own state causes can come from anywhere.
fn describe_problems(operation: &mut Value) {
    let guarded = operation.get("security").is_some();
    let takes_body = operation.get("requestBody").is_some();
    let takes_input = takes_body || operation.get("parameters").is_some();
    let Some(responses) = operation["responses"].as_object_mut() else { return };
    let mut common = vec![("500", "A defect of ours"), ("503", "Not available right now")];
    if guarded {
        common.push(("401", "No valid credential"));
        common.push(("403", "Not allowed, or the account is suspended"));
    }
    if takes_body {
        common.push(("413", "The body is too large"));
        common.push(("415", "The body's type is not one that is read here"));
        common.push(("422", "A field is missing or not valid"));
    }
    if takes_input {
        common.push(("400", "The body, the query or the cursor cannot be read"));
    }
    for (status, description) in common {
        responses.entry(status).or_insert_with(|| json!({"description": description}));
    }
    let problem = json!({"schema": {"$ref": "#/components/schemas/Problem"}});
    for (status, response) in responses {
        if status.starts_with(['4', '5']) {
            response["content"] = json!({"application/problem+json": problem});
        }
    }
}
