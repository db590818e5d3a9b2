//! The packaged functions, laid where their memory can be measured.
//!
//! How much of a program the kernel maps around what is used depends on the pieces in which its file
//! lies in the page cache: one and the same function took 6.5 or 6.8 MiB, as the linker or a copy had
//! written it. In a file system in memory all files lie alike.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

const IN_MEMORY: &str = "/dev/shm";

/// A folder of programs, each in a folder of its own name.
pub(crate) struct Packages {
    folder: PathBuf,
    is_copy: bool,
}

impl Packages {
    /// The programs of a folder, copied into memory where there is room for them and programs may be
    /// run from there.
    pub(crate) fn laid_out(folder: &Path, binaries: &[&str]) -> Self {
        let place = Path::new(IN_MEMORY).join(format!("startup-{}", std::process::id()));
        let copy = Self { folder: place, is_copy: true };
        let original = Self { folder: folder.to_owned(), is_copy: false };
        let copied = Path::new(IN_MEMORY).is_dir()
            && binaries.iter().all(|it| copy.take(it, &original.bootstrap(it)).is_ok());
        if copied && binaries.iter().all(|it| may_run(&copy.bootstrap(it))) {
            copy
        } else {
            original
        }
    }

    fn take(&self, binary: &str, program: &Path) -> io::Result<u64> {
        fs::create_dir_all(self.folder.join(binary))?;
        fs::copy(program, self.bootstrap(binary))
    }

    /// The program of a function.
    pub(crate) fn bootstrap(&self, binary: &str) -> PathBuf {
        self.folder.join(binary).join("bootstrap")
    }
}

/// Whether its place lets it be run; what it does then is not waited for.
fn may_run(program: &Path) -> bool {
    let mut command = Command::new(program);
    command.env_clear().stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().is_ok_and(|mut child| child.kill().and_then(|()| child.wait()).is_ok())
}

impl Drop for Packages {
    fn drop(&mut self) {
        if self.is_copy {
            // Nobody misses them; what stays behind is gone with the machine's next start.
            let _removed = fs::remove_dir_all(&self.folder);
        }
    }
}
