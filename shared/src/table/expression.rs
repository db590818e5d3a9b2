//! Conditions and updates, written in our words and rendered with placeholders: no attribute
//! name can collide with a reserved word, and no value is ever spliced into text.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;

/// A value of an attribute.
#[derive(Debug, Clone)]
pub struct Value(pub(crate) AttributeValue);

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self(AttributeValue::Bool(flag))
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self(AttributeValue::S(text.to_owned()))
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self(AttributeValue::S(text))
    }
}

impl From<Timestamp> for Value {
    fn from(at: Timestamp) -> Self {
        Self(AttributeValue::S(at.to_string()))
    }
}

impl Value {
    /// A set of texts: what is added to a set that has it changes nothing.
    pub fn set_of(texts: impl IntoIterator<Item = String>) -> Self {
        Self(AttributeValue::Ss(texts.into_iter().collect()))
    }

    /// Anything serde can write.
    pub fn of(value: &impl serde::Serialize) -> Result<Self, serde_dynamo::Error> {
        Ok(Self(serde_dynamo::to_attribute_value(value)?))
    }
}

macro_rules! numbers {
    ($($number:ty),*) => {$(
        impl From<$number> for Value {
            fn from(number: $number) -> Self {
                Self(AttributeValue::N(number.to_string()))
            }
        }
    )*};
}
numbers!(i64, u64, i128, u32);

/// What must hold of the stored item for a write to happen.
#[derive(Debug, Clone)]
pub enum Condition {
    /// There is no item.
    Absent,
    /// There is an item.
    Exists,
    /// The attribute is not there.
    Without(&'static str),
    /// The attribute of a name that is data is there.
    Has(String),
    /// The attribute is there and equals the value.
    Equals(&'static str, Value),
    /// The attribute of a name that is data is there and equals the value.
    Is(String, Value),
    /// The field of an entry of a map is there and equals the value: map, entry, field.
    EntryEquals([&'static str; 3], Value),
    /// The attribute is there and is less than the value.
    Less(&'static str, Value),
    /// The attribute is there and is at most the value.
    AtMost(&'static str, Value),
    /// The attribute is there and is greater than the value.
    Greater(&'static str, Value),
    /// All of these.
    All(Vec<Condition>),
    /// At least one of these.
    Any(Vec<Condition>),
}

impl Condition {
    /// The attribute is there and equals what serde writes of a value.
    pub fn equals_serialized(
        name: &'static str,
        value: &impl serde::Serialize,
    ) -> Result<Self, serde_dynamo::Error> {
        Ok(Self::Equals(name, Value(serde_dynamo::to_attribute_value(value)?)))
    }
}

/// What a write changes in an item, and under which condition.
#[derive(Debug, Clone, Default)]
pub struct Update {
    set: Vec<(String, Value)>,
    initial: Vec<(&'static str, Value)>,
    add: Vec<(String, Value)>,
    entries: Vec<(&'static str, String, Value)>,
    remove: Vec<String>,
    pub(crate) condition: Option<Condition>,
}

impl Update {
    /// An update that changes nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets an attribute.
    #[must_use]
    pub fn set(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.set.push((name.into(), value.into()));
        self
    }

    /// Sets an attribute unless it is there.
    #[must_use]
    pub fn set_if_absent(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.initial.push((name, value.into()));
        self
    }

    /// Sets an attribute to anything serde can write.
    pub fn set_serialized(
        self,
        name: impl Into<String>,
        value: &impl serde::Serialize,
    ) -> Result<Self, serde_dynamo::Error> {
        let value: AttributeValue = serde_dynamo::to_attribute_value(value)?;
        Ok(self.set(name, Value(value)))
    }

    /// Adds to a number; an attribute that is not there counts as 0.
    #[must_use]
    pub fn add(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.add.push((name.into(), value.into()));
        self
    }

    /// Sets one entry of a map that the item has.
    #[must_use]
    pub fn set_entry(
        mut self,
        map: &'static str,
        key: impl Into<String>,
        value: impl Into<Value>,
    ) -> Self {
        self.entries.push((map, key.into(), value.into()));
        self
    }

    /// Takes an attribute away.
    #[must_use]
    pub fn remove(mut self, name: impl Into<String>) -> Self {
        self.remove.push(name.into());
        self
    }

    /// Whether it changes nothing.
    pub(crate) fn is_empty(&self) -> bool {
        self.set.is_empty()
            && self.initial.is_empty()
            && self.add.is_empty()
            && self.entries.is_empty()
            && self.remove.is_empty()
    }

    /// Only when the condition holds.
    #[must_use]
    pub fn when(mut self, condition: Condition) -> Self {
        self.condition = Some(condition);
        self
    }

    pub(crate) fn render(self) -> Rendered {
        let mut names = Placeholders::default();
        let mut clauses = Vec::new();
        let mut sets = Vec::new();
        for (name, value) in self.set {
            sets.push(format!("{} = {}", names.name(&name), names.value(value)));
        }
        for (name, value) in self.initial {
            let (name, value) = (names.name(name), names.value(value));
            sets.push(format!("{name} = if_not_exists({name}, {value})"));
        }
        for (map, key, value) in self.entries {
            let (map, key) = (names.name(map), names.name(&key));
            sets.push(format!("{map}.{key} = {}", names.value(value)));
        }
        let removes: Vec<String> = self.remove.iter().map(|name| names.name(name)).collect();
        let mut adds = Vec::new();
        for (name, value) in self.add {
            adds.push(format!("{} {}", names.name(&name), names.value(value)));
        }
        for (verb, parts) in [("SET", sets), ("REMOVE", removes), ("ADD", adds)] {
            if !parts.is_empty() {
                clauses.push(format!("{verb} {}", parts.join(", ")));
            }
        }
        let condition = self.condition.map(|condition| condition.render(&mut names));
        Rendered { update: clauses.join(" "), condition, placeholders: names }
    }
}

impl Condition {
    pub(crate) fn render(self, names: &mut Placeholders) -> String {
        let mut compare = |name: &str, operator: &str, value: Value| {
            format!("{} {operator} {}", names.name(name), names.value(value))
        };
        match self {
            Self::Absent => format!("attribute_not_exists({})", names.name("PK")),
            Self::Exists => format!("attribute_exists({})", names.name("PK")),
            Self::Without(name) => format!("attribute_not_exists({})", names.name(name)),
            Self::Has(name) => format!("attribute_exists({})", names.name(&name)),
            Self::Equals(name, value) => compare(name, "=", value),
            Self::Is(name, value) => compare(&name, "=", value),
            Self::EntryEquals(path, value) => {
                let path = path.map(|name| names.name(name)).join(".");
                format!("{path} = {}", names.value(value))
            }
            Self::Less(name, value) => compare(name, "<", value),
            Self::AtMost(name, value) => compare(name, "<=", value),
            Self::Greater(name, value) => compare(name, ">", value),
            Self::All(parts) => join(parts, " AND ", names),
            Self::Any(parts) => join(parts, " OR ", names),
        }
    }
}

fn join(parts: Vec<Condition>, glue: &str, names: &mut Placeholders) -> String {
    let parts: Vec<String> = parts.into_iter().map(|part| part.render(names)).collect();
    format!("({})", parts.join(glue))
}

/// An update as DynamoDB takes it.
pub(crate) struct Rendered {
    pub(crate) update: String,
    pub(crate) condition: Option<String>,
    pub(crate) placeholders: Placeholders,
}

type Names = HashMap<String, String>;
type Values = HashMap<String, AttributeValue>;

/// The `#n` and `:v` that stand for names and values.
#[derive(Default)]
pub(crate) struct Placeholders {
    names: HashMap<String, String>,
    values: HashMap<String, AttributeValue>,
}

impl Placeholders {
    pub(crate) fn name(&mut self, name: &str) -> String {
        let next = format!("#{}", self.names.len());
        self.names.entry(name.to_owned()).or_insert(next).clone()
    }

    pub(crate) fn value(&mut self, value: Value) -> String {
        let placeholder = format!(":{}", self.values.len());
        self.values.insert(placeholder.clone(), value.0);
        placeholder
    }

    /// The names and values as the SDK takes them; empty maps are refused there.
    pub(crate) fn into_maps(self) -> (Option<Names>, Option<Values>) {
        let names: HashMap<_, _> =
            self.names.into_iter().map(|(name, short)| (short, name)).collect();
        let some = |empty: bool| !empty;
        (
            some(names.is_empty()).then_some(names),
            some(self.values.is_empty()).then_some(self.values),
        )
    }
}
