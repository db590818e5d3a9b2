//! The embedded AWS: what `template.yaml` declares, run inside this process.
//!
//! DynamoDB is `dynoxide` (SQLite in a file or in memory), SQS and SES are `winterbaume`, S3 is our own. All of
//! them answer over HTTP on 127.0.0.1, so that the panel reaches them as it reaches AWS, and the
//! AWS CLI or `cargo lambda watch` can stand beside it. The table, the queues and the event
//! sources are read from the template: there is no second description of them.

pub mod bank;
mod endpoint;
mod feedback;
mod files;
mod for_each;
mod mailbox;
mod queues;
mod runtime;
mod stream;
mod table;
mod template;

pub use files::Clock;
pub use mailbox::Mail;
pub use queues::{Message, Queues};
pub use runtime::{Invoked, Outcome, Runtime};
pub use stream::Stream;
pub use template::{Consumer, Environment, QueueSpec, Template, Yaml};

use std::{net::SocketAddr, path::Path, sync::Arc};

use bank::{BANK_KEY, Bank};
use dynoxide::Database;
use files::Files;
use mailbox::Mailbox;
use tokio::{net::TcpListener, task::JoinHandle};

/// The queue of what SES tells.
const FEEDBACK: &str = "MailFeedbackQueue";

/// Why the embedded cloud could not start.
#[derive(Debug, thiserror::Error)]
pub enum CloudError {
    /// `template.yaml` does not hold what the cloud needs to know.
    #[error("template.yaml: {0}")]
    Template(String),
    /// The table's file could not be opened, or its schema could not be made.
    #[error("the table: {0}")]
    Table(String),
    /// A queue could not be made or reached.
    #[error("the queues: {0}")]
    Queue(String),
    /// A function did not take its event, or failed.
    #[error("a function failed: {0}")]
    Function(String),
    /// An endpoint could not be opened.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address that was asked for.
        address: SocketAddr,
        /// What the system answered.
        #[source]
        source: std::io::Error,
    },
}

/// Where the table's data lives.
#[derive(Debug, Clone, Copy)]
pub enum Storage<'a> {
    /// Gone with the process.
    Memory,
    /// A SQLite file in this folder.
    Folder(&'a Path),
}

/// A running embedded cloud. Its endpoints close when it is dropped.
pub struct Cloud {
    template: Arc<Template>,
    database: Database,
    queues: Queues,
    mailbox: Mailbox,
    files: Files,
    bank: Bank,
    dynamodb: SocketAddr,
    aws: SocketAddr,
    servers: [JoinHandle<()>; 2],
}

impl Cloud {
    /// The name of the one table.
    pub const TABLE: &'static str = "panel";
    /// The name of the bucket of files.
    pub const FILES: &'static str = "panel-files";

    /// Starts the cloud: opens the table, makes the queues, listens on both ports of 127.0.0.1
    /// (0 picks a free one).
    ///
    /// # Errors
    /// When the template lacks something, the file cannot be opened or a port is taken.
    pub async fn start(
        storage: Storage<'_>,
        dynamodb_port: u16,
        aws_port: u16,
    ) -> Result<Self, CloudError> {
        let template = Arc::new(Template::embedded()?);
        let database = table::open(storage, &template)?;
        let dynamodb = listen(dynamodb_port).await?;
        let aws = listen(aws_port).await?;
        let (dynamodb_address, aws_address) = (address(&dynamodb)?, address(&aws)?);
        let queues = Queues::create(&template, aws_address).await?;
        let mailbox = Mailbox::default();
        let files = Files::new(match storage {
            Storage::Memory => None,
            Storage::Folder(folder) => Some(folder.join("files")),
        });

        let books = match storage {
            Storage::Memory => None,
            Storage::Folder(folder) => Some(folder.to_owned()),
        };
        let time = files.clone();
        let bank = Bank::open(books, 0, Arc::new(move || time.now())).await?;

        let tables = tokio::spawn(dynoxide::server::serve_on(dynamodb, database.clone()));
        let rest =
            tokio::spawn(endpoint::serve(aws, queues.service(), mailbox.clone(), files.clone()));
        Ok(Self {
            template,
            database,
            queues,
            mailbox,
            files,
            bank,
            dynamodb: dynamodb_address,
            aws: aws_address,
            servers: [tables, rest],
        })
    }

    /// The address of the DynamoDB endpoint.
    #[must_use]
    pub fn dynamodb_endpoint(&self) -> String {
        format!("http://{}", self.dynamodb)
    }

    /// The address of every other service's endpoint.
    #[must_use]
    pub fn aws_endpoint(&self) -> String {
        format!("http://{}", self.aws)
    }

    /// What is deployed.
    #[must_use]
    pub fn template(&self) -> &Template {
        &self.template
    }

    /// The payment provider of a laptop.
    #[must_use]
    pub fn bank(&self) -> &Bank {
        &self.bank
    }

    /// Has S3 and the bank know the time by another clock: what is signed is signed by it.
    pub fn set_clock(&self, clock: Clock) {
        self.files.set_clock(clock);
    }

    /// The queues, as their consumers see them.
    #[must_use]
    pub fn queues(&self) -> &Queues {
        &self.queues
    }

    /// The mails that SES accepted, newest first.
    #[must_use]
    pub fn mails(&self) -> Vec<Mail> {
        self.mailbox.newest_first()
    }

    /// Tells, as SES does by SNS, that a mail to an address came back for good, or that its owner calls it
    /// unwanted: the newest, or one of before this process if there is none.
    ///
    /// # Errors
    /// When the queue of such news is not there.
    pub async fn send_back(&self, to: &str, unwanted: bool) -> Result<(), CloudError> {
        let mails = self.mailbox.newest_first();
        let newest = mails.into_iter().find(|mail| mail.to == to);
        let mail = newest.unwrap_or_else(|| Mail { to: to.to_owned(), ..Mail::default() });
        self.queues.send(FEEDBACK, feedback::of(&mail, unwanted).to_string()).await
    }

    /// The table's stream, read after the record of this position; `None`: from the beginning.
    #[must_use]
    pub fn stream(&self, position: Option<String>) -> Stream {
        Stream::new(self.database.clone(), position)
    }

    /// The functions' environment: the template's own, with `settings` for what only an operator
    /// knows.
    #[must_use]
    pub fn environment(&self, settings: &[(&str, &str)]) -> Environment {
        self.template.environment(|logical| {
            let bank = [
                ("PaymentsUrl", self.bank.url()),
                ("PaymentsKey", BANK_KEY.to_owned()),
                ("PaymentsWebhookSecret", self.bank.secret().to_owned()),
            ];
            let set = settings.iter().map(|(name, value)| (*name, (*value).to_owned()));
            set.chain(bank)
                .find(|(name, _)| *name == logical)
                .map(|(_, value)| value)
                .or_else(|| (logical == template::TABLE).then(|| Self::TABLE.to_owned()))
                .or_else(|| (logical == template::FILES).then(|| Self::FILES.to_owned()))
                .or_else(|| self.queues.url(logical))
        })
    }
}

impl Drop for Cloud {
    fn drop(&mut self) {
        for server in &self.servers {
            server.abort();
        }
    }
}

async fn listen(port: u16) -> Result<TcpListener, CloudError> {
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    TcpListener::bind(address).await.map_err(|source| CloudError::Listen { address, source })
}

fn address(listener: &TcpListener) -> Result<SocketAddr, CloudError> {
    listener.local_addr().map_err(|source| CloudError::Listen {
        address: SocketAddr::from(([127, 0, 0, 1], 0)),
        source,
    })
}
