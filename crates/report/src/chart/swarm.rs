//! What moved the predictions: for each feature a swarm of rows, how far the feature moved each prediction to the
//! left or right, coloured by the feature's value from low to high (the summary plot of Lundberg and Lee, 2017).

use super::axis::{Scale, ticks};
use super::{Chart, extent, finite};
use crate::number::{self, number};
use crate::svg::{Anchor, Svg};
use crate::{Table, escape};
use serde::{Deserialize, Serialize};

/// Attributions of a sample of rows, feature by feature.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Swarm {
    /// What the picture is of.
    pub title: String,
    /// What the attributions are in: log-odds, or the target's unit.
    pub label: String,
    /// The features, the most important first; the first twenty are drawn.
    pub rows: Vec<SwarmRow>,
}

/// One feature's attributions.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SwarmRow {
    /// The feature.
    pub name: String,
    /// How far it moved each row's prediction, n; 400 evenly spread ones are drawn.
    #[serde(deserialize_with = "number::many")]
    pub attributions: Vec<f64>,
    /// Its value in each row, as a rank from 0 (the lowest) to 1; NaN (missing, or a category) is grey. n, or none.
    #[serde(deserialize_with = "number::many")]
    pub values: Vec<f64>,
}

const WIDTH: f64 = 480.0;
const NAMES: f64 = 130.0;
const ROW: f64 = 30.0;
const MOST: usize = 20;
const MOST_DOTS: usize = 400;
const SHADES: usize = 5;

impl SwarmRow {
    /// The mean size of the attributions.
    fn size(&self) -> f64 {
        let (sum, n) = finite(&self.attributions).fold((0.0, 0.0), |(sum, n), v| (sum + v.abs(), n + 1.0));
        if n > 0.0 { sum / n } else { f64::NAN }
    }

    /// The rows that are drawn: attribution, and shade (the last is grey).
    fn dots(&self) -> Vec<(f64, usize)> {
        let shade = |i: usize| match self.values.get(i) {
            Some(v) if v.is_finite() => ((v.clamp(0.0, 1.0) * SHADES as f64) as usize).min(SHADES - 1),
            _ => SHADES,
        };
        let all: Vec<(f64, usize)> = self.attributions.iter().enumerate().map(|(i, &a)| (a, shade(i))).collect();
        let all: Vec<(f64, usize)> = all.into_iter().filter(|d| d.0.is_finite()).collect();
        let n = all.len().min(MOST_DOTS);
        (0..n).map(|i| all[i * all.len() / n]).collect()
    }
}

impl Chart for Swarm {
    fn title(&self) -> &str {
        &self.title
    }

    fn describe(&self) -> String {
        let first: Vec<String> = self.rows.iter().take(5).map(|r| format!("{} {}", r.name, number(r.size()))).collect();
        format!("How far each feature moves predictions, in {}; mean size: {}.", self.label, first.join(", "))
    }

    fn svg(&self) -> String {
        let rows = &self.rows[..self.rows.len().min(MOST)];
        let bottom = 6.0 + ROW * rows.len() as f64;
        let mut svg = Svg::new(WIDTH, bottom + 62.0, &self.title, &self.describe());
        let range = extent(rows.iter().flat_map(|r| r.attributions.iter().copied()).chain([0.0]));
        let scale = Scale::new(range, NAMES + 6.0, WIDTH - 14.0);
        let (places, step) = ticks(range, 5);
        for v in places {
            let x = scale.at(v);
            svg.line("grid", x, 4.0, x, bottom);
            svg.text("tick", Anchor::Middle, x, bottom + 16.0, &number::tick(v, step));
        }
        svg.line("axis", scale.at(0.0), 4.0, scale.at(0.0), bottom);
        for (i, row) in rows.iter().enumerate() {
            let middle = 6.0 + ROW * (i as f64 + 0.5);
            svg.tipped(&format!("{}: {} in the mean", row.name, number(row.size())), |svg| {
                svg.text("label", Anchor::End, NAMES - 6.0, middle + 4.0, &escape::shorten(&row.name, 16));
            });
            swarm(&mut svg, &scale, row, middle);
        }
        svg.text("label", Anchor::Middle, (NAMES + WIDTH) / 2.0, bottom + 35.0, &self.label);
        let start = NAMES + (WIDTH - NAMES) / 2.0 - 60.0;
        svg.text("small", Anchor::End, start - 8.0, bottom + 55.0, "low value");
        for shade in 0..SHADES {
            svg.rect(&format!("l{shade}"), start + 24.0 * shade as f64, bottom + 47.0, 24.0, 8.0);
        }
        svg.text("small", Anchor::Start, start + 24.0 * SHADES as f64 + 8.0, bottom + 55.0, "high value");
        svg.finish()
    }

    fn table(&self) -> Table {
        let mut table = Table::new("", &["feature", "#mean size", "#least", "#greatest"]);
        for row in &self.rows {
            let ends = finite(&row.attributions).fold((f64::NAN, f64::NAN), |(low, high), v| (v.min(low), v.max(high)));
            table.push([row.name.clone(), number(row.size()), number(ends.0), number(ends.1)]);
        }
        table
    }
}

/// Dots that would fall on one place are stacked to both sides of the middle line.
fn swarm(svg: &mut Svg, scale: &Scale, row: &SwarmRow, middle: f64) {
    const SLOT: f64 = 3.0;
    let mut stacks: Vec<usize> = vec![0; (WIDTH / SLOT) as usize + 1];
    let mut places: Vec<Vec<(f64, f64)>> = vec![Vec::new(); SHADES + 1];
    let mut placed: Vec<(f64, usize, usize)> = Vec::new();
    for (value, shade) in row.dots() {
        let x = scale.at(value);
        let slot = (x / SLOT) as usize;
        placed.push((x, stacks[slot], shade));
        stacks[slot] += 1;
    }
    let highest = stacks.iter().copied().max().unwrap_or(1).max(2);
    // As far apart as a dot is wide, nearer where the highest stack would leave its row.
    let apart = (3.4_f64).min((ROW - 7.0) / highest as f64);
    for (x, height, shade) in placed {
        let side = if height % 2 == 0 { 1.0 } else { -1.0 };
        places[shade].push((x, middle + side * height.div_ceil(2) as f64 * apart));
    }
    for (shade, dots) in places.iter().enumerate() {
        svg.dots(&format!("s{shade}"), dots);
    }
}
