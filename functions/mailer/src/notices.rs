//! Mails about notifications: each says in the reader's language what happened, one thing or many.

use futures::future::try_join_all;
use serde::de::IgnoredAny;
use shared::{
    account::{Account, User, account_key, user_key},
    app::App,
    auth::SecurityChange,
    config::NotAskedFor,
    id::{NotificationId, OutboxId},
    notify::{
        Channel, Delivery, DeliveryReason, DeliveryState, Hold, Letter as LetterRecord, NOTICE,
        Notification, find_letter, notification_key,
    },
    outbox::MOST_DELIVERIES,
    table::{Read, TableError, Tenant},
    web::{Preferences, Text},
};

use crate::{
    MailerError,
    letter::Letter,
    links::{address, link, of_change},
    post,
};

/// Sends the letter of a record and notes at each notification that it tells of what came of it. `tries` is how
/// often the record was delivered.
pub(crate) async fn send(app: &App, record: OutboxId, tries: u32) -> Result<(), MailerError> {
    let Some(letter) = find_letter(app, record).await? else { return Ok(()) };
    let Some(content) = Content::read(app, &letter).await? else { return Ok(()) };
    match post(app, record, &content.mail(app)?).await {
        Ok(()) => Ok(content.note(app, tries, DeliveryState::Sent, None).await?),
        // Another run may be about to say that it was sent.
        Err(MailerError::Underway) => Err(MailerError::Underway),
        Err(error) => {
            let last = tries >= MOST_DELIVERIES;
            let state = if last { DeliveryState::Failed } else { DeliveryState::Queued };
            content.note(app, tries, state, Some(DeliveryReason::Refused)).await?;
            Err(error)
        }
    }
}

/// What a letter tells of, and whom.
struct Content<'a> {
    letter: &'a LetterRecord,
    user: User,
    text: Text,
    /// Oldest first.
    notifications: Vec<Notification>,
}

impl<'a> Content<'a> {
    /// Nothing if there is nobody to tell any more, or nothing.
    async fn read(app: &App, letter: &'a LetterRecord) -> Result<Option<Self>, TableError> {
        let tenant = Tenant::of_record(letter);
        let key = |id: &NotificationId| notification_key(tenant, letter.user, *id);
        let mut keys = vec![user_key(tenant, letter.user), account_key(tenant)];
        keys.extend(letter.notices.iter().map(key));
        let mut items = app.table.batch(&keys, Read::Strong).await?;
        let (user, account) = (items.take::<User>(&keys[0])?, items.take::<Account>(&keys[1])?);
        let Some((user, account)) = user.zip(account) else { return Ok(None) };
        let found: Result<Vec<Option<_>>, _> =
            keys[2..].iter().map(|key| items.take(key)).collect();
        let notifications: Vec<Notification> = found?.into_iter().flatten().collect();
        let zone = account.zones.at(app.clock.now()).zone().clone();
        let text = Text::new(Preferences {
            language: user.locale,
            digits: user.digits,
            zone,
            ..Preferences::default()
        });
        let content = Self { letter, user, text, notifications };
        Ok(Some(content).filter(|it| !it.notifications.is_empty()))
    }

    fn mail(&self, app: &App) -> Result<Letter, NotAskedFor> {
        let undo = self.letter.undo.map(|token| link(app, "not-me", token)).transpose()?;
        match (&self.notifications[..], self.letter.more) {
            // Where there is nothing to undo any more, the words offer nothing.
            ([one], 0) => match one.change.as_ref().zip(undo) {
                Some((change, undo)) => Ok(self.of_one_change(change.clone(), undo)),
                None => self.of_one(app, one),
            },
            _ => self.of_many(app, undo),
        }
    }

    /// A change to the account's security, with what is known of who made it.
    fn of_one_change(&self, change: SecurityChange, undo: String) -> Letter {
        let letter = of_change(&NOTICE, change, Some(undo));
        Letter { to: self.letter.to.clone(), ..letter }
    }

    fn of_one(&self, app: &App, one: &Notification) -> Result<Letter, NotAskedFor> {
        let (title, body) = (one.words.title(&self.text), one.body(&self.text));
        let lead = if body.is_empty() { title.clone() } else { body };
        let place = address(app, one.link.trim_start_matches('/'))?;
        let letter = self.blank("told", Some(place));
        let Some(thread) = &one.thread else {
            return Ok(Letter { subject: Some(title), lead: Some(lead), ..letter });
        };
        // Mailboxes go by the subject as well: it stays, and what happened is told below.
        let (subject, of) = (Some(thread.subject.clone()), Some(thread.of.clone()));
        let told = if lead == title { Vec::new() } else { vec![(title, String::new())] };
        Ok(Letter { subject, thread: of, lead: Some(lead), facts: told, ..letter })
    }

    fn of_many(&self, app: &App, undo: Option<String>) -> Result<Letter, NotAskedFor> {
        let held = self.letter.held.map_or(Hold::Gathered.as_str(), Hold::as_str);
        let count = self.notifications.len() as u64 + self.letter.more;
        let subject = self.text.count(&format!("mail-many-{held}-subject"), count);
        let fact = |it: &Notification| {
            let moment = self.text.format().moment(&it.created_at);
            (format!("{} ·", it.words.title(&self.text)), self.text.isolate(&moment))
        };
        let mut facts: Vec<(String, String)> = self.notifications.iter().map(fact).collect();
        if self.letter.more > 0 {
            facts.push((self.text.count("mail-many-more", self.letter.more), String::new()));
        }
        let letter = match undo {
            Some(undo) => self.blank("many-notice", Some(undo)),
            None => Letter {
                lead: Some(self.text.get("mail-many-lead")),
                ..self.blank("told", Some(address(app, "notifications")?))
            },
        };
        let threads = self.notifications.iter().map(|it| it.thread.as_ref());
        // All of one conversation stay in it.
        match threads.reduce(|one, next| one.filter(|_| one == next)).flatten() {
            Some(thread) => {
                let (subject, of) = (thread.subject.clone(), thread.of.clone());
                Ok(Letter { subject: Some(subject), thread: Some(of), facts, ..letter })
            }
            None => Ok(Letter { subject: Some(subject), facts, ..letter }),
        }
    }

    fn blank(&self, words: &'static str, link: Option<String>) -> Letter {
        Letter {
            to: self.letter.to.clone(),
            name: self.user.name.clone(),
            text: self.text.clone(),
            words,
            to_account: true,
            link,
            subject: None,
            lead: None,
            facts: Vec::new(),
            thread: None,
        }
    }

    /// Notes what came of the letter at each notification that still waits for it.
    async fn note(
        &self,
        app: &App,
        tries: u32,
        state: DeliveryState,
        reason: Option<DeliveryReason>,
    ) -> Result<(), TableError> {
        let tenant = Tenant::of_record(self.letter);
        let at = app.clock.now();
        let stands =
            Notification::stands(Channel::Email, &Delivery { state, reason, attempts: tries, at })?;
        let stands = stands.when(Notification::awaits(Channel::Email));
        let notes = self.notifications.iter().map(async |it| {
            let key = notification_key(tenant, self.letter.user, it.id);
            app.table.update::<IgnoredAny>(&key, stands.clone()).await
        });
        try_join_all(notes).await.map(drop)
    }
}
