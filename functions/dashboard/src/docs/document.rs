//! The embedded description, taken apart into what the page shows.

use std::{collections::BTreeMap, sync::LazyLock};

use serde::Deserialize;
use serde_json::Value;

/// What the page shows.
pub(super) struct Document {
    pub(super) operations: Vec<Operation>,
    pub(super) schemas: Vec<Schema>,
}

/// One method of one path.
pub(super) struct Operation {
    pub(super) id: String,
    pub(super) method: String,
    pub(super) path: String,
    pub(super) summary: String,
    pub(super) description: String,
    /// The security scheme, if one is needed.
    pub(super) credentials: Vec<String>,
    pub(super) parameters: Vec<Field>,
    pub(super) bodies: Vec<Body>,
    pub(super) replies: Vec<Reply>,
}

/// A parameter, or a field of a schema.
pub(super) struct Field {
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) required: bool,
    pub(super) description: String,
}

/// A type in words; a named one leads to its schema.
pub(super) struct Kind {
    pub(super) text: String,
    pub(super) schema: Option<String>,
}

/// A body in one of the types it can have.
pub(super) struct Body {
    pub(super) media_type: String,
    pub(super) kind: Kind,
}

/// A reply by its status.
pub(super) struct Reply {
    pub(super) status: String,
    pub(super) description: String,
    pub(super) kind: Option<Kind>,
}

/// A named type.
pub(super) struct Schema {
    pub(super) name: String,
    pub(super) description: String,
    pub(super) kind: Kind,
    pub(super) fields: Vec<Field>,
}

/// The document behind `/v1/openapi.json`.
pub(super) fn embedded() -> Result<&'static Document, &'static serde_json::Error> {
    static DOCUMENT: LazyLock<Result<Document, serde_json::Error>> =
        LazyLock::new(|| serde_json::from_str(crate::description::TEXT).map(Stored::into));
    DOCUMENT.as_ref()
}

#[derive(Deserialize)]
struct Stored {
    paths: BTreeMap<String, BTreeMap<String, StoredOperation>>,
    components: Components,
}

#[derive(Deserialize)]
struct Components {
    schemas: BTreeMap<String, Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct StoredOperation {
    operation_id: String,
    #[serde(default)]
    summary: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    security: Vec<BTreeMap<String, Value>>,
    #[serde(default)]
    parameters: Vec<StoredParameter>,
    #[serde(default)]
    request_body: Option<Content>,
    responses: BTreeMap<String, Content>,
}

#[derive(Deserialize)]
struct StoredParameter {
    name: String,
    #[serde(default)]
    required: bool,
    #[serde(default)]
    description: String,
    schema: Value,
}

#[derive(Deserialize)]
struct Content {
    #[serde(default)]
    description: String,
    #[serde(default)]
    content: BTreeMap<String, Media>,
}

#[derive(Deserialize)]
struct Media {
    #[serde(default)]
    schema: Value,
}

impl From<Stored> for Document {
    fn from(stored: Stored) -> Self {
        let operations = stored.paths.into_iter().flat_map(|(path, methods)| {
            let one = move |(method, operation): (String, StoredOperation)| {
                operation.read(method.to_uppercase(), path.clone())
            };
            methods.into_iter().map(one)
        });
        let schemas = stored.components.schemas.into_iter();
        Self {
            operations: operations.collect(),
            schemas: schemas.map(|(name, schema)| Schema::read(name, &schema)).collect(),
        }
    }
}

impl StoredOperation {
    fn read(self, method: String, path: String) -> Operation {
        let bodies = self.request_body.into_iter().flat_map(|body| body.content);
        let replies = self.responses.into_iter().map(|(status, reply)| Reply {
            status,
            description: reply.description,
            kind: reply.content.into_values().next().map(|media| Kind::read(&media.schema)),
        });
        let parameters = self.parameters.into_iter().map(|parameter| Field {
            name: parameter.name,
            kind: Kind::read(&parameter.schema),
            required: parameter.required,
            description: parameter.description,
        });
        Operation {
            id: self.operation_id,
            method,
            path,
            summary: self.summary,
            description: self.description,
            credentials: self.security.into_iter().flat_map(BTreeMap::into_keys).collect(),
            parameters: parameters.collect(),
            bodies: bodies
                .map(|(media_type, media)| Body { media_type, kind: Kind::read(&media.schema) })
                .collect(),
            replies: replies.collect(),
        }
    }
}

impl Schema {
    fn read(name: String, schema: &Value) -> Self {
        let parts =
            schema["allOf"].as_array().map_or_else(|| vec![schema], |all| all.iter().collect());
        let fields = parts.into_iter().flat_map(|part| {
            let required = part["required"].as_array().cloned().unwrap_or_default();
            let properties = part["properties"].as_object().cloned().unwrap_or_default();
            properties.into_iter().map(move |(name, property)| Field {
                required: required.iter().any(|it| *it == name.as_str()),
                kind: Kind::read(&property),
                description: text(&property["description"]),
                name,
            })
        });
        let fields = fields.collect();
        Self { name, description: text(&schema["description"]), kind: Kind::read(schema), fields }
    }
}

impl Kind {
    fn read(schema: &Value) -> Self {
        if let Some(name) = schema["$ref"].as_str().and_then(|it| it.rsplit('/').next()) {
            return Self { text: name.to_owned(), schema: Some(name.to_owned()) };
        }
        let choices = ["oneOf", "anyOf", "allOf"].iter().find_map(|key| schema[key].as_array());
        if let Some(choices) = choices {
            let kinds = choices.iter().map(Self::read).filter(|kind| kind.text != "null");
            return Self::joined(kinds.collect());
        }
        if let Some(values) = schema["enum"].as_array() {
            let values: Vec<_> = values.iter().map(text).collect();
            return Self { text: values.join(" | "), schema: None };
        }
        let types = match &schema["type"] {
            Value::Array(types) => types.iter().map(text).filter(|it| it != "null").collect(),
            one => vec![text(one)],
        };
        if types.iter().any(|it| it == "array") {
            let Self { text, schema } = Self::read(&schema["items"]);
            return Self { text: format!("[{text}]"), schema };
        }
        let format = schema["format"].as_str().map(|it| format!(" ({it})")).unwrap_or_default();
        Self { text: format!("{}{format}", types.join(" | ")), schema: None }
    }

    fn joined(kinds: Vec<Self>) -> Self {
        let texts: Vec<_> = kinds.iter().map(|kind| kind.text.as_str()).collect();
        let text = texts.join(" | ");
        Self { text, schema: kinds.into_iter().find_map(|kind| kind.schema) }
    }
}

/// A description's pieces: what stood between backticks is code.
pub(super) fn pieces(description: &str) -> impl Iterator<Item = (bool, &str)> {
    description.split('`').enumerate().map(|(place, piece)| (place % 2 == 1, piece))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
