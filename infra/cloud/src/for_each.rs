//! `Fn::ForEach` of a template, written out.

use serde_yaml_ng::{Mapping, Value as Yaml, value::TaggedValue};

/// The resources with each loop in the place where it stands.
pub(crate) fn written_out(resources: &Mapping) -> Mapping {
    let mut all = Mapping::new();
    for (name, resource) in resources {
        let is_loop = name.as_str().is_some_and(|name| name.starts_with("Fn::ForEach::"));
        let (Some([Yaml::String(variable), Yaml::Sequence(values), Yaml::Mapping(body)]), true) =
            (resource.as_sequence().map(Vec::as_slice), is_loop)
        else {
            all.insert(name.clone(), resource.clone());
            continue;
        };
        for value in values.iter().filter_map(Yaml::as_str) {
            let placeholder = format!("${{{variable}}}");
            for (name, resource) in body {
                let filled = |it: &Yaml| fill(it, &placeholder, value);
                all.insert(filled(name), filled(resource));
            }
        }
    }
    all
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
        assert_eq!(written_out(&resources), expected);
    }
}
