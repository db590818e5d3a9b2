//! What SES publishes of a mail, as its developer guide documents it ("Contents of event data that Amazon SES
//! publishes to Amazon SNS"). Only what is read is named.

use serde::Deserialize;
use shared::{account::Email, id::OutboxId, mail::RECORD_HEADER, notify::DeliveryReason};

/// An event of a mail.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Feedback {
    event_type: String,
    #[serde(default)]
    bounce: Option<Bounce>,
    mail: Mail,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Bounce {
    bounce_type: String,
}

#[derive(Debug, Deserialize)]
struct Mail {
    #[serde(default)]
    destination: Vec<String>,
    #[serde(default)]
    headers: Vec<Header>,
}

#[derive(Debug, Deserialize)]
struct Header {
    name: String,
    value: String,
}

impl Feedback {
    /// Why nothing is to be sent there; nothing where that is not so.
    pub(crate) fn reason(&self) -> Option<DeliveryReason> {
        let for_good = |bounce: &Bounce| bounce.bounce_type == "Permanent";
        match self.event_type.as_str() {
            "Bounce" if self.bounce.as_ref().is_some_and(for_good) => Some(DeliveryReason::Bounced),
            "Complaint" => Some(DeliveryReason::Complaint),
            _ => None,
        }
    }

    /// The address that the mail went to. Whom the news names as recipient was written by a server out there:
    /// it could name anybody.
    pub(crate) fn address(&self) -> Option<Email> {
        self.mail.destination.first()?.parse().ok()
    }

    /// The record of the outbox that the mail was sent for.
    pub(crate) fn record(&self) -> Option<OutboxId> {
        let mut headers = self.mail.headers.iter();
        let header = headers.find(|it| it.name.eq_ignore_ascii_case(RECORD_HEADER))?;
        header.value.trim().parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn feedback(event: Value) -> Feedback {
        serde_json::from_value(event).unwrap()
    }

    #[test]
    fn only_what_comes_back_for_good_or_is_unwanted_stops_anything() {
        for (event, reason) in [
            (
                json!({"eventType": "Bounce", "bounce": {"bounceType": "Permanent"}, "mail": {}}),
                Some(DeliveryReason::Bounced),
            ),
            (
                json!({"eventType": "Bounce", "bounce": {"bounceType": "Transient"}, "mail": {}}),
                None,
            ),
            (
                json!({"eventType": "Bounce", "bounce": {"bounceType": "Undetermined"}, "mail": {}}),
                None,
            ),
            (
                json!({"eventType": "Complaint", "complaint": {}, "mail": {}}),
                Some(DeliveryReason::Complaint),
            ),
            (json!({"eventType": "Delivery", "mail": {}}), None),
        ] {
            assert_eq!(feedback(event.clone()).reason(), reason, "{event}");
        }
    }

    #[test]
    fn it_is_about_the_address_that_the_mail_went_to_whomever_it_names() {
        let mail = |destination: Value| {
            let recipients = json!([{"emailAddress": "victim@umbrella.test"}]);
            let bounce = json!({"bounceType": "Permanent", "bouncedRecipients": recipients});
            let mail = json!({"destination": destination});
            feedback(json!({"eventType": "Bounce", "bounce": bounce, "mail": mail}))
        };
        let address = mail(json!(["ada@acme.test"])).address().unwrap();
        assert_eq!(address.as_str(), "ada@acme.test");
        assert!(mail(json!([])).address().is_none() && mail(json!(["nobody"])).address().is_none());
    }
}
