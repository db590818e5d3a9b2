//! Each function's resource, and what all functions have alike.

use std::fmt::Write as _;

use shared::{
    config::Setting,
    function::{Feed, Function, Trigger},
};

use super::{logical, rights, roles::role};

/// What all functions have alike.
const ALIKE: &str = include_str!("alike.yaml");

/// The functions, their roles, logs and alarms.
#[must_use]
pub fn functions() -> String {
    let all = local::declared();
    let rights = rights();
    let mut text = String::new();
    for function in &all {
        let own = rights.get(function.name).map(Vec::as_slice).unwrap_or_default();
        let _written = writeln!(text, "{}{}", resource(function), role(function, own));
    }
    let names: Vec<String> = all.iter().map(|it| logical(it.name)).collect();
    let served = all.iter().filter(|it| matches!(it.trigger, Trigger::Http(_)));
    let served: Vec<String> = served.map(|it| logical(it.name)).collect();
    let functions = |names: &[String]| {
        names.iter().map(|name| format!("{name}Function")).collect::<Vec<_>>().join(", ")
    };
    text + &ALIKE
        .replace("%NAMES%", &names.join(", "))
        .replace("%FUNCTIONS%", &functions(&names))
        .replace("%SERVED%", &functions(&served))
}

fn resource(function: &Function) -> String {
    let Function { name, memory, timeout, settings, trigger } = function;
    let logical = logical(name);
    let line = |it: &Setting| ["          ", it.variable(), ": ", &value(*it), "\n"].concat();
    let variables: String = settings.iter().map(line).collect();
    format!(
        "  {logical}Function:
    Type: AWS::Serverless::Function
    Metadata:
      BuildMethod: rust-cargolambda
      BuildProperties:
        Binary: {name}
    Properties:
      CodeUri: functions/{name}
      Role: !GetAtt {logical}Role.Arn
      LoggingConfig:
        LogGroup: !Ref {logical}Logs
      MemorySize: {memory}
      Timeout: {timeout}
      Environment:
        Variables:
{variables}{}",
        events(trigger)
    )
}

/// Where a setting's value comes from.
fn value(setting: Setting) -> String {
    let secret = |name: &str| format!("!Sub \"{{{{resolve:secretsmanager:${{{name}}}}}}}\"");
    match setting {
        Setting::Table => "!If [Restored, !Ref RestoredTable, !Ref PanelTable]".to_owned(),
        Setting::Queue(queue) => format!("!Ref {}", queue.logical()),
        Setting::PublicUrl => "!Sub https://${DomainName}".to_owned(),
        Setting::MailSender => "!Ref MailSender".to_owned(),
        Setting::MailSettings => "!Ref MailSettings".to_owned(),
        Setting::PanelSecret => secret("PanelSecret"),
        Setting::SealingKeys => secret("SealingKeys"),
        Setting::Files => "!Ref FilesBucket".to_owned(),
        Setting::PaymentsUrl => "!Ref PaymentsUrl".to_owned(),
        Setting::PaymentsKey => secret("PaymentsKey"),
        Setting::PaymentsSecret => secret("PaymentsWebhookSecret"),
    }
}

fn events(trigger: &Trigger) -> String {
    match trigger {
        Trigger::Http(_) | Trigger::Hand => String::new(),
        Trigger::Queues(feeds) => {
            let feeds: String = feeds.iter().map(feeding).collect();
            format!("      Events:\n{feeds}")
        }
        Trigger::EveryMinute => EVERY_MINUTE.to_owned(),
        Trigger::Outbox => OUTBOX.replace("%PREFIX%", shared::outbox::PREFIX),
    }
}

fn feeding(Feed { queue, batch, side_by_side }: &Feed) -> String {
    format!(
        "        {}:
          Type: SQS
          Properties:
            Queue: !GetAtt {queue}.Arn
            BatchSize: {batch}
            ScalingConfig:
              MaximumConcurrency: {side_by_side}
            FunctionResponseTypes: [ReportBatchItemFailures]\n",
        queue.logical().trim_end_matches("Queue"),
        queue = queue.logical(),
    )
}

/// A minute that failed is not tried again: the next one does its work.
const EVERY_MINUTE: &str = "      Events:
        EveryMinute:
          Type: ScheduleV2
          Properties:
            ScheduleExpression: rate(1 minute)
            RetryPolicy:
              MaximumRetryAttempts: 0
";

const OUTBOX: &str = r#"      Events:
        Outbox:
          Type: DynamoDB
          Properties:
            Stream: !If [Restored, !Ref RestoredStream, !GetAtt PanelTable.StreamArn]
            StartingPosition: TRIM_HORIZON
            BatchSize: 100
            BisectBatchOnFunctionError: true
            MaximumRetryAttempts: 20
            FunctionResponseTypes: [ReportBatchItemFailures]
            FilterCriteria:
              Filters:
                - Pattern: '{"eventName":["INSERT"],"dynamodb":{"Keys":{"SK":{"S":[{"prefix":"%PREFIX%"}]}}}}'
            DestinationConfig:
              OnFailure:
                Type: SQS
                Destination: !GetAtt RelayDeadLetters.Arn
"#;
