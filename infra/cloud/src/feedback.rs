//! What SES publishes of a mail that came back, as its developer guide documents it ("Contents of event data
//! that Amazon SES publishes to Amazon SNS").

use serde_json::{Value, json};

use crate::Mail;

/// The event of a mail that bounced for good, or that is called unwanted.
pub(crate) fn of(mail: &Mail, unwanted: bool) -> Value {
    let headers: Vec<Value> =
        mail.headers.iter().map(|(name, value)| json!({"name": name, "value": value})).collect();
    let about = json!({
        "timestamp": mail.at, "source": mail.from, "messageId": "local", "destination": [mail.to],
        "headersTruncated": false, "headers": headers,
        "commonHeaders": {"from": [mail.from], "to": [mail.to], "subject": mail.subject},
    });
    if unwanted {
        let complaint = json!({
            "complainedRecipients": [{"emailAddress": mail.to}], "timestamp": mail.at,
            "feedbackId": "local", "complaintFeedbackType": "abuse",
        });
        json!({"eventType": "Complaint", "complaint": complaint, "mail": about})
    } else {
        let bounce = json!({
            "bounceType": "Permanent", "bounceSubType": "General", "timestamp": mail.at,
            "feedbackId": "local",
            "bouncedRecipients": [{"emailAddress": mail.to, "action": "failed", "status": "5.1.1",
                "diagnosticCode": "smtp; 550 5.1.1 user unknown"}],
        });
        json!({"eventType": "Bounce", "bounce": bounce, "mail": about})
    }
}
