//! What `template.yaml` says, as far as a laptop needs to know it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};
pub use serde_yaml_ng::Value as Yaml;

use crate::{CloudError, for_each};

/// The logical name of the one table.
pub(crate) const TABLE: &str = "PanelTable";
/// The logical name of the bucket of files.
pub(crate) const FILES: &str = "FilesBucket";

/// The environment of a function: names and values.
pub type Environment = BTreeMap<String, String>;

/// A queue and what happens to what it cannot deliver.
#[derive(Debug, Clone)]
pub struct QueueSpec {
    /// Its logical name in the template.
    pub name: String,
    /// The logical name of its dead-letter queue and the number of deliveries before that.
    pub dead_letters: Option<(String, u64)>,
}

/// A function that is fed from a queue or from the table's stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consumer {
    /// The function's binary.
    pub binary: String,
    /// The logical name of the queue, or of the table whose stream it reads.
    pub source: String,
    /// The most records it is handed at once.
    pub batch_size: usize,
    /// For a stream: the event filter's pattern, as JSON.
    pub filter: Option<String>,
}

/// The parsed template.
pub struct Template {
    root: Yaml,
}

impl Template {
    /// The template this build was made with.
    ///
    /// # Errors
    /// When it is not YAML.
    pub fn embedded() -> Result<Self, CloudError> {
        Self::parse(include_str!("../../../template.yaml"))
    }

    /// Parses a template's text.
    ///
    /// # Errors
    /// When it is not YAML.
    pub fn parse(text: &str) -> Result<Self, CloudError> {
        let mut root: Yaml = serde_yaml_ng::from_str(text)
            .map_err(|error| CloudError::Template(error.to_string()))?;
        if let Some(resources) = root["Resources"].as_mapping() {
            root["Resources"] = Yaml::Mapping(for_each::written_out(resources)?);
        }
        Ok(Self { root })
    }

    /// The resources of one type: logical name and properties.
    pub fn resources<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = (&'a str, &'a Yaml)> {
        let resources = self.root["Resources"].as_mapping();
        resources.into_iter().flatten().filter_map(move |(name, resource)| {
            (resource["Type"].as_str() == Some(kind))
                .then_some((name.as_str()?, &resource["Properties"]))
        })
    }

    /// The queues in the order of the file.
    #[must_use]
    pub fn queues(&self) -> Vec<QueueSpec> {
        self.resources("AWS::SQS::Queue")
            .map(|(name, properties)| {
                let redrive = &properties["RedrivePolicy"];
                let dead_letters = redrive["maxReceiveCount"]
                    .as_u64()
                    .zip(target(&redrive["deadLetterTargetArn"]))
                    .map(|(count, queue)| (queue, count));
                QueueSpec { name: name.to_owned(), dead_letters }
            })
            .collect()
    }

    /// The functions that are fed by queues and streams.
    #[must_use]
    pub fn consumers(&self) -> Vec<Consumer> {
        let functions = self.root["Resources"].as_mapping().into_iter().flatten();
        let mut consumers = Vec::new();
        for (_, function) in functions {
            let Some(binary) = function["Metadata"]["BuildProperties"]["Binary"].as_str() else {
                continue;
            };
            let events = function["Properties"]["Events"].as_mapping().into_iter().flatten();
            consumers.extend(events.filter_map(|(_, event)| {
                let properties = &event["Properties"];
                let source =
                    target(&properties["Queue"]).or_else(|| target(&properties["Stream"]))?;
                let filter = &properties["FilterCriteria"]["Filters"][0]["Pattern"];
                Some(Consumer {
                    binary: binary.to_owned(),
                    source,
                    batch_size: usize::try_from(properties["BatchSize"].as_u64()?).ok()?,
                    filter: filter.as_str().map(str::to_owned),
                })
            }));
        }
        consumers
    }

    /// The binaries of the functions that a schedule sets off.
    #[must_use]
    pub fn scheduled(&self) -> Vec<String> {
        let resources = self.root["Resources"].as_mapping().into_iter().flatten();
        let scheduled = resources.filter(|(_, function)| {
            let events = function["Properties"]["Events"].as_mapping().into_iter().flatten();
            events.into_iter().any(|(_, event)| event["Type"].as_str() == Some("ScheduleV2"))
        });
        let binary =
            |it: &Yaml| it["Metadata"]["BuildProperties"]["Binary"].as_str().map(str::to_owned);
        scheduled.filter_map(|(_, function)| binary(function)).collect()
    }

    /// The binaries of all functions.
    #[must_use]
    pub fn binaries(&self) -> BTreeSet<String> {
        let resources = self.root["Resources"].as_mapping().into_iter().flatten();
        let binary =
            |it: &Yaml| it["Metadata"]["BuildProperties"]["Binary"].as_str().map(str::to_owned);
        resources.filter_map(|(_, resource)| binary(resource)).collect()
    }

    /// The binary of a function by its logical name.
    #[must_use]
    pub fn binary_of(&self, function: &str) -> Option<String> {
        let function = &self.root["Resources"][function];
        function["Metadata"]["BuildProperties"]["Binary"].as_str().map(str::to_owned)
    }

    /// How long a run of a function may take, in seconds.
    #[must_use]
    pub fn timeout_of(&self, binary: &str) -> Option<u64> {
        let own = self.function(binary)?["Timeout"].as_u64();
        own.or_else(|| self.root["Globals"]["Function"]["Timeout"].as_u64())
    }

    /// The logical name of a function's role.
    #[must_use]
    pub fn role_of(&self, binary: &str) -> Option<String> {
        target(&self.function(binary)?["Role"])
    }

    /// A function's properties.
    fn function(&self, binary: &str) -> Option<&Yaml> {
        let resources = self.root["Resources"].as_mapping().into_iter().flatten();
        let mut functions = resources.map(|(_, resource)| resource);
        let function = functions
            .find(|it| it["Metadata"]["BuildProperties"]["Binary"].as_str() == Some(binary))?;
        Some(&function["Properties"])
    }

    /// What all functions together have in their environments; `lookup` gives the value of what is made
    /// from a logical name.
    pub fn environment(&self, lookup: impl Fn(&str) -> Option<String>) -> Environment {
        let binaries = self.binaries();
        binaries.iter().flat_map(|binary| self.environment_of(binary, &lookup)).collect()
    }

    /// The environment of one function.
    pub fn environment_of(
        &self,
        binary: &str,
        lookup: impl Fn(&str) -> Option<String>,
    ) -> Environment {
        let variables = self.function(binary).map(|it| &it["Environment"]["Variables"]);
        let variables = variables.and_then(Yaml::as_mapping).into_iter().flatten();
        variables
            .filter_map(|(name, value)| {
                let value = match otherwise(value) {
                    Yaml::Tagged(tagged) if tagged.tag == "Ref" => lookup(tagged.value.as_str()?)?,
                    Yaml::Tagged(tagged) => lookup(made_from(tagged.value.as_str()?)?)?,
                    plain => plain.as_str()?.to_owned(),
                };
                Some((name.as_str()?.to_owned(), value))
            })
            .collect()
    }

    /// The `CreateTable` request for the one table, under the given name.
    pub(crate) fn create_table(&self, name: &str) -> Result<Value, CloudError> {
        let (_, properties) = self
            .resources("AWS::DynamoDB::Table")
            .find(|(logical, _)| *logical == TABLE)
            .ok_or_else(|| CloudError::Template(format!("{TABLE} is not there")))?;
        let mut request = Map::new();
        request.insert("TableName".into(), json!(name));
        for part in ["AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "BillingMode"] {
            if let Some(value) = properties.get(part) {
                let value = serde_json::to_value(value)
                    .map_err(|error| CloudError::Template(format!("{TABLE}.{part}: {error}")))?;
                request.insert(part.into(), value);
            }
        }
        let view = &properties["StreamSpecification"]["StreamViewType"];
        if let Some(view) = view.as_str() {
            let stream = json!({"StreamEnabled": true, "StreamViewType": view});
            request.insert("StreamSpecification".into(), stream);
        }
        Ok(Value::Object(request))
    }
}

/// What `!If` comes to on a laptop, where no condition holds.
fn otherwise(value: &Yaml) -> &Yaml {
    match value {
        Yaml::Tagged(tagged) if tagged.tag == "If" => &tagged.value[2],
        plain => plain,
    }
}

/// The logical name in `!GetAtt Name.Attribute` or `!Ref Name`.
fn target(value: &Yaml) -> Option<String> {
    let Yaml::Tagged(tagged) = otherwise(value) else { return None };
    let name = tagged.value.as_str()?;
    Some(name.split('.').next().unwrap_or(name).to_owned())
}

/// The logical name in `https://${Name}` or `{{resolve:secretsmanager:${Name}}}`.
fn made_from(text: &str) -> Option<&str> {
    text.split_once("${")?.1.split('}').next()
}
