//! The rows held out, watched while boosting: the loss, and the metric that decides when to stop.

use super::boosting::{Dropped, add, mean};
use super::gbdt::Gbdt;
use super::node::Ensemble;
use super::objective::Objective;
use crate::Predict;
use crate::samples::{Samples, Target};
use arkwright_core::{Context, Error, Event, Result};
use arkwright_measure::{Metric, Predicted, Truth};

/// The rows held out, watched while boosting.
pub(super) struct Watch<'a> {
    objective: Box<dyn Objective + 'a>,
    rows: Samples<'a>,
    /// Whether the end of each row's time was seen, where targets are times.
    seen: Option<Vec<bool>>,
    numbers: Vec<u32>,
    gathered: Vec<u32>,
    /// The raw answers that the first tree starts from, and those so far.
    still: Vec<f64>,
    raw: Vec<f64>,
    min_delta: f64,
    /// What decides; the loss where absent.
    pub(super) metric: Option<Metric>,
    /// The loss after each round.
    pub(super) losses: Vec<f64>,
    /// The metric after each round.
    pub(super) scores: Vec<f64>,
    /// The best that was seen, lower being better, and its round.
    pub(super) best: (f64, u32),
}

impl<'a> Watch<'a> {
    pub(super) fn new(
        settings: &Gbdt,
        objective: Box<dyn Objective + 'a>,
        model: &Ensemble,
        rows: &Samples<'a>,
    ) -> Result<Self> {
        let n = rows.x.rows;
        let metric = settings.eval_metric.as_deref().map(Metric::parse).transpose().map_err(unmeasured)?;
        let seen = |upper: &[f64]| upper.iter().map(|&upper| upper < f64::INFINITY).collect();
        let mut watch = Self {
            objective,
            rows: *rows,
            seen: rows.upper.map(seen),
            numbers: (0..n as u32).collect(),
            gathered: model.gathered(&rows.x),
            still: model.raw(&rows.x, 0..0),
            raw: model.raw(&rows.x, 0..model.rounds()),
            min_delta: settings.min_delta,
            metric,
            losses: Vec::new(),
            scores: Vec::new(),
            best: (f64::INFINITY, 0),
        };
        if model.rounds() > 0 {
            // Where boosting goes on, it is to be better than what is there.
            watch.best = (watch.judge(&watch.raw, model)?.judged, model.rounds() as u32 - 1);
        }
        Ok(watch)
    }

    /// Makes the trees that a round left out count less, as they do in the model now.
    pub(super) fn shrink(&mut self, model: &Ensemble, dropped: &Dropped) {
        let sum = model.sum_of(&dropped.trees, &self.gathered, self.rows.x.rows);
        // What is left of them is there already.
        add(&mut self.raw, &sum, 1.0 - 1.0 / dropped.left());
    }

    /// Looks at the trees of the newest round, and tells; whether to go on. Of a forest the mean is looked at.
    pub(super) fn next(&mut self, model: &Ensemble, round: u32, is_forest: bool, ctx: &Context) -> Result<bool> {
        model.add_trees(model.trees() - self.objective.outputs(), &self.gathered, &mut self.raw);
        let step = u64::from(round) + 1;
        let seen = match is_forest {
            true => self.judge(&mean(&self.still, &self.raw, model.rounds()), model)?,
            false => self.judge(&self.raw, model)?,
        };
        self.losses.push(seen.loss);
        let mut go_on = ctx.tell(Event::Figure { name: "valid_loss", step, value: seen.loss }).is_continue();
        if let Some((metric, value)) = seen.score {
            self.scores.push(value);
            go_on &= ctx.tell(Event::Figure { name: metric.name(), step, value }).is_continue();
        }
        if seen.judged < self.best.0 - self.min_delta {
            self.best = (seen.judged, round);
        }
        Ok(go_on)
    }

    /// The loss and the metric of raw answers.
    fn judge(&self, raw: &[f64], model: &Ensemble) -> Result<Seen> {
        let loss = self.objective.loss(raw, &self.numbers);
        let Some(metric) = self.metric else { return Ok(Seen { loss, score: None, judged: loss }) };
        let value = self.score(metric, raw, model)?;
        let judged = if metric.greater_is_better() { -value } else { value };
        Ok(Seen { loss, score: Some((metric, value)), judged })
    }

    /// The metric of the answers so far.
    fn score(&self, metric: Metric, raw: &[f64], model: &Ensemble) -> Result<f64> {
        let k = model.outputs();
        let mut answers = vec![0.0; self.rows.x.rows * k];
        for (raw, out) in raw.chunks_exact(model.outputs).zip(answers.chunks_exact_mut(k)) {
            model.finish(raw, model.trees(), out);
        }
        let (truth, predicted) = match (self.rows.y, &self.seen, self.rows.group) {
            (Target::Classes { codes, count }, ..) => {
                (Truth::Classes { codes, count }, Predicted::Probabilities { values: &answers })
            }
            (Target::Values(time), Some(seen), _) => (Truth::Survival { time, seen }, Predicted::Values(&answers)),
            (Target::Values(relevance), None, Some(group)) => {
                (Truth::Ranked { relevance, group }, Predicted::Values(&answers))
            }
            (Target::Values(values), None, None) => (Truth::Values(values), Predicted::Values(&answers)),
        };
        metric.score(truth, predicted, self.rows.weight).map_err(unmeasured)
    }
}

/// What the rows held out say of some answers.
struct Seen {
    loss: f64,
    score: Option<(Metric, f64)>,
    /// What decides, lower being better.
    judged: f64,
}

fn unmeasured(error: arkwright_measure::Error) -> Error {
    Error::setting(format!("`eval_metric`: {error}"))
}
