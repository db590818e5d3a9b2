//! `Fn::ForEach` of a template, written out.

use serde_yaml_ng::{Mapping, Value as Yaml, value::TaggedValue};

use crate::CloudError;

/// The resources with each loop in the place where it stands.
pub(crate) fn written_out(resources: &Mapping) -> Result<Mapping, CloudError> {
    let mut all = Mapping::new();
    for (name, resource) in resources {
        let Some(label) = name.as_str().and_then(|name| name.strip_prefix("Fn::ForEach::")) else {
            all.insert(name.clone(), resource.clone());
            continue;
        };
        let unknown = || CloudError::Template(format!("the loop {label} is of an unknown shape"));
        let parts = resource.as_sequence().map(Vec::as_slice);
        let Some([Yaml::String(variable), Yaml::Sequence(values), Yaml::Mapping(body)]) = parts
        else {
            return Err(unknown());
        };
        let placeholder = format!("${{{variable}}}");
        for value in values {
            let value = value.as_str().ok_or_else(unknown)?;
            for (name, resource) in body {
                let filled = |it: &Yaml| fill(it, &placeholder, value);
                all.insert(filled(name), filled(resource));
            }
        }
    }
    Ok(all)
}

fn fill(yaml: &Yaml, placeholder: &str, value: &str) -> Yaml {
    let fill_one = |it: &Yaml| fill(it, placeholder, value);
    match yaml {
        Yaml::String(text) => Yaml::String(text.replace(placeholder, value)),
        Yaml::Sequence(items) => Yaml::Sequence(items.iter().map(fill_one).collect()),
        Yaml::Mapping(fields) => Yaml::Mapping(
            fields.iter().map(|(name, field)| (fill_one(name), fill_one(field))).collect(),
        ),
        Yaml::Tagged(tagged) => Yaml::Tagged(Box::new(TaggedValue {
            tag: tagged.tag.clone(),
            value: fill_one(&tagged.value),
        })),
        plain => plain.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loop_stands_for_a_resource_a_value() {
        let text = "
            Fn::ForEach::Logs:
              - Name
              - [A, B]
              - ${Name}Logs: { Of: !Ref '${Name}' }
            Other: 1";
        let resources: Mapping = serde_yaml_ng::from_str(text).unwrap();
        let expected: Mapping =
            serde_yaml_ng::from_str("{ALogs: {Of: !Ref A}, BLogs: {Of: !Ref B}, Other: 1}")
                .unwrap();
        assert_eq!(written_out(&resources).unwrap(), expected);
    }

    #[test]
    fn a_loop_that_is_not_understood_is_refused() {
        for text in ["[Name, !Ref Names, {A: 1}]", "[Name, [1], {A: 1}]", "[Name, [A]]"] {
            let resources: Mapping =
                serde_yaml_ng::from_str(&format!("{{'Fn::ForEach::X': {text}}}")).unwrap();
            assert!(written_out(&resources).is_err(), "{text}");
        }
    }
}
