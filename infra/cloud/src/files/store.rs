//! What lies in the buckets: in a folder, or in memory.

use std::{
    collections::BTreeMap,
    fs, io,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use axum::body::Bytes;
use serde::{Deserialize, Serialize};

/// What time it is, in seconds since 1970: the panel's own clock may be ahead of the machine's.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// A file.
#[derive(Clone)]
pub(crate) struct File {
    pub(crate) bytes: Bytes,
    pub(crate) media_type: String,
}

#[derive(Serialize, Deserialize)]
struct About {
    media_type: String,
}

/// The files of all buckets, by their paths.
#[derive(Clone)]
pub(crate) struct Files {
    folder: Option<PathBuf>,
    memory: Arc<Mutex<BTreeMap<String, File>>>,
    clock: Arc<Mutex<Clock>>,
}

impl Files {
    #[expect(clippy::disallowed_methods, reason = "S3 has a clock of its own until it is set")]
    pub(crate) fn new(folder: Option<PathBuf>) -> Self {
        let clock: Clock = Arc::new(|| chrono::Utc::now().timestamp());
        Self { folder, memory: Arc::default(), clock: Arc::new(Mutex::new(clock)) }
    }

    pub(crate) fn set_clock(&self, clock: Clock) {
        *self.clock.lock().unwrap_or_else(PoisonError::into_inner) = clock;
    }

    pub(crate) fn now(&self) -> i64 {
        let clock = self.clock.lock().unwrap_or_else(PoisonError::into_inner).clone();
        clock()
    }

    pub(crate) fn put(&self, path: &str, file: File) -> io::Result<()> {
        match self.place(path) {
            Some(place) => {
                fs::create_dir_all(place.parent().unwrap_or(&place))?;
                let about = About { media_type: file.media_type };
                fs::write(place.with_extension("json"), serde_json::to_vec(&about)?)?;
                fs::write(place, &file.bytes)
            }
            None => {
                let mut files = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
                files.insert(path.to_owned(), file);
                Ok(())
            }
        }
    }

    pub(crate) fn get(&self, path: &str) -> Option<File> {
        let Some(place) = self.place(path) else {
            return self.memory.lock().unwrap_or_else(PoisonError::into_inner).get(path).cloned();
        };
        let about = fs::read(place.with_extension("json")).ok()?;
        let About { media_type } = serde_json::from_slice(&about).ok()?;
        Some(File { bytes: fs::read(place).ok()?.into(), media_type })
    }

    /// Where a file lies on disk: its path is of ids alone, and what is not goes nowhere.
    fn place(&self, path: &str) -> Option<PathBuf> {
        let folder = self.folder.as_ref()?;
        let part = |it: &str| {
            let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
            if !it.is_empty() && it.chars().all(plain) { it.to_owned() } else { "odd".to_owned() }
        };
        let parts = path.trim_start_matches('/').split('/').map(part);
        Some(parts.fold(folder.clone(), |place, it| place.join(it)))
    }
}
