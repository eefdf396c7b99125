//! A square of numbers from -1 to 1 as colours: correlations.

use super::Chart;
use crate::number::{self, number};
use crate::svg::{Anchor, Svg};
use crate::{Table, escape};
use serde::{Deserialize, Serialize};

/// Correlations between columns.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct HeatMap {
    /// What the picture is of.
    pub title: String,
    /// The names of the k columns; the first forty are drawn.
    pub names: Vec<String>,
    /// k x k numbers in -1 to 1, row-major.
    #[serde(deserialize_with = "number::many")]
    pub cells: Vec<f64>,
}

const WIDTH: f64 = 480.0;
const NAMES: f64 = 120.0;
const MOST: usize = 40;
const MOST_NUMBERED: usize = 10;
/// Cells darker than this have light text.
const DARK: f64 = 0.7;

impl HeatMap {
    fn cell(&self, i: usize, j: usize) -> f64 {
        self.cells.get(i * self.names.len() + j).copied().unwrap_or(f64::NAN)
    }
}

impl Chart for HeatMap {
    fn title(&self) -> &str {
        &self.title
    }

    fn describe(&self) -> String {
        let k = self.names.len();
        let pairs = (0..k).flat_map(|i| (0..i).map(move |j| (i, j))).filter(|&(i, j)| self.cell(i, j).is_finite());
        let strongest = pairs.max_by(|&(a, b), &(c, d)| self.cell(a, b).abs().total_cmp(&self.cell(c, d).abs()));
        let strongest = strongest.map(|(i, j)| {
            format!(" The strongest is {} between {} and {}.", number(self.cell(i, j)), self.names[j], self.names[i])
        });
        format!("{k} columns against each other.{}", strongest.unwrap_or_default())
    }

    fn svg(&self) -> String {
        let k = self.names.len().min(MOST);
        let side = (WIDTH - NAMES - 12.0) / k.max(4) as f64;
        let bottom = 6.0 + side * k as f64;
        let mut svg = Svg::new(WIDTH, bottom + 112.0, &self.title, &self.describe());
        for i in 0..k {
            let middle = side * (i as f64 + 0.5);
            let name = escape::shorten(&self.names[i], 17);
            svg.text("tick", Anchor::End, NAMES - 6.0, 6.0 + middle + 4.0, &name);
            svg.turned("tick", Anchor::End, NAMES + middle + 4.0, bottom + 8.0, true, &escape::shorten(&name, 14));
            for j in 0..k {
                let value = self.cell(i, j);
                if !value.is_finite() {
                    continue;
                }
                let (x, y) = (NAMES + side * j as f64, 6.0 + side * i as f64);
                svg.tipped(&format!("{} and {}: {}", self.names[i], self.names[j], number(value)), |svg| {
                    let sign = if value < 0.0 { "negative" } else { "positive" };
                    svg.shaded(&format!("{sign} cell"), x, y, side, side, Some(value.abs()));
                    if k <= MOST_NUMBERED {
                        let class = if value.abs() > DARK { "on small" } else { "label small" };
                        let text = format!("{value:.2}").replace('-', "\u{2212}");
                        svg.text(class, Anchor::Middle, x + side / 2.0, y + side / 2.0 + 4.0, &text);
                    }
                });
            }
        }
        svg.finish()
    }

    fn table(&self) -> Table {
        let mut table = Table::new("", &["column", "column", "#correlation"]);
        for i in 0..self.names.len() {
            for j in 0..i {
                table.push([self.names[j].clone(), self.names[i].clone(), number(self.cell(i, j))]);
            }
        }
        table
    }
}
