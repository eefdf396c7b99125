//! Steps that prepare a table: each takes some columns and gives others, row by row.
//!
//! | step | takes | gives |
//! |---|---|---|
//! | [`Dates`] | times | their year, month, weekday ... as numbers |
//! | [`Impute`] | numbers | the same without gaps, and where the gaps were |
//! | [`Scale`] | numbers | the same on a common scale |
//! | [`Levels`] | categories | codes of fitted levels: one-hot, unwidened |
//! | [`OneHot`] | categories or levels | vectors of 0 and 1 |
//! | [`TargetEncode`] | categories | what the target is on average where they have that value |
//! | [`OrderedTargetEncode`] | categories | the same, on the rows before in a random order |
//!
//! Every step has the setting `columns`; without it, it acts on all inputs of its kind. One that finds
//! nothing to act on takes and gives nothing. A column that stays one column keeps its name.

mod choice;
mod dates;
mod encoder;
mod impute;
mod levels;
mod lookup;
mod one_hot;
mod ordered_target_encode;
mod quantile;
mod scale;
mod target_encode;

pub(crate) use choice::{choose, names};
pub use dates::{DatePart, Dates};
pub use impute::{Impute, Strategy};
pub use levels::Levels;
pub use one_hot::OneHot;
pub use ordered_target_encode::OrderedTargetEncode;
pub(crate) use quantile::quantile;
pub use scale::{Method, Scale};
pub use target_encode::TargetEncode;

use arkwright_core::{Format, Spec};

/// The estimators of this folder.
pub fn specs() -> Vec<Spec> {
    vec![
        Spec::leaf::<Dates>(),
        Spec::leaf::<Impute>(),
        Spec::leaf::<Scale>(),
        Spec::leaf::<Levels>(),
        Spec::leaf::<OneHot>(),
        Spec::leaf::<TargetEncode>(),
        Spec::leaf::<OrderedTargetEncode>(),
    ]
}

/// The saved formats of this folder.
pub fn formats() -> Vec<Format> {
    vec![dates::FORMAT, impute::FORMAT, scale::FORMAT, levels::FORMAT, one_hot::FORMAT, encoder::FORMAT]
}
