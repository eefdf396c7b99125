//! Rows of numbers as one block of memory, and products of such blocks.
//!
//! Learners that measure distances (k-means, neighbours), decompose (principal components) or multiply rows by
//! kernels (support vectors) want all p numbers of a row side by side. [`Matrix`] unfolds a design
//! so: numbers as they are, levels as columns of 0 and 1, vectors one after another. [`Panels`] holds vectors
//! to multiply rows with, and sums each product in the order of the columns with fused multiplications: a
//! product has the same bits whatever stands beside it, on any machine.
//!
//! Hot loops run in `pulp::Arch::dispatch`, which gives them the lanes of the machine. What is dispatched must move something that is
//! no copy (`let out = out;`): a closure that could be called twice is called through a shim, where the lanes are lost.

mod exp;
mod matrix;
mod panels;
mod spectrum;

pub(crate) use exp::exp;
pub(crate) use matrix::{Matrix, answer_rows, fits};
pub(crate) use panels::{LANES, Panels};
pub(crate) use spectrum::{eigen, singular};
