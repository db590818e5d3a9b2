//! The panel's public API, as a gateway and a client use it.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};
use serde_json::{Value, json};
use shared::money::Pico;

use super::{Arguments, ReplayError, Trace};

pub(super) struct Client {
    http: reqwest::Client,
    url: String,
    service_key: String,
    token: String,
}

/// What `/v1/usage` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Counted {
    pub(super) requests: u64,
    pub(super) input_tokens: u64,
    pub(super) output_tokens: u64,
    pub(super) cost: Pico,
}

impl Counted {
    /// What a trace should come to; its cost is the panel's business.
    pub(super) fn of(trace: &Trace) -> Self {
        Self {
            requests: trace.requests.len() as u64,
            input_tokens: trace.requests.iter().map(|request| request.input_tokens).sum(),
            output_tokens: trace.requests.iter().map(|request| request.output_tokens).sum(),
            cost: Pico::ZERO,
        }
    }

    fn counts(&self) -> [u64; 3] {
        [self.requests, self.input_tokens, self.output_tokens]
    }

    /// Whether all of a trace can be in this.
    pub(super) fn covers(&self, trace: &Trace) -> bool {
        self.counts().iter().zip(Self::of(trace).counts()).all(|(have, need)| *have >= need)
    }

    /// This and all of a trace.
    pub(super) fn plus(&self, trace: &Trace) -> CountsOnly {
        let more = Self::of(trace).counts();
        let [requests, input, output] = self.counts();
        CountsOnly([requests + more[0], input + more[1], output + more[2]])
    }
}

/// Counts without a cost, for comparison.
pub(super) struct CountsOnly([u64; 3]);

impl PartialEq<CountsOnly> for Counted {
    fn eq(&self, other: &CountsOnly) -> bool {
        self.counts() == other.0
    }
}

impl Client {
    pub(super) async fn connect(arguments: &Arguments) -> Result<Self, ReplayError> {
        let http = reqwest::Client::new();
        let url = arguments.url.trim_end_matches('/').to_owned();
        let mut client = Self { http, url, service_key: String::new(), token: String::new() };
        client.service_key = match &arguments.service_key {
            Some(key) => key.clone(),
            None => text(&client.get("/_local/info").await?, "service_key"),
        };
        client.token = match &arguments.token {
            Some(token) => token.clone(),
            None => {
                let request = client.http.post(format!("{}/_local/session", client.url));
                let whose = json!({"account": arguments.account});
                text(&client.answer(request.json(&whose)).await?, "token")
            }
        };
        Ok(client)
    }

    pub(super) async fn send(&self, events: Vec<Value>) -> Result<(), ReplayError> {
        let request = self
            .http
            .post(format!("{}/v1/usage/events", self.url))
            .bearer_auth(&self.service_key)
            .header("content-type", "application/cloudevents-batch+json")
            .body(Value::Array(events).to_string());
        let reply = self.answer(request).await?;
        match reply["rejected"]
            .as_array()
            .and_then(|rejected| Some((rejected.len(), rejected.first()?)))
        {
            None => Ok(()),
            Some((count, first)) => Err(ReplayError::Rejected(count, text(first, "detail"))),
        }
    }

    /// The use of the days that the trace lies in.
    pub(super) async fn usage(
        &self,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Counted, ReplayError> {
        // A day more on both sides: the account's zone is its own business.
        let day = |at: Timestamp| -> Date { at.to_zoned(TimeZone::UTC).date() };
        let from = day(from - SignedDuration::from_hours(24));
        let to = day(to + SignedDuration::from_hours(48));
        let path = format!("/v1/usage?from={from}&to={to}&granularity=day");
        let totals = &self.get(&path).await?["totals"];
        let count = |name: &str| totals[name].as_u64().unwrap_or(0);
        Ok(Counted {
            requests: count("requests"),
            input_tokens: count("input_tokens"),
            output_tokens: count("output_tokens"),
            cost: text(&totals["cost"], "amount").parse().unwrap_or_default(),
        })
    }

    /// The use once everything sent is counted: a local panel says when, any other is asked until
    /// the counts arrive or stand still.
    pub(super) async fn settled(
        &self,
        from: Timestamp,
        to: Timestamp,
        before: Counted,
        trace: &Trace,
    ) -> Result<Counted, ReplayError> {
        let drained = self.http.post(format!("{}/_local/drain", self.url)).send().await;
        if drained.is_ok_and(|reply| reply.status().is_success()) {
            return self.usage(from, to).await;
        }
        let mut counted = before;
        for _second in 0..60 {
            tokio::time::sleep(Duration::from_secs(1)).await;
            counted = self.usage(from, to).await?;
            if counted == before.plus(trace) {
                break;
            }
        }
        Ok(counted)
    }

    async fn get(&self, path: &str) -> Result<Value, ReplayError> {
        self.answer(self.http.get(format!("{}{path}", self.url)).bearer_auth(&self.token)).await
    }

    async fn answer(&self, request: reqwest::RequestBuilder) -> Result<Value, ReplayError> {
        let unreachable = |error| ReplayError::Unreachable(self.url.clone(), error);
        let reply = request.send().await.map_err(unreachable)?;
        let status = reply.status();
        let body = reply.text().await.map_err(unreachable)?;
        if !status.is_success() {
            return Err(ReplayError::Refused(status.as_u16(), body));
        }
        serde_json::from_str(&body).map_err(|_| ReplayError::Refused(status.as_u16(), body))
    }
}

fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_default().to_owned()
}
