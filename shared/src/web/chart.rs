//! Bars as inline SVG, drawn on the server: colours from the styles, direction from the page
//! (time runs left to right in both languages). A table beside it has the same numbers.

use std::fmt::Write as _;

/// One bar.
pub struct Bar {
    /// What it stands for, in the reader's words; shown on hovering; the table beside the chart is what is
    /// read aloud.
    pub label: String,
    /// How high it is.
    pub value: u64,
}

/// A row of bars over a time axis.
pub struct Chart {
    /// What the chart shows.
    pub title: String,
    /// From the oldest to the newest.
    pub bars: Vec<Bar>,
}

const WIDTH: u64 = 960;
const HEIGHT: u64 = 200;

impl Chart {
    /// The chart as SVG. All text in it is escaped.
    #[must_use]
    pub fn svg(&self) -> String {
        let highest = self.bars.iter().map(|bar| bar.value).max().unwrap_or(0).max(1);
        let count = (self.bars.len() as u64).max(1);
        let step = WIDTH / count;
        let width = (step * 4 / 5).clamp(1, 48);
        let mut svg = format!(
            "<svg class=\"chart\" dir=\"ltr\" role=\"img\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
             preserveAspectRatio=\"none\"><title>{}</title>",
            escape(&self.title),
        );
        for quarter in 1..=3 {
            let y = HEIGHT * quarter / 4;
            // Writing to a String cannot fail.
            let _ok =
                write!(svg, "<line class=\"grid\" x1=\"0\" x2=\"{WIDTH}\" y1=\"{y}\" y2=\"{y}\"/>");
        }
        for (index, bar) in self.bars.iter().enumerate() {
            let scaled = u128::from(bar.value) * u128::from(HEIGHT - 4) / u128::from(highest);
            let height = u64::try_from(scaled).unwrap_or(HEIGHT).max(u64::from(bar.value > 0));
            let x = index as u64 * WIDTH / count + (step.saturating_sub(width)) / 2;
            let y = HEIGHT - height;
            let _ok = write!(
                svg,
                "<rect class=\"bar\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\">\
                 <title>{}</title></rect>",
                escape(&bar.label),
            );
        }
        svg.push_str("</svg>");
        svg
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_bar_fills_the_chart_and_text_is_inert() {
        let bars = vec![
            Bar { label: "<script>".into(), value: u64::MAX },
            Bar { label: "none".into(), value: 0 },
        ];
        let svg = Chart { title: "a & b".into(), bars }.svg();
        assert!(svg.contains("height=\"196\""));
        assert!(svg.contains("height=\"0\""));
        assert!(svg.contains("&lt;script&gt;") && svg.contains("a &amp; b"));
    }
}
