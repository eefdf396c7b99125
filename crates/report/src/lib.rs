//! Pictures, tables and pages: data in, SVG and HTML text out.
//!
//! Nothing here computes what it shows, reads or writes a file, runs a script or loads anything: a page is one
//! string that opens anywhere, by mail or years later. All text that comes from data is escaped at the one
//! place where text enters a page ([`escape`]), and no coordinate of a picture is ever infinite or NaN.
//!
//! | file | what it makes |
//! |---|---|
//! | [`chart`] | pictures: curves, calibration, confusion, bars, points, histograms, heat maps, swarms |
//! | [`table`] | an HTML table |
//! | [`page`] | the page around it all: our style, light and dark, sections and figures |
//! | [`run`] | the report of one run |
//! | [`number`] | numbers as people read them |
//!
//! A chart is a plain struct that the store keeps as JSON and [`chart::Chart`] turns into a picture, with a
//! sentence for those who can't see it and a table of the numbers beside it.
//!
//! ```
//! use arkwright_report::run::{MetricRow, RunReport};
//!
//! let report = RunReport {
//!     system: "churn".into(),
//!     metrics: vec![MetricRow { name: "roc_auc".into(), value: 0.87, ..MetricRow::default() }],
//!     ..RunReport::default()
//! };
//! assert!(report.page().contains("0.87"));
//! ```
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod chart;
pub mod escape;
pub mod number;
pub mod page;
pub mod run;
mod svg;
pub mod table;

pub use chart::Chart;
pub use run::RunReport;
pub use table::Table;
