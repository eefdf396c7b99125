//! Does 70 % mean 70 %? How often each predicted probability came true, and how many rows it was given.

use super::Chart;
use super::axis::{Frame, Scale};
use crate::Table;
use crate::number::{self, number, percent};
use crate::svg::{Anchor, Svg};
use serde::{Deserialize, Serialize};

/// Predicted probabilities against how often they came true.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Calibration {
    /// What the picture is of; the default says "Calibration".
    pub title: String,
    /// The bins, upwards.
    pub bins: Vec<CalibrationBin>,
    /// The expected calibration error.
    pub error: Option<f64>,
}

/// The rows of one range of predicted probabilities.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CalibrationBin {
    /// The lower border, 0 to 1.
    #[serde(deserialize_with = "number::one")]
    pub low: f64,
    /// The upper border, 0 to 1.
    #[serde(deserialize_with = "number::one")]
    pub high: f64,
    /// The mean predicted probability.
    #[serde(deserialize_with = "number::one")]
    pub predicted: f64,
    /// The share that came true.
    #[serde(deserialize_with = "number::one")]
    pub observed: f64,
    /// The number, or the weight, of the rows.
    #[serde(deserialize_with = "number::one")]
    pub count: f64,
}

const WIDTH: f64 = 480.0;
const HEIGHT: f64 = 360.0;
const COUNTS: f64 = 54.0;

impl Chart for Calibration {
    fn title(&self) -> &str {
        if self.title.is_empty() { "Calibration" } else { &self.title }
    }

    fn describe(&self) -> String {
        let error = self.error.map(|e| format!(" The mean distance from the diagonal is {}.", number(e)));
        format!(
            "How often predicted probabilities came true, in {} bins; on the diagonal they are right.{}",
            self.bins.len(),
            error.unwrap_or_default()
        )
    }

    fn svg(&self) -> String {
        let mut svg = Svg::new(WIDTH, HEIGHT + COUNTS, self.title(), &self.describe());
        let frame = Frame::new(WIDTH, HEIGHT, (0.0, 1.0), (0.0, 1.0));
        frame.draw(&mut svg, "", "share that came true");
        svg.line("reference", frame.left, frame.bottom, frame.right, frame.top);
        let seen = || self.bins.iter().filter(|b| b.predicted.is_finite() && b.observed.is_finite());
        let points: Vec<(f64, f64)> = seen().map(|b| (frame.x.at(b.predicted), frame.y.at(b.observed))).collect();
        svg.path("c0", &points);
        svg.dots("c0 big", &points);
        // The counts hang below the axis, in the same columns.
        let top = HEIGHT - 18.0;
        let most = self.bins.iter().map(|b| b.count).filter(|c| c.is_finite()).fold(1.0, f64::max);
        let height = Scale::new((0.0, most), 0.0, COUNTS - 12.0);
        for bin in self.bins.iter().filter(|b| b.count.is_finite() && b.low.is_finite() && b.high.is_finite()) {
            let (x, h) = (frame.x.at(bin.low), height.at(bin.count));
            let tip = format!("{} to {}: {} rows", percent(bin.low), percent(bin.high), number(bin.count));
            svg.tipped(&tip, |svg| svg.rect("bar muted", x + 0.5, top, frame.x.at(bin.high) - x - 1.0, h));
        }
        svg.text("tick small", Anchor::End, frame.left - 8.0, top + 10.0, "rows");
        let x = (frame.left + frame.right) / 2.0;
        svg.text("label", Anchor::Middle, x, HEIGHT + COUNTS - 8.0, "predicted probability");
        svg.finish()
    }

    fn table(&self) -> Table {
        let mut table = Table::new("", &["range", "#mean predicted", "#came true", "#rows"]);
        for b in &self.bins {
            let range = format!("{} to {}", number(b.low), number(b.high));
            table.push([range, number(b.predicted), number(b.observed), number(b.count)]);
        }
        table
    }
}
