//! Horizontal bars with their numbers and the range that chance could move them in: importances, scores.

use super::axis::{Scale, ticks};
use super::{Chart, extent};
use crate::number::{self, number};
use crate::svg::{Anchor, Svg};
use crate::{Table, escape};
use serde::{Deserialize, Serialize};

/// Horizontal bars, top down in the order given.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Bars {
    /// What the picture is of.
    pub title: String,
    /// What the numbers are.
    pub label: String,
    /// The bars; the first thirty are drawn, all are in the table.
    pub bars: Vec<Bar>,
    /// Draws points on an axis that need not begin at 0, as suits scores that lie close together.
    pub points: bool,
}

/// One bar.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Bar {
    /// What it is of.
    pub name: String,
    /// How long it is.
    #[serde(deserialize_with = "number::one")]
    pub value: f64,
    /// The lower end of its range.
    pub low: Option<f64>,
    /// The upper end of its range.
    pub high: Option<f64>,
    /// Whether it is drawn paler than the others: those not chosen.
    pub muted: bool,
}

const WIDTH: f64 = 480.0;
const ROW: f64 = 25.0;
const NAMES: f64 = 150.0;
const NUMBERS: f64 = 58.0;
const MOST: usize = 30;

impl Chart for Bars {
    fn title(&self) -> &str {
        &self.title
    }

    fn describe(&self) -> String {
        let first: Vec<String> = self.bars.iter().take(3).map(|b| format!("{} {}", b.name, number(b.value))).collect();
        format!("{}, {} bars: {} and so on.", self.label, self.bars.len(), first.join(", "))
    }

    fn svg(&self) -> String {
        let shown = &self.bars[..self.bars.len().min(MOST)];
        let bottom = 8.0 + ROW * shown.len() as f64;
        let mut svg = Svg::new(WIDTH, bottom + 42.0, &self.title, &self.describe());
        let ends = shown.iter().flat_map(|b| [Some(b.value), b.low, b.high]).flatten();
        let range = if self.points {
            let (low, high) = extent(ends);
            (low - (high - low) * 0.06, high + (high - low) * 0.06)
        } else {
            extent(ends.chain([0.0]))
        };
        let scale = Scale::new(range, NAMES, WIDTH - NUMBERS);
        let (places, step) = ticks(range, 4);
        for v in places {
            let x = scale.at(v);
            svg.line("grid", x, 4.0, x, bottom);
            svg.text("tick", Anchor::Middle, x, bottom + 16.0, &number::tick(v, step));
        }
        for (i, bar) in shown.iter().enumerate() {
            let middle = 8.0 + ROW * (i as f64 + 0.5);
            let tip = format!("{}: {}", bar.name, number(bar.value));
            svg.tipped(&tip, |svg| {
                svg.text("label", Anchor::End, NAMES - 8.0, middle + 4.0, &escape::shorten(&bar.name, 19));
                self.draw(svg, &scale, bar, middle);
            });
            svg.text("tick", Anchor::End, WIDTH - 4.0, middle + 4.0, &number(bar.value));
        }
        if !self.points {
            svg.line("axis", scale.at(0.0), 4.0, scale.at(0.0), bottom);
        }
        svg.text("label", Anchor::Middle, (NAMES + WIDTH - NUMBERS) / 2.0, bottom + 35.0, &self.label);
        svg.finish()
    }

    fn table(&self) -> Table {
        let mut table = Table::new("", &["", &format!("#{}", self.label), "#range"]);
        for bar in &self.bars {
            table.push([bar.name.clone(), number(bar.value), number::range(bar.low, bar.high)]);
        }
        table
    }
}

impl Bars {
    fn draw(&self, svg: &mut Svg, scale: &Scale, bar: &Bar, middle: f64) {
        if !bar.value.is_finite() {
            return;
        }
        let muted = if bar.muted { " muted" } else { "" };
        let x = scale.at(bar.value);
        if !self.points {
            let zero = scale.at(0.0);
            svg.rect(&format!("bar{muted}"), zero.min(x), middle - 7.5, (x - zero).abs(), 15.0);
        }
        if let (Some(low), Some(high)) = (bar.low, bar.high)
            && low.is_finite()
            && high.is_finite()
        {
            let (low, high) = (scale.at(low), scale.at(high));
            let cap = if self.points { 6.0 } else { 4.0 };
            svg.line("whisker", low, middle, high, middle);
            svg.line("whisker", low, middle - cap, low, middle + cap);
            svg.line("whisker", high, middle - cap, high, middle + cap);
        }
        if self.points {
            svg.rect(&format!("bar point{muted}"), x - 3.5, middle - 3.5, 7.0, 7.0);
        }
    }
}
