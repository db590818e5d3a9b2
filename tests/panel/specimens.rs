//! The slices' specimens beside their rows.

use std::collections::BTreeMap;

use shared::{
    http::Route,
    testing::{Specimen, specimen::Ground},
};
use tests::World;

/// Every row with its specimen, in the order of the tables. A row without one, or a specimen without a
/// row, fails.
pub(crate) fn all() -> Vec<(Route, Specimen)> {
    let mut specimens = BTreeMap::new();
    let mut rows = Vec::new();
    for function in local::functions() {
        rows.extend(function.routes.table().to_vec());
        for specimen in function.specimens {
            let another = specimens.insert(specimen.route, specimen);
            assert!(another.is_none(), "{} has two specimens", another.unwrap().route);
        }
    }
    let with_specimen = rows.into_iter().map(|row| {
        let name = format!("{} {}", row.method, row.path);
        let specimen = specimens.remove(name.as_str());
        (row, specimen.unwrap_or_else(|| panic!("{name} has no specimen in its slice")))
    });
    let all: Vec<_> = with_specimen.collect();
    let left: Vec<_> = specimens.keys().collect();
    assert!(left.is_empty(), "no row for {left:?}");
    all
}

/// New ground, after the windows of the limits on guessing, which see every request from one address.
pub(crate) async fn ground(world: &World, number: usize) -> Ground {
    world.advance(3601).await;
    Ground::new(&world.site, &world.panel.app, number)
}

#[test]
fn every_row_has_one_specimen() {
    assert_eq!(all().len(), local::all_routes().table().len());
}
