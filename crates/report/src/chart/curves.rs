//! Lines over a common axis: ROC and precision-recall curves, learning curves, losses by iteration.

use super::axis::{Frame, round_out};
use super::{Chart, extent};
use crate::number::{self, number};
use crate::svg::{Anchor, Svg};
use crate::{Table, escape};
use serde::{Deserialize, Serialize};

/// Lines over a common axis.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Curves {
    /// What the picture is of.
    pub title: String,
    /// The name of the horizontal axis.
    pub x_label: String,
    /// The name of the vertical axis.
    pub y_label: String,
    /// The lines; six colours, then again from the first.
    pub series: Vec<Series>,
    /// A dashed line to compare with.
    pub reference: Reference,
    /// Ends of the horizontal axis; by default those of the data.
    pub x_range: Option<(f64, f64)>,
    /// Ends of the vertical axis; by default those of the data, widened to round numbers.
    pub y_range: Option<(f64, f64)>,
    /// Whether a line goes level to its next point and then up or down, as a precision-recall curve does.
    pub steps: bool,
}

/// One line.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Series {
    /// What the line is of, in the legend.
    pub name: String,
    /// Where its points are, n.
    #[serde(deserialize_with = "number::many")]
    pub x: Vec<f64>,
    /// How high, n; a gap is left where one is not finite.
    #[serde(deserialize_with = "number::many")]
    pub y: Vec<f64>,
    /// The lower border of a band around the line, n or none.
    #[serde(deserialize_with = "number::many")]
    pub low: Vec<f64>,
    /// The upper border of a band around the line, n or none.
    #[serde(deserialize_with = "number::many")]
    pub high: Vec<f64>,
}

/// A dashed line to compare with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reference {
    /// None.
    #[default]
    None,
    /// From the lower left to the upper right: chance, in a ROC curve.
    Diagonal,
    /// At this height: the share of positives, in a precision-recall curve.
    Level(f64),
}

impl Curves {
    /// ROC curves: `series` of false positive rate (x) and true positive rate (y).
    #[must_use]
    pub fn roc(series: Vec<Series>) -> Curves {
        Curves {
            title: "ROC curve".into(),
            x_label: "false positive rate".into(),
            y_label: "true positive rate".into(),
            series,
            reference: Reference::Diagonal,
            x_range: Some((0.0, 1.0)),
            y_range: Some((0.0, 1.0)),
            steps: false,
        }
    }

    /// Precision-recall curves: `series` of recall (x) and precision (y); chance is `prevalence`, the share of
    /// positives.
    #[must_use]
    pub fn precision_recall(series: Vec<Series>, prevalence: f64) -> Curves {
        Curves {
            title: "Precision and recall".into(),
            x_label: "recall".into(),
            y_label: "precision".into(),
            series,
            reference: Reference::Level(prevalence),
            x_range: Some((0.0, 1.0)),
            y_range: Some((0.0, 1.0)),
            steps: true,
        }
    }
}

const WIDTH: f64 = 480.0;
const HEIGHT: f64 = 360.0;
const COLOURS: usize = 6;
/// More points than the picture has units can't be seen.
const MOST_POINTS: usize = 600;
const MOST_ROWS: usize = 60;

impl Series {
    /// The runs of finite points, each at most [`MOST_POINTS`] long.
    fn runs(&self) -> Vec<Vec<usize>> {
        let n = self.x.len().min(self.y.len());
        let mut runs = vec![Vec::new()];
        for i in 0..n {
            if self.x[i].is_finite() && self.y[i].is_finite() {
                runs[0].push(i);
            } else if !runs[0].is_empty() {
                runs.insert(0, Vec::new());
            }
        }
        runs.reverse();
        runs.into_iter().filter(|r| !r.is_empty()).map(|run| thinned(&run, MOST_POINTS)).collect()
    }
}

/// At most `most` of `items`, the ends among them.
fn thinned<T: Copy>(items: &[T], most: usize) -> Vec<T> {
    if items.len() <= most {
        return items.to_vec();
    }
    (0..most).map(|i| items[i * (items.len() - 1) / (most - 1)]).collect()
}

impl Chart for Curves {
    fn title(&self) -> &str {
        &self.title
    }

    fn describe(&self) -> String {
        let names: Vec<&str> = self.series.iter().map(|s| s.name.as_str()).collect();
        format!("{} over {}: {}.", self.y_label, self.x_label, names.join(", "))
    }

    fn svg(&self) -> String {
        let finite = |range: Option<(f64, f64)>| range.filter(|r| r.0.is_finite() && r.1.is_finite() && r.0 < r.1);
        let xs = || extent(self.series.iter().flat_map(|s| s.x.iter().copied()));
        let ys =
            || round_out(extent(self.series.iter().flat_map(|s| s.y.iter().chain(&s.low).chain(&s.high).copied())), 5);
        let legend = self.series.len().max(1) as f64 * 18.0 + 4.0;
        let legend = if self.named() { legend } else { 0.0 };
        let mut svg = Svg::new(WIDTH, HEIGHT + legend, &self.title, &self.describe());
        let frame =
            Frame::new(WIDTH, HEIGHT, finite(self.x_range).unwrap_or_else(xs), finite(self.y_range).unwrap_or_else(ys));
        frame.draw(&mut svg, &self.x_label, &self.y_label);
        match self.reference {
            Reference::Diagonal => svg.line("reference", frame.left, frame.bottom, frame.right, frame.top),
            Reference::Level(v) if v.is_finite() => {
                svg.line("reference", frame.left, frame.y.at(v), frame.right, frame.y.at(v));
            }
            _ => {}
        }
        for (k, series) in self.series.iter().enumerate() {
            self.draw(&mut svg, &frame, series, k % COLOURS);
        }
        if self.named() {
            for (k, series) in self.series.iter().enumerate() {
                let y = HEIGHT + 8.0 + k as f64 * 18.0;
                svg.line(&format!("c{} swatch", k % COLOURS), frame.left, y, frame.left + 20.0, y);
                svg.text("label", Anchor::Start, frame.left + 28.0, y + 4.0, &escape::shorten(&series.name, 56));
            }
        }
        svg.finish()
    }

    fn table(&self) -> Table {
        let mut table = Table::new("", &["line", &format!("#{}", self.x_label), &format!("#{}", self.y_label)]);
        for series in &self.series {
            let points: Vec<usize> = series.runs().concat();
            for i in thinned(&points, MOST_ROWS) {
                table.push([series.name.clone(), number(series.x[i]), number(series.y[i])]);
            }
        }
        table
    }
}

impl Curves {
    fn named(&self) -> bool {
        self.series.iter().any(|s| !s.name.is_empty())
    }

    fn draw(&self, svg: &mut Svg, frame: &Frame, series: &Series, colour: usize) {
        let at = |x: f64, y: f64| (frame.x.at(x), frame.y.at(y));
        for run in series.runs() {
            let banded = |i: &usize| {
                series.low.get(*i).is_some_and(|v| v.is_finite()) && series.high.get(*i).is_some_and(|v| v.is_finite())
            };
            if run.len() > 1 && run.iter().all(banded) {
                let above = run.iter().map(|&i| at(series.x[i], series.high[i]));
                let below = run.iter().rev().map(|&i| at(series.x[i], series.low[i]));
                svg.area(&format!("band f{colour}"), &above.chain(below).collect::<Vec<_>>());
            }
            let mut line: Vec<(f64, f64)> = Vec::new();
            for &i in &run {
                let point = at(series.x[i], series.y[i]);
                if let (true, Some(&last)) = (self.steps, line.last()) {
                    line.push((point.0, last.1));
                }
                line.push(point);
            }
            if line.len() == 1 {
                svg.dots(&format!("c{colour}"), &line);
            } else {
                svg.path(&format!("c{colour}"), &line);
            }
        }
    }
}
