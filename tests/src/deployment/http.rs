//! Where requests are led: in the cloud, and by `cargo lambda watch`.

use std::fmt::Write as _;

use shared::function::{Function, Place, Trigger};

use super::logical;

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
