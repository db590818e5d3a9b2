//! Changing the preferences. What waits is looked at again at once, so that nothing is held by what was wanted
//! before.

use std::collections::BTreeMap;

use serde::{Deserialize, de::IgnoredAny};
use shared::{
    auth::Caller,
    error::{Code, Conflicts, Error, FieldError},
    http::{IfMatch, Object},
    notify::{
        Channel, Digest, HeldTimer, Hold, NoticeKind, NoticePreferences, QuietHours, held_prefix,
        preferences_key, time_of,
    },
    table::{Range, Transaction},
};

use super::{etag, load};

/// So many of what waits are looked at again in the transaction of a change.
const MOST_AT_ONCE: usize = 90;

/// How the user wants to be told.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PreferencesInput {
    /// Where kinds go, as far as somebody says.
    #[serde(default)]
    #[schema(value_type = BTreeMap<NoticeKind, ChannelsInput>)]
    kinds: BTreeMap<NoticeKind, Object<ChannelsInput>>,
    #[serde(default)]
    #[schema(value_type = Option<QuietHoursInput>)]
    quiet_hours: Option<Object<QuietHoursInput>>,
    #[serde(default)]
    #[schema(value_type = Option<Digest>)]
    digest: Option<String>,
    /// Told in replies, and no choice.
    #[serde(default)]
    #[schema(value_type = Option<Vec<Object>>)]
    #[expect(dead_code, reason = "what was read may be sent back as it came")]
    locked: Option<IgnoredAny>,
}

/// Where a kind goes.
#[derive(Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct ChannelsInput {
    #[serde(default)]
    in_app: Option<bool>,
    #[serde(default)]
    email: Option<bool>,
    #[serde(default)]
    telegram: Option<bool>,
    #[serde(default)]
    discord: Option<bool>,
    #[serde(default)]
    webhook: Option<bool>,
}

/// When what can wait waits.
#[derive(Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct QuietHoursInput {
    #[schema(example = "22:00", pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$")]
    pub(super) from: String,
    #[schema(example = "07:00", pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$")]
    pub(super) to: String,
}

impl ChannelsInput {
    fn said(&self) -> BTreeMap<Channel, bool> {
        let said = [
            (Channel::InApp, self.in_app),
            (Channel::Email, self.email),
            (Channel::Telegram, self.telegram),
            (Channel::Discord, self.discord),
            (Channel::Webhook, self.webhook),
        ];
        said.into_iter().filter_map(|(channel, wanted)| Some((channel, wanted?))).collect()
    }
}

impl PreferencesInput {
    /// The preferences that this makes.
    pub(super) fn wanted(&self) -> Result<NoticePreferences, Error> {
        let mut wrong = Vec::new();
        let mut wanted = NoticePreferences::default();
        for (kind, Object(channels)) in &self.kinds {
            let said = channels.said();
            for (channel, _) in said.iter().filter(|(it, on)| !**on && kind.is_locked(**it)) {
                let pointer = format!("/kinds/{}/{}", kind.as_str(), channel.as_str());
                wrong.push(FieldError { pointer, code: "locked" });
            }
            wanted.kinds.insert(*kind, said);
        }
        if let Some(Object(hours)) = &self.quiet_hours {
            wanted.quiet_hours = hours.parse(["/quiet_hours/from", "/quiet_hours/to"], &mut wrong);
        }
        wanted.digest = match self.digest.as_deref() {
            None | Some("off") => Digest::Off,
            Some("daily") => Digest::Daily,
            Some(_) => {
                wrong.push(FieldError::new("digest", "choice_unknown"));
                Digest::Off
            }
        };
        if wrong.is_empty() { Ok(wanted) } else { Err(Error::fields(wrong)) }
    }
}

impl QuietHoursInput {
    /// The hours, or what is wrong with them at these places.
    pub(super) fn parse(
        &self,
        [from, to]: [&str; 2],
        wrong: &mut Vec<FieldError>,
    ) -> Option<QuietHours> {
        let mut time = |text: &str, pointer: &str| {
            let time = time_of(text);
            if time.is_none() {
                wrong.push(FieldError { pointer: pointer.to_owned(), code: "clock_invalid" });
            }
            time
        };
        let hours = QuietHours { from: time(&self.from, from)?, to: time(&self.to, to)? };
        if hours.from == hours.to {
            wrong.push(FieldError { pointer: to.to_owned(), code: "clock_same" });
            return None;
        }
        Some(hours)
    }
}

/// Makes the preferences what `wanted` makes of the stored ones.
pub(super) async fn change(
    caller: &Caller,
    if_match: &IfMatch,
    wanted: impl Fn(&NoticePreferences) -> NoticePreferences,
) -> Result<NoticePreferences, Error> {
    let mut conflicts = Conflicts::default();
    loop {
        let stored = load(caller).await?;
        if_match.require(&etag(&stored))?;
        let wanted = NoticePreferences { version: stored.version + 1, ..wanted(&stored) };
        match write(caller, &stored, &wanted).await {
            Ok(()) => return Ok(wanted),
            Err(error) => if_match.lost(error, &mut conflicts)?,
        }
    }
}

async fn write(
    caller: &Caller,
    stored: &NoticePreferences,
    wanted: &NoticePreferences,
) -> Result<(), Error> {
    let (app, user) = (&caller.app, caller.user()?);
    let range = Range::prefix(caller.tenant, &held_prefix(user)).strong();
    let waiting: Vec<HeldTimer> = app.table.all(range).await?;
    let mut transaction: Transaction<'_, Code> = app.table.transaction();
    let key = preferences_key(caller.tenant, user);
    transaction.put_if(&key, wanted, stored.is_as_read(), Code::Conflict);
    let is_moot = |timer: &&HeldTimer| match timer.what.hold {
        // Followers of a mail wait for each other, whatever is wanted.
        Hold::Gathered => false,
        // A digest goes at its time, without what is not wanted any more.
        Hold::Digest => wanted.digest == Digest::Off,
        Hold::QuietHours => true,
    };
    // What is beyond that is looked at when it is due.
    for timer in waiting.iter().filter(is_moot).take(MOST_AT_ONCE) {
        timer.bring_forward(app, &mut transaction, Code::Conflict);
    }
    Ok(transaction.commit().await?)
}
