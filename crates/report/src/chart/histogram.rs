//! How often each value occurs.

use super::axis::{Frame, round_out};
use super::{Chart, extent, finite};
use crate::Table;
use crate::number::{self, number};
use crate::svg::Svg;
use serde::{Deserialize, Serialize};

/// Counts in bins.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Histogram {
    /// What the picture is of.
    pub title: String,
    /// What the values are.
    pub x_label: String,
    /// What is counted; the default says "rows".
    pub y_label: String,
    /// The bins' borders, upwards; one more than there are bins.
    #[serde(deserialize_with = "number::many")]
    pub edges: Vec<f64>,
    /// The count in each bin.
    #[serde(deserialize_with = "number::many")]
    pub counts: Vec<f64>,
}

const WIDTH: f64 = 480.0;
const HEIGHT: f64 = 300.0;

impl Histogram {
    fn bins(&self) -> impl Iterator<Item = (f64, f64, f64)> + '_ {
        self.edges
            .windows(2)
            .zip(&self.counts)
            .map(|(edge, &count)| (edge[0], edge[1], count))
            .filter(|(low, high, count)| low.is_finite() && high.is_finite() && count.is_finite())
    }

    fn y_label(&self) -> &str {
        if self.y_label.is_empty() { "rows" } else { &self.y_label }
    }
}

impl Chart for Histogram {
    fn title(&self) -> &str {
        &self.title
    }

    fn describe(&self) -> String {
        let (low, high) = extent(finite(&self.edges));
        let most = self.bins().max_by(|a, b| a.2.total_cmp(&b.2));
        let most = most.map(|b| format!(" Most lie from {} to {}.", number(b.0), number(b.1)));
        format!("{} from {} to {}.{}", self.x_label, number(low), number(high), most.unwrap_or_default())
    }

    fn svg(&self) -> String {
        let mut svg = Svg::new(WIDTH, HEIGHT, &self.title, &self.describe());
        let (_, most) = round_out(extent(self.bins().map(|b| b.2).chain([0.0])), 5);
        let frame = Frame::new(WIDTH, HEIGHT, extent(finite(&self.edges)), (0.0, most));
        frame.draw(&mut svg, &self.x_label, self.y_label());
        for (low, high, count) in self.bins() {
            let (x, y) = (frame.x.at(low), frame.y.at(count));
            let tip = format!("{} to {}: {}", number(low), number(high), number(count));
            svg.tipped(&tip, |svg| svg.rect("bar", x + 0.5, y, frame.x.at(high) - x - 1.0, frame.bottom - y));
        }
        svg.finish()
    }

    fn table(&self) -> Table {
        let mut table = Table::new("", &["range", &format!("#{}", self.y_label())]);
        for (low, high, count) in self.bins() {
            table.push([format!("{} to {}", number(low), number(high)), number(count)]);
        }
        table
    }
}
