//! Samplers: values for trial number i.
//!
//! Random search draws each dimension on its own (Bergstra & Bengio, 2012), from a stream named by the trial's
//! number and the setting's name: the draw depends on the seed and the number only, never on what other trials
//! gave or when they came back, and one more setting changes no other's values. The grid counts through all
//! combinations, the last setting fastest.

use crate::space::{Range, Space, Values, steps};
use arkwright_core::{Json, Random};
use serde::{Deserialize, Serialize};

/// How a trial's values are chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Sampler {
    /// Drawn at random.
    #[default]
    Random,
    /// All combinations of values spread over each range, five of each.
    Grid,
}

/// Values that a grid tries of a range.
const POINTS: usize = 5;

impl Sampler {
    /// The values of draw number `i`, counted from 0; `None` where a grid is at its end.
    pub fn draw(self, space: &Space, seed: u64, i: u64) -> Option<Values> {
        match self {
            Self::Random => Some(
                space
                    .dimensions
                    .iter()
                    .map(|d| {
                        (d.name.clone(), value(&d.range, &mut Random::new(seed, &format!("trial {i}: {}", d.name))))
                    })
                    .collect(),
            ),
            Self::Grid => grid(space, i),
        }
    }
}

fn value(range: &Range, random: &mut Random) -> Json {
    match *range {
        Range::Choices(ref choices) => choices[random.below(choices.len() as u64) as usize].clone(),
        Range::Int { low, high, log: true, .. } => {
            // Half a step beyond each end, so that the ends are as likely as their neighbours.
            let (from, to) = (libm::log(low as f64 - 0.5), libm::log(high as f64 + 0.5));
            let drawn = libm::round(libm::exp(from + random.unit() * (to - from)));
            Json::from((drawn as i64).clamp(low, high))
        }
        Range::Int { low, high, step, .. } => {
            let count = ((high - low) / step) as u64 + 1;
            Json::from(low + random.below(count) as i64 * step)
        }
        Range::Float { low, high, log, step } => Json::from(match (log, step) {
            (true, _) => {
                let (from, to) = (libm::log(low), libm::log(high));
                libm::exp(from + random.unit() * (to - from)).clamp(low, high)
            }
            (false, Some(step)) => (low + random.below(steps(low, high, step) + 1) as f64 * step).min(high),
            (false, None) => low + random.unit() * (high - low),
        }),
    }
}

fn grid(space: &Space, mut i: u64) -> Option<Values> {
    let spread: Vec<Vec<Json>> = space.dimensions.iter().map(|d| d.range.spread(POINTS)).collect();
    let mut chosen = Vec::with_capacity(spread.len());
    for values in spread.iter().rev() {
        chosen.push(values[(i % values.len() as u64) as usize].clone());
        i /= values.len() as u64;
    }
    (i == 0).then(|| space.dimensions.iter().map(|d| d.name.clone()).zip(chosen.into_iter().rev()).collect())
}
