//! S3: files go straight from a browser to the bucket and back, by forms and addresses that are good for a short
//! while and for one file alone. No function ever holds one.

use std::{collections::BTreeMap, error::Error as StdError, time::Duration};

use aws_sdk_s3::{Client, error::ProvideErrorMetadata, presigning::PresigningConfig};
use aws_sigv4::sign::v4::{calculate_signature, generate_signing_key};
use base64ct::{Base64, Encoding};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::ExposeSecret;
use serde::Serialize;
use serde_json::{Value, json};

use crate::{
    config::Aws,
    error::{Code, Error},
    wire::{Lazily, on_heap},
};

/// A form can be sent for so long.
const FORM_LIFE: SignedDuration = SignedDuration::from_mins(15);
/// An address leads to its file for so long.
const ADDRESS_LIFE: Duration = Duration::from_mins(1);

/// What a header's extended value may hold as it is (RFC 8187).
const ATTR_CHAR: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// S3 failed.
#[derive(Debug, thiserror::Error)]
#[error("the file store failed")]
pub struct FilesError(#[source] Box<dyn StdError + Send + Sync>);

impl From<FilesError> for Error {
    fn from(error: FilesError) -> Self {
        Self::fault(Code::Unavailable, error)
    }
}

/// The way to the files of one bucket.
#[derive(Clone)]
pub struct Files {
    client: Lazily<Client>,
    aws: Aws,
}

/// What a browser sends a file with: these fields as they are, and then the file as `file`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct UploadForm {
    /// Where it goes.
    pub url: String,
    /// The fields.
    pub fields: BTreeMap<String, String>,
}

/// A file that may be sent.
pub struct Upload<'a> {
    /// The bucket.
    pub bucket: &'a str,
    /// Where it will lie.
    pub key: &'a str,
    /// What kind of file it is said to be.
    pub media_type: &'a str,
    /// The least and the most bytes that it may have.
    pub bytes: (u64, u64),
    /// Where the browser goes once it was sent; a program is answered 201.
    pub then: Option<&'a str>,
}

impl Files {
    pub(crate) fn new(client: Lazily<Client>, aws: Aws) -> Self {
        Self { client, aws }
    }

    /// Where a bucket is, as an origin for a page's policy.
    #[must_use]
    pub fn origin(&self, bucket: &str) -> String {
        match &self.aws.endpoint {
            Some(endpoint) => endpoint.clone(),
            None => format!("https://{bucket}.s3.{}.amazonaws.com", self.aws.region),
        }
    }

    /// The form with which a file can be sent, once or again, for a short while.
    #[must_use]
    pub fn upload_form(&self, upload: &Upload<'_>, now: Timestamp) -> UploadForm {
        let Upload { bucket, key, media_type, bytes: (least, most), then } = *upload;
        let at = now.to_zoned(TimeZone::UTC);
        let (day, moment) = (at.strftime("%Y%m%d").to_string(), at.strftime("%Y%m%dT%H%M%SZ"));
        let credential =
            format!("{}/{day}/{}/s3/aws4_request", self.aws.access_key, self.aws.region);
        let answer = match then {
            Some(place) => ("success_action_redirect", place.to_owned()),
            None => ("success_action_status", "201".to_owned()),
        };
        let mut fields = BTreeMap::from([
            ("key", key.to_owned()),
            ("Content-Type", media_type.to_owned()),
            ("x-amz-algorithm", "AWS4-HMAC-SHA256".to_owned()),
            ("x-amz-credential", credential),
            ("x-amz-date", moment.to_string()),
            answer,
        ]);
        if let Some(token) = &self.aws.session_token {
            fields.insert("x-amz-security-token", token.expose_secret().to_owned());
        }
        let mut conditions: Vec<Value> =
            fields.iter().map(|(name, value)| json!({*name: value})).collect();
        conditions.push(json!({ "bucket": bucket }));
        conditions.push(json!(["content-length-range", least, most]));
        // S3 takes whole seconds.
        let expires = (now + FORM_LIFE).to_zoned(TimeZone::UTC);
        let expires = expires.strftime("%Y-%m-%dT%H:%M:%SZ");
        let policy = json!({"expiration": expires.to_string(), "conditions": conditions});
        let policy = Base64::encode_string(policy.to_string().as_bytes());
        let secret = self.aws.secret_key.expose_secret();
        let signing = generate_signing_key(secret, now.into(), &self.aws.region, "s3");
        fields.insert("x-amz-signature", calculate_signature(signing, policy.as_bytes()));
        fields.insert("policy", policy);
        let url = match &self.aws.endpoint {
            Some(endpoint) => format!("{endpoint}/{bucket}"),
            None => format!("{}/", self.origin(bucket)),
        };
        let fields = fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        UploadForm { url, fields }
    }

    /// An address that has a browser keep a file under a name, and never show it, for a short while.
    ///
    /// # Errors
    /// When it cannot be signed.
    pub async fn download(
        &self,
        bucket: &str,
        key: &str,
        name: &str,
        now: Timestamp,
    ) -> Result<String, FilesError> {
        let failed = |error: Box<dyn StdError + Send + Sync>| FilesError(error);
        let life = PresigningConfig::builder().start_time(now.into()).expires_in(ADDRESS_LIFE);
        let life = life.build().map_err(|error| failed(error.into()))?;
        let name = utf8_percent_encode(name, ATTR_CHAR);
        let request = self
            .client
            .get_object()
            .bucket(bucket)
            .key(key)
            .response_content_disposition(format!("attachment; filename*=UTF-8''{name}"))
            .response_content_type("application/octet-stream");
        let signed = on_heap(request.presigned(life)).await;
        Ok(signed.map_err(|error| failed(error.into()))?.uri().to_owned())
    }

    /// How long a file is; nothing if it is not there.
    ///
    /// # Errors
    /// When S3 fails.
    pub async fn bytes(&self, bucket: &str, key: &str) -> Result<Option<u64>, FilesError> {
        let request = self.client.head_object().bucket(bucket).key(key);
        match on_heap(request.send()).await {
            Ok(head) => Ok(head.content_length().and_then(|it| u64::try_from(it).ok())),
            // A bucket that may not be listed says neither.
            Err(error) if matches!(error.code(), Some("NotFound" | "NoSuchKey")) => Ok(None),
            Err(error) if error.raw_response().is_some_and(|it| it.status().as_u16() == 403) => {
                Ok(None)
            }
            Err(error) => Err(FilesError(error.into())),
        }
    }
}
