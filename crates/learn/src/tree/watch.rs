//! The rows held out, watched while boosting: the loss, and the metric that decides when to stop.

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
        Ok(Self {
            objective,
            rows: *rows,
            seen: rows.upper.map(seen),
            numbers: (0..n as u32).collect(),
            gathered: model.gathered(&rows.x),
            raw: model.base.iter().copied().cycle().take(n * model.base.len()).collect(),
            min_delta: settings.min_delta,
            metric,
            losses: Vec::new(),
            scores: Vec::new(),
            best: (f64::INFINITY, 0),
        })
    }

    /// Looks at the trees of the newest round, and tells; whether to go on.
    pub(super) fn next(&mut self, model: &Ensemble, round: u32, ctx: &Context) -> Result<bool> {
        model.add_trees(model.trees() - self.objective.outputs(), &self.gathered, &mut self.raw);
        let step = u64::from(round) + 1;
        let loss = self.objective.loss(&self.raw, &self.numbers);
        self.losses.push(loss);
        let mut go_on = ctx.tell(Event::Figure { name: "valid_loss", step, value: loss }).is_continue();
        let mut judged = loss;
        if let Some(metric) = self.metric {
            let value = self.score(metric, model)?;
            self.scores.push(value);
            go_on &= ctx.tell(Event::Figure { name: metric.name(), step, value }).is_continue();
            judged = if metric.greater_is_better() { -value } else { value };
        }
        if judged < self.best.0 - self.min_delta {
            self.best = (judged, round);
        }
        Ok(go_on)
    }

    /// The metric of the answers so far.
    fn score(&self, metric: Metric, model: &Ensemble) -> Result<f64> {
        let k = model.outputs();
        let mut answers = vec![0.0; self.rows.x.rows * k];
        for (raw, out) in self.raw.chunks_exact(model.outputs).zip(answers.chunks_exact_mut(k)) {
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

fn unmeasured(error: arkwright_measure::Error) -> Error {
    Error::setting(format!("`eval_metric`: {error}"))
}
