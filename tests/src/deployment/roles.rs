//! What each function may do in AWS: what it was measured to ask, of what its settings and trigger name.

use shared::{
    config::Setting,
    function::{Function, Trigger},
};

use super::logical;

pub(super) fn role(function: &Function, rights: &[String]) -> String {
    let logical = logical(function.name);
    let of = |service: &str| -> Vec<&str> {
        let own = rights.iter().filter(|action| action.starts_with(service));
        own.map(String::as_str).collect()
    };
    let mut statements = statement(
        &["logs:CreateLogStream", "logs:PutLogEvents"],
        &format!("!GetAtt {logical}Logs.Arn"),
    );
    let table = of("dynamodb:");
    if !table.is_empty() {
        let place = "[!GetAtt PanelTable.Arn, !Sub \"${PanelTable.Arn}-restored*\"]";
        let (indexed, plain): (Vec<&str>, Vec<&str>) =
            table.into_iter().partition(|action| action.ends_with(INDEXED));
        statements += &statement(&plain, place);
        if !indexed.is_empty() {
            let place = "[!Sub \"${PanelTable.Arn}/index/*\", !Sub \"${PanelTable.Arn}-restored*/index/*\"]";
            let actions: Vec<&str> =
                indexed.iter().map(|action| action.trim_end_matches(INDEXED)).collect();
            statements += &statement(&actions, place);
        }
    }
    if function.settings.contains(&Setting::Files) {
        statements += &files(function, &of("s3:"));
    }
    statements += &feeding(&function.trigger);
    let mut queues: Vec<String> = Vec::new();
    if !of("sqs:SendMessage").is_empty() {
        queues.extend(function.settings.iter().filter_map(|setting| match setting {
            Setting::Queue(queue) => Some(queue.logical().to_owned()),
            _ => None,
        }));
    }
    if matches!(function.trigger, Trigger::Outbox) {
        // What it gives up on goes to the dead letters.
        queues.push("RelayDeadLetters".to_owned());
    }
    if !queues.is_empty() {
        let places: Vec<_> = queues.iter().map(|name| format!("!GetAtt {name}.Arn")).collect();
        statements += &statement(&["sqs:SendMessage"], &format!("[{}]", places.join(", ")));
    }
    if !of("ses:").is_empty() {
        statements += MAILS;
    }
    ROLE.replace("%NAME%", &logical) + &statements
}

const ROLE: &str = "  %NAME%Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: \"2012-10-17\"
        Statement:
          - Effect: Allow
            Principal:
              Service: lambda.amazonaws.com
            Action: sts:AssumeRole
      Policies:
        - PolicyName: %NAME%
          PolicyDocument:
            Version: \"2012-10-17\"
            Statement:
";

/// Until SES has moved the account out of its sandbox, it asks about the recipient's identity as well; the
/// sender is what counts.
const MAILS: &str = "              - Effect: Allow
                Action: ses:SendRawEmail
                Resource:
                  - !Sub arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:identity/*
                  - !Sub arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:configuration-set/${MailSettings}
                Condition:
                  StringEquals:
                    ses:FromAddress: !Ref MailSender
";

/// What is measured of a call by the table's index ends so.
const INDEXED: &str = " on the index";

/// Files are sent with forms and fetched by addresses that a function signs: S3 asks whether it could do so itself.
/// A form is signed without the SDK, so nothing measures that right.
fn files(function: &Function, measured: &[&str]) -> String {
    let mut actions: Vec<&str> = measured.to_vec();
    actions.extend((function.name == "tickets").then_some("s3:PutObject"));
    statement(&actions, "!Sub \"${FilesBucket.Arn}/tickets/*\"")
}

fn statement(actions: &[&str], resource: &str) -> String {
    format!(
        "              - Effect: Allow
                Action: [{}]
                Resource: {resource}\n",
        actions.join(", ")
    )
}

/// What Lambda does in the function's name to feed it.
fn feeding(trigger: &Trigger) -> String {
    match trigger {
        Trigger::Http(_) | Trigger::Hand | Trigger::EveryMinute => String::new(),
        Trigger::Queues(feeds) => {
            let places = feeds.iter().map(|feed| format!("!GetAtt {}.Arn", feed.queue.logical()));
            statement(
                &["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
                &format!("[{}]", places.collect::<Vec<_>>().join(", ")),
            )
        }
        Trigger::Outbox => {
            let place = "[!Sub \"${PanelTable.Arn}/stream/*\", !Sub \"${PanelTable.Arn}-restored*/stream/*\"]";
            let read =
                ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"];
            // The streams of an account can be listed only all together.
            statement(&read, place) + &statement(&["dynamodb:ListStreams"], "\"*\"")
        }
    }
}
