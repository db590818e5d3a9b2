//! The price tag of every endpoint, page and event: counted by an interceptor, kept in COSTS.md.

mod book;
mod events;
mod rights;
mod situations;

use book::{Book, Budget};
use shared::testing::Tally;
use tests::World;

use crate::specimens::{all, ground};

/// Authentication, then one more call.
const GET: Budget = Budget { in_sequence: 2, half_read_units: 16 };

/// `UPDATE=1 cargo nextest run -p tests costs` writes the file anew; its diff is to be reviewed.
#[tokio::test]
async fn nothing_costs_more_than_was_agreed_and_roles_allow_what_was_asked_for() {
    let tally = Tally::new();
    let world = World::over(tally.wire()).await;
    let mut book = Book::new(&world, tally);
    every_route(&world, &mut book).await;
    situations::price(&world, &mut book).await;
    events::price(&mut book).await;
    rights::are_what_is_used(book.used());
    rights::settings_are_what_is_read(book.read());
    book.compare();
}

/// Each route's own specimen.
async fn every_route(world: &World, book: &mut Book<'_>) {
    for (number, (row, specimen)) in all().into_iter().enumerate() {
        let prepared = specimen.on(ground(world, number).await).await;
        if row.method == "GET" {
            book.within(GET);
        }
        let request = prepared.request.at(&world.site);
        let (situation, good) = (specimen.situation, specimen.good);
        book.row(&row.method, row.path, situation, good, request).await;
    }
}

/// The reply of a request that is not priced.
async fn read_json(request: reqwest::RequestBuilder) -> serde_json::Value {
    tests::read(request).await.json()
}
