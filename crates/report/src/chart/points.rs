//! One number against another: predictions and residuals. Few rows are dots; many are counted in a grid, so that
//! a picture of a million rows is as small as one of a thousand.

use super::axis::{Frame, Scale, round_out};
use super::{Chart, extent};
use crate::Table;
use crate::number::{self, count, number};
use crate::svg::Svg;
use serde::{Deserialize, Serialize};

/// Points, or their counts in a grid.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Points {
    /// What the picture is of.
    pub title: String,
    /// The name of the horizontal axis.
    pub x_label: String,
    /// The name of the vertical axis.
    pub y_label: String,
    /// The points, or the filled cells' middles.
    #[serde(deserialize_with = "number::many")]
    pub x: Vec<f64>,
    /// The points, or the filled cells' middles.
    #[serde(deserialize_with = "number::many")]
    pub y: Vec<f64>,
    /// The number of rows in each cell; empty where points are shown.
    pub counts: Vec<u32>,
    /// The width and height of a cell, where cells are shown.
    pub cell: Option<(f64, f64)>,
    /// The rows shown.
    pub rows: u64,
    /// A dashed line: truth against prediction lie on it where they agree, residuals around it.
    pub reference: PointReference,
}

/// The line that points would lie on if all were well.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PointReference {
    /// None.
    #[default]
    None,
    /// Where both are the same.
    Same,
    /// Where the vertical one is 0.
    Zero,
}

/// With more rows than this they are counted in a grid.
const MOST: usize = 800;
const GRID: usize = 44;
const WIDTH: f64 = 480.0;
const HEIGHT: f64 = 360.0;

impl Points {
    /// The points `x` (n) and `y` (n), counted in a grid where there are more than 800; those not finite are left
    /// out.
    #[must_use]
    pub fn new(title: &str, x_label: &str, y_label: &str, x: &[f64], y: &[f64]) -> Points {
        let points = || x.iter().copied().zip(y.iter().copied()).filter(|(x, y)| x.is_finite() && y.is_finite());
        let rows = points().count();
        let mut made = Points {
            title: title.to_owned(),
            x_label: x_label.to_owned(),
            y_label: y_label.to_owned(),
            rows: rows as u64,
            ..Points::default()
        };
        if rows <= MOST {
            (made.x, made.y) = points().unzip();
            return made;
        }
        let (xs, ys) = (extent(points().map(|p| p.0)), extent(points().map(|p| p.1)));
        let place =
            |(low, high): (f64, f64), v: f64| (Scale::new((low, high), 0.0, GRID as f64).at(v) as usize).min(GRID - 1);
        let middle = |(low, high): (f64, f64), i: usize| low + (high - low) * (i as f64 + 0.5) / GRID as f64;
        let mut counts = vec![0_u32; GRID * GRID];
        for (x, y) in points() {
            let cell = &mut counts[place(ys, y) * GRID + place(xs, x)];
            *cell = cell.saturating_add(1);
        }
        for (i, &n) in counts.iter().enumerate().filter(|(_, n)| **n > 0) {
            made.x.push(middle(xs, i % GRID));
            made.y.push(middle(ys, i / GRID));
            made.counts.push(n);
        }
        made.cell = Some(((xs.1 - xs.0) / GRID as f64, (ys.1 - ys.0) / GRID as f64));
        made
    }

    /// Predictions (n) against truth (n), with the line where they agree.
    #[must_use]
    pub fn predictions(truth: &[f64], predicted: &[f64]) -> Points {
        let points = Points::new("Prediction against truth", "predicted", "true", predicted, truth);
        Points { reference: PointReference::Same, ..points }
    }

    /// Residuals, truth less prediction (n), against predictions (n), with the line at 0.
    #[must_use]
    pub fn residuals(truth: &[f64], predicted: &[f64]) -> Points {
        let residuals: Vec<f64> = truth.iter().zip(predicted).map(|(t, p)| t - p).collect();
        let points = Points::new("Residuals", "predicted", "true less predicted", predicted, &residuals);
        Points { reference: PointReference::Zero, ..points }
    }

    fn seen(&self) -> impl Iterator<Item = (f64, f64)> + '_ {
        self.x.iter().copied().zip(self.y.iter().copied()).filter(|(x, y)| x.is_finite() && y.is_finite())
    }
}

impl Chart for Points {
    fn title(&self) -> &str {
        &self.title
    }

    fn describe(&self) -> String {
        format!("{} against {}, {} rows.", self.y_label, self.x_label, count(self.rows))
    }

    fn svg(&self) -> String {
        let mut svg = Svg::new(WIDTH, HEIGHT, &self.title, &self.describe());
        let room =
            self.cell.filter(|c| c.0.is_finite() && c.1.is_finite()).map_or((0.0, 0.0), |c| (c.0 / 2.0, c.1 / 2.0));
        let mut xs = extent(self.seen().flat_map(|p| [p.0 - room.0, p.0 + room.0]));
        let mut ys = extent(self.seen().flat_map(|p| [p.1 - room.1, p.1 + room.1]));
        if self.reference == PointReference::Same {
            let both = (xs.0.min(ys.0), xs.1.max(ys.1));
            (xs, ys) = (both, both);
        }
        let frame = Frame::new(WIDTH, HEIGHT, round_out(xs, 6), round_out(ys, 6));
        frame.draw(&mut svg, &self.x_label, &self.y_label);
        let at = |(x, y): (f64, f64)| (frame.x.at(x), frame.y.at(y));
        if self.cell.is_some() {
            let most = f64::from(self.counts.iter().copied().max().unwrap_or(1));
            for (i, (x, y)) in self.seen().enumerate() {
                let n = self.counts.get(i).copied().unwrap_or(1);
                let ((left, bottom), (right, top)) = (at((x - room.0, y - room.1)), at((x + room.0, y + room.1)));
                let strength = 0.1 + 0.9 * (f64::from(n).ln_1p() / most.ln_1p());
                svg.shaded("positive", left, top, right - left, bottom - top, Some(strength));
            }
        } else {
            svg.dots("c0", &self.seen().map(at).collect::<Vec<_>>());
        }
        match self.reference {
            PointReference::Same => {
                let (from, to) = (frame.x.low.max(frame.y.low), frame.x.high.min(frame.y.high));
                svg.path("reference", &[at((from, from)), at((to, to))]);
            }
            PointReference::Zero => {
                svg.path("reference", &[(frame.left, frame.y.at(0.0)), (frame.right, frame.y.at(0.0))])
            }
            PointReference::None => {}
        }
        svg.finish()
    }

    fn table(&self) -> Table {
        let (x, y) = (format!("#{}", self.x_label), format!("#{}", self.y_label));
        if self.cell.is_none() {
            let mut table = Table::new("", &[&x, &y]);
            for (x, y) in self.seen().take(100) {
                table.push([number(x), number(y)]);
            }
            return table;
        }
        let mut table = Table::new("The fullest cells", &[&x, &y, "#rows"]);
        let mut order: Vec<usize> = (0..self.counts.len().min(self.x.len()).min(self.y.len())).collect();
        order.sort_by_key(|&i| (std::cmp::Reverse(self.counts[i]), i));
        for &i in order.iter().take(60) {
            table.push([number(self.x[i]), number(self.y[i]), count(u64::from(self.counts[i]))]);
        }
        table
    }
}
