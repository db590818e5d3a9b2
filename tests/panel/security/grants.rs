//! Every stored kind of an account's items is either a way in, which "this was not me" undoes, or opens
//! nothing.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use shared::account::Grant;
use tests::{World, read};

use crate::specimens::{all, ground};

/// Kinds of items that open no account, whatever is in them.
const OPEN_NOTHING: [&str; 9] = [
    "ACCOUNT",
    "IDEMPOTENCY#",
    "OVERVIEW",
    "SECURITY#",
    "SUBSCRIPTION",
    "USAGE#",
    // The password in it is locked, and each link tells whether it was disowned.
    "USER#",
    // An event of the request log, by its time.
    "20",
    // The company's own machines are no client's.
    "SERVICEKEY#",
];

#[tokio::test]
async fn whatever_lets_somebody_in_is_in_the_list_that_a_rescue_undoes() {
    let world = World::start().await;
    for (number, (_, specimen)) in all().into_iter().enumerate() {
        let prepared = specimen.on(ground(&world, number).await).await;
        read(prepared.request.at(&world.site)).await;
    }
    world.drain().await;
    let kinds = stored_kinds(&world).await;
    let known = |kind: &str| {
        let grants = Grant::ALL.map(Grant::sort_prefix);
        grants.iter().chain(&OPEN_NOTHING).any(|prefix| kind.starts_with(prefix))
    };
    let unknown: Vec<_> = kinds.iter().filter(|kind| !known(kind)).collect();
    assert!(unknown.is_empty(), "does this let somebody in? {unknown:?}");
    for grant in Grant::ALL {
        let is_there = kinds.iter().any(|kind| kind.starts_with(grant.sort_prefix()));
        assert!(is_there, "{grant:?} is made by no specimen");
    }
}

/// The sort keys of all items of accounts, up to their first `#`.
async fn stored_kinds(world: &World) -> BTreeSet<String> {
    let endpoint = world.panel.cloud.dynamodb_endpoint();
    let mut kinds = BTreeSet::new();
    let mut start = Value::Null;
    loop {
        let mut scan = json!({"TableName": cloud::Cloud::TABLE, "ProjectionExpression": "PK, SK"});
        if start.is_object() {
            scan["ExclusiveStartKey"] = start;
        }
        let request = world.http.post(&endpoint).header("x-amz-target", "DynamoDB_20120810.Scan");
        let request = request.header("content-type", "application/x-amz-json-1.0");
        let credentials = "AWS4-HMAC-SHA256 Credential=local/20261122/us-east-1/dynamodb/aws4_request, \
                           SignedHeaders=host, Signature=0";
        let page = read(request.header("authorization", credentials).body(scan.to_string())).await;
        let page = page.json();
        for item in page["Items"].as_array().expect("items") {
            let text = |name: &str| item[name]["S"].as_str().unwrap_or_default().to_owned();
            if text("PK").starts_with("A#") {
                kinds.insert(text("SK").split_inclusive('#').next().unwrap_or_default().to_owned());
            }
        }
        start = page["LastEvaluatedKey"].clone();
        if !start.is_object() {
            return kinds;
        }
    }
}
