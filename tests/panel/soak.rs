//! The small soak of every run; the great one is a bench.

use tests::soak::Soak;

#[test]
fn eight_thousand_deliveries_of_two_thousand_events_count_two_thousand() {
    let soak = Soak { seed: 7, events: 2_000, copies: 4, meters: 4, faults_per_mille: 50 };
    let report = soak.run();
    assert!(report.is_exact(), "{report}");
    assert!(report.faults > 0 && report.deaths > 0 && report.redelivered > 0, "{report}");
}
