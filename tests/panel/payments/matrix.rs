//! The payment matrix: every card, charged by the client and by the clock, meets every fault at every call to the
//! provider and at every write, or dies there; the bank's word comes first, twice, late or never. One charge at most,
//! and it ends where the rules say.

use futures::{StreamExt as _, stream};
use jiff::SignedDuration;
use shared::{
    app::App,
    billing::{Invoice, InvoiceState, PaymentState},
    money::Pico,
    payments::{AttemptState, Matter, Reason, TriedBy, charge},
    queue::Delivery,
    testing::{Call, Fault, Faults, TestApp, deliveries, paid, told},
};

use super::{balance, do_what_is_due, hand_over, hear};

/// A card that pays, and all ways in which one does not.
const CARDS: [(&str, Option<Reason>); 5] = [
    (paid::PAYS, None),
    (paid::DECLINED, Some(Reason::Declined)),
    ("4000000000009995", Some(Reason::InsufficientFunds)),
    (paid::STOLEN, Some(Reason::CardBlocked)),
    (paid::ASKS, Some(Reason::AuthenticationRequired)),
];

/// How the bank's word comes.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Words {
    /// Before anything is asked.
    First,
    /// Twice, the newest first.
    TwiceBackwards,
    /// After everything was asked.
    Late,
    /// Not at all.
    Never,
}

const WORDS: [Words; 4] = [Words::First, Words::TwiceBackwards, Words::Late, Words::Never];

/// Faults of a call: of the provider's those of its own, and of the table's those after which it may be done or not.
fn faults(call: &str) -> &'static [Fault] {
    if call.contains(' ') {
        return &[
            Fault::Throttle,
            Fault::ServerError,
            Fault::TimeoutBefore,
            Fault::TimeoutAfter,
            Fault::KillBefore,
            Fault::KillAfter,
        ];
    }
    match call {
        "TransactWriteItems" => &[Fault::LostReply, Fault::KillBefore, Fault::KillAfter],
        _ => &[],
    }
}

#[derive(Debug)]
struct Cell {
    card: &'static str,
    by: TriedBy,
    point: usize,
    /// Of which kind it is, for who reads of a cell that failed.
    #[expect(dead_code, reason = "a cell that failed is told whole")]
    call: String,
    fault: Fault,
    words: Words,
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_happens_at_any_call_an_invoice_is_charged_once_and_ends_where_the_rules_say() {
    let mut cells = Vec::new();
    for (card, reason) in CARDS {
        for by in [TriedBy::Client, TriedBy::Clock] {
            let calls = dry_run(card, by).await;
            assert!(calls.iter().any(|it| it == "POST payment_intents/confirm"), "{calls:?}");
            for (place, call) in calls.iter().enumerate() {
                for (number, fault) in faults(call).iter().enumerate() {
                    let words = WORDS[(place + number) % WORDS.len()];
                    let (point, call, fault) = (place + 1, call.clone(), *fault);
                    cells.push((Cell { card, by, point, call, fault, words }, reason));
                }
            }
        }
    }
    assert_eq!(cells.len(), 207);
    let runs = cells.iter().map(|(cell, reason)| run(cell, *reason));
    stream::iter(runs).buffer_unordered(4).collect::<Vec<()>>().await;
}

/// The calls of a charge that nothing happens to.
async fn dry_run(card: &str, by: TriedBy) -> Vec<String> {
    let seen = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let log = seen.clone();
    let faults = Faults::new(move |call: &Call| {
        log.lock().unwrap().push(call.operation.clone());
        None
    });
    let world = TestApp::start().await;
    let (_, _, left) = charged_over(&world, card, by, &faults).await;
    assert!(left.is_empty());
    seen.lock().unwrap().clone()
}

/// A client's invoice is charged by a process that meets faults; what the queue has left.
async fn charged_over(
    world: &TestApp,
    card: &str,
    by: TriedBy,
    faults: &Faults,
) -> (shared::account::Founded, Invoice, Vec<Delivery>) {
    let client = world.client("acme").await;
    paid::card(&world.app, client, card).await;
    let id = paid::owing(&world.app, client).await;
    // What was told until now is of the card.
    let _card = world.cloud.bank().untold();
    let handed = match by {
        TriedBy::Clock => {
            deliveries(paid::due(&world.app, client, &Matter::Collect {}).await).records
        }
        TriedBy::Client => Vec::new(),
    };
    let process: App = world.process(&faults.wire());
    let left = match by {
        TriedBy::Client => {
            let tenant = world.tenant(client);
            let tried = Box::pin(charge(&process, tenant, id, by, None));
            let _tried = faults.run(tried).await;
            Vec::new()
        }
        TriedBy::Clock => {
            let handed_over = faults.run(hand_over(&process, handed.clone())).await;
            handed_over.unwrap_or(handed)
        }
    };
    let invoice = paid::invoice(&world.app, client, id).await;
    (client, invoice, left)
}

async fn run(cell: &Cell, reason: Option<Reason>) {
    let world = TestApp::start().await;
    let faults = Faults::once(cell.fault, cell.point);
    let (client, invoice, left) = charged_over(&world, cell.card, cell.by, &faults).await;
    let id = invoice.id;

    if cell.words == Words::First {
        hear(&world, world.cloud.bank().untold()).await;
    }
    // The queue delivers again what was not acknowledged.
    let left = hand_over(&world.app, left).await;
    assert!(left.is_empty(), "{cell:?}");
    if cell.words == Words::TwiceBackwards {
        let mut words = world.cloud.bank().untold();
        words.extend(words.clone());
        words.reverse();
        hear(&world, words).await;
    }
    for _asked in 0..3 {
        world.app.clock.advance(SignedDuration::from_mins(11));
        do_what_is_due(&world).await;
    }
    if cell.words == Words::Late {
        hear(&world, world.cloud.bank().untold()).await;
    }

    let invoice = paid::invoice(&world.app, client, id).await;
    let (count, sum) = world.cloud.bank().charged(&id.to_string());
    let never_began = invoice.attempts.is_empty() && cell.by == TriedBy::Client;
    let pays = reason.is_none() && !never_began;
    let minor = u64::try_from(invoice.amount_due.get() / 10_000_000_000).unwrap();
    assert_eq!((count, sum), (usize::from(pays), if pays { minor } else { 0 }), "{cell:?}");
    let balance_now = balance(&world, client).await;
    assert_eq!(balance_now.credit, Pico::ZERO, "{cell:?}: nothing arrives twice");
    let due = balance_now.due;
    if pays {
        assert_eq!((invoice.state, due), (InvoiceState::Paid, Pico::ZERO), "{cell:?}");
        assert_eq!(invoice.payment_state, PaymentState::Paid, "{cell:?}");
        assert_eq!(invoice.amount_paid, invoice.amount_due, "{cell:?}");
        return;
    }
    assert_eq!((invoice.state, due), (InvoiceState::Open, invoice.amount_due), "{cell:?}");
    if never_began {
        assert_eq!(invoice.payment_state, PaymentState::Unpaid, "{cell:?}");
        return;
    }
    let last = invoice.attempts.last().unwrap();
    assert_eq!(last.reason, reason, "{cell:?}");
    let wanted = reason == Some(Reason::AuthenticationRequired);
    match last.state {
        AttemptState::ActionRequired => assert!(wanted && last.hosted.is_some(), "{cell:?}"),
        AttemptState::Failed => {}
        other => panic!("{cell:?}: {other:?}"),
    }
    // The clock runs where it was the clock's try, and only there.
    let runs = balance_now.dunning.is_some();
    assert_eq!(runs, cell.by == TriedBy::Clock, "{cell:?}");
    assert_eq!(told::due(&world.app).await.len(), 0, "{cell:?}: nothing is asked for ever");
}
