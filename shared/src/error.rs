//! What a request can fail with, and the one place where a failure becomes a status.
//!
//! Rules return small enums of their own; each converts into an [`Error`] by naming a [`Code`].
//! The words are Fluent messages (`problem-<code>`), chosen when the reply is rendered.

use std::error::Error as StdError;

use http::StatusCode;

use crate::{
    mail::MailError,
    queue::QueueError,
    table::{Cancelled, CursorRefused, TableError},
};

/// What went wrong, as clients tell problems apart. Each has a page at `/problems/<code>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Code {
    /// The body or the query does not parse, or has a field that is not known.
    Malformed,
    /// The cursor was not made for this list.
    InvalidCursor,
    /// The input parses and is not valid; the fields tell.
    InvalidInput,
    /// The one-time link is wrong, used or expired.
    InvalidLink,
    /// No credential, or one that is not good any more.
    Unauthenticated,
    /// The address and the password do not belong together.
    WrongCredentials,
    /// Known, and not allowed.
    Forbidden,
    /// A request with a cookie that another site may have caused.
    CrossSite,
    /// The account is suspended.
    Suspended,
    /// Not there, or another tenant's.
    NotFound,
    /// There, but not for this method.
    MethodNotAllowed,
    /// Somebody else wrote in between.
    Conflict,
    /// `If-Match` names another version.
    PreconditionFailed,
    /// The body is larger than the endpoint takes.
    TooLarge,
    /// The body's type is not one that the endpoint reads.
    UnsupportedType,
    /// Too many attempts.
    TooManyRequests,
    /// A defect of ours.
    Internal,
    /// Something the panel stands on does not answer.
    Unavailable,
    /// The operation wants the password or a code again.
    SudoRequired,
    /// The operation wants a session with a second factor.
    SecondFactorRequired,
    /// The API key has not the scope.
    ScopeMissing,
    /// The API key is not for this address.
    AddressNotAllowed,
    /// The password is not the one of who asks.
    WrongPassword,
    /// The code of the second factor is wrong, used or too old.
    WrongCode,
    /// The second factor is on already.
    SecondFactorOn,
    /// The second factor is not on.
    SecondFactorOff,
    /// The address that is to be taken back has another account.
    AddressTaken,
    /// The API key's time is over.
    KeyExpired,
    /// The plan has no more API keys.
    KeyLimitReached,
    /// So many tickets are open that another one helps nobody.
    TicketLimitReached,
    /// The ticket was closed too long ago to be opened again.
    TicketClosed,
    /// The ticket is so long that the matter is told anew.
    TicketFull,
    /// The idempotency key was used with another body.
    IdempotencyKeyReused,
    /// It stands where this cannot be done.
    NotAllowedNow,
    /// The payment was declined, or came to nothing.
    PaymentFailed,
    /// There is nothing to pay with.
    PaymentMethodRequired,
    /// Nothing is to be paid.
    NothingDue,
    /// It is the last one, and something is to be paid.
    PaymentMethodNeeded,
    /// The wallet is full.
    PaymentMethodLimitReached,
}

impl Code {
    /// All of them, for their pages and for the check that each has its words.
    pub const ALL: [Self; 39] = [
        Self::Malformed,
        Self::InvalidCursor,
        Self::InvalidInput,
        Self::InvalidLink,
        Self::Unauthenticated,
        Self::WrongCredentials,
        Self::Forbidden,
        Self::CrossSite,
        Self::Suspended,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::Conflict,
        Self::PreconditionFailed,
        Self::TooLarge,
        Self::UnsupportedType,
        Self::TooManyRequests,
        Self::Internal,
        Self::Unavailable,
        Self::SudoRequired,
        Self::SecondFactorRequired,
        Self::ScopeMissing,
        Self::AddressNotAllowed,
        Self::WrongPassword,
        Self::WrongCode,
        Self::SecondFactorOn,
        Self::SecondFactorOff,
        Self::AddressTaken,
        Self::KeyExpired,
        Self::KeyLimitReached,
        Self::TicketLimitReached,
        Self::TicketClosed,
        Self::TicketFull,
        Self::IdempotencyKeyReused,
        Self::NotAllowedNow,
        Self::PaymentFailed,
        Self::PaymentMethodRequired,
        Self::NothingDue,
        Self::PaymentMethodNeeded,
        Self::PaymentMethodLimitReached,
    ];

    /// The status of the reply.
    #[must_use]
    pub fn status(self) -> StatusCode {
        match self {
            Self::Malformed | Self::InvalidCursor => StatusCode::BAD_REQUEST,
            Self::Unauthenticated | Self::WrongCredentials | Self::WrongCode => {
                StatusCode::UNAUTHORIZED
            }
            Self::Forbidden
            | Self::CrossSite
            | Self::Suspended
            | Self::SudoRequired
            | Self::SecondFactorRequired
            | Self::ScopeMissing
            | Self::AddressNotAllowed
            | Self::WrongPassword => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Conflict
            | Self::SecondFactorOn
            | Self::SecondFactorOff
            | Self::AddressTaken
            | Self::KeyExpired
            | Self::KeyLimitReached
            | Self::TicketLimitReached
            | Self::TicketClosed
            | Self::TicketFull
            | Self::NotAllowedNow
            | Self::NothingDue
            | Self::PaymentMethodNeeded
            | Self::PaymentMethodLimitReached => StatusCode::CONFLICT,
            Self::PaymentFailed | Self::PaymentMethodRequired => StatusCode::PAYMENT_REQUIRED,
            Self::PreconditionFailed => StatusCode::PRECONDITION_FAILED,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::InvalidInput | Self::InvalidLink | Self::IdempotencyKeyReused => {
                StatusCode::UNPROCESSABLE_ENTITY
            }
            Self::TooManyRequests => StatusCode::TOO_MANY_REQUESTS,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// Its name in replies, addresses and message ids.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::InvalidCursor => "invalid_cursor",
            Self::InvalidInput => "invalid_input",
            Self::InvalidLink => "invalid_link",
            Self::Unauthenticated => "unauthenticated",
            Self::WrongCredentials => "wrong_credentials",
            Self::Forbidden => "forbidden",
            Self::CrossSite => "cross_site",
            Self::Suspended => "suspended",
            Self::NotFound => "not_found",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::Conflict => "conflict",
            Self::PreconditionFailed => "precondition_failed",
            Self::TooLarge => "too_large",
            Self::UnsupportedType => "unsupported_type",
            Self::TooManyRequests => "too_many_requests",
            Self::Internal => "internal",
            Self::Unavailable => "unavailable",
            Self::SudoRequired => "sudo_required",
            Self::SecondFactorRequired => "second_factor_required",
            Self::ScopeMissing => "scope_missing",
            Self::AddressNotAllowed => "address_not_allowed",
            Self::WrongPassword => "wrong_password",
            Self::WrongCode => "wrong_code",
            Self::SecondFactorOn => "second_factor_on",
            Self::SecondFactorOff => "second_factor_off",
            Self::AddressTaken => "address_taken",
            Self::KeyExpired => "key_expired",
            Self::KeyLimitReached => "key_limit_reached",
            Self::TicketLimitReached => "ticket_limit_reached",
            Self::TicketClosed => "ticket_closed",
            Self::TicketFull => "ticket_full",
            Self::IdempotencyKeyReused => "idempotency_key_reused",
            Self::NotAllowedNow => "not_allowed_now",
            Self::PaymentFailed => "payment_failed",
            Self::PaymentMethodRequired => "payment_method_required",
            Self::NothingDue => "nothing_due",
            Self::PaymentMethodNeeded => "payment_method_needed",
            Self::PaymentMethodLimitReached => "payment_method_limit_reached",
        }
    }

    /// The code behind a status that no handler of ours gave.
    #[must_use]
    pub fn of_status(status: StatusCode) -> Option<Self> {
        Self::ALL.into_iter().find(|code| code.status() == status)
    }
}

/// One field that is not valid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// Where it is: a JSON pointer, `/email`. A form's field has the same name.
    pub pointer: String,
    /// Why, as the Fluent message `field-<code>` tells.
    pub code: &'static str,
}

impl FieldError {
    /// An error of a top-level field.
    #[must_use]
    pub fn new(field: &str, code: &'static str) -> Self {
        Self { pointer: format!("/{field}"), code }
    }
}

/// The limit that a request met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limited {
    /// The limit's name.
    pub policy: &'static str,
    /// How many attempts a window has.
    pub limit: u32,
    /// The window's length in seconds.
    pub window: i64,
    /// When the next attempt may be made, in seconds.
    pub retry_after: i64,
}

/// A failed request.
#[derive(Debug)]
pub struct Error {
    /// What went wrong.
    pub code: Code,
    /// Which fields are not valid.
    pub fields: Vec<FieldError>,
    /// What could not be read, in English: the parser's words about the caller's own input.
    pub note: Option<Box<str>>,
    /// Which limit was met.
    pub limited: Option<Limited>,
    /// The page, with what was typed, to come back to once the caller proved who it is.
    pub back: Option<Box<str>>,
    /// The cause, for the log alone.
    pub source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Error {
    /// A failure without more to say.
    #[must_use]
    pub fn new(code: Code) -> Self {
        Self { code, fields: Vec::new(), note: None, limited: None, back: None, source: None }
    }

    /// Input that is not valid.
    #[must_use]
    pub fn fields(fields: Vec<FieldError>) -> Self {
        Self { fields, ..Self::new(Code::InvalidInput) }
    }

    /// One field that is not valid.
    #[must_use]
    pub fn field(field: &str, code: &'static str) -> Self {
        Self::fields(vec![FieldError::new(field, code)])
    }

    /// Input that does not parse.
    #[must_use]
    pub fn malformed(note: impl Into<Box<str>>) -> Self {
        Self { note: Some(note.into()), ..Self::new(Code::Malformed) }
    }

    /// A limit was met.
    #[must_use]
    pub fn limited(limited: Limited) -> Self {
        Self { limited: Some(limited), ..Self::new(Code::TooManyRequests) }
    }

    /// A defect, or a service that does not answer.
    #[must_use]
    pub fn fault(code: Code, source: impl StdError + Send + Sync + 'static) -> Self {
        Self { source: Some(Box::new(source)), ..Self::new(code) }
    }
}

/// Conflicts that something met which reads and then writes what it read changed: it is begun with
/// anew where that was another's by then.
#[derive(Debug, Default)]
pub struct Conflicts(u32);

impl Conflicts {
    /// So many are put up with. Whoever meets more is one of a crowd.
    const MOST: u32 = 4;

    /// Gives the error back unless it is a conflict after which to begin anew.
    pub fn put_up_with(&mut self, error: Error) -> Result<(), Error> {
        if error.code != Code::Conflict || self.0 == Self::MOST {
            return Err(error);
        }
        self.0 += 1;
        Ok(())
    }
}

impl From<Code> for Error {
    fn from(code: Code) -> Self {
        Self::new(code)
    }
}

impl From<TableError> for Error {
    fn from(error: TableError) -> Self {
        let code = match error {
            TableError::Unavailable(_) | TableError::Busy => Code::Unavailable,
            TableError::Request(_) | TableError::Shape(_) => Code::Internal,
        };
        Self::fault(code, error)
    }
}

impl<R: Into<Error>> From<Cancelled<R>> for Error {
    /// The first refusal speaks for all.
    fn from(cancelled: Cancelled<R>) -> Self {
        match cancelled {
            Cancelled::Failed(error) => error.into(),
            Cancelled::Refused(refusals) => {
                refusals.into_iter().next().map_or_else(|| Self::new(Code::Conflict), Into::into)
            }
        }
    }
}

impl From<QueueError> for Error {
    fn from(error: QueueError) -> Self {
        Self::fault(Code::Unavailable, error)
    }
}

impl From<MailError> for Error {
    fn from(error: MailError) -> Self {
        Self::fault(Code::Unavailable, error)
    }
}

impl From<CursorRefused> for Error {
    fn from(refused: CursorRefused) -> Self {
        match refused {
            CursorRefused::Invalid => Self::new(Code::InvalidCursor),
            CursorRefused::Setting(defect) => defect.into(),
        }
    }
}

impl From<serde_dynamo::Error> for Error {
    fn from(error: serde_dynamo::Error) -> Self {
        TableError::from(error).into()
    }
}
