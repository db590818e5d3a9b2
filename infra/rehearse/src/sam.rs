//! The operator's own commands, as infra/README.md gives them.

use std::{
    env::consts::ARCH,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde_json::Value;

use crate::RehearsalError;

const STACK: &str = "rehearsal";

/// The SAM command line, speaking to one AWS.
pub(crate) struct Sam {
    environment: Vec<(&'static str, String)>,
}

impl Sam {
    pub(crate) fn new(environment: Vec<(&'static str, String)>) -> Self {
        Self { environment }
    }

    /// Builds every function's package; the template that names them.
    pub(crate) fn build(&self, folder: &Path) -> Result<PathBuf, RehearsalError> {
        let folder_name = folder.to_string_lossy();
        let architecture = architecture();
        self.run(&["build", "--build-dir", &folder_name, "--parameter-overrides", &architecture])?;
        Ok(folder.join("template.yaml"))
    }

    /// Deploys a built template as a new stack.
    pub(crate) fn deploy(&self, template: &Path) -> Result<(), RehearsalError> {
        let template = template.to_string_lossy();
        let architecture = architecture();
        self.run(&[
            "deploy",
            "--template-file",
            &template,
            "--config-file",
            &samconfig(),
            "--stack-name",
            STACK,
            "--no-confirm-changeset",
            "--no-progressbar",
            "--parameter-overrides",
            "DomainName=panel.example",
            "CertificateArn=arn:aws:acm:us-east-1:000000000000:certificate/rehearsal",
            "MailSender=panel@panel.example",
            "AlarmAddress=operator@panel.example",
            &architecture,
        ])?;
        Ok(())
    }

    /// One of the stack's outputs.
    pub(crate) fn output(&self, name: &str) -> Result<String, RehearsalError> {
        let listed =
            self.run(&["list", "stack-outputs", "--stack-name", STACK, "--output", "json"])?;
        let outputs: Value = serde_json::from_str(&listed).unwrap_or_default();
        let mut outputs = outputs.as_array().into_iter().flatten();
        let output = outputs.find(|output| output["OutputKey"] == name);
        let value = output.and_then(|output| output["OutputValue"].as_str());
        value.map(str::to_owned).ok_or(RehearsalError::Shape("the stack's output", listed))
    }

    /// Has the operator's function carry out a command.
    pub(crate) fn operate(&self, command: &Value) -> Result<Value, RehearsalError> {
        let event = command.to_string();
        let reply = self.run(&[
            "remote",
            "invoke",
            "OperatorFunction",
            "--stack-name",
            STACK,
            "--event",
            &event,
        ])?;
        let outcome: Value = serde_json::from_str(reply.trim()).unwrap_or_default();
        // A reply that made something holds a secret; one that did not says why.
        if outcome.is_null() || !outcome["refused"].is_null() {
            return Err(RehearsalError::Shape("the operator's reply", reply));
        }
        Ok(outcome)
    }

    fn run(&self, arguments: &[&str]) -> Result<String, RehearsalError> {
        let output = Command::new("sam")
            .args(arguments)
            .envs(self.environment.iter().map(|(name, value)| (*name, value)))
            // An operator's own account is none of the rehearsal's business.
            .env_remove("AWS_PROFILE")
            .env_remove("AWS_SESSION_TOKEN")
            .env("SAM_CLI_TELEMETRY", "0")
            .stdin(Stdio::null())
            .output()
            .map_err(|error| RehearsalError::io("sam", error))?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        if output.status.success() {
            return Ok(text(&output.stdout));
        }
        let command = format!("sam {}", arguments.join(" "));
        let output = format!("{}\n{}", text(&output.stdout), text(&output.stderr));
        Err(RehearsalError::Tool { command, output })
    }
}

/// The settings that are kept for operators; SAM looks for them beside the template.
fn samconfig() -> String {
    let here = std::env::current_dir().unwrap_or_default();
    here.join("samconfig.toml").to_string_lossy().into_owned()
}

/// Functions run on this machine here: they are built for it.
fn architecture() -> String {
    let name = if ARCH == "aarch64" { "arm64" } else { ARCH };
    format!("Architecture={name}")
}
