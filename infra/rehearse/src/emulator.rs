//! The emulated AWS: `MiniStack`, with IAM in force, so that a function may do only what its role
//! allows.

use std::{
    fs::{self, File},
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use crate::{RehearsalError, process::Process, sam::last_lines};

/// It imports ninety services before it answers.
const PATIENCE: Duration = Duration::from_mins(1);

/// A running emulator. It ends, with the functions it runs, when this is dropped.
pub(crate) struct Emulator {
    _process: Process,
    address: SocketAddr,
    log: PathBuf,
}

impl Emulator {
    /// Starts it on a free port and waits until it answers.
    pub(crate) async fn start(folder: &Path) -> Result<Self, RehearsalError> {
        let address = free_address().map_err(|error| RehearsalError::io("a free port", error))?;
        let log = folder.join("ministack.log");
        let logged = |error| RehearsalError::io("the emulator's log", error);
        let lines = File::create(&log).map_err(logged)?;
        let errors = lines.try_clone().map_err(logged)?;
        let mut process = Process::start(
            Command::new("ministack")
                .envs(environment(address))
                .env("GATEWAY_PORT", address.port().to_string())
                .env("BIND_HOST", address.ip().to_string())
                .env("MINISTACK_HOST", "localhost")
                .env("AUTH", "true")
                .env("IOT_MTLS_ENABLED", "0")
                .env("SFTP_ENABLED", "0")
                .stdout(lines)
                .stderr(errors),
        )?;
        let health = format!("http://{address}/_ministack/health");
        process
            .awaited(PATIENCE, async || {
                let reply = reqwest::get(&health).await.ok()?;
                reply.status().is_success().then_some(())
            })
            .await?;
        Ok(Self { _process: process, address, log })
    }

    /// What makes the AWS command-line tools speak to it.
    pub(crate) fn environment(&self) -> Vec<(&'static str, String)> {
        environment(self.address)
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where the mails can be read that its SES took.
    pub(crate) fn mails(&self) -> String {
        format!("http://{}/_ministack/ses/messages", self.address)
    }

    /// The end of its log, the functions' own lines among it.
    pub(crate) fn last_words(&self) -> String {
        last_lines(&fs::read_to_string(&self.log).unwrap_or_default())
    }
}

fn environment(address: SocketAddr) -> Vec<(&'static str, String)> {
    vec![
        ("AWS_ENDPOINT_URL", format!("http://{address}")),
        ("AWS_ACCESS_KEY_ID", "test".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
        ("AWS_DEFAULT_REGION", "us-east-1".to_owned()),
        ("AWS_REGION", "us-east-1".to_owned()),
    ]
}

fn free_address() -> std::io::Result<SocketAddr> {
    std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()
}
