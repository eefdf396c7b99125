//! Pictures, one file each. A chart is a plain struct of what is shown; [`Chart`] turns it into a picture, a
//! sentence and a table. All of them leave out what is not finite, and draw an empty frame of nothing.
//!
//! A new chart is a file here that implements [`Chart`] with the axes of [`axis`](self) and the shapes of `svg`.

mod axis;
pub mod bars;
pub mod calibration;
pub mod confusion;
pub mod curves;
pub mod heat;
pub mod histogram;
pub mod points;
pub mod swarm;
pub mod tree;

pub use bars::{Bar, Bars};
pub use calibration::{Calibration, CalibrationBin};
pub use confusion::Confusion;
pub use curves::{Curves, Reference, Series};
pub use heat::HeatMap;
pub use histogram::Histogram;
pub use points::Points;
pub use swarm::{Swarm, SwarmRow};
pub use tree::{Question, Tree, TreeNode};

use crate::Table;
use crate::svg;

/// What can be drawn.
pub trait Chart {
    /// What the picture is of, in a few words.
    fn title(&self) -> &str;
    /// What it shows, in a sentence or two, for those who can't see it.
    fn describe(&self) -> String;
    /// The picture, for a page that has [`crate::page::style`].
    fn svg(&self) -> String;
    /// The numbers that it shows.
    fn table(&self) -> Table;

    /// The picture as a file of its own, its style inside.
    fn standalone(&self) -> String {
        // The style goes behind the title, which must come first.
        let style = format!("</title><style>{}{}</style>", svg::COLOURS, svg::STYLE);
        self.svg().replacen("</title>", &style, 1)
    }
}

/// The finite ones of `values`.
fn finite(values: &[f64]) -> impl Iterator<Item = f64> + '_ {
    values.iter().copied().filter(|v| v.is_finite())
}

/// The least and the greatest of `values`, widened where they are one; 0 to 1 where there are none.
fn extent(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let (low, high) = values
        .filter(|v| v.is_finite())
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)));
    if low > high {
        (0.0, 1.0)
    } else if low == high {
        let room = if low == 0.0 { 1.0 } else { low.abs() / 10.0 };
        (low - room, high + room)
    } else {
        (low, high)
    }
}
