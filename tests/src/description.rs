//! The API's description, merged from the functions' parts.

use serde_json::{Value, json};
use shared::{auth::SESSION_COOKIE, http::Route};

/// The merged OpenAPI 3.1 document, as it is embedded in `functions/dashboard/openapi.json`.
#[must_use]
pub fn merged() -> Value {
    let mut parts = local::functions().into_iter().map(|function| function.description);
    let mut document = parts.next().unwrap_or_default();
    for part in parts {
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
    // Wherever it was read.
    document["servers"] = json!([{"url": "/"}]);
    for route in local::all_routes().table() {
        let path = document["paths"].get_mut(route.path);
        let operation = path.and_then(|path| path.get_mut(route.method.to_lowercase()));
        if let Some(operation) = operation {
            describe(operation, route);
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

/// What an operation's row says of it: who may use it. What every operation has in common: failures are
/// problems, and those that a credential or the panel's own state causes can come from anywhere.
fn describe(operation: &mut Value, route: &Route) {
    let schemes = route.access.schemes();
    operation["x-access"] = json!(route.access.name());
    operation["security"] = schemes.iter().map(|scheme| json!({*scheme: []})).collect();
    let guarded = !schemes.is_empty();
    let takes_body = operation.get("requestBody").is_some();
    let takes_input = takes_body || operation.get("parameters").is_some();
    let Some(responses) = operation["responses"].as_object_mut() else { return };
    let mut common = vec![("500", "A defect of ours"), ("503", "Not available right now")];
    if guarded {
        common.push(("401", "No valid credential"));
        common.push(("403", route.access.refusal()));
    }
    if route.path.contains('{') {
        common.push(("404", "There is no such thing"));
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
