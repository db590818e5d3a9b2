//! Another tenant's objects: for each route that names one, what a stranger of the same kind is told is
//! what is told of an object that never was, byte by byte, and nothing is done.

use shared::{
    auth::Access,
    testing::{Given, Reply, Site, specimen::Request},
};
use tests::{World, read};

use crate::specimens::{all, ground};

/// The reply without what names the request.
fn told(reply: &Reply) -> (u16, String) {
    let id = reply.header("x-request-id");
    (reply.status.as_u16(), reply.text.replace(id, ""))
}

/// The same request about an object that never was.
fn about_nothing(request: &Request, pattern: &str) -> Request {
    let segments = request.path.split('/').zip(pattern.split('/'));
    let segments = segments.map(|(segment, pattern)| {
        let kind = segment.split_once('_').map(|(kind, _)| kind);
        match kind.filter(|_| pattern.starts_with('{')) {
            Some(kind) => format!("{kind}_01kapx0000000000000000000a"),
            None => segment.to_owned(),
        }
    });
    let mut request = request.clone();
    request.path = segments.collect::<Vec<_>>().join("/");
    request
}

async fn send(site: &Site, request: &Request) -> Reply {
    read(request.at(site)).await
}

#[tokio::test]
async fn anothers_object_is_told_from_none_by_nobody_and_stays_as_it_is() {
    let world = World::start().await;
    let umbrella = world.client("umbrella").await.account;
    let mut tried = 0;
    for (number, (row, specimen)) in all().into_iter().enumerate() {
        // What is the company's own is all its people's, and what is public nobody's.
        if !row.path.contains('{') || matches!(row.access, Access::Public | Access::Staff) {
            continue;
        }
        let route = specimen.route;
        let prepared = specimen.on(ground(&world, number).await).await;
        let stranger = world.session_with(&umbrella, Given::Factor).await;
        let theirs = prepared.request.clone().by(&stranger);
        let refused = send(&world.site, &theirs).await;
        assert!(!prepared.is_done(&world.site, &refused).await, "{route}: a stranger did it");
        let absent = send(&world.site, &about_nothing(&theirs, row.path)).await;
        // The page's own address is all that may differ.
        let id = |request: &Request| request.path.clone();
        let (refused, absent) = (told(&refused), told(&absent));
        assert_eq!(refused.0, absent.0, "{route}");
        let plain = |text: &str, path: &str| text.replace(path, "");
        let nothing = id(&about_nothing(&theirs, row.path));
        assert_eq!(plain(&refused.1, &id(&theirs)), plain(&absent.1, &nothing), "{route}");
        let own = send(&world.site, &prepared.request).await;
        assert_eq!(own.status.as_u16(), specimen.good, "{route}: its owner");
        tried += 1;
    }
    assert!(tried >= 8, "{tried} routes name an object");
}
