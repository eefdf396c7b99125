//! A study: ask for a trial, tell how it did.
//!
//! Trial 0 is the defaults: whatever a search finds is never worse than not searching, on the rows that it
//! was judged on. Trials may be asked for in a batch and told in any order; what is asked next does not depend
//! on what was told.

use crate::sampler::Sampler;
use crate::space::{Space, Values};
use serde::{Deserialize, Serialize};

/// Where a trial stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Asked for, not told yet.
    Open,
    /// Scored.
    Done,
    /// Given up: others did better so far.
    Pruned,
    /// It could not be fitted or scored.
    Failed,
}

/// A set of values and how it did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trial {
    /// Its number, from 0.
    pub number: usize,
    /// Its values; those of trial 0 are empty: the defaults.
    pub values: Values,
    /// Where it stands.
    pub state: State,
    /// Its score; of a pruned trial the score when it was given up.
    pub score: Option<f64>,
    /// The scores of its rounds, one a fold.
    pub rounds: Vec<f64>,
    /// The round, from 1, after which it was given up.
    pub pruned_at: Option<usize>,
    /// Why it failed.
    pub error: Option<String>,
}

/// Trials of a space.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Study {
    space: Space,
    sampler: Sampler,
    seed: u64,
    greater_is_better: bool,
    trials: Vec<Trial>,
}

impl Study {
    /// A study without trials.
    pub fn new(space: Space, sampler: Sampler, seed: u64, greater_is_better: bool) -> Self {
        Self { space, sampler, seed, greater_is_better, trials: Vec::new() }
    }

    /// The next trial, to be told about later; `None` where a grid is at its end.
    pub fn ask(&mut self) -> Option<Trial> {
        let number = self.trials.len();
        let values = match number {
            0 => Values::new(),
            n => self.sampler.draw(&self.space, self.seed, n as u64 - 1)?,
        };
        let trial =
            Trial { number, values, state: State::Open, score: None, rounds: Vec::new(), pruned_at: None, error: None };
        self.trials.push(trial.clone());
        Some(trial)
    }

    /// Tells the score of a trial. A score that is no number is a failure; an unknown number is ignored.
    pub fn tell(&mut self, number: usize, score: f64) {
        if !score.is_finite() {
            return self.fail(number, format!("the score is {score}"));
        }
        if let Some(trial) = self.trials.get_mut(number) {
            (trial.state, trial.score) = (State::Done, Some(score));
        }
    }

    /// Tells the score of one more round of a trial that goes on; its score so far is the mean.
    pub fn tell_round(&mut self, number: usize, score: f64) {
        if !score.is_finite() {
            return self.fail(number, format!("the score is {score}"));
        }
        if let Some(trial) = self.trials.get_mut(number) {
            trial.rounds.push(score);
            trial.score = Some(trial.rounds.iter().sum::<f64>() / trial.rounds.len() as f64);
        }
    }

    /// Tells that a trial has had all its rounds.
    pub fn finish(&mut self, number: usize) {
        if let Some(trial) = self.trials.get_mut(number).filter(|t| t.score.is_some()) {
            trial.state = State::Done;
        }
    }

    /// Tells that a trial was given up after the rounds it had.
    pub fn prune(&mut self, number: usize) {
        if let Some(trial) = self.trials.get_mut(number) {
            (trial.state, trial.pruned_at) = (State::Pruned, Some(trial.rounds.len()));
        }
    }

    /// Tells that a trial could not be scored.
    pub fn fail(&mut self, number: usize, why: impl Into<String>) {
        if let Some(trial) = self.trials.get_mut(number) {
            (trial.state, trial.score, trial.error) = (State::Failed, None, Some(why.into()));
        }
    }

    /// All trials, by number.
    pub fn trials(&self) -> &[Trial] {
        &self.trials
    }

    /// Open trials, the best so far first; of equals the earlier.
    pub fn ranked(&self) -> Vec<usize> {
        let mut open: Vec<&Trial> = self.trials.iter().filter(|t| t.state == State::Open).collect();
        open.sort_by(|a, b| self.loss(a).total_cmp(&self.loss(b)));
        open.into_iter().map(|t| t.number).collect()
    }

    /// The best trial that was scored in full; of equals the earlier.
    pub fn best(&self) -> Option<&Trial> {
        let done = self.trials.iter().filter(|t| t.state == State::Done);
        done.min_by(|a, b| self.loss(a).total_cmp(&self.loss(b)))
    }

    /// Less is better; a trial without a score comes last.
    fn loss(&self, trial: &Trial) -> f64 {
        match trial.score {
            Some(score) if self.greater_is_better => -score,
            Some(score) => score,
            None => f64::INFINITY,
        }
    }
}
