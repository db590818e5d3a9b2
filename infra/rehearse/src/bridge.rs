//! What the emulator can't do, bridged in this one place: the deployed template differs from
//! `template.yaml` in what stands here and in nothing else.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use serde_yaml_ng::Value as Yaml;

use crate::RehearsalError;

/// Writes the bridged template beside the built one.
pub(crate) fn bridged(built: &Path) -> Result<PathBuf, RehearsalError> {
    let io = |error| RehearsalError::io(&built.display().to_string(), error);
    let shape = |error: serde_yaml_ng::Error| {
        RehearsalError::Shape("the built template", error.to_string())
    };
    let mut template: Yaml =
        serde_yaml_ng::from_str(&fs::read_to_string(built).map_err(io)?).map_err(shape)?;
    let (mut batches, mut mails) = (0, 0);
    for_each_statement(&mut template, &mut |statement| {
        batches += u32::from(batches_are_an_action_of_their_own(statement));
        mails += u32::from(mails_have_no_sender_and_no_identity(statement));
    });
    let keys = senders_have_no_keys(&mut template);
    let plain = files_come_without_tls(&mut template);
    if batches == 0 || mails == 0 || !keys || !plain {
        // A bridge to nowhere hides that the template has changed.
        let found = format!(
            "{batches} statements send messages, {mails} mails; keys: {keys}; TLS: {plain}"
        );
        return Err(RehearsalError::Shape("the built template", found));
    }
    let bridged = built.with_file_name("bridged.yaml");
    fs::write(&bridged, serde_yaml_ng::to_string(&template).map_err(shape)?).map_err(io)?;
    Ok(bridged)
}

/// The emulator asks for `sqs:SendMessageBatch`, which IAM does not know: there, `sqs:SendMessage`
/// covers both.
fn batches_are_an_action_of_their_own(statement: &mut Yaml) -> bool {
    let actions = &mut statement["Action"];
    let sends = names(actions, "sqs:SendMessage");
    if sends {
        let mut all = actions.as_sequence().cloned().unwrap_or_else(|| vec![actions.clone()]);
        all.push("sqs:SendMessageBatch".into());
        *actions = Yaml::Sequence(all);
    }
    sends
}

/// The emulator tells IAM neither which identity sends a mail nor from which address.
fn mails_have_no_sender_and_no_identity(statement: &mut Yaml) -> bool {
    let sends = names(&statement["Action"], "ses:SendRawEmail");
    if sends && let Some(fields) = statement.as_mapping_mut() {
        fields.insert("Resource".into(), "*".into());
        fields.remove("Condition");
    }
    sends
}

/// The emulator takes `POST /login` at an API's own name for its Cognito; by this path it leads to
/// the API.
pub(crate) fn address(endpoint: &str, emulator: SocketAddr) -> String {
    let api = endpoint.trim_start_matches("http://").split('.').next().unwrap_or_default();
    format!("http://{emulator}/_aws/execute-api/{api}/$default")
}

/// The emulator makes no DKIM records for a sender's domain, so there are none to put out.
fn senders_have_no_keys(template: &mut Yaml) -> bool {
    let outputs = template["Outputs"].as_mapping_mut();
    outputs.and_then(|outputs| outputs.remove("MailKeys")).is_some()
}

/// The emulator is reached without TLS, and the bucket refuses what comes without.
fn files_come_without_tls(template: &mut Yaml) -> bool {
    let resources = template["Resources"].as_mapping_mut();
    resources.and_then(|resources| resources.remove("FilesBucketPolicy")).is_some()
}

fn names(actions: &Yaml, action: &str) -> bool {
    match actions {
        Yaml::Sequence(actions) => actions.iter().any(|it| it.as_str() == Some(action)),
        one => one.as_str() == Some(action),
    }
}

fn for_each_statement(yaml: &mut Yaml, change: &mut impl FnMut(&mut Yaml)) {
    match yaml {
        Yaml::Mapping(fields) if fields.contains_key("Action") => change(yaml),
        Yaml::Mapping(fields) => {
            fields.iter_mut().for_each(|(_, field)| for_each_statement(field, change));
        }
        Yaml::Sequence(items) => items.iter_mut().for_each(|it| for_each_statement(it, change)),
        _ => {}
    }
}
