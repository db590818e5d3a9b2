//! A trace: requests with their times and tokens, oldest first.

use std::{fs::File, path::Path};

use jiff::{SignedDuration, Timestamp, civil::DateTime, tz::TimeZone};
use serde_json::{Value, json};

use super::{Arguments, ReplayError};

pub(super) struct Trace {
    pub(super) requests: Vec<Request>,
}

pub(super) struct Request {
    at: Timestamp,
    pub(super) input_tokens: u64,
    pub(super) output_tokens: u64,
}

impl Trace {
    pub(super) fn read(path: &Path) -> Result<Self, ReplayError> {
        let file = File::open(path).map_err(|error| ReplayError::File(path.into(), error))?;
        let mut reader = csv::Reader::from_reader(file);
        let mut requests = Vec::new();
        for record in reader.records() {
            let line = requests.len() as u64 + 2;
            let failed = |reason: String| ReplayError::Line { line, reason };
            let record = record.map_err(|error| failed(error.to_string()))?;
            let request = request(&record).ok_or_else(|| failed(format!("{record:?}")))?;
            requests.push(request);
        }
        requests.sort_by_key(|request| request.at);
        Ok(Self { requests })
    }

    /// From the first request to the last.
    pub(super) fn length(&self) -> SignedDuration {
        match (self.requests.first(), self.requests.last()) {
            (Some(first), Some(last)) => last.at.duration_since(first.at),
            _ => SignedDuration::ZERO,
        }
    }

    /// One request as an event, shifted so that the last one is at `end`.
    pub(super) fn event(&self, place: usize, end: Timestamp, arguments: &Arguments) -> Value {
        let request = &self.requests[place];
        let last = self.requests.last().map_or(request.at, |last| last.at);
        let at = end - last.duration_since(request.at);
        json!({
            "specversion": "1.0",
            "id": format!("request-{place}"),
            "source": arguments.source,
            "type": "ai.usage",
            "subject": arguments.account,
            "time": at.to_string(),
            "datacontenttype": "application/json",
            "data": {
                "ai_type": arguments.ai_type,
                "model": arguments.model,
                "input_tokens": request.input_tokens,
                "output_tokens": request.output_tokens,
            },
        })
    }
}

fn request(record: &csv::StringRecord) -> Option<Request> {
    let at = record.get(0)?.trim();
    let at = at.parse::<Timestamp>().ok().or_else(|| {
        let civil: DateTime = at.parse().ok()?;
        Some(civil.to_zoned(TimeZone::UTC).ok()?.timestamp())
    })?;
    Some(Request {
        at,
        input_tokens: record.get(1)?.trim().parse().ok()?,
        output_tokens: record.get(2)?.trim().parse().ok()?,
    })
}
