//! What the laptop remembers beside the table: the panel's secret, the first logins, how far the
//! stream was read.

use std::{fs, io, path::PathBuf, sync::Arc};

use cloud::Cloud;
use serde::{Deserialize, Serialize};
use shared::{app::App, random::Random};

use crate::{DemoError, People, Workers, demo};

/// The folder and what lies in it; without a folder nothing is remembered.
#[derive(Clone)]
pub struct Settings {
    folder: Option<PathBuf>,
    stored: Arc<Stored>,
}

#[derive(Default, Serialize, Deserialize)]
struct Stored {
    secret: String,
    people: Option<People>,
    #[serde(default)]
    demo: bool,
}

impl Settings {
    /// Reads the folder, or begins it.
    ///
    /// # Errors
    /// When it cannot be made or read.
    pub fn open(folder: Option<PathBuf>) -> io::Result<Self> {
        let begun = || Stored { secret: secret(), ..Stored::default() };
        let stored = match &folder {
            None => begun(),
            Some(path) => {
                fs::create_dir_all(path)?;
                match fs::read(path.join("settings.json")) {
                    Ok(bytes) => serde_json::from_slice(&bytes)?,
                    Err(_) => {
                        // Seeding was cut short: what it left is nobody's, and half.
                        remove_table(path)?;
                        begun()
                    }
                }
            }
        };
        Ok(Self { folder, stored: Arc::new(stored) })
    }

    /// The functions' environment: the template's, with what an operator would set.
    #[must_use]
    pub fn environment(&self, cloud: &Cloud, url: &str) -> cloud::Environment {
        let mut environment = cloud.environment(&[
            ("DomainName", url),
            ("MailSender", "panel@example.com"),
            ("MailSettings", "mail-settings"),
            ("PanelSecret", &self.stored.secret),
            ("SealingKeys", &format!("sealing-{}", self.stored.secret)),
        ]);
        let aws = [
            ("AWS_REGION", "us-east-1".to_owned()),
            ("AWS_ACCESS_KEY_ID", "local".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "local".to_owned()),
            ("AWS_ENDPOINT_URL", cloud.aws_endpoint()),
            ("AWS_ENDPOINT_URL_DYNAMODB", cloud.dynamodb_endpoint()),
        ];
        environment.extend(aws.map(|(name, value)| (name.to_owned(), value)));
        environment
    }

    /// The first logins: those of before, or new ones on an empty table.
    ///
    /// # Errors
    /// When they cannot be made.
    pub async fn people(
        &self,
        app: &App,
        workers: &Workers,
        with_demo: bool,
    ) -> Result<Arc<People>, DemoError> {
        if let Some(people) = &self.stored.people
            && (self.stored.demo || !with_demo)
        {
            return Ok(Arc::new(people.clone()));
        }
        let mut people = match &self.stored.people {
            Some(people) => people.clone(),
            None => demo::staff(app).await?,
        };
        if with_demo {
            people.demo = vec![demo::company(app, workers, &people.service_key).await?];
        }
        let secret = self.stored.secret.clone();
        self.save(&Stored { secret, people: Some(people.clone()), demo: with_demo })?;
        Ok(Arc::new(people))
    }

    /// Where the stream is to be read on.
    #[must_use]
    pub fn stream_position(&self) -> Option<String> {
        fs::read_to_string(self.folder.as_ref()?.join("stream")).ok()
    }

    /// Remembers how far the stream was read. Forgetting it only means reading again: whatever
    /// the relay sends twice is done once.
    pub fn remember_stream(&self, position: Option<String>) {
        if self.stream_position() == position {
            return;
        }
        if let Some(folder) = &self.folder
            && let Some(position) = position
            && let Err(error) = fs::write(folder.join("stream"), position)
        {
            tracing::warn!(%error, "the stream's position was not remembered");
        }
    }

    fn save(&self, stored: &Stored) -> io::Result<()> {
        let Some(folder) = &self.folder else { return Ok(()) };
        fs::write(folder.join("settings.json"), serde_json::to_vec_pretty(stored)?)
    }
}

fn remove_table(folder: &std::path::Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with("table.sqlite") || name == "stream" {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

fn secret() -> String {
    let bytes: [u8; 24] = Random::kernel().bytes();
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}
