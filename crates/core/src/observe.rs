//! What a long computation tells, and what it asks.
//!
//! Progress bars, live charts, time budgets and Ctrl-C are all observers. One that answers
//! [`Stop`] ends the computation at its next step; what was fitted so far is a checkpoint.

use std::ops::ControlFlow;

/// Something that a computation tells as it goes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Event<'a> {
    /// Work begins; `total` steps of `unit`, where that is known.
    Begin {
        /// Steps in all.
        total: Option<u64>,
        /// What a step is: `trees`, `rows`, `trials`.
        unit: &'a str,
    },
    /// This many steps are done.
    Step {
        /// Steps done so far.
        done: u64,
    },
    /// A figure at a step: a loss, a score.
    Figure {
        /// The figure's name.
        name: &'a str,
        /// The step it belongs to.
        step: u64,
        /// Its value.
        value: f64,
    },
    /// A word to the user: something was set aside, or looks wrong.
    Warn {
        /// The word.
        message: &'a str,
    },
    /// Work ends.
    End,
}

/// The answer of an observer that wants the computation to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stop;

/// Hears what computations tell. Called from many threads at once.
pub trait Observer: Send + Sync {
    /// Hears an event of the computation at `path` (its steps' names, joined by `/`).
    fn on(&self, path: &str, event: Event<'_>) -> ControlFlow<Stop>;
}

/// An observer that hears nothing and never stops anything.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Observer for Silent {
    fn on(&self, _path: &str, _event: Event<'_>) -> ControlFlow<Stop> {
        ControlFlow::Continue(())
    }
}
