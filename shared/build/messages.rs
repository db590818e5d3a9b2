//! The messages of a language, checked while the panel is built: what a page could not say stops the build.

use std::{collections::BTreeSet, error::Error};

use fluent_syntax::{
    ast::{Entry, Expression, InlineExpression, Pattern, PatternElement},
    parser,
};

/// A language's messages as Fluent reads them: terms and references to other messages are allowed, where
/// they lead somewhere.
pub(crate) fn checked(text: String) -> Result<String, Box<dyn Error>> {
    let resource = parser::parse(text.as_str()).map_err(|(_, errors)| format!("{errors:?}"))?;
    let mut known = BTreeSet::new();
    let mut referred = BTreeSet::new();
    for entry in &resource.body {
        let (name, value) = match entry {
            Entry::Message(message) => (message.id.name.to_owned(), message.value.as_ref()),
            Entry::Term(term) => (format!("-{}", term.id.name), Some(&term.value)),
            _ => continue,
        };
        refers(value.ok_or_else(|| format!("{name} says nothing"))?, &mut referred);
        if !known.insert(name.clone()) {
            return Err(format!("{name} is there twice").into());
        }
    }
    match referred.difference(&known).next() {
        Some(missing) => Err(format!("{missing} is referred to and not there").into()),
        None => Ok(text),
    }
}

/// The messages and terms that a pattern refers to.
fn refers(pattern: &Pattern<&str>, referred: &mut BTreeSet<String>) {
    for element in &pattern.elements {
        match element {
            PatternElement::TextElement { .. } => {}
            PatternElement::Placeable { expression: Expression::Inline(inline) } => {
                referred.extend(target(inline));
            }
            PatternElement::Placeable { expression: Expression::Select { selector, variants } } => {
                referred.extend(target(selector));
                for variant in variants {
                    refers(&variant.value, referred);
                }
            }
        }
    }
}

fn target(inline: &InlineExpression<&str>) -> Option<String> {
    match inline {
        InlineExpression::MessageReference { id, .. } => Some(id.name.to_owned()),
        InlineExpression::TermReference { id, .. } => Some(format!("-{}", id.name)),
        InlineExpression::Placeable { expression } => match expression.as_ref() {
            Expression::Inline(inline) => target(inline),
            Expression::Select { selector, .. } => target(selector),
        },
        _ => None,
    }
}
