//! Money that goes back: never more than was paid, and each cent in one place.

use proptest::prelude::*;
use shared::{
    billing::{InvoiceState, PaymentState, put_invoice},
    id::InvoiceId,
    money::Pico,
    payments::{Matter, RefundedState, TriedBy, charge},
    testing::{Fault, Faults, TestApp, deliveries, paid},
};

use super::{balance, do_what_is_due, hand_over, hear};
use crate::billing::{company, money};
use billing::operations::{GivenBackTo, credit_invoice, give_credit, give_up};

const CENT: i128 = 10_000_000_000;

/// What staff do to an invoice, in cents.
#[derive(Debug, Clone, Copy)]
enum Step {
    Pay,
    Note(u32, bool),
    Time,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        2 => Just(Step::Pay),
        4 => (1..20_000u32, any::<bool>()).prop_map(|(cents, card)| Step::Note(cents, card)),
        1 => Just(Step::Time),
    ]
}

async fn take(world: &TestApp, client: shared::account::Founded, id: InvoiceId, step: Step) {
    let staff = company(world, client).await;
    match step {
        Step::Pay => {
            charge(&world.app, world.tenant(client), id, TriedBy::Client, None).await.unwrap();
        }
        Step::Note(cents, card) => {
            let to = if card { GivenBackTo::Card } else { GivenBackTo::Credit };
            let amount = Pico::new(i128::from(cents) * CENT);
            // What is more than is left of the invoice is refused.
            let _noted = credit_invoice(&staff, id, amount, to).await;
        }
        Step::Time => {
            world.app.clock.advance(jiff::SignedDuration::from_mins(20));
            do_what_is_due(world).await;
            hear(world, world.cloud.bank().untold()).await;
        }
    }
}

/// What a card pays, what goes back to it, what becomes credit and what is still due: together they are what the
/// invoice comes to.
async fn adds_up(world: &TestApp, client: shared::account::Founded, id: InvoiceId) {
    let invoice = paid::invoice(&world.app, client, id).await;
    let balance = balance(world, client).await;
    let (bank, name) = (world.cloud.bank(), id.to_string());
    let (count, charged) = bank.charged(&name);
    let (charged, back) = (i128::from(charged) * CENT, i128::from(bank.given_back(&name)) * CENT);
    assert!(count <= 1 && back <= charged, "{invoice:?}");
    let noted: i128 = invoice.notes.iter().map(|it| it.amount.get()).sum();
    assert!(noted <= invoice.total.get());
    // Total = kept of the card's money + still due + what notes took away, of which what was paid went back.
    let due = invoice.outstanding().get();
    assert_eq!(balance.due.get(), due);
    assert_eq!(
        charged - back - balance.credit.get() + due,
        invoice.total.get() - noted,
        "{invoice:?}"
    );
    // What a card paid beyond what was due is credit.
    assert!(invoice.amount_paid.get() <= charged, "{invoice:?}");
    if invoice.state == InvoiceState::Paid && charged > 0 {
        let expected = match invoice.returned().get() {
            0 => PaymentState::Paid,
            all if all == charged => PaymentState::Refunded,
            _ => PaymentState::PartiallyRefunded,
        };
        assert_eq!(invoice.payment_state, expected);
    }
}

#[test]
fn whatever_is_paid_and_given_back_adds_up_to_the_cent() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let config =
        ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() };
    let card = prop_oneof![Just(paid::PAYS), Just("4000000000007726"), Just("4000000000005126")];
    proptest!(config, |(steps in prop::collection::vec(step(), 1..12), card in card)| {
        runtime.block_on(async {
            let world = TestApp::start().await;
            let client = world.client("acme").await;
            paid::card(&world.app, client, card).await;
            let id = paid::owing(&world.app, client).await;
            for step in &steps {
                take(&world, client, id, *step).await;
            }
            world.app.clock.advance(jiff::SignedDuration::from_hours(12));
            do_what_is_due(&world).await;
            hear(&world, world.cloud.bank().untold()).await;
            adds_up(&world, client, id).await;
            let (_, charged) = world.cloud.bank().charged(&id.to_string());
            let paid = paid::invoice(&world.app, client, id).await.amount_paid;
            assert_eq!(paid.get(), i128::from(charged) * CENT);
        });
    });
}

#[tokio::test]
async fn credit_pays_before_the_card_and_a_note_takes_off_what_is_due_before_anything_goes_back() {
    let world = TestApp::start().await;
    let client = world.client("acme").await;
    paid::card(&world.app, client, paid::PAYS).await;
    let id = paid::owing(&world.app, client).await;
    let due = paid::invoice(&world.app, client, id).await.amount_due;
    let staff = company(&world, client).await;
    let noted = credit_invoice(&staff, id, money("10.00"), GivenBackTo::Card).await.unwrap();
    assert!(noted.refunds.is_empty(), "nothing was paid yet");
    charge(&world.app, world.tenant(client), id, TriedBy::Client, None).await.unwrap();
    let (_, charged) = world.cloud.bank().charged(&id.to_string());
    assert_eq!(i128::from(charged) * CENT, due.get() - money("10.00").get());
    let noted = credit_invoice(&staff, id, money("5.00"), GivenBackTo::Card).await.unwrap();
    assert_eq!(noted.payment_state, PaymentState::PartiallyRefunded);
    assert_eq!(world.cloud.bank().given_back(&id.to_string()), 500);
    give_credit(&staff, money("3.00")).await.unwrap();
    assert_eq!(balance(&world, client).await.credit, money("3.00"));
}

/// Has credit have paid so much of an invoice when it went out.
async fn pay_by_credit(
    world: &TestApp,
    client: shared::account::Founded,
    id: InvoiceId,
    part: Pico,
) {
    let before = paid::invoice(&world.app, client, id).await;
    let mut after = before.clone();
    after.version += 1;
    after.credit_applied = part;
    after.amount_due = Pico::new(before.amount_due.get() - part.get());
    let balance_before = balance(world, client).await;
    let mut balance = balance_before.clone();
    balance.owe(&after, Pico::new(-part.get()));
    let mut transaction = world.app.table.transaction::<()>();
    put_invoice(Some(&before), &after, &mut transaction, ());
    balance.put(&balance_before, &mut transaction, ());
    transaction.commit().await.unwrap();
}

#[tokio::test]
async fn a_card_gets_back_what_it_paid_and_what_credit_paid_is_credit_again() {
    let world = TestApp::start().await;
    let client = world.client("acme").await;
    paid::card(&world.app, client, paid::PAYS).await;
    let id = paid::owing(&world.app, client).await;
    pay_by_credit(&world, client, id, money("20.00")).await;
    charge(&world.app, world.tenant(client), id, TriedBy::Client, None).await.unwrap();
    let (_, charged) = world.cloud.bank().charged(&id.to_string());
    let total = paid::invoice(&world.app, client, id).await.total;
    assert_eq!(i128::from(charged) * CENT, total.get() - money("20.00").get());

    let staff = company(&world, client).await;
    credit_invoice(&staff, id, money("10.00"), GivenBackTo::Card).await.unwrap();
    assert_eq!(balance(&world, client).await.credit, Pico::ZERO, "the card is first");
    let rest = Pico::new(total.get() - money("10.00").get());
    let noted = credit_invoice(&staff, id, rest, GivenBackTo::Card).await.unwrap();
    assert_eq!(noted.payment_state, PaymentState::Refunded);
    assert_eq!(world.cloud.bank().given_back(&id.to_string()), charged);
    assert_eq!(balance(&world, client).await.credit, money("20.00"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_paid_while_a_note_is_made_adds_up() {
    for _ in 0..24 {
        let world = TestApp::start().await;
        let client = world.client("acme").await;
        paid::card(&world.app, client, paid::PAYS).await;
        let id = paid::owing(&world.app, client).await;
        let staff = company(&world, client).await;
        let paying = charge(&world.app, world.tenant(client), id, TriedBy::Client, None);
        let noting = credit_invoice(&staff, id, money("10.00"), GivenBackTo::Card);
        let (_, noted) = tokio::join!(paying, noting);
        noted.unwrap();
        world.app.clock.advance(jiff::SignedDuration::from_hours(12));
        do_what_is_due(&world).await;
        hear(&world, world.cloud.bank().untold()).await;
        adds_up(&world, client, id).await;
        assert_eq!(paid::invoice(&world.app, client, id).await.notes.len(), 1);
    }
}

#[tokio::test]
async fn what_is_given_up_is_no_longer_due_and_never_charged() {
    let world = TestApp::start().await;
    let client = world.client("acme").await;
    paid::card(&world.app, client, paid::DECLINED).await;
    let id = paid::owing(&world.app, client).await;
    super::collect(&world, client).await;
    let staff = company(&world, client).await;
    let given_up = give_up(&staff, id).await.unwrap();
    assert_eq!(given_up.state, InvoiceState::Uncollectible);
    let balance = balance(&world, client).await;
    assert_eq!((balance.due, balance.dunning), (Pico::ZERO, None));
    assert_eq!(super::state(&world, client).await, shared::account::SubscriptionState::Active);
    let tried = charge(&world.app, world.tenant(client), id, TriedBy::Client, None).await;
    assert!(matches!(tried, Ok(shared::payments::Charged::NothingDue(_))));
    assert!(give_up(&staff, id).await.is_err());
}

/// A refund of five that was written down, which the worker carries out over faults: what the queue has left.
async fn returned_over(
    world: &TestApp,
    faults: &Faults,
) -> (shared::account::Founded, InvoiceId, Vec<shared::queue::Delivery>) {
    let client = world.client("acme").await;
    let (invoice, refund) = paid::returning(&world.app, client).await;
    let matter = Matter::Refund { invoice, refund };
    let handed = deliveries(paid::due(&world.app, client, &matter).await).records;
    let process = world.process(&faults.wire());
    let left = faults.run(hand_over(&process, handed.clone())).await;
    (client, invoice, left.unwrap_or(handed))
}

#[tokio::test(flavor = "multi_thread")]
async fn money_goes_back_once_whatever_happens_at_any_call() {
    let world = TestApp::start().await;
    let counted = Faults::none();
    returned_over(&world, &counted).await;
    let calls = counted.calls();
    assert!(calls >= 4, "{calls}");
    for point in 1..=calls {
        for fault in Fault::ALL {
            let world = TestApp::start().await;
            let faults = Faults::once(fault, point);
            let (client, invoice, left) = returned_over(&world, &faults).await;
            let left = hand_over(&world.app, left).await;
            assert!(left.is_empty(), "{fault:?} at {point}");
            world.app.clock.advance(jiff::SignedDuration::from_mins(11));
            do_what_is_due(&world).await;
            hear(&world, world.cloud.bank().untold()).await;
            assert_eq!(
                world.cloud.bank().given_back(&invoice.to_string()),
                500,
                "{fault:?} at {point}"
            );
            let stored = paid::invoice(&world.app, client, invoice).await;
            assert_eq!(stored.payment_state, PaymentState::PartiallyRefunded);
            assert!(stored.refunds.iter().all(|it| it.state == RefundedState::Succeeded));
            assert_eq!(balance(&world, client).await.credit, Pico::ZERO, "{fault:?} at {point}");
        }
    }
}
