//! What the functions say of themselves, as `template.yaml` and `Cargo.toml` have it: resources, roles, logs,
//! alarms, routes. It is written by a test and reviewed by a person.

use std::{collections::BTreeMap, fmt::Write as _, fs, path::PathBuf};

use shared::{
    config::Setting,
    function::{Function, Place, Trigger},
};

/// What each function asks of AWS, as it was measured.
pub const RIGHTS: &str = "infra/rights.toml";

/// A file of the project's.
#[must_use]
pub fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..").join(name)
}

/// The measured rights of each function.
#[must_use]
pub fn rights() -> BTreeMap<String, Vec<String>> {
    let text = fs::read_to_string(file(RIGHTS)).expect("the rights");
    toml::from_str(&text).expect("TOML")
}

/// What begins and ends a part of a file that is written by a test.
const BEGIN: &str = "# >>> written by `UPDATE=1 cargo nextest run -p tests deployment` from what the functions say of themselves: ";
const END: &str = "# <<<";

/// A file's text with the part of a name written anew.
#[must_use]
pub fn with_part(text: &str, name: &str, part: &str) -> String {
    let begin = format!("{BEGIN}{name}\n");
    let (before, rest) = text.split_once(&begin).expect("the part begins");
    let (_old, after) = rest.split_once(END).expect("the part ends");
    // The end stands as far in as the beginning.
    let margin = before.rsplit('\n').next().unwrap_or_default();
    format!("{before}{begin}{part}{margin}{END}{after}")
}

/// `usage-meter` as a resource is called: `UsageMeter`.
#[must_use]
pub fn logical(name: &str) -> String {
    let words = name.split('-').map(|word| {
        let (first, rest) = word.split_at(1);
        first.to_uppercase() + rest
    });
    words.collect()
}

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
    let line = |it: &Setting| ["          ", it.variable(), ": ", value(*it), "\n"].concat();
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
fn value(setting: Setting) -> &'static str {
    match setting {
        Setting::Table => "!If [Restored, !Ref RestoredTable, !Ref PanelTable]",
        Setting::UsageQueue => "!Ref UsageQueue",
        Setting::UsageDeadLetters => "!Ref UsageDeadLetters",
        Setting::MailQueue => "!Ref MailQueue",
        Setting::PublicUrl => "!Sub https://${DomainName}",
        Setting::MailSender => "!Ref MailSender",
        Setting::PanelSecret => "!Sub \"{{resolve:secretsmanager:${PanelSecret}}}\"",
        Setting::SealingKeys => "!Sub \"{{resolve:secretsmanager:${SealingKeys}}}\"",
    }
}

/// The queue that a setting names, if it names one.
fn queue(setting: Setting) -> Option<&'static str> {
    value(setting).strip_prefix("!Ref ").filter(|name| *name != "MailSender")
}

fn events(trigger: &Trigger) -> String {
    match trigger {
        Trigger::Http(_) | Trigger::Hand => String::new(),
        Trigger::Queue { name, batch, side_by_side } => format!(
            "      Events:
        {}:
          Type: SQS
          Properties:
            Queue: !GetAtt {name}.Arn
            BatchSize: {batch}
            ScalingConfig:
              MaximumConcurrency: {side_by_side}
            FunctionResponseTypes: [ReportBatchItemFailures]\n",
            name.trim_end_matches("Queue")
        ),
        Trigger::Outbox => OUTBOX.replace("%PREFIX%", shared::outbox::PREFIX),
    }
}

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

fn role(function: &Function, rights: &[String]) -> String {
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
        statements += &statement(&table, place);
    }
    statements += &feeding(&function.trigger);
    let mut queues: Vec<String> = Vec::new();
    if !of("sqs:SendMessage").is_empty() {
        queues.extend(function.settings.iter().filter_map(|it| queue(*it)).map(str::to_owned));
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
        Trigger::Http(_) | Trigger::Hand => String::new(),
        Trigger::Queue { name, .. } => statement(
            &["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
            &format!("!GetAtt {name}.Arn"),
        ),
        Trigger::Outbox => {
            let place = "[!Sub \"${PanelTable.Arn}/stream/*\", !Sub \"${PanelTable.Arn}-restored*/stream/*\"]";
            let read =
                ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"];
            // The streams of an account can be listed only all together.
            statement(&read, place) + &statement(&["dynamodb:ListStreams"], "\"*\"")
        }
    }
}

/// What all functions have alike.
const ALIKE: &str = "  # Logs are kept as long as the operator says, not for ever.
  Fn::ForEach::Logs:
    - Name
    - [%NAMES%, Access]
    - ${Name}Logs:
        Type: AWS::Logs::LogGroup
        Properties:
          RetentionInDays: !Ref LogRetentionDays

  Fn::ForEach::ErrorAlarms:
    - Function
    - [%FUNCTIONS%]
    - ${Function}ErrorsAlarm:
        Type: AWS::CloudWatch::Alarm
        Properties:
          AlarmDescription: ${Function} died, ran out of time or did not start.
          Namespace: AWS/Lambda
          MetricName: Errors
          Dimensions:
            - Name: FunctionName
              Value:
                Ref: !Sub ${Function}
          Statistic: Sum
          Period: 300
          EvaluationPeriods: 1
          Threshold: 0
          ComparisonOperator: GreaterThanThreshold
          TreatMissingData: notBreaching
          AlarmActions: [!Ref AlarmTopic]

  Fn::ForEach::ThrottleAlarms:
    - Function
    - [%FUNCTIONS%]
    - ${Function}ThrottlesAlarm:
        Type: AWS::CloudWatch::Alarm
        Properties:
          AlarmDescription: ${Function} was refused for want of concurrency; ask for a higher quota.
          Namespace: AWS/Lambda
          MetricName: Throttles
          Dimensions:
            - Name: FunctionName
              Value:
                Ref: !Sub ${Function}
          Statistic: Sum
          Period: 300
          EvaluationPeriods: 2
          Threshold: 0
          ComparisonOperator: GreaterThanThreshold
          TreatMissingData: notBreaching
          AlarmActions: [!Ref AlarmTopic]

  Fn::ForEach::SlowAlarms:
    - Function
    - [%SERVED%]
    - ${Function}SlowAlarm:
        Type: AWS::CloudWatch::Alarm
        Properties:
          AlarmDescription: One request in a hundred to ${Function} takes longer than a second.
          Namespace: AWS/Lambda
          MetricName: Duration
          Dimensions:
            - Name: FunctionName
              Value:
                Ref: !Sub ${Function}
          ExtendedStatistic: p99
          Period: 300
          # Of few requests the hundredth is the slowest: three bad spells of five are no accident.
          EvaluationPeriods: 5
          DatapointsToAlarm: 3
          Threshold: 1000
          ComparisonOperator: GreaterThanThreshold
          TreatMissingData: notBreaching
          AlarmActions: [!Ref AlarmTopic]
";

/// The HTTP functions and their places.
fn served() -> Vec<(Function, &'static [Place])> {
    let all = local::declared().into_iter();
    all.filter_map(|it| match it.trigger {
        Trigger::Http(places) => Some((it, places)),
        _ => None,
    })
    .collect()
}

/// How the HTTP API leads to the functions.
#[must_use]
pub fn routes() -> String {
    let mut text = String::new();
    for (function, places) in served() {
        let name = logical(function.name);
        text += &INTEGRATION.replace("%NAME%", &name);
        for Place { name: route, path } in places {
            let key = match *path {
                "/*" => "$default".to_owned(),
                path => format!("ANY {}", path.replace("/*", "/{proxy+}")),
            };
            let _written = write!(
                text,
                "  {route}Route:
    Type: AWS::ApiGatewayV2::Route
    Properties:
      ApiId: !Ref HttpApi
      RouteKey: {key}
      Target: !Sub integrations/${{{name}Integration}}\n"
            );
        }
    }
    text
}

const INTEGRATION: &str = "  %NAME%Integration:
    Type: AWS::ApiGatewayV2::Integration
    Properties:
      ApiId: !Ref HttpApi
      IntegrationType: AWS_PROXY
      IntegrationUri: !GetAtt %NAME%Function.Arn
      PayloadFormatVersion: \"2.0\"
  %NAME%Permission:
    Type: AWS::Lambda::Permission
    Properties:
      Action: lambda:InvokeFunction
      FunctionName: !Ref %NAME%Function
      Principal: apigateway.amazonaws.com
      SourceArn: !Sub arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${HttpApi}/*
";

/// What `cargo run` and `cargo lambda watch` look for in the workspace.
#[must_use]
pub fn members() -> String {
    let line = |(it, _): &(Function, _)| ["    \"functions/", it.name, "\",\n"].concat();
    let functions: String = served().iter().map(line).collect();
    format!("default-members = [\n    \"infra/local\",\n{functions}]\n")
}

/// The routes of `cargo lambda watch`.
#[must_use]
pub fn watched() -> String {
    let mut text = String::new();
    for (function, places) in served() {
        for Place { path, .. } in places {
            if *path == "/*" {
                let _written = writeln!(text, "\"/\" = \"{}\"", function.name);
            }
            let path = path.replace("/*", "/{*path}");
            let _written = writeln!(text, "\"{path}\" = \"{}\"", function.name);
        }
    }
    text
}
