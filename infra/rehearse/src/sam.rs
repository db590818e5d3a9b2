//! The operator's own commands, as infra/README.md gives them.

use std::{
    env::consts::ARCH,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde_json::Value;

use crate::RehearsalError;

/// As `samconfig.toml` names it.
const STACK: &str = "ai-rental-panel";

/// The SAM command line, with an operator's file of settings, speaking to one AWS.
pub(crate) struct Sam {
    settings: String,
    environment: Vec<(&'static str, String)>,
}

impl Sam {
    /// Writes the operator's settings into a folder.
    pub(crate) fn new(
        folder: &Path,
        environment: Vec<(&'static str, String)>,
        payments: &str,
    ) -> Result<Self, RehearsalError> {
        let io = |error| RehearsalError::io("the settings", error);
        let folder = folder.canonicalize().map_err(io)?;
        let settings = folder.join("samconfig.rehearsal.toml");
        let common = fs::read_to_string("samconfig.toml").map_err(io)?;
        let table = "[default.global.parameters]\n";
        let parameters = format!("{table}parameter_overrides = {:?}\n", parameters(payments));
        fs::write(&settings, common.replacen(table, &parameters, 1)).map_err(io)?;
        Ok(Self { settings: settings.to_string_lossy().into_owned(), environment })
    }

    /// Builds every function's package; the template that names them. What makes a package small and takes
    /// long is left out: sizes and starts are the bench's.
    pub(crate) fn build(&self, folder: &Path) -> Result<PathBuf, RehearsalError> {
        let into = folder.to_string_lossy();
        let quick = [
            ("CARGO_PROFILE_RELEASE_LTO", "off"),
            ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16"),
            ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1"),
        ];
        let arguments = ["build", "--config-file", &self.settings, "--build-dir", &into];
        self.run_with(&arguments, &quick)?;
        Ok(folder.join("template.yaml"))
    }

    /// Deploys a built template as a new stack.
    pub(crate) fn deploy(&self, template: &Path) -> Result<(), RehearsalError> {
        let template = template.to_string_lossy();
        self.run(&[
            "deploy",
            "--config-file",
            &self.settings,
            "--template-file",
            &template,
            "--no-confirm-changeset",
            "--no-progressbar",
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
        self.run_with(arguments, &[])
    }

    fn run_with(
        &self,
        arguments: &[&str],
        more: &[(&str, &str)],
    ) -> Result<String, RehearsalError> {
        let output = Command::new("sam")
            .args(arguments)
            .envs(more.iter().copied())
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
        let output = last_lines(&format!("{}\n{}", text(&output.stdout), text(&output.stderr)));
        Err(RehearsalError::Tool { command, output })
    }
}

/// The end of what a tool said, where it says why it failed.
pub(crate) fn last_lines(text: &str) -> String {
    const MOST: usize = 60;
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(MOST)..].join("\n")
}

/// What an operator would choose. Functions run on this machine here: they are built for it.
fn parameters(payments: &str) -> [String; 6] {
    let architecture = if ARCH == "aarch64" { "arm64" } else { ARCH };
    [
        "DomainName=panel.example".to_owned(),
        "CertificateArn=arn:aws:acm:us-east-1:000000000000:certificate/rehearsal".to_owned(),
        "MailSender=panel@panel.example".to_owned(),
        "AlarmAddress=operator@panel.example".to_owned(),
        format!("Architecture={architecture}"),
        format!("PaymentsUrl={payments}"),
    ]
}
