//! Finding room for a request under the limits that block, and holding it: one transaction, under the condition
//! that the room is there.

use jiff::Timestamp;
use shared::{
    account::{Account, BillingPeriod},
    app::App,
    auth::ApiKey,
    error::{Code, Error},
    headroom::{Amounts, Hold, Ledger, Shares, Whose, hold_key, ledger_key, read_ledger},
    id::HoldId,
    money::Pico,
    plan::{AiType, Plan},
    table::{Cancelled, Tenant},
    usage::{LimitedBy, LimitsInForce, Metric, relieve},
};

use super::{
    Estimate, Refusal,
    quota::{Quota, share},
};

/// A request that the gateway does not tell more of has one request and so many tokens.
const USUAL_TOKENS: u32 = 1000;

/// Refused conditions tell that others took the room; what they left is looked at so often.
const MOST_TRIES: u32 = 8;

/// Room for a request.
pub(super) struct Room<'a> {
    app: &'a App,
    account: &'a Account,
    key: &'a ApiKey,
    limits: LimitsInForce,
    period: BillingPeriod,
    wanted: Wanted,
    now: Timestamp,
}

/// What a request is going to use.
#[derive(Clone, Copy)]
struct Wanted {
    requests: u64,
    tokens: u64,
    cost: Pico,
    /// Whether its kind of work costs anything.
    priced: bool,
}

impl Wanted {
    /// By the gateway's estimate, or by what is usual; at the dearer token's price.
    fn new(plan: &Plan, ai_type: AiType, estimate: Estimate) -> Result<Self, Error> {
        let requests = u64::from(estimate.requests.unwrap_or(1).max(1));
        let tokens = u64::from(estimate.tokens.unwrap_or(USUAL_TOKENS));
        let cost = plan.most_cost(ai_type, requests, tokens).ok_or(Code::Internal)?;
        Ok(Self { requests, tokens, cost, priced: plan.is_priced(ai_type) })
    }

    fn amount(self) -> Amounts {
        Amounts::new(self.requests, self.tokens, self.cost)
    }
}

/// What came of looking for room.
pub(super) enum Found {
    /// There is room, and this is held of it where a limit blocks.
    Room(Quota, Option<(HoldId, Timestamp)>),
    /// There is none under this limit.
    None(Refusal, Quota),
}

/// The ledgers that a request is held in, as they were read.
struct Ledgers {
    account: Shares,
    /// The key's, where it has a limit of its own.
    key: Option<Shares>,
}

/// A limit that has no room.
struct Full {
    refusal: Refusal,
    metric: Metric,
    limit: u128,
    whose: Whose,
}

impl<'a> Room<'a> {
    pub(super) fn new(
        app: &'a App,
        account: &'a Account,
        key: &'a ApiKey,
        (ai_type, estimate): (AiType, Estimate),
    ) -> Result<Self, Error> {
        let now = app.clock.now();
        let plan = app.plans.find(&account.plan).ok_or(Code::Internal)?;
        Ok(Self {
            app,
            account,
            key,
            limits: LimitsInForce::new(plan, account.cost_cap),
            period: BillingPeriod::at(&account.zones, now),
            wanted: Wanted::new(plan, ai_type, estimate)?,
            now,
        })
    }

    pub(super) fn period(&self) -> BillingPeriod {
        self.period
    }

    /// Looks for room, with the account's ledger as it was read, if there is one.
    pub(super) async fn find(self, ledger: Option<Ledger>) -> Result<Found, Error> {
        let mut ledgers = self.read(ledger).await?;
        if self.of_account().is_empty() && self.of_key().is_empty() {
            let none = Amounts::default();
            let quota = Quota::nearest(&self.limits, &ledgers.account, none, self.now);
            return Ok(Found::Room(quota, None));
        }
        for _ in 0..MOST_TRIES {
            if let Some(full) = self.full(&ledgers) {
                return Ok(self.refuse(&ledgers, &full));
            }
            if let Some((id, expires)) = self.hold(&ledgers).await? {
                let held = self.wanted.amount();
                let quota = Quota::nearest(&self.limits, &ledgers.account, held, self.now);
                return Ok(Found::Room(quota, Some((id, expires))));
            }
            ledgers = self.read(None).await?;
        }
        Err(Code::Unavailable.into())
    }

    /// The account's limits that block this request.
    fn of_account(&self) -> Vec<(Metric, i128)> {
        let blocking = Metric::ALL.into_iter().filter(|it| self.counts(*it));
        let blocking = blocking.filter_map(|it| Some((it, self.limits.blocking(it)?.0)));
        blocking.map(|(metric, limit)| (metric, signed(limit))).collect()
    }

    /// The key's own limit, where it blocks this request.
    fn of_key(&self) -> Vec<(Metric, i128)> {
        let cap = self.key.monthly_cost_limit.filter(|_| self.counts(Metric::Cost));
        cap.map(|cap| (Metric::Cost, cap.get())).into_iter().collect()
    }

    /// What costs nothing passes limits of money.
    fn counts(&self, metric: Metric) -> bool {
        metric != Metric::Cost || self.wanted.priced
    }

    /// The tightest of the limits that have no room.
    fn full(&self, ledgers: &Ledgers) -> Option<Full> {
        let wanted = self.wanted.amount();
        let lacks = |ledger: &Shares, (metric, limit): &(Metric, i128)| {
            ledger.taken(self.now).of(*metric).saturating_add(wanted.of(*metric)) > *limit
        };
        let of_account = self.of_account().into_iter().filter(|it| lacks(&ledgers.account, it));
        let of_account = of_account.map(|(metric, limit)| {
            let by_cap = self.limits.blocking(metric).is_some_and(|it| it.1 == LimitedBy::Cap);
            let refusal = if by_cap { Refusal::CostCap } else { Refusal::QuotaExceeded };
            Full { refusal, metric, limit: unsigned(limit), whose: Whose::Account }
        });
        let key = ledgers.key.as_ref();
        let of_key = self.of_key().into_iter().filter(|it| key.is_some_and(|key| lacks(key, it)));
        let of_key = of_key.map(|(metric, limit)| Full {
            refusal: Refusal::KeyCostLimit,
            metric,
            limit: unsigned(limit),
            whose: Whose::Key(self.key.id),
        });
        of_account.chain(of_key).max_by_key(|full| {
            let ledger = ledgers.of(full.whose).unwrap_or(&ledgers.account);
            share(ledger.taken(self.now).of(full.metric), full.limit)
        })
    }

    /// The refusal, which names the limit that has no room.
    fn refuse(&self, ledgers: &Ledgers, full: &Full) -> Found {
        let ledger = ledgers.of(full.whose).unwrap_or(&ledgers.account);
        let quota = Quota::of(full.metric, full.limit, ledger.used(), ledger.held(self.now));
        Found::None(full.refusal, quota)
    }

    /// Holds what is wanted, if the room is still there.
    async fn hold(&self, ledgers: &Ledgers) -> Result<Option<(HoldId, Timestamp)>, Error> {
        let (app, tenant) = (self.app, Tenant::of_record(self.account));
        let Wanted { requests, tokens, cost, .. } = self.wanted;
        let drawn = u16::try_from(app.random.below(ledgers.account.count())).unwrap_or_default();
        let (amount, most) = (self.wanted.amount(), self.of_account());
        let share = ledgers.account.choose(drawn, amount, &most, self.now);
        let expires = ledgers.account.share(share).unwrap_or(&Ledger::default()).expiry(self.now);
        let key = ledgers.key.as_ref().map(|_| self.key.id);
        let id = HoldId::new(self.now, &app.random);
        let mut transaction = app.table.transaction::<()>();
        let place = (self.period, share);
        let hold = Hold::new(tenant, place, (requests, tokens, cost), key, expires);
        transaction.put(&hold_key(id), &hold);
        let mut take = |whose, ledger: &Shares, most: &[(Metric, i128)]| {
            for (share, change) in ledger.hold(share, amount, expires, most, self.now) {
                let place = ledger_key(tenant, whose, self.period, share);
                change.write(&place, &mut transaction, ());
            }
        };
        take(Whose::Account, &ledgers.account, &most);
        if let Some(ledger) = &ledgers.key {
            take(Whose::Key(self.key.id), ledger, &self.of_key());
        }
        let mut conflicts = 0;
        let committed = transaction.commit_counting_conflicts(&mut conflicts).await;
        relieve(app, self.account, conflicts).await;
        match committed {
            Ok(()) => Ok(Some((id, Timestamp::from_second(expires).unwrap_or(Timestamp::MAX)))),
            Err(Cancelled::Refused(_)) => Ok(None),
            Err(Cancelled::Failed(error)) => Err(error.into()),
        }
    }

    /// The ledgers as they are now: the account's, of which the first share may have been read before, and the key's
    /// where it has a limit of its own.
    async fn read(&self, first: Option<Ledger>) -> Result<Ledgers, Error> {
        let read = |whose, first| read_ledger(self.app, self.account, whose, self.period, first);
        let account = read(Whose::Account, first).await?;
        let key = if self.of_key().is_empty() {
            None
        } else {
            Some(read(Whose::Key(self.key.id), None).await?)
        };
        Ok(Ledgers { account, key })
    }
}

impl Ledgers {
    fn of(&self, whose: Whose) -> Option<&Shares> {
        match whose {
            Whose::Account => Some(&self.account),
            Whose::Key(_) => self.key.as_ref(),
        }
    }
}

fn signed(limit: u128) -> i128 {
    i128::try_from(limit).unwrap_or(i128::MAX)
}

fn unsigned(limit: i128) -> u128 {
    u128::try_from(limit).unwrap_or(0)
}
