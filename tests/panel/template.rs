//! `template.yaml` against what the code serves and needs.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
};

use cloud::{Template, Yaml};
use shared::{config::Config, http::Routes};

fn template() -> Template {
    Template::embedded().unwrap()
}

/// The logical name in `!Sub integrations/${Name}`, `!Ref Name` or `!GetAtt Name.Arn`.
fn named(value: &Yaml) -> String {
    let Yaml::Tagged(tagged) = value else { panic!("{value:?} names nothing") };
    let text = tagged.value.as_str().unwrap();
    let name = text.trim_start_matches("integrations/${").trim_end_matches('}');
    name.split('.').next().unwrap().to_owned()
}

/// The function behind each route key.
fn functions_by_route() -> BTreeMap<String, String> {
    let template = template();
    let integrations: BTreeMap<String, String> = template
        .resources("AWS::ApiGatewayV2::Integration")
        .map(|(name, it)| (name.to_owned(), named(&it["IntegrationUri"])))
        .collect();
    let routes = template.resources("AWS::ApiGatewayV2::Route");
    routes
        .map(|(_, it)| {
            let key = it["RouteKey"].as_str().unwrap().to_owned();
            (key, integrations[&named(&it["Target"])].clone())
        })
        .collect()
}

/// The route that API Gateway would take: the exact one, else the longest greedy one, else
/// `$default`.
fn function_for(path: &str) -> String {
    let routes = functions_by_route();
    let exact = routes.get(&format!("ANY {path}"));
    let greedy = routes
        .iter()
        .filter_map(|(key, function)| {
            let prefix = key.strip_prefix("ANY ")?.strip_suffix("{proxy+}")?;
            path.starts_with(prefix).then_some((prefix.len(), function))
        })
        .max();
    exact.or(greedy.map(|(_, function)| function)).unwrap_or(&routes["$default"]).clone()
}

#[test]
fn every_route_reaches_the_function_that_serves_it() {
    let slices: [(&str, Routes); 2] =
        [("SecurityFunction", security::routes()), ("DashboardFunction", dashboard::routes())];
    let mut used = BTreeSet::new();
    for (function, routes) in slices {
        for route in routes.table() {
            assert_eq!(function_for(route.path), function, "{}", route.path);
            used.insert(route.path);
        }
    }
    for key in functions_by_route().keys().filter_map(|key| key.strip_prefix("ANY ")) {
        let prefix = key.trim_end_matches("{proxy+}");
        assert!(used.iter().any(|path| path.starts_with(prefix)), "nothing is served under {key}");
    }
}

#[test]
fn every_http_function_may_be_invoked_by_the_api() {
    let template = template();
    let permitted: BTreeSet<String> = template
        .resources("AWS::Lambda::Permission")
        .map(|(_, it)| named(&it["FunctionName"]))
        .collect();
    let integrated: BTreeSet<String> = template
        .resources("AWS::ApiGatewayV2::Integration")
        .map(|(_, it)| named(&it["IntegrationUri"]))
        .collect();
    assert_eq!(permitted, integrated);
}

#[test]
fn every_function_of_the_workspace_is_deployed_and_keeps_its_logs_for_a_time() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../functions");
    let folders = std::fs::read_dir(folder).unwrap();
    let built: BTreeSet<String> =
        folders.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    let template = template();
    assert_eq!(template.binaries(), built);
    let functions = template.resources("AWS::Serverless::Function").count();
    let logs = template.resources("AWS::Logs::LogGroup");
    let of_functions = logs.filter(|(_, it)| !it["LogGroupName"].is_null()).count();
    assert_eq!(of_functions, functions);
}

#[test]
fn the_environment_has_every_setting_and_no_other() {
    let asked = RefCell::new(BTreeSet::new());
    let environment = template().environment(|logical| {
        Some(format!("https://{logical}@0123456789012345678901234567890123456789"))
    });
    let lookup = |name: &str| {
        if !name.starts_with("AWS_") {
            asked.borrow_mut().insert(name.to_owned());
        }
        environment
            .get(name)
            .cloned()
            .or_else(|| name.starts_with("AWS_").then(|| "set".to_owned()))
    };
    Config::from_lookup(lookup).map(drop).unwrap();
    let declared: BTreeSet<String> = environment.keys().cloned().collect();
    assert_eq!(declared, asked.into_inner());
}

#[test]
fn every_consumed_queue_has_dead_letters_and_hides_messages_six_times_as_long_as_a_run() {
    let template = template();
    let queues: BTreeMap<String, _> =
        template.resources("AWS::SQS::Queue").map(|(name, it)| (name.to_owned(), it)).collect();
    for consumer in template.consumers().iter().filter(|consumer| consumer.filter.is_none()) {
        let queue = &queues[&consumer.source];
        assert_eq!(
            queue["RedrivePolicy"]["maxReceiveCount"].as_u64(),
            Some(5),
            "{}",
            consumer.source
        );
        let visibility = queue["VisibilityTimeout"].as_u64().unwrap();
        let timeout = template.timeout_of(&consumer.binary).unwrap();
        assert!(visibility >= 6 * timeout, "{}", consumer.source);
    }
    let alarms = template.resources("AWS::CloudWatch::Alarm").count();
    let dead = template.queues().iter().filter(|queue| queue.dead_letters.is_none()).count();
    assert_eq!(alarms, dead, "every dead-letter queue has its alarm");
}

#[test]
fn the_relay_reads_exactly_the_outbox() {
    let consumers = template().consumers();
    let relay = consumers.iter().find(|consumer| consumer.binary == "outbox-relay").unwrap();
    assert!(
        relay
            .filter
            .as_deref()
            .unwrap()
            .contains(&format!("\"prefix\":\"{}\"", shared::outbox::PREFIX))
    );
}

#[test]
fn the_table_drops_what_has_expired() {
    let template = template();
    let (_, table) = template.resources("AWS::DynamoDB::Table").next().unwrap();
    assert_eq!(table["TimeToLiveSpecification"]["AttributeName"].as_str(), Some("expires_at"));
    assert_eq!(
        table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"].as_bool(),
        Some(true)
    );
}
