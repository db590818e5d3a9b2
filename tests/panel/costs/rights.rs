//! The roles of `template.yaml` against what the functions were seen to ask for.

use std::collections::{BTreeMap, BTreeSet};

use cloud::{Template, Yaml};

/// What Lambda does in a function's name: keep its log, and feed it from a queue or a stream.
const LOG: [&str; 2] = ["logs:CreateLogStream", "logs:PutLogEvents"];
const QUEUE: [&str; 3] = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"];
const STREAM: [&str; 5] = [
    "dynamodb:DescribeStream",
    "dynamodb:GetRecords",
    "dynamodb:GetShardIterator",
    "dynamodb:ListStreams",
    // What it gives up on goes to the dead letters.
    "sqs:SendMessage",
];

/// A role allows what its function was seen to ask for and what feeds it, no more and no less.
pub(crate) fn are_what_is_used(used: &BTreeMap<&'static str, BTreeSet<&'static str>>) {
    let template = Template::embedded().unwrap();
    let consumers = template.consumers();
    for function in template.binaries() {
        let mut needed = used.get(function.as_str()).cloned().unwrap_or_default();
        // Who talks to the table greets it at the start (`shared/src/boot.rs`).
        if needed.iter().any(|action| action.starts_with("dynamodb:")) {
            needed.insert("dynamodb:GetItem");
        }
        needed.extend(LOG);
        for fed in consumers.iter().filter(|consumer| consumer.binary == function) {
            if fed.filter.is_some() { needed.extend(STREAM) } else { needed.extend(QUEUE) }
        }
        let allowed = allowed(&template, &function);
        let allowed: BTreeSet<&str> = allowed.iter().map(String::as_str).collect();
        assert_eq!(allowed, needed, "left: what the role of {function} allows");
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
    let actions = statements.flat_map(|statement| {
        assert_eq!(statement["Effect"].as_str(), Some("Allow"));
        // The streams of an account can be listed only all together.
        let listing = statement["Action"].as_str() == Some("dynamodb:ListStreams");
        let everything = statement["Resource"].as_str() == Some("*");
        assert_eq!(everything, listing, "{function} may do it to anything: {statement:?}");
        match &statement["Action"] {
            Yaml::Sequence(actions) => actions.clone(),
            one => vec![one.clone()],
        }
    });
    actions.map(|action| action.as_str().unwrap().to_owned()).collect()
}
