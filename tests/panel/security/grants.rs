//! Every stored kind of item is either a way into an account, which "this was not me" undoes, or opens
//! nothing.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use shared::account::Grant;
use tests::{World, read};

use crate::specimens::{all, ground};

/// Kinds of items that open no account, or are over with a rescue anyway.
const OPEN_NOTHING: [&str; 36] = [
    "ACCOUNT",
    "ALERT#",
    "HEADROOM#",
    "HOLD#",
    "IDEMPOTENCY#",
    "OVERVIEW",
    // What is owed, and why, and what it is paid with.
    "BALANCE",
    "WALLET",
    "INVOICE#",
    "OPENED#",
    "SERIES#",
    "TXN#",
    "SECURITY#",
    "SUBSCRIPTION",
    "USAGE#",
    // The password in it is locked.
    "USER#",
    // The company's own machines are no client's.
    "SERVICEKEY#",
    // An event of the request log, by its time.
    "<event>",
    // Whose an address is: a rescue takes it back.
    "EMAIL#",
    // Links: each is judged by the rescues and the epoch of its user.
    "TOKEN#",
    "RESET#",
    "ATTEMPTS#",
    "OUTBOX#",
    "MAILSENT#",
    // What somebody was told, and how: a notification has no link's secret.
    "NOTICE#",
    "NOTICEPREFERENCES#",
    "GATHERING#",
    "TIMER#",
    "UNDELIVERABLE#",
    // What was brought to support, what staff said of it, and which files go with it.
    "TICKET#",
    "TMSG#",
    "TNOTE#",
    "TFILE#",
    "TOPEN#",
    // Who the company's people are, and what they did: their accounts have grants of their own.
    "STAFF#",
    "ACT#",
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
        grants.contains(&kind) || OPEN_NOTHING.contains(&kind)
    };
    let unknown: Vec<_> = kinds.iter().filter(|kind| !known(kind)).collect();
    assert!(unknown.is_empty(), "does this let somebody in? {unknown:?}");
    for grant in Grant::ALL {
        assert!(kinds.contains(grant.sort_prefix()), "{grant:?} is made by no specimen");
    }
}

/// The kinds of all items: of an account's by their sort keys, of others by their partitions, up to the first
/// `#`.
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
        let request = request.header("x-amz-date", "20261122T120000Z");
        let credentials = "AWS4-HMAC-SHA256 Credential=local/20261122/us-east-1/dynamodb/aws4_request, \
                           SignedHeaders=host, Signature=0";
        let page = read(request.header("authorization", credentials).body(scan.to_string())).await;
        let page = page.json();
        for item in page["Items"].as_array().unwrap_or_else(|| panic!("{page}")) {
            let text = |name: &str| item[name]["S"].as_str().unwrap_or_default().to_owned();
            kinds.insert(kind(&text("PK"), &text("SK")));
        }
        start = page["LastEvaluatedKey"].clone();
        if !start.is_object() {
            return kinds;
        }
    }
}

fn kind(partition: &str, sort: &str) -> String {
    let key = match partition.strip_prefix("A#") {
        Some(rest) if rest.contains("#E#") => "<event>",
        Some(_) => sort,
        None => partition,
    };
    key.split_inclusive('#').next().unwrap_or_default().to_owned()
}
