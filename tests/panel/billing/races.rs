//! Many at once: numbers without gaps, money that moves once.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use serde_json::{Value, json};
use shared::{
    account::{Account, BillingPeriod, Founded, account_key},
    auth::Caller,
    billing::{Balance, INVOICES, Invoice, LineKind, Stage, balance_key},
    error::Code,
    money::Pico,
    plan::AiType,
    table::{Range, Read},
    testing::{
        TestApp,
        billed::{self, Used},
        deliveries, queued_event, told,
    },
    usage::Grain,
};

use super::money;

const MANY: usize = 64;

pub(super) async fn invoices(world: &TestApp, client: Founded) -> Vec<Invoice> {
    let range = Range::prefix(world.tenant(client), INVOICES).strong();
    world.app.table.all(range).await.unwrap()
}

pub(super) async fn balance(world: &TestApp, client: Founded) -> Balance {
    let tenant = world.tenant(client);
    let stored = world.app.table.get(&balance_key(tenant), Read::Strong).await.unwrap();
    stored.unwrap_or_else(|| Balance::none(tenant))
}

/// Somebody of the company's, in a client's account.
pub(crate) async fn company(world: &TestApp, client: Founded) -> Caller {
    let key = account_key(world.tenant(client));
    let account: Option<Account> = world.app.table.get(&key, Read::Strong).await.unwrap();
    Caller::schedule(&world.app, account.unwrap(), "test")
}

/// A world in which the months of many clients are to go out.
async fn due(many: usize) -> (TestApp, Vec<Founded>, Vec<Value>) {
    let world = TestApp::start().await;
    let (mut clients, mut due) = (Vec::new(), Vec::new());
    for number in 0..many {
        let client = world.client(&format!("client{number}")).await;
        // What is due is all that is: the last time it is everybody's.
        due = billed::drafted(&world.scene(client), Used::Nothing).await;
        clients.push(client);
    }
    assert_eq!(due.len(), many);
    (world, clients, due)
}

#[tokio::test(flavor = "multi_thread")]
async fn sixty_four_invoices_that_go_out_at_once_have_numbers_without_a_gap() {
    let (world, clients, due) = due(MANY).await;
    // Each is handed over alone, and twice at once.
    let handed = due.iter().chain(&due).map(|message| {
        let (app, message) = (world.app.clone(), message.clone());
        tokio::spawn(async move { closing::handle(app, deliveries(vec![message])).await })
    });
    for failures in futures::future::join_all(handed.collect::<Vec<_>>()).await {
        assert!(failures.unwrap().batch_item_failures.is_empty());
    }
    let mut numbers = BTreeSet::new();
    for client in clients {
        let invoices = invoices(&world, client).await;
        assert_eq!(invoices.len(), 1);
        let number = invoices.into_iter().next().and_then(|it| it.number).unwrap();
        assert!(numbers.insert(number), "two invoices of one number");
        assert_eq!(balance(&world, client).await.due, money("149.00"));
    }
    let series: BTreeSet<_> = (1..=MANY).map(|number| format!("INV-{number:06}")).collect();
    assert_eq!(numbers, series);
}

#[tokio::test(flavor = "multi_thread")]
async fn credit_that_is_given_while_an_invoice_goes_out_is_neither_lost_nor_used_twice() {
    let (world, clients, due) = due(8).await;
    let given = futures::future::join_all(clients.iter().map(async |client| {
        let company = company(&world, *client).await;
        billing::operations::give_credit(&company, money("100.00")).await
    }));
    let out = futures::future::join_all(
        due.iter()
            .map(|message| closing::handle(world.app.clone(), deliveries(vec![message.clone()]))),
    );
    let (given, out) = tokio::join!(given, out);
    assert!(given.iter().all(Result::is_ok));
    assert!(out.iter().all(|failures| failures.batch_item_failures.is_empty()));
    for client in clients {
        let (balance, invoices) = (balance(&world, client).await, invoices(&world, client).await);
        let applied = invoices[0].credit_applied;
        assert_eq!(balance.credit.get() + applied.get(), money("100.00").get());
        assert_eq!(balance.due.get() + applied.get(), money("149.00").get());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn notes_that_are_made_at_once_never_exceed_their_invoice() {
    let (world, clients, due) = due(1).await;
    let client = clients[0];
    closing::handle(world.app.clone(), deliveries(due)).await;
    let id = invoices(&world, client).await[0].id;
    // 149.00 has room for two notes of 60.00 and for no third.
    let made = (0..6).map(async |_| {
        let company = company(&world, client).await;
        let mut made = billing::operations::credit_invoice(
            &company,
            id,
            money("60.00"),
            billing::operations::GivenBackTo::Credit,
        )
        .await;
        // Who meets a crowd asks again.
        while made.as_ref().err().is_some_and(|error| error.code == Code::Conflict) {
            made = billing::operations::credit_invoice(
                &company,
                id,
                money("60.00"),
                billing::operations::GivenBackTo::Credit,
            )
            .await;
        }
        made
    });
    let made = futures::future::join_all(made).await;
    assert_eq!(made.iter().filter(|it| it.is_ok()).count(), 2);
    let invoice = invoices(&world, client).await.remove(0);
    let numbers: BTreeSet<_> = invoice.notes.iter().map(|note| note.number.clone()).collect();
    assert_eq!(numbers, BTreeSet::from(["CN-000001".to_owned(), "CN-000002".to_owned()]));
    assert_eq!(invoice.amount_due, money("29.00"));
    let balance = balance(&world, client).await;
    assert_eq!((balance.due, balance.credit), (money("29.00"), Pico::ZERO));
}

#[tokio::test]
async fn a_note_on_what_is_settled_gives_credit_and_nobody_else_makes_one() {
    let (world, clients, due) = due(1).await;
    let client = clients[0];
    let staff = company(&world, client).await;
    billing::operations::give_credit(&staff, money("200.00")).await.unwrap();
    closing::handle(world.app.clone(), deliveries(due)).await;
    let paid = invoices(&world, client).await.remove(0);
    assert_eq!((paid.state.as_str(), paid.amount_due), ("paid", Pico::ZERO));
    assert_eq!(balance(&world, client).await.credit, money("51.00"));
    billing::operations::credit_invoice(
        &staff,
        paid.id,
        money("49.00"),
        billing::operations::GivenBackTo::Credit,
    )
    .await
    .unwrap();
    assert_eq!(balance(&world, client).await.credit, money("100.00"));

    let refused = |amount: Pico| {
        let staff = &staff;
        async move {
            let made = billing::operations::credit_invoice(
                staff,
                paid.id,
                amount,
                billing::operations::GivenBackTo::Credit,
            )
            .await;
            made.err().map(|error| error.code)
        }
    };
    let wrong = [money("100.01"), Pico::ZERO, money("-0.01"), Pico::new(1)];
    for amount in wrong {
        assert_eq!(refused(amount).await, Some(Code::InvalidInput), "{amount}");
    }
    let other = world.client("umbrella").await;
    let stranger = company(&world, other).await;
    let made = billing::operations::credit_invoice(
        &stranger,
        paid.id,
        money("0.01"),
        billing::operations::GivenBackTo::Credit,
    )
    .await;
    assert_eq!(made.err().map(|error| error.code), Some(Code::NotFound));
    assert_eq!(
        balance(&world, client).await.credit,
        money("100.00"),
        "what is refused moves nothing"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_is_taken_back_by_many_at_once_is_subtracted_once() {
    let world = TestApp::start().await;
    let acme = world.client("acme").await;
    let time = "2026-11-22T11:00:00Z";
    let events = json!({"events": [
        queued_event(acme, "e1", time), queued_event(acme, "e2", time),
    ]});
    let before = usage_meter::handle(world.app.clone(), deliveries([events])).await;
    assert!(before.batch_item_failures.is_empty());
    let whole = world.counted(acme, Grain::Month).await;
    let event = queued_event(acme, "e1", time);
    let void = json!({"voids": [{
        "account": event["account"], "source": event["source"], "id": event["id"],
        "time": event["time"],
    }]});
    let runs = (0..8).map(|_| {
        let (app, void) = (world.app.clone(), deliveries([void.clone()]));
        tokio::spawn(usage_meter::handle(app, void))
    });
    let mut failed = Vec::new();
    for run in runs.collect::<Vec<_>>() {
        failed.extend(run.await.unwrap().batch_item_failures);
    }
    // Who met a crowd comes again.
    if !failed.is_empty() {
        usage_meter::handle(world.app.clone(), deliveries([void])).await;
    }
    for grain in [Grain::Month, Grain::Day, Grain::Hour] {
        let left = world.counted(acme, grain).await;
        assert_eq!((left.requests, left.tokens() * 2), (1, whole.tokens()));
    }
}

#[tokio::test]
async fn an_account_without_a_priced_plan_has_no_month_to_close_and_one_with_usage_has_one() {
    for (plan, expected) in [("free", 0), ("growth", 1)] {
        let world = TestApp::start().await;
        let acme = world.client("acme").await;
        billed::client_of(&world.app, world.tenant(acme), plan).await;
        for id in ["e1", "e2"] {
            let event = json!({"events": [queued_event(acme, id, "2026-11-22T11:00:00Z")]});
            let failures = usage_meter::handle(world.app.clone(), deliveries([event])).await;
            assert!(failures.batch_item_failures.is_empty());
        }
        world.app.clock.advance(SignedDuration::from_hours(24 * 60));
        let due = told::due(&world.app).await;
        let closing = due.iter().filter(|job| job["job"]["timer"]["kind"] == "closing");
        assert_eq!(closing.count(), expected, "{plan}: {due:?}");
    }
}

/// Closes whatever is due of a month, stage after stage.
async fn close(world: &TestApp, month: &str) {
    for _ in 0..4 {
        let due = told::due(&world.app).await.into_iter();
        let due: Vec<Value> = due.filter(|job| job.to_string().contains(month)).collect();
        let failures = closing::handle(world.app.clone(), deliveries(due)).await;
        assert!(failures.batch_item_failures.is_empty());
    }
}

#[tokio::test]
async fn a_month_that_closes_after_the_one_behind_it_bills_its_own_base_and_no_other_again() {
    let world = TestApp::start().await;
    let client = world.client("acme").await;
    let (app, tenant) = (&world.app, world.tenant(client));
    let account = billed::client_of(app, tenant, "growth").await;
    let september = BillingPeriod::of("2026-09-01".parse().unwrap());
    let draft = billed::draft(app, &account, september).await;
    billed::set(app, &account, september, Stage::Final, Some(draft)).await;
    let day = "2026-10-03".parse().unwrap();
    billed::count(app, tenant, day, AiType::Text, 300_000).await;
    billed::set(app, &account, september.next(), Stage::Draft, None).await;
    // September's job has failed for a month: October closes first, then September, and October is asked to again.
    close(&world, "2026-10").await;
    close(&world, "2026-09").await;
    close(&world, "2026-10").await;
    let invoices = invoices(&world, client).await;
    let out = invoices.iter().filter(|it| it.number.is_some());
    let lines: Vec<_> = out.flat_map(|it| &it.lines).collect();
    let of = |kind: LineKind| -> Vec<String> {
        let of_kind = lines.iter().filter(|line| line.kind == kind);
        let mut starts: Vec<_> = of_kind.map(|line| line.start.to_string()).collect();
        starts.sort();
        starts
    };
    assert_eq!(of(LineKind::Base), ["2026-10-01T00:00:00Z", "2026-11-01T00:00:00Z"]);
    assert_eq!(of(LineKind::Usage), ["2026-10-01T00:00:00Z"]);
}
