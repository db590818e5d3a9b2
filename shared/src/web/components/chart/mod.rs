//! Charts as inline SVG, drawn on the server: colours from the styles, time from left to right in
//! every language. A table beside each has the same numbers, and is what is read aloud.

mod scale;

use std::fmt::Write as _;

use scale::{HEIGHT, Scale, WIDTH};

/// More bars than this are too narrow to be pointed at one by one.
const MOST_TITLES: usize = 62;

/// A chart, ready to show.
pub struct Figure {
    /// What it shows.
    pub title: String,
    /// The class of a colour and what it stands for.
    pub legend: Vec<(String, String)>,
    /// The words of the upright axis, from the top down.
    pub ticks: Vec<String>,
    /// The words of the time axis, from the oldest on.
    pub times: Vec<String>,
    /// The drawing.
    pub svg: String,
}

/// What one colour shows.
pub struct Series {
    /// In the reader's words.
    pub name: String,
    /// As many as there are bars.
    pub values: Vec<u64>,
}

/// A level that is drawn across the chart.
pub struct Mark {
    /// What it is, in the reader's words.
    pub name: String,
    /// How high it is.
    pub value: u64,
}

/// Bars over a time axis, the series of each stacked.
pub struct Bars {
    /// From the lowest to the highest of a stack.
    pub series: Vec<Series>,
    /// What is shown when one points at a bar; as many as there are bars.
    pub titles: Vec<String>,
    /// A limit.
    pub mark: Option<Mark>,
}

/// One line of a chart of lines.
pub struct Line {
    /// In the reader's words.
    pub name: String,
    /// Whether it is only expected.
    pub expected: bool,
    /// Time and value, in order of time.
    pub points: Vec<(u64, u64)>,
}

/// Lines over a time axis.
pub struct Lines {
    /// The lines.
    pub lines: Vec<Line>,
    /// Where the time axis ends.
    pub end: u64,
    /// A limit.
    pub mark: Option<Mark>,
}

impl Bars {
    /// The chart; `words` writes a value for the axis.
    #[must_use]
    pub fn figure(
        &self,
        title: String,
        times: Vec<String>,
        words: impl Fn(u64) -> String,
    ) -> Figure {
        let count = self.titles.len();
        let total = |place: usize| {
            let values = self.series.iter().filter_map(|series| series.values.get(place));
            values.fold(0, |sum: u64, value| sum.saturating_add(*value))
        };
        let scale = Scale::of((0..count).map(total).max().unwrap_or(0), self.mark.as_ref());
        let mut svg = scale.begin(&title);
        let mut bases = vec![0_u64; count];
        let width = (WIDTH * 4 / 5 / count.max(1) as u64).clamp(1, 48);
        for (number, series) in self.series.iter().enumerate() {
            let mut path = String::new();
            for (place, value) in series.values.iter().enumerate().filter(|(_, it)| **it > 0) {
                let (low, high) = (bases[place], bases[place].saturating_add(*value));
                bases[place] = high;
                let (top, bottom) = (scale.y(high).min(HEIGHT - 1), scale.y(low));
                let x = left(place, count, width);
                // Writing to a String cannot fail.
                let _ok =
                    write!(path, "M{x} {top}h{width}v{}h-{width}z", bottom.saturating_sub(top));
            }
            let _ok = write!(svg, "<path class=\"{}\" d=\"{path}\"/>", colour(number));
        }
        if count <= MOST_TITLES {
            for (place, title) in self.titles.iter().enumerate() {
                let x = left(place, count, width);
                let _ok = write!(
                    svg,
                    "<rect class=\"hit\" x=\"{x}\" width=\"{width}\" height=\"{HEIGHT}\"><title>{}</title></rect>",
                    escape(title),
                );
            }
        }
        let named = self.series.iter().enumerate().filter(|(_, series)| !series.name.is_empty());
        let legend = named.map(|(number, series)| (colour(number), series.name.clone()));
        scale.finish(svg, title, legend.collect(), times, words)
    }
}

impl Lines {
    /// The chart; `words` writes a value for the axis.
    #[must_use]
    pub fn figure(
        &self,
        title: String,
        times: Vec<String>,
        words: impl Fn(u64) -> String,
    ) -> Figure {
        let points = self.lines.iter().flat_map(|line| &line.points);
        let highest = points.map(|(_, value)| *value).max().unwrap_or(0);
        let scale = Scale::of(highest, self.mark.as_ref());
        let mut svg = scale.begin(&title);
        let class = |line: &Line| if line.expected { "expected" } else { "line" };
        for line in &self.lines {
            let mut path = String::new();
            for (place, (time, value)) in line.points.iter().enumerate() {
                let x = WIDTH * (*time).min(self.end) / self.end.max(1);
                let step = if place == 0 { 'M' } else { 'L' };
                let _ok = write!(path, "{step}{x} {}", scale.y(*value));
            }
            let _ok = write!(svg, "<path class=\"{}\" d=\"{path}\"/>", class(line));
        }
        let legend = self.lines.iter().map(|line| (class(line).to_owned(), line.name.clone()));
        scale.finish(svg, title, legend.collect(), times, words)
    }
}

/// A line without axes that only shows which way it goes.
#[must_use]
pub fn sparkline(values: &[u64]) -> String {
    if values.len() < 2 || values.iter().all(|it| *it == 0) {
        return String::new();
    }
    let highest = u128::from(values.iter().copied().max().unwrap_or(0).max(1));
    let last = values.len() as u64 - 1;
    let mut path = String::new();
    for (place, value) in values.iter().enumerate() {
        let y = 22 - u64::try_from(u128::from(*value) * 20 / highest).unwrap_or(20);
        let step = if place == 0 { 'M' } else { 'L' };
        let _ok = write!(path, "{step}{} {y}", 200 * place as u64 / last);
    }
    format!(
        "<svg class=\"sparkline\" viewBox=\"0 0 200 24\" preserveAspectRatio=\"none\" \
         aria-hidden=\"true\"><path class=\"line\" d=\"{path}\"/></svg>"
    )
}

fn left(place: usize, count: usize, width: u64) -> u64 {
    let count = count.max(1) as u64;
    place as u64 * WIDTH / count + (WIDTH / count).saturating_sub(width) / 2
}

/// The class of a series; the last colour is for all that are left.
fn colour(number: usize) -> String {
    format!("series-{}", (number + 1).min(6))
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bars(values: &[&[u64]], mark: Option<u64>) -> Figure {
        let series = values.iter().map(|it| Series { name: "<s>".into(), values: it.to_vec() });
        let titles = vec!["<script>".to_owned(); values[0].len()];
        let mark = mark.map(|value| Mark { name: "limit".into(), value });
        let bars = Bars { series: series.collect(), titles, mark };
        bars.figure("a & b".into(), Vec::new(), |value| value.to_string())
    }

    #[test]
    fn series_stand_on_each_other_and_text_is_inert() {
        let figure = bars(&[&[50, 0], &[50, 100]], None);
        assert_eq!(figure.ticks, ["100", "50", "0"]);
        assert!(figure.svg.contains("v120h-48z\"/><path class=\"series-2\""), "{}", figure.svg);
        assert!(figure.svg.contains("&lt;script&gt;") && figure.svg.contains("a &amp; b"));
        assert_eq!(figure.legend[1].0, "series-2");
    }

    #[test]
    fn the_largest_numbers_have_a_place() {
        let figure = bars(&[&[u64::MAX, 0], &[u64::MAX, 1]], Some(u64::MAX));
        assert!(
            figure.svg.contains("class=\"series-1\" d=\"M216 0h48v240h-48z\""),
            "{}",
            figure.svg
        );
    }

    #[test]
    fn a_limit_far_above_the_bars_is_told_and_not_drawn() {
        assert!(bars(&[&[10]], Some(20)).svg.contains("class=\"limit\""));
        let far = bars(&[&[10]], Some(4000));
        assert!(!far.svg.contains("class=\"limit\"") && far.legend[1].1 == "limit");
    }

    #[test]
    fn a_line_ends_where_time_does() {
        let line = Line { name: String::new(), expected: true, points: vec![(0, 0), (30, 10)] };
        let lines = Lines { lines: vec![line], end: 30, mark: None };
        let figure = lines.figure(String::new(), Vec::new(), |it| it.to_string());
        assert!(figure.svg.contains("class=\"expected\" d=\"M0 240L960 0\""), "{}", figure.svg);
        assert!(sparkline(&[1]).is_empty() && sparkline(&[0, 5]).contains("M0 22L200 2"));
    }
}
