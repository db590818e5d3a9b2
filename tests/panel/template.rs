//! `template.yaml` against what the code serves and needs.

use std::collections::{BTreeMap, BTreeSet};

use cloud::{Template, Yaml};
use local::{HttpFunction, functions};
use shared::{config::Config, function::Function};

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

/// The function behind each route key, by its logical name.
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

/// The route key that API Gateway would take: the exact one, else the longest greedy one, else
/// `$default`.
fn key_for<'a>(keys: &'a BTreeMap<String, String>, path: &str) -> &'a str {
    if let Some((key, _)) = keys.get_key_value(&format!("ANY {path}")) {
        return key;
    }
    let greedy = keys.keys().filter(|key| {
        let prefix = key.strip_prefix("ANY ").and_then(|key| key.strip_suffix("{proxy+}"));
        prefix.is_some_and(|prefix| path.starts_with(prefix))
    });
    greedy.max_by_key(|key| key.len()).map_or("$default", String::as_str)
}

#[test]
fn every_route_reaches_the_function_that_serves_it() {
    let template = template();
    let named: BTreeMap<&str, &str> = template
        .resources("AWS::Serverless::Function")
        .filter_map(|(name, it)| Some((name, it["CodeUri"].as_str()?.strip_prefix("functions/")?)))
        .collect();
    let keys = functions_by_route();
    let mut used = BTreeSet::new();
    for HttpFunction { function, routes, .. } in functions() {
        for route in routes.table() {
            let key = key_for(&keys, route.path);
            assert_eq!(named[keys[key].as_str()], function.name, "{} by {key}", route.path);
            used.insert(key);
        }
    }
    let unused: Vec<_> = keys.keys().filter(|key| !used.contains(key.as_str())).collect();
    assert!(unused.is_empty(), "nothing is served by {unused:?}");
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
    let kept: BTreeSet<&str> =
        template.resources("AWS::Logs::LogGroup").map(|(name, _)| name).collect();
    for (_, function) in template.resources("AWS::Serverless::Function") {
        let log = named(&function["LoggingConfig"]["LogGroup"]);
        assert!(kept.contains(log.as_str()), "{log}");
    }
    for (name, log) in template.resources("AWS::Logs::LogGroup") {
        assert_eq!(named(&log["RetentionInDays"]), "LogRetentionDays", "{name}");
    }
}

#[test]
fn every_function_and_every_queue_has_its_alarms_and_each_tells_somebody() {
    let template = template();
    let alarms: BTreeSet<(String, String)> = template
        .resources("AWS::CloudWatch::Alarm")
        .map(|(name, alarm)| {
            let told = named(&alarm["AlarmActions"][0]);
            assert_eq!(told, "AlarmTopic", "{name}");
            let of = &alarm["Dimensions"][0]["Value"];
            (alarm["MetricName"].as_str().unwrap().to_owned(), subject(of))
        })
        .collect();
    let has = |metric: &str, of: &str| {
        let alarm = (metric.to_owned(), of.to_owned());
        assert!(alarms.contains(&alarm), "no alarm on {metric} of {of}: {alarms:?}");
    };
    for (function, _) in template.resources("AWS::Serverless::Function") {
        has("Errors", function);
        has("Throttles", function);
    }
    for function in functions_by_route().values() {
        has("Duration", function);
    }
    for queue in template.queues() {
        let is_consumed = queue.dead_letters.is_some();
        let metric = if is_consumed {
            "ApproximateAgeOfOldestMessage"
        } else {
            "ApproximateNumberOfMessagesVisible"
        };
        has(metric, &queue.name);
    }
    has("IteratorAge", "OutboxRelayFunction");
    has("Invocations", "OperatorFunction");
    has("Invocations", "TimekeeperFunction");
    has("5xx", "HttpApi");
    has("Reputation.BounceRate", "MailSettings");
    has("Reputation.ComplaintRate", "MailSettings");
}

/// What an alarm's dimension names: `!Ref Name`, `Ref: !Sub Name`, `!GetAtt [Name, Attribute]`.
fn subject(value: &Yaml) -> String {
    let inner = match value {
        Yaml::Mapping(fields) => &fields["Ref"],
        Yaml::Tagged(tagged) => tagged.value.as_sequence().map_or(value, |parts| &parts[0]),
        other => other,
    };
    named(inner)
}

#[test]
fn every_function_starts_with_the_environment_that_it_has_and_no_setting_of_anothers() {
    for Function { name, settings, .. } in local::declared() {
        let environment = template().environment_of(name, |logical| {
            Some(format!("https://{logical}@0123456789012345678901234567890123456789"))
        });
        let lookup = |variable: &str| {
            let aws = variable.starts_with("AWS_").then(|| "set".to_owned());
            environment.get(variable).cloned().or(aws).filter(|_| variable != "AWS_CA_BUNDLE")
        };
        Config::from_lookup(settings, lookup).map(drop).unwrap();
        let asked: BTreeSet<&str> = settings.iter().map(|setting| setting.variable()).collect();
        let given: BTreeSet<&str> = environment.keys().map(String::as_str).collect();
        assert_eq!(given, asked, "{name}");
    }
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
}

/// Names of models lie in a counter, 64 characters each with four numbers: some 1,300 of them fill it.
#[test]
fn meters_side_by_side_fill_no_counter() {
    let template = template();
    let mut functions = template.resources("AWS::Serverless::Function");
    let (_, meter) = functions.find(|(name, _)| *name == "UsageMeterFunction").unwrap();
    let most = meter["Events"]["Usage"]["Properties"]["ScalingConfig"]["MaximumConcurrency"]
        .as_u64()
        .unwrap();
    let named = usize::try_from(most).unwrap() * usage_meter::MOST_NEW_MODELS;
    assert!(usage_meter::MOST_MODELS + named < 1_300, "{most} meters name {named}");
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
