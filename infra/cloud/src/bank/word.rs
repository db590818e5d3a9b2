//! What the bank tells by itself. Source: <https://docs.stripe.com/webhooks>.

use std::sync::{Arc, Mutex};

use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;

use super::{Books, lock};

/// What word is signed with.
pub(super) const SECRET: &str = "whsec_bank_of_the_laptop_0123456789";

/// How the bank tells.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Telling {
    /// At once, in order, once.
    #[default]
    Promptly,
    /// Not at all, until it is told otherwise.
    Late,
    /// Everything twice.
    Twice,
    /// What waits, the newest first.
    Backwards,
}

/// Tells a panel what has happened.
#[derive(Clone)]
pub(super) struct Teller {
    books: Books,
    to: Arc<Mutex<Option<String>>>,
    manner: Arc<Mutex<Telling>>,
    /// One tells at a time, so that word keeps its order.
    turn: Arc<tokio::sync::Mutex<()>>,
    http: reqwest::Client,
}

impl Teller {
    pub(super) fn new(books: Books) -> Self {
        let (to, manner, turn) = (Arc::default(), Arc::default(), Arc::default());
        Self { books, to, manner, turn, http: reqwest::Client::new() }
    }

    pub(super) fn tell(&self, address: String) {
        *lock(&self.to) = Some(address);
    }

    pub(super) fn keep_to_itself(&self) {
        *lock(&self.to) = None;
    }

    pub(super) fn set(&self, manner: Telling) {
        *lock(&self.manner) = manner;
    }

    /// Tells without being waited for.
    pub(super) fn tell_soon(&self) {
        let teller = self.clone();
        tokio::spawn(async move { teller.tell_all().await });
    }

    pub(super) fn untold(&self) -> Vec<(String, String)> {
        let untold = self.books.with(|ledger, _| std::mem::take(&mut ledger.untold));
        untold.iter().map(|word| self.signed(word)).collect()
    }

    /// Tells what waits. Word that does not arrive waits on.
    pub(super) async fn tell_all(&self) {
        let _turn = self.turn.lock().await;
        let Some(to) = lock(&self.to).clone() else { return };
        let manner = *lock(&self.manner);
        if manner == Telling::Late {
            return;
        }
        while !self.books.see(|ledger| ledger.untold.is_empty()) {
            let mut waiting = self.books.with(|ledger, _| std::mem::take(&mut ledger.untold));
            if manner == Telling::Backwards {
                waiting.reverse();
            }
            let mut missed = Vec::new();
            for word in waiting {
                let times = if manner == Telling::Twice { 2 } else { 1 };
                let mut arrived = true;
                for _ in 0..times {
                    arrived &= self.send(&to, &word).await;
                }
                if !arrived {
                    missed.push(word);
                }
            }
            if !missed.is_empty() {
                self.books.with(|ledger, _| ledger.untold.splice(0..0, missed).count());
                return;
            }
        }
    }

    async fn send(&self, to: &str, word: &Value) -> bool {
        let (signature, body) = self.signed(word);
        let request = self.http.post(to).header("stripe-signature", signature);
        let request = request.header("content-type", "application/json").body(body);
        request.send().await.is_ok_and(|reply| reply.status().is_success())
    }

    fn signed(&self, word: &Value) -> (String, String) {
        let body = word.to_string();
        (signature(SECRET, self.books.now(), &body), body)
    }
}

/// The header `Stripe-Signature`.
fn signature(secret: &str, at: i64, body: &str) -> String {
    #[expect(clippy::expect_used, reason = "HMAC takes keys of every length")]
    let mut mac =
        Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes keys of every length");
    mac.update(format!("{at}.{body}").as_bytes());
    format!("t={at},v1={}", hex::encode(mac.finalize().into_bytes()))
}
