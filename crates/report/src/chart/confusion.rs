//! What was called what: true classes down, labels across, the darker the more of the class's rows.

use super::Chart;
use crate::number::{self, number, percent};
use crate::svg::{Anchor, Svg};
use crate::{Table, escape};
use serde::{Deserialize, Serialize};

/// Rows counted by true class and label.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Confusion {
    /// What the picture is of; the default says "Confusion matrix".
    pub title: String,
    /// The names of the k classes.
    pub classes: Vec<String>,
    /// k x k counts, row-major: true class by label.
    #[serde(deserialize_with = "number::many")]
    pub cells: Vec<f64>,
}

const SIDE: f64 = 340.0;
const LEFT: f64 = 126.0;
const TOP: f64 = 44.0;
/// With more classes than this a cell has no room for its number.
const MOST_NUMBERED: usize = 12;
/// More classes than this are not all named.
const MOST_NAMED: usize = 20;
/// Cells darker than this have light text.
const DARK: f64 = 0.7;

impl Confusion {
    fn cell(&self, truth: usize, label: usize) -> f64 {
        let cell = self.cells.get(truth * self.classes.len() + label).copied().unwrap_or(0.0);
        if cell.is_finite() { cell } else { 0.0 }
    }

    /// Of how many classes one is named: there is room for so many names.
    fn named_every(&self) -> usize {
        self.classes.len().div_ceil(MOST_NAMED).max(1)
    }

    fn total(&self, truth: usize) -> f64 {
        (0..self.classes.len()).map(|label| self.cell(truth, label)).sum()
    }

    fn share(&self, truth: usize, label: usize) -> f64 {
        let total = self.total(truth);
        if total > 0.0 { self.cell(truth, label) / total } else { 0.0 }
    }
}

impl Chart for Confusion {
    fn title(&self) -> &str {
        if self.title.is_empty() { "Confusion matrix" } else { &self.title }
    }

    fn describe(&self) -> String {
        let right = |k: usize| format!("{} {}", self.classes[k], percent(self.share(k, k)));
        let k = self.classes.len();
        let classes: Vec<String> = (0..k.min(8)).map(right).collect();
        let more = if k > 8 { format!(", and {} more", k - 8) } else { String::new() };
        let named = match self.named_every() {
            1 => String::new(),
            every => format!(" Of {k} classes every {every}th is named; a cell that is pointed at tells its own."),
        };
        format!("True classes down, labels across. Labelled right: {}{more}.{named}", classes.join(", "))
    }

    fn svg(&self) -> String {
        let k = self.classes.len();
        let side = SIDE / k.max(1) as f64;
        // Two classes need no square cells; flat ones leave room for what stands beside.
        let tall = if k <= 3 { side.min(92.0) } else { side };
        let mut svg = Svg::new(LEFT + SIDE + 14.0, TOP + tall * k as f64 + 12.0, self.title(), &self.describe());
        svg.text("label", Anchor::Middle, LEFT + SIDE / 2.0, 14.0, "labelled");
        svg.turned("label", Anchor::Middle, 13.0, TOP + tall * k as f64 / 2.0, true, "true class");
        let every = self.named_every();
        let room = ((side * every as f64 / 6.4) as usize).max(3);
        for (i, name) in self.classes.iter().enumerate() {
            if i % every == 0 {
                svg.text("tick", Anchor::Middle, LEFT + side * (i as f64 + 0.5), 34.0, &escape::shorten(name, room));
                svg.text(
                    "tick",
                    Anchor::End,
                    LEFT - 8.0,
                    TOP + tall * (i as f64 + 0.5) + 4.0,
                    &escape::shorten(name, 15),
                );
            }
            for j in 0..k {
                let (x, y) = (LEFT + side * j as f64, TOP + tall * i as f64);
                let share = self.share(i, j);
                if k > MOST_NUMBERED && share == 0.0 {
                    continue;
                }
                let tip =
                    format!("{name} labelled {}: {}, {}", self.classes[j], number(self.cell(i, j)), percent(share));
                svg.tipped(&tip, |svg| {
                    svg.shaded("positive cell", x, y, side, tall, Some(0.05 + 0.95 * share));
                    if k <= MOST_NUMBERED {
                        let class = if share > DARK { "on" } else { "strong" };
                        let lift = if side > 60.0 { 3.0 } else { -4.0 };
                        svg.text(
                            class,
                            Anchor::Middle,
                            x + side / 2.0,
                            y + tall / 2.0 - lift,
                            &number(self.cell(i, j)),
                        );
                        if side > 60.0 {
                            let class = if share > DARK { "on small" } else { "label small" };
                            svg.text(class, Anchor::Middle, x + side / 2.0, y + tall / 2.0 + 13.0, &percent(share));
                        }
                    }
                });
            }
        }
        svg.finish()
    }

    fn table(&self) -> Table {
        if self.classes.len() > MOST_NUMBERED { self.confused() } else { self.square() }
    }
}

impl Confusion {
    /// The whole matrix.
    fn square(&self) -> Table {
        let mut columns = vec!["true class".to_owned()];
        columns.extend(self.classes.iter().map(|c| format!("#{c}")));
        let mut table = Table::new("", &columns.iter().map(String::as_str).collect::<Vec<_>>());
        // A class whose name begins with # is not a mark of ours.
        for (column, class) in table.columns.iter_mut().skip(1).zip(&self.classes) {
            column.name.clone_from(class);
        }
        for (i, name) in self.classes.iter().enumerate() {
            let counts = (0..self.classes.len()).map(|j| number(self.cell(i, j)));
            table.push([name.clone()].into_iter().chain(counts));
        }
        table
    }

    /// The pairs most often confused: of many classes the whole matrix is no table to read.
    fn confused(&self) -> Table {
        const MOST: usize = 60;
        let k = self.classes.len();
        let pairs = (0..k).flat_map(|i| (0..k).map(move |j| (i, j)));
        let mut pairs: Vec<(usize, usize)> = pairs.filter(|&(i, j)| i != j && self.cell(i, j) > 0.0).collect();
        pairs.sort_by(|&(a, b), &(c, d)| self.cell(c, d).total_cmp(&self.cell(a, b)).then((a, b).cmp(&(c, d))));
        let mut table = Table::new("Most often confused", &["true class", "labelled", "#rows", "#of the class"]);
        for &(i, j) in pairs.iter().take(MOST) {
            let (name, label) = (self.classes[i].clone(), self.classes[j].clone());
            table.push([name, label, number(self.cell(i, j)), percent(self.share(i, j))]);
        }
        table
    }
}
