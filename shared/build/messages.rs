//! The messages of a language as a page finds them: each stands by itself, none refers to another.

use std::{collections::BTreeMap, error::Error};

use fluent_syntax::{
    ast::{Entry, Expression, InlineExpression, Message, Pattern, PatternElement, Resource},
    parser, serializer,
};

/// A language's messages in the order of their ids, as Fluent writes them.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) source: String,
    /// Where each begins, in bytes.
    pub(crate) starts: Vec<u32>,
}

/// What a text of Fluent says. What a page could not say of it, the build does not take.
pub(crate) fn found(text: &str) -> Result<Found, Box<dyn Error>> {
    let mut messages = BTreeMap::new();
    for entry in parser::parse(text).map_err(|(_, errors)| format!("{errors:?}"))?.body {
        let message = match entry {
            Entry::Message(message) => Message { comment: None, ..message },
            Entry::Term(term) => return Err(format!("-{} is no message", term.id.name).into()),
            Entry::Comment(_)
            | Entry::GroupComment(_)
            | Entry::ResourceComment(_)
            | Entry::Junk { .. } => continue,
        };
        let id = message.id.name;
        if !message.attributes.is_empty() || !message.value.as_ref().is_some_and(stands_by_itself) {
            return Err(format!("{id} is more than text, arguments and choices of these").into());
        }
        let source = serializer::serialize(&Resource { body: vec![Entry::Message(message)] });
        if messages.insert(id, source).is_some() {
            return Err(format!("{id} is there twice").into());
        }
    }
    let mut found = Found { source: String::new(), starts: Vec::new() };
    for source in messages.into_values() {
        found.starts.push(found.source.len().try_into()?);
        found.source.push_str(&source);
    }
    Ok(found)
}

/// Whether it refers to no other message and calls no function.
fn stands_by_itself(pattern: &Pattern<&str>) -> bool {
    pattern.elements.iter().all(|element| match element {
        PatternElement::TextElement { .. } => true,
        PatternElement::Placeable { expression: Expression::Inline(inline) } => is_given(inline),
        PatternElement::Placeable { expression: Expression::Select { selector, variants } } => {
            is_given(selector) && variants.iter().all(|variant| stands_by_itself(&variant.value))
        }
    })
}

fn is_given(inline: &InlineExpression<&str>) -> bool {
    use InlineExpression::{NumberLiteral, StringLiteral, VariableReference};
    matches!(inline, NumberLiteral { .. } | StringLiteral { .. } | VariableReference { .. })
}
