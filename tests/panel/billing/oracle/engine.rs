//! The engine alone, over many lives.

use std::collections::BTreeMap;

use jiff::civil::date;
use serde_json::json;
use shared::{
    account::{Account, BillingPeriod, Terms},
    billing::{Base, Bill, Billed, Figures, Month, MonthTerms, PlanSnapshot, Statement, TaxTable},
    money::Pico,
    plan::{AiType, Catalogue, PlanRef},
    random::Random,
    usage::{Counters, Totals},
};

use super::{
    cents,
    life::{COUNTRIES, Life, PLANS, Used, ZONES, at},
    sums::{self, Closes, Expected},
};

const SEEDS: u64 = 20;
const ACCOUNTS: usize = 200;
const MONTHS: usize = 18;

fn plan(index: usize) -> PlanRef {
    PlanRef { id: PLANS[index].to_owned(), version: 1 }
}

/// An account that lives it.
fn account(life: &Life) -> Account {
    let id = shared::id::AccountId::from_bytes([1; 16]);
    let account = json!({
        "id": id, "kind": "client", "status": "active", "company": "",
        "plan": plan(life.plans.last().unwrap().1), "zones": {"first": life.zone, "changes": []},
        "billing_address": "", "tax_id": "", "created_at": at(life.begun), "version": 1,
    });
    let mut account: Account = serde_json::from_value(account).unwrap();
    account.billing_country = life.country.parse().ok();
    let (from, first) = life.plans[0];
    account.terms = Terms::begun(plan(first), at(from));
    account
}

/// What was used of a month by a second, as the meter would have counted it.
fn counted(
    events: &[&Used],
    account: &Account,
    plans: &Catalogue,
    period: BillingPeriod,
    now: i64,
) -> Figures {
    let mut counters = Counters::default();
    for event in events {
        let told = event.told.iter().any(|at| *at <= now);
        let taken_back = event.taken_back.iter().any(|at| *at <= now);
        if BillingPeriod::at(&account.zones, at(event.time)) != period || !told || taken_back {
            continue;
        }
        let (kind, requests) = (AiType::ALL[event.kind], event.requests);
        let plan = plans.require(account.plan_at(at(event.time))).unwrap();
        let price = plan.price(kind, requests, event.input, event.output).unwrap();
        let (input_tokens, output_tokens) = (event.input, event.output);
        let used = Totals { requests, input_tokens, output_tokens, cost: price.cost };
        counters.count(kind, "m", &used, price.by_request);
    }
    Figures::from(&counters)
}

/// Bills a life month by month, as the closing does.
fn billed(life: &Life, plans: &Catalogue, tax: &TaxTable) -> Vec<Option<Expected>> {
    let mut account = account(life);
    let mut changes = life.plans.iter().skip(1).peekable();
    let mut known: BTreeMap<BillingPeriod, Billed> = BTreeMap::new();
    let mut credit = Pico::ZERO;
    let mut given = life.credits.iter().peekable();
    let mut by_month: BTreeMap<BillingPeriod, Vec<&Used>> = BTreeMap::new();
    for event in &life.events {
        let period = BillingPeriod::at(&account.zones, at(event.time));
        by_month.entry(period).or_default().push(event);
    }
    let mut period = BillingPeriod::of(life.first);
    let mut out = Vec::new();
    for _ in 0..life.months {
        let end = period.ends_at(&account.zones);
        let now = end.as_second() + 12 * 3600;
        while changes.peek().is_some_and(|(from, _)| *from <= now) {
            let (from, index) = changes.next().unwrap();
            account.terms = account.terms.changed(plan(*index), at(*from));
        }
        while given.peek().is_some_and(|(at, _)| *at <= now) {
            credit += cents(given.next().unwrap().1);
        }
        let month = |period: BillingPeriod| Month {
            period,
            start: period.starts_at(&account.zones),
            end: period.ends_at(&account.zones),
            terms: MonthTerms::of(&account, plans, period).unwrap(),
            figures: by_month.get(&period).map_or_else(Figures::default, |events| {
                counted(events, &account, plans, period, now)
            }),
            billed: known.get(&period).cloned().unwrap_or_default(),
        };
        let base = plans.require(account.plan_at(end)).unwrap();
        let (start, end) = (end, period.next().ends_at(&account.zones));
        let base = Base { plan: PlanSnapshot::from(base), start, end, share: (1, 1) };
        let statement = Statement {
            closed: month(period),
            earlier: vec![month(period.previous().previous()), month(period.previous())],
            base: Some(base),
            tax: tax.of(account.billing_country, ""),
            credit,
        };
        let bill = Bill::of(&statement).unwrap();
        let sum = bill.lines.iter().fold(0, |sum, line| sum + line.amount.get());
        assert_eq!(sum, bill.subtotal.get());
        let months = statement.earlier.iter().chain([&statement.closed]).filter(|month| {
            let more = month.difference().rounded().unwrap() != Pico::ZERO;
            !bill.lines.is_empty() && (month.period == period || more)
        });
        for month in months {
            let (figures, allowance) = (month.figures.clone(), month.terms.allowance);
            let billed = Billed { figures, allowance, invoices: Vec::new(), until: None };
            known.insert(month.period, billed);
        }
        credit += Pico::new(bill.credit_granted.get() - bill.credit_applied.get());
        out.push((!bill.lines.is_empty()).then(|| told(&bill)));
        period = period.next();
    }
    out
}

/// A bill in cents.
fn told(bill: &Bill) -> Expected {
    let cents = |amount: Pico| i64::try_from(amount.get() / 10_000_000_000).unwrap();
    let lines = bill.lines.iter().map(|line| (line.kind.as_str(), cents(line.amount)));
    Expected {
        lines: lines.collect(),
        subtotal: cents(bill.subtotal),
        tax: bill.taxes.iter().map(|tax| cents(tax.amount)).sum(),
        credit: cents(bill.credit_applied),
        due: cents(bill.amount_due),
    }
}

#[test]
fn every_invoice_of_every_life_is_what_an_independent_calculation_says() {
    let (plans, tax) = (Catalogue::embedded().unwrap(), TaxTable::embedded().unwrap());
    let sold = sums::sold(&plans);
    let (mut kinds, mut zones): (BTreeMap<&str, u32>, BTreeMap<&str, u32>) = Default::default();
    for seed in 0..SEEDS {
        let random = Random::seeded(seed);
        for number in 0..ACCOUNTS {
            let life = Life::new(&random, date(2025, 6, 1), MONTHS, 6);
            let rate = tax.of(life.country.parse().ok(), "").map_or(0, |tax| tax.rate.get());
            let expected = sums::invoices(&life, &sold, rate, Closes::Always);
            assert_eq!(billed(&life, &plans, &tax), expected, "account {number} of seed {seed}");
            for (kind, _) in expected.iter().flatten().flat_map(|invoice| &invoice.lines) {
                *kinds.entry(kind).or_default() += 1;
            }
            *zones.entry(life.zone).or_default() += 1;
        }
    }
    let often = |kind: &str| kinds.get(kind).copied().unwrap_or_default() > 1_000;
    assert!(["usage", "included", "late_usage", "correction", "base"].into_iter().all(often));
    assert_eq!((zones.len(), COUNTRIES.len()), (ZONES.len(), 4));
}
