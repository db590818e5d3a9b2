//! The bank of the laptop: what stands where the payment provider does. It speaks the part of Stripe's API that the
//! panel calls, has the page on which a card is typed, takes the cards of the provider's documentation and tells of
//! what happened as the provider does: signed, and by HTTP.

mod api;
mod card;
mod deed;
mod ledger;
mod object;
mod page;
mod word;

pub use card::Outcome as Typed;
pub use word::Telling;

use std::{
    net::SocketAddr,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::Router;
use ledger::Ledger;
use tokio::{net::TcpListener, task::JoinHandle};
use word::Teller;

use crate::{Clock, CloudError};

/// The key by which the bank knows the panel.
pub const BANK_KEY: &str = "sk_test_bank_of_the_laptop";

/// A running bank. It closes when the last of its clones is dropped.
#[derive(Clone)]
pub struct Bank {
    books: Books,
    teller: Teller,
    address: SocketAddr,
    _server: Arc<Server>,
}

struct Server(JoinHandle<()>);

impl Drop for Server {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// What the bank knows, and where it is kept.
#[derive(Clone)]
pub(crate) struct Books {
    ledger: Arc<Mutex<Ledger>>,
    file: Option<PathBuf>,
    clock: Arc<Mutex<Clock>>,
    address: SocketAddr,
}

impl Books {
    /// Reads, or does something, at the present moment; what was done is kept.
    pub(crate) fn with<T>(&self, work: impl FnOnce(&mut Ledger, i64) -> T) -> T {
        let now = self.now();
        let mut ledger = lock(&self.ledger);
        ledger.expire(now);
        let done = work(&mut ledger, now);
        if let Some(file) = &self.file
            && let Ok(bytes) = serde_json::to_vec(&*ledger)
        {
            // A laptop whose disk is full has other worries.
            let _kept = std::fs::write(file, bytes);
        }
        done
    }

    /// Reads.
    pub(crate) fn see<T>(&self, look: impl FnOnce(&Ledger) -> T) -> T {
        look(&lock(&self.ledger))
    }

    pub(crate) fn now(&self) -> i64 {
        let clock = lock(&self.clock).clone();
        clock()
    }

    /// Where a page of the bank's is.
    pub(crate) fn page(&self, session: &str) -> String {
        format!("http://{}/pay/{session}", self.address)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Bank {
    /// Opens the bank on a port of 127.0.0.1; 0 picks a free one. Its books lie in `folder`, or nowhere.
    ///
    /// # Errors
    /// When the port is taken.
    pub async fn open(
        folder: Option<PathBuf>,
        port: u16,
        clock: Clock,
    ) -> Result<Self, CloudError> {
        let listener = super::listen(port).await?;
        Self::serve(listener, folder, clock)
    }

    fn serve(
        listener: TcpListener,
        folder: Option<PathBuf>,
        clock: Clock,
    ) -> Result<Self, CloudError> {
        let address = super::address(&listener)?;
        let file = folder.map(|folder| folder.join("bank.json"));
        let kept = file.as_ref().and_then(|file| std::fs::read(file).ok());
        let ledger = kept.and_then(|it| serde_json::from_slice(&it).ok()).unwrap_or_default();
        let (ledger, clock) = (Arc::new(Mutex::new(ledger)), Arc::new(Mutex::new(clock)));
        let books = Books { ledger, file, clock, address };
        let teller = Teller::new(books.clone());
        let router: Router = api::router(books.clone(), teller.clone())
            .merge(page::router(books.clone(), teller.clone()));
        let server = tokio::spawn(async move {
            // Serving ends only with the listener, and there is nobody left to tell.
            let _ended = axum::serve(listener, router).await;
        });
        Ok(Self { books, teller, address, _server: Arc::new(Server(server)) })
    }

    /// Its address, without a trailing slash.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What it signs its word with.
    #[must_use]
    pub fn secret(&self) -> &'static str {
        word::SECRET
    }

    /// Has it know the time by another clock.
    pub fn set_clock(&self, clock: Clock) {
        *lock(&self.books.clock) = clock;
    }

    /// Has it tell a panel what happens, at the address of its webhooks.
    pub fn tell(&self, address: String) {
        self.teller.tell(address);
    }

    /// Has it tell nobody: the panel stops.
    pub fn keep_to_itself(&self) {
        self.teller.keep_to_itself();
    }

    /// How it tells from now on.
    pub fn telling(&self, manner: Telling) {
        self.teller.set(manner);
    }

    /// Tells all that has happened and was not told yet.
    pub async fn tell_all(&self) {
        self.teller.tell_all().await;
    }

    /// What has happened and was not told: the signature and the body of each, as they would be sent.
    #[must_use]
    pub fn untold(&self) -> Vec<(String, String)> {
        self.teller.untold()
    }

    /// Does what a person does on a page of the bank's: types a card, says yes or no where the card's own bank asks.
    /// `None`: there is no such page, or it is closed.
    #[must_use]
    pub fn complete(&self, url: &str, card: &str, agrees: bool) -> Option<Typed> {
        let path = url.split(['?', '#']).next().unwrap_or_default();
        let session = path.rsplit('/').next().unwrap_or_default();
        self.books.with(|ledger, now| ledger.type_card(session, card, Some(agrees), now))
    }

    /// What was paid of payments that name an invoice, and how often.
    #[must_use]
    pub fn charged(&self, invoice: &str) -> (usize, u64) {
        self.books.see(|ledger| ledger.charged(invoice))
    }

    /// What was given back of them.
    #[must_use]
    pub fn given_back(&self, invoice: &str) -> u64 {
        self.books.see(|ledger| ledger.given_back(invoice))
    }
}
