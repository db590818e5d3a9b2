//! From values to places in the drawing.

use std::fmt::Write as _;

use super::{Figure, Mark, escape};

pub(super) const WIDTH: u64 = 960;
pub(super) const HEIGHT: u64 = 240;

/// A limit that is so many times the highest value would press all else to the ground.
const MOST_ABOVE: u64 = 4;

/// The upright axis: from nothing to a round number.
pub(super) struct Scale<'a> {
    top: u64,
    mark: Option<&'a Mark>,
}

impl<'a> Scale<'a> {
    pub(super) fn of(highest: u64, mark: Option<&'a Mark>) -> Self {
        let near = mark.filter(|mark| mark.value <= highest.saturating_mul(MOST_ABOVE));
        let highest = near.map_or(highest, |mark| mark.value.max(highest));
        Self { top: round_up(highest), mark }
    }

    /// How far from the top a value lies.
    pub(super) fn y(&self, value: u64) -> u64 {
        let height = u128::from(value) * u128::from(HEIGHT) / u128::from(self.top);
        HEIGHT - u64::try_from(height).unwrap_or(HEIGHT).min(HEIGHT)
    }

    pub(super) fn begin(&self, title: &str) -> String {
        let mut svg = format!(
            "<svg class=\"chart\" dir=\"ltr\" role=\"img\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
             preserveAspectRatio=\"none\" aria-label=\"{}\"><path class=\"grid\" d=\"",
            escape(title),
        );
        for quarter in 0..=3 {
            // Writing to a String cannot fail.
            let _ok = write!(svg, "M0 {}h{WIDTH}", HEIGHT * quarter / 4);
        }
        svg.push_str("\"/>");
        svg
    }

    pub(super) fn finish(
        &self,
        mut svg: String,
        title: String,
        mut legend: Vec<(String, String)>,
        times: Vec<String>,
        words: impl Fn(u64) -> String,
    ) -> Figure {
        if let Some(mark) = self.mark {
            if mark.value <= self.top {
                let y = self.y(mark.value);
                let _ok = write!(svg, "<path class=\"limit\" d=\"M0 {y}h{WIDTH}\"/>");
            }
            legend.push(("limit".to_owned(), mark.name.clone()));
        }
        svg.push_str("</svg>");
        let ticks = [self.top, self.top / 2, 0].map(words).to_vec();
        Figure { title, legend, ticks, times, svg }
    }
}

/// The next of 2, 4, 10, 20, 40, 50, 100 ...: each can be halved and read.
fn round_up(value: u64) -> u64 {
    let mut unit: u64 = 1;
    loop {
        for step in [2, 4, 5, 10].into_iter().filter(|step| unit > 1 || *step != 5) {
            match unit.checked_mul(step) {
                Some(round) if round >= value => return round,
                Some(_) => {}
                None => return u64::MAX,
            }
        }
        unit = unit.saturating_mul(10);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_axis_ends_with_a_round_number() {
        let rounded = [0, 2, 3, 5, 11, 99, 100, 101, 41_000].map(round_up);
        assert_eq!(rounded, [2, 2, 4, 10, 20, 100, 100, 200, 50_000]);
        assert_eq!(round_up(u64::MAX), u64::MAX);
    }
}
