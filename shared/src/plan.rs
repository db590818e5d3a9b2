//! The plans for sale, read from `infra/plans.toml`, which the operator edits.

use std::{collections::BTreeMap, fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::money::Pico;

/// Why the catalogue cannot be sold from.
#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    /// It has not the right shape.
    #[error("infra/plans.toml does not parse")]
    Shape(#[from] serde_json::Error),
    /// It contradicts itself.
    #[error("infra/plans.toml: {0}")]
    Rule(String),
}

/// What kind of work a model does; each has its prices.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum AiType {
    /// Text in, text out.
    Text,
    /// Source code.
    Code,
    /// Vectors of text.
    Embedding,
    /// Pictures.
    Image,
    /// Spoken words, in or out.
    Speech,
    /// Moving pictures.
    Video,
}

impl AiType {
    /// All of them, in the order that pages show.
    pub const ALL: [Self; 6] =
        [Self::Text, Self::Code, Self::Embedding, Self::Image, Self::Speech, Self::Video];

    /// Its name in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Code => "code",
            Self::Embedding => "embedding",
            Self::Image => "image",
            Self::Speech => "speech",
            Self::Video => "video",
        }
    }
}

impl fmt::Display for AiType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text is no AI type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an AI type")]
pub struct UnknownAiType;

impl FromStr for AiType {
    type Err = UnknownAiType;

    fn from_str(text: &str) -> Result<Self, UnknownAiType> {
        Self::ALL.into_iter().find(|it| it.as_str() == text).ok_or(UnknownAiType)
    }
}

/// A plan and the version of its terms: what a subscription names.
#[derive(
    Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema,
)]
pub struct PlanRef {
    /// The plan.
    pub id: String,
    /// The version of its prices and limits; old ones stay in the catalogue while they are used.
    pub version: u32,
}

/// One version of one plan.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// Its id, the same in each version.
    pub id: String,
    /// The version.
    pub version: u32,
    /// What it is called, by language.
    pub name: BTreeMap<String, String>,
    /// Its place among the plans: a change to a higher rank is an upgrade.
    pub rank: u32,
    /// What it costs a month.
    pub monthly_price: Pico,
    /// What happens at a limit.
    pub enforcement: Enforcement,
    /// What the monthly price covers.
    pub included: Allowance,
    /// How far it goes.
    pub limits: Limits,
    /// List prices by AI type; every type has one.
    pub prices: BTreeMap<AiType, Prices>,
}

/// What happens at a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Enforcement {
    /// Requests past the limit are refused.
    Hard,
    /// Requests past the limit are served, billed and told of.
    Soft,
}

/// What the monthly price covers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Allowance {
    /// Requests a billing period.
    pub requests: u64,
    /// Tokens a billing period, in and out together.
    pub tokens: u64,
}

/// How far a plan goes in a billing period.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Requests.
    pub requests: u64,
    /// Tokens, in and out together.
    pub tokens: u64,
    /// Cost at list prices.
    pub cost: Pico,
    /// Instances at one time.
    pub instances: u32,
    /// API keys at one time.
    pub api_keys: u32,
}

/// List prices of one AI type.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prices {
    /// Of a million input tokens.
    pub input_per_million: Pico,
    /// Of a million output tokens.
    pub output_per_million: Pico,
    /// Of a request.
    pub per_request: Pico,
}

impl Plan {
    /// Its name in a language, English if it has none there.
    #[must_use]
    pub fn name_in(&self, language: &str) -> &str {
        self.name.get(language).or_else(|| self.name.get("en")).map_or(&self.id, String::as_str)
    }

    /// What a subscription stores of it.
    #[must_use]
    pub fn reference(&self) -> PlanRef {
        PlanRef { id: self.id.clone(), version: self.version }
    }

    /// The list price of some use, exact; `None` past what 128 bits hold.
    #[must_use]
    pub fn price(&self, ai_type: AiType, requests: u64, input: u64, output: u64) -> Option<Price> {
        let prices = self.prices.get(&ai_type)?;
        let input = prices.input_per_million.millionth()?.times(input)?;
        let output = prices.output_per_million.millionth()?.times(output)?;
        let by_request = prices.per_request.times(requests)?;
        Some(Price { cost: input.plus(output)?.plus(by_request)?, by_request })
    }

    /// The same, whatever it is for.
    #[must_use]
    pub fn cost(&self, ai_type: AiType, requests: u64, input: u64, output: u64) -> Option<Pico> {
        self.price(ai_type, requests, input, output).map(|price| price.cost)
    }

    /// The most that some use may cost: as if all tokens were of the dearer kind; `None` past what 128 bits hold.
    #[must_use]
    pub fn most_cost(&self, ai_type: AiType, requests: u64, tokens: u64) -> Option<Pico> {
        let prices = self.prices.get(&ai_type)?;
        if prices.input_per_million > prices.output_per_million {
            self.cost(ai_type, requests, tokens, 0)
        } else {
            self.cost(ai_type, requests, 0, tokens)
        }
    }

    /// Whether a kind of work costs anything.
    #[must_use]
    pub fn is_priced(&self, ai_type: AiType) -> bool {
        self.prices.get(&ai_type).is_some_and(|prices| {
            let Prices { input_per_million, output_per_million, per_request } = *prices;
            [input_per_million, output_per_million, per_request].iter().any(|it| *it > Pico::ZERO)
        })
    }

    fn check(&self) -> Result<(), CatalogueError> {
        let broken = |what: &str| {
            Err(CatalogueError::Rule(format!("{} version {}: {what}", self.id, self.version)))
        };
        let plain = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-';
        if self.id.is_empty() || !self.id.bytes().all(plain) {
            return broken("the id is not of a-z, 0-9 and -");
        }
        if !self.name.contains_key("en") {
            return broken("it has no English name");
        }
        for ai_type in AiType::ALL {
            let Some(prices) = self.prices.get(&ai_type) else {
                return broken(&format!("no prices for {ai_type}"));
            };
            let all = [prices.input_per_million, prices.output_per_million, prices.per_request];
            if all.iter().any(|price| *price < Pico::ZERO) {
                return broken("a negative price");
            }
            if all[..2].iter().any(|price| price.millionth().is_none()) {
                return broken("a price a million tokens has at most six decimals");
            }
        }
        Ok(())
    }
}

/// What some use costs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Price {
    /// All of it.
    pub cost: Pico,
    /// Which part of it is by request; the rest is by token.
    pub by_request: Pico,
}

/// A plan that somebody has is not in the catalogue: a deployment lost it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the plan {0} version {1} is not in the catalogue")]
pub struct PlanMissing(String, u32);

/// All plans in all their versions.
pub struct Catalogue {
    plans: Vec<Plan>,
    default: PlanRef,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    default: String,
    plan: Vec<Plan>,
}

impl Catalogue {
    /// The catalogue this build was made with.
    pub fn embedded() -> Result<Self, CatalogueError> {
        Self::parse(include_str!(concat!(env!("OUT_DIR"), "/plans.json")))
    }

    /// Reads and checks a catalogue; the build has made JSON of it.
    pub fn parse(json: &str) -> Result<Self, CatalogueError> {
        let file: File = serde_json::from_str(json)?;
        let mut seen = std::collections::BTreeSet::new();
        for plan in &file.plan {
            plan.check()?;
            if !seen.insert(plan.reference()) {
                let twice = format!("{} version {} is there twice", plan.id, plan.version);
                return Err(CatalogueError::Rule(twice));
            }
        }
        let default = file.plan.iter().filter(|plan| plan.id == file.default);
        let default = default
            .max_by_key(|plan| plan.version)
            .map(Plan::reference)
            .ok_or_else(|| CatalogueError::Rule("the default is no plan".to_owned()))?;
        Ok(Self { plans: file.plan, default })
    }

    /// The plan that a new account begins with.
    #[must_use]
    pub fn default_plan(&self) -> &PlanRef {
        &self.default
    }

    /// The plan that a subscription names.
    #[must_use]
    pub fn find(&self, reference: &PlanRef) -> Option<&Plan> {
        self.plans.iter().find(|plan| plan.id == reference.id && plan.version == reference.version)
    }

    /// The plan that a subscription names.
    ///
    /// # Errors
    /// When it is not there.
    pub fn require(&self, reference: &PlanRef) -> Result<&Plan, PlanMissing> {
        self.find(reference).ok_or_else(|| PlanMissing(reference.id.clone(), reference.version))
    }

    /// The newest version of a plan.
    #[must_use]
    pub fn newest(&self, id: &str) -> Option<&Plan> {
        self.plans.iter().filter(|plan| plan.id == id).max_by_key(|plan| plan.version)
    }

    /// The newest version of each plan, by rank.
    #[must_use]
    pub fn for_sale(&self) -> Vec<&Plan> {
        let mut newest: BTreeMap<&str, &Plan> = BTreeMap::new();
        for plan in &self.plans {
            let entry = newest.entry(&plan.id).or_insert(plan);
            if plan.version > entry.version {
                *entry = plan;
            }
        }
        let mut plans: Vec<_> = newest.into_values().collect();
        plans.sort_by_key(|plan| plan.rank);
        plans
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_catalogue_is_sound_and_begins_with_a_plan_without_a_price() {
        let catalogue = Catalogue::embedded().unwrap();
        let plans: Vec<&str> = catalogue.for_sale().iter().map(|plan| plan.id.as_str()).collect();
        assert_eq!(plans, ["free", "starter", "growth", "scale"]);
        let free = catalogue.find(catalogue.default_plan()).unwrap();
        assert_eq!((free.id.as_str(), free.monthly_price), ("free", Pico::ZERO));
        let included = (free.included.requests, free.included.tokens);
        assert_eq!(included, (free.limits.requests, free.limits.tokens));
    }

    #[test]
    fn a_cost_is_exact_to_the_last_decimal() {
        let catalogue = Catalogue::embedded().unwrap();
        let plan = catalogue.find(&PlanRef { id: "starter".into(), version: 1 }).unwrap();
        let cost = plan.cost(AiType::Text, 1, 374, 44).unwrap();
        // 374 × 0.50/10^6 + 44 × 1.50/10^6 + 0.0001
        assert_eq!(cost.to_string(), "0.000353");
    }

    #[test]
    fn the_most_that_use_may_cost_is_at_the_dearer_price_and_a_free_kind_of_work_has_none() {
        let catalogue = Catalogue::embedded().unwrap();
        let mut plan = catalogue.newest("starter").unwrap().clone();
        let most = |ai_type| plan.most_cost(ai_type, 1, 1_000_000).unwrap().to_string();
        // Text is dearer out, embeddings are dearer in.
        assert_eq!([most(AiType::Text), most(AiType::Embedding)], ["1.5001", "0.02001"]);
        assert!(AiType::ALL.into_iter().all(|it| plan.is_priced(it)));
        let free = Pico::ZERO;
        let prices =
            Prices { input_per_million: free, output_per_million: free, per_request: free };
        plan.prices.insert(AiType::Video, prices);
        assert!(!plan.is_priced(AiType::Video) && plan.is_priced(AiType::Text));
    }

    #[test]
    fn a_plan_without_a_price_for_a_type_is_refused() {
        let json = include_str!(concat!(env!("OUT_DIR"), "/plans.json"));
        assert!(Catalogue::parse(json).is_ok());
        assert!(Catalogue::parse(&json.replacen("\"video\":", "\"text2\":", 1)).is_err());
    }
}
