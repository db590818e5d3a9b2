//! The independent calculation: from the whole life to every invoice, by integers over common denominators. It
//! knows the catalogue's numbers and the rules, and nothing of the product's code.

use std::collections::BTreeMap;

use num_bigint::{BigInt, Sign};

use super::life::{Life, PLANS, Used};

/// A cent in 10^-12.
const CENT: i64 = 10_000_000_000;
const GRACE: i64 = 12 * 3600;

/// What a plan says, as integers.
pub(super) struct Sold {
    pub(super) price: i128,
    pub(super) included: (u64, u64),
    /// By kind: of an input token, of an output token, of a request.
    pub(super) prices: Vec<(i128, i128, i128)>,
}

/// What an invoice is expected to say, in cents.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Expected {
    pub(super) lines: Vec<(&'static str, i64)>,
    pub(super) subtotal: i64,
    pub(super) tax: i64,
    pub(super) credit: i64,
    pub(super) due: i64,
}

/// A fraction of 10^-12 units.
#[derive(Clone)]
struct Part(BigInt, BigInt);

impl Part {
    fn whole(number: i128) -> Self {
        Self(number.into(), 1.into())
    }

    fn plus(&self, other: &Self) -> Self {
        Self(&self.0 * &other.1 + &other.0 * &self.1, &self.1 * &other.1)
    }

    fn minus(&self, other: &Self) -> Self {
        self.plus(&Self(-&other.0, other.1.clone()))
    }

    /// In cents, half a cent away from zero.
    fn cents(&self) -> i64 {
        let cent = &self.1 * BigInt::from(CENT);
        let (sign, digits) = self.0.clone().into_parts();
        let all = BigInt::from_biguint(Sign::Plus, digits);
        let rounded: BigInt = (all * 2 + &cent) / (cent * 2);
        let cents = i64::try_from(rounded).unwrap();
        if sign == Sign::Minus { -cents } else { cents }
    }
}

/// A month as it was used by some moment.
#[derive(Clone, Default)]
struct Month {
    by_kind: BTreeMap<usize, i128>,
    requests: u64,
    tokens: u64,
    by_request: i128,
    by_token: i128,
}

/// When a month closes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Closes {
    /// Always.
    Always,
    /// Where anything in it is billed: a plan with a price, or a word of what was used under one.
    WhereBilled,
}

/// Every invoice of a life, month by month; `None` where there is none.
pub(super) fn invoices(
    life: &Life,
    plans: &[Sold],
    rate: i128,
    closes: Closes,
) -> Vec<Option<Expected>> {
    let bounds: Vec<i64> = (0..=life.months + 1).map(|month| life.bound(month)).collect();
    let mut billed: Vec<Option<Part>> = vec![None; life.months];
    let mut out = Vec::new();
    let (mut credit, mut given) = (0, life.credits.iter().peekable());
    for closed in 0..life.months {
        let now = bounds[closed + 1] + GRACE;
        while given.peek().is_some_and(|(at, _)| *at <= now) {
            credit += given.next().unwrap().1;
        }
        if closes == Closes::WhereBilled && !is_billed(life, plans, &bounds, closed) {
            out.push(None);
            continue;
        }
        let mut lines = Vec::new();
        let month = used(life, plans, &bounds, closed, now);
        if is_priced(life, plans, &bounds, closed) {
            let usage = month.by_kind.values().map(|cost| ("usage", Part::whole(*cost).cents()));
            lines.extend(usage);
            let included = included(&month, allowance(life, plans, &bounds, closed));
            lines.push(("included", -included.cents()));
        }
        for earlier in 0..closed {
            let known = &mut billed[earlier];
            let net = net(life, plans, &bounds, earlier, now);
            let before = known.clone().unwrap_or_else(|| Part::whole(0));
            let more = net.minus(&before).cents();
            // Nothing older is ever told.
            if now - bounds[earlier + 1] <= 36 * 86_400 + 31 * 86_400 {
                lines.push((if more > 0 { "late_usage" } else { "correction" }, more));
                // What is less than a cent waits until there is more of it.
                if more != 0 {
                    *known = Some(net);
                }
            }
        }
        let next = plan_at(life, bounds[closed + 1]);
        lines.push(("base", Part::whole(plans[next].price).cents()));
        lines.retain(|(_, cents)| *cents != 0);
        if lines.is_empty() {
            out.push(None);
            continue;
        }
        billed[closed] = Some(net(life, plans, &bounds, closed, now));
        let subtotal: i64 = lines.iter().map(|(_, cents)| cents).sum();
        let taxed = Part::whole(i128::from(subtotal) * i128::from(CENT) * rate);
        let tax = Part(taxed.0, BigInt::from(1_000_000_000_000_i64)).cents();
        let total = subtotal + tax;
        let applied = credit.min(total).max(0);
        credit += -applied - total.min(0);
        let due = total.max(0) - applied;
        out.push(Some(Expected { lines, subtotal, tax, credit: applied, due }));
    }
    out
}

/// The plan in force at a second.
fn plan_at(life: &Life, second: i64) -> usize {
    let last = life.plans.iter().rfind(|(from, _)| *from <= second);
    last.unwrap_or(&life.plans[0]).1
}

/// How many seconds of a month each plan was in force.
fn seconds(life: &Life, bounds: &[i64], month: usize) -> Vec<(usize, i64)> {
    let (start, end) = (bounds[month], bounds[month + 1]);
    let ends = life.plans.iter().skip(1).map(|(from, _)| *from).chain([i64::MAX]);
    let spans =
        life.plans.iter().zip(ends).map(|((from, plan), to)| {
            (*plan, to.min(end).saturating_sub((*from).max(start)).max(0))
        });
    spans.filter(|(_, seconds)| *seconds > 0).collect()
}

fn is_priced(life: &Life, plans: &[Sold], bounds: &[i64], month: usize) -> bool {
    seconds(life, bounds, month).iter().any(|(plan, _)| plans[*plan].price > 0)
}

/// Whether a month closes: a plan of it has a price, or of a month with one something was told in it.
fn is_billed(life: &Life, plans: &[Sold], bounds: &[i64], month: usize) -> bool {
    let within = |at: &i64| (bounds[month]..bounds[month + 1]).contains(at);
    let told = |event: &&Used| event.told.iter().chain(&event.taken_back).any(within);
    let of_priced = |event: &Used| {
        let its = bounds.partition_point(|bound| *bound <= event.time) - 1;
        is_priced(life, plans, bounds, its)
    };
    is_priced(life, plans, bounds, month) || life.events.iter().filter(told).any(of_priced)
}

fn allowance(life: &Life, plans: &[Sold], bounds: &[i64], month: usize) -> (u64, u64) {
    let whole = i128::from(bounds[month + 1] - bounds[month]);
    let sum = |of: fn(&Sold) -> u64| {
        let parts = seconds(life, bounds, month).into_iter();
        let sum: i128 =
            parts.map(|(plan, part)| i128::from(of(&plans[plan])) * i128::from(part)).sum();
        u64::try_from((sum + whole - 1) / whole).unwrap()
    };
    (sum(|plan| plan.included.0), sum(|plan| plan.included.1))
}

/// Whether an event counts by a second: it was told, and not taken back.
fn counts(event: &Used, now: i64) -> bool {
    let told = event.told.iter().any(|at| *at <= now);
    told && !event.taken_back.iter().any(|at| *at <= now)
}

fn used(life: &Life, plans: &[Sold], bounds: &[i64], month: usize, now: i64) -> Month {
    let mut all = Month::default();
    let within = |event: &&Used| (bounds[month]..bounds[month + 1]).contains(&event.time);
    for event in life.events.iter().filter(within).filter(|event| counts(event, now)) {
        let prices = plans[plan_at(life, event.time)].prices[event.kind];
        let by_request = prices.2 * i128::from(event.requests);
        let by_token = prices.0 * i128::from(event.input) + prices.1 * i128::from(event.output);
        *all.by_kind.entry(event.kind).or_default() += by_request + by_token;
        all.requests += event.requests;
        all.tokens += event.input + event.output;
        all.by_request += by_request;
        all.by_token += by_token;
    }
    all
}

fn included(month: &Month, (requests, tokens): (u64, u64)) -> Part {
    let of = |cost: i128, allowed: u64, used: u64| match used {
        0 => Part::whole(cost),
        _ => Part(BigInt::from(cost) * allowed.min(used), used.into()),
    };
    let by_request = of(month.by_request, requests, month.requests);
    by_request.plus(&of(month.by_token, tokens, month.tokens))
}

/// What is charged for a month beyond what is included; nothing where none of its plans has a price.
fn net(life: &Life, plans: &[Sold], bounds: &[i64], month: usize, now: i64) -> Part {
    if !is_priced(life, plans, bounds, month) {
        return Part::whole(0);
    }
    let all = used(life, plans, bounds, month, now);
    let cost = Part::whole(all.by_request + all.by_token);
    cost.minus(&included(&all, allowance(life, plans, bounds, month)))
}

/// The plans of the catalogue, as integers.
pub(super) fn sold(catalogue: &shared::plan::Catalogue) -> Vec<Sold> {
    let sold = PLANS.iter().map(|id| {
        let plan = catalogue.newest(id).unwrap();
        let prices = plan.prices.values().map(|prices| {
            let token = |price: shared::money::Pico| price.get() / 1_000_000;
            let of = (prices.input_per_million, prices.output_per_million);
            (token(of.0), token(of.1), prices.per_request.get())
        });
        Sold {
            price: plan.monthly_price.get(),
            included: (plan.included.requests, plan.included.tokens),
            prices: prices.collect(),
        }
    });
    sold.collect()
}
