//! Programs that run beside the rehearsal and end with it, their children too.

use std::{
    os::unix::process::CommandExt,
    process::{Child, ChildStdout, Command, Stdio},
    time::{Duration, Instant},
};

use crate::RehearsalError;

/// Whoever does not end when asked has so long.
const GRACE: Duration = Duration::from_secs(5);
const BETWEEN_LOOKS: Duration = Duration::from_millis(100);

/// A program in a process group of its own; the whole group ends when this is dropped.
pub(crate) struct Process {
    child: Child,
    name: String,
}

impl Process {
    pub(crate) fn start(command: &mut Command) -> Result<Self, RehearsalError> {
        let name = command.get_program().to_string_lossy().into_owned();
        let child = command.stdin(Stdio::null()).process_group(0).spawn();
        let child = child.map_err(|error| RehearsalError::io(&name, error))?;
        Ok(Self { child, name })
    }

    /// What it says, if that was piped.
    pub(crate) fn stdout(&mut self) -> Option<ChildStdout> {
        self.child.stdout.take()
    }

    /// Looks again until `look` sees something; no longer than the program lives, nor than
    /// `patience`.
    pub(crate) async fn awaited<T>(
        &mut self,
        patience: Duration,
        look: impl AsyncFn() -> Option<T>,
    ) -> Result<T, RehearsalError> {
        let begun = Instant::now();
        loop {
            if let Some(seen) = look().await {
                return Ok(seen);
            }
            let ended =
                self.child.try_wait().map_err(|error| RehearsalError::io(&self.name, error))?;
            if let Some(status) = ended {
                return Err(RehearsalError::Ended(self.name.clone(), status));
            }
            if begun.elapsed() > patience {
                return Err(RehearsalError::Silent(self.name.clone()));
            }
            tokio::time::sleep(BETWEEN_LOOKS).await;
        }
    }

    fn signal(&self, signal: &str) {
        let group = format!("-{}", self.child.id());
        // Nobody is left to hear of a failure.
        let _sent =
            Command::new("kill").args([signal, "--", &group]).stderr(Stdio::null()).status();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.signal("-TERM");
        let begun = Instant::now();
        while begun.elapsed() < GRACE && matches!(self.child.try_wait(), Ok(None)) {
            std::thread::sleep(BETWEEN_LOOKS);
        }
        self.signal("-KILL");
        let _ended = self.child.wait();
    }
}
