//! The roles of `template.yaml` against what the functions were seen to ask for.

use std::collections::{BTreeMap, BTreeSet};

use cloud::{Template, Yaml};

/// What Lambda itself does in a function's name: it keeps its log, and feeds it.
const OF_LAMBDA: [&str; 9] = [
    "logs:CreateLogStream",
    "logs:PutLogEvents",
    "sqs:ReceiveMessage",
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
    "dynamodb:DescribeStream",
    "dynamodb:GetRecords",
    "dynamodb:GetShardIterator",
    "dynamodb:ListStreams",
];

/// No function may do more than it was seen to do, or less.
pub(crate) fn are_what_is_used(used: &BTreeMap<&'static str, BTreeSet<&'static str>>) {
    let template = Template::embedded().unwrap();
    let functions: Vec<String> = template.binaries().into_iter().collect();
    for function in functions {
        let mut needed = used.get(function.as_str()).cloned().unwrap_or_default();
        // Who talks to the table greets it at the start (`shared/src/boot.rs`).
        if needed.iter().any(|action| action.starts_with("dynamodb:")) {
            needed.insert("dynamodb:GetItem");
        }
        let allowed = allowed(&template, &function);
        let allowed: BTreeSet<&str> =
            allowed.iter().map(String::as_str).filter(|it| !OF_LAMBDA.contains(it)).collect();
        assert_eq!(allowed, needed, "the role of {function} allows what stands left");
    }
}

/// The actions of a function's role.
fn allowed(template: &Template, function: &str) -> BTreeSet<String> {
    let role = template.role_of(function).unwrap();
    let (_, role) = template.resources("AWS::IAM::Role").find(|(name, _)| *name == role).unwrap();
    let policies = role["Policies"].as_sequence().unwrap();
    let statements = policies
        .iter()
        .flat_map(|policy| policy["PolicyDocument"]["Statement"].as_sequence().unwrap());
    let actions = statements.flat_map(|statement| match &statement["Action"] {
        Yaml::Sequence(actions) => actions.clone(),
        one => vec![one.clone()],
    });
    actions.map(|action| action.as_str().unwrap().to_owned()).collect()
}
