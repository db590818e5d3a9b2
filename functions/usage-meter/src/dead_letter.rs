//! What can never be counted, with the reason, for a person to look at.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use shared::{
    app::App,
    error::Error,
    outbox::Queue,
    queue::{MOST_BYTES, MOST_MESSAGES},
    usage::{EventRefused, PackedEvents, UsageEvent, Void},
};

/// One dead letter.
#[derive(Serialize, Deserialize)]
pub(crate) struct DeadLetter {
    /// What programs tell reasons apart by.
    code: Cow<'static, str>,
    /// What is wrong.
    detail: String,
    /// The event, if it could be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    event: Option<Box<UsageEvent>>,
    /// What was to be taken back, if it could be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    void: Option<Box<Void>>,
    /// The message, if it could not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    body: Option<String>,
}

impl DeadLetter {
    pub(crate) fn of(event: UsageEvent, refused: &EventRefused) -> Self {
        Self { event: Some(Box::new(event)), ..Self::because(refused) }
    }

    pub(crate) fn of_void(void: Void, refused: &EventRefused) -> Self {
        Self { void: Some(Box::new(void)), ..Self::because(refused) }
    }

    pub(crate) fn unreadable(body: String, refused: &EventRefused) -> Self {
        Self { body: Some(body), ..Self::because(refused) }
    }

    /// What is in a letter that was put back into the queue, to be judged anew.
    pub(crate) fn into_packed(self) -> Result<PackedEvents, Self> {
        let packed = PackedEvents {
            events: self.event.iter().map(|event| (**event).clone()).collect(),
            voids: self.void.iter().map(|void| (**void).clone()).collect(),
        };
        if packed.is_empty() { Err(self) } else { Ok(packed) }
    }

    fn because(refused: &EventRefused) -> Self {
        let detail = refused.detail.clone().into_owned();
        let (event, void, body) = (None, None, None);
        Self { code: refused.code.as_str().into(), detail, event, void, body }
    }
}

/// Sends the dead letters, as few calls as they fit into.
pub(crate) async fn send(app: &App, letters: Vec<&DeadLetter>) -> Result<(), Error> {
    let mut bodies = Vec::new();
    let mut bytes = 0;
    for letter in letters {
        let body = serde_json::to_string(letter).unwrap_or_default();
        if bodies.len() == MOST_MESSAGES || bytes + body.len() > MOST_BYTES {
            let full = std::mem::take(&mut bodies);
            app.queues.send(app.config.queue(Queue::UsageDead)?, full).await?;
            bytes = 0;
        }
        bytes += body.len();
        bodies.push(body);
    }
    if !bodies.is_empty() {
        app.queues.send(app.config.queue(Queue::UsageDead)?, bodies).await?;
    }
    Ok(())
}
