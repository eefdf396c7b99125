//! What any model has to beat: the same answer for every row.

use crate::preprocess::quantile;
use crate::{Design, FitRows, LiftRows, Outcome, Predict, Rows, Target};
use arkwright_core::{
    Context, Error, Estimator, Field, Fitted, Frame, Hash, Leaf, Parts, Reads, Result, Role, Settings, Signature,
    Source, Task, Train,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::Arc;

/// What the answer is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Summary {
    /// The mean; for classes their shares.
    #[default]
    Mean,
    /// The median; for numbers only.
    Median,
    /// The most frequent value or class; of equally frequent ones the smallest or first.
    MostFrequent,
}

/// Answers the same for every row: the mean, or the shares of the classes. Reads no input.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Baseline {
    /// What the answer is. Default: the mean, which is best by squared error and by log loss.
    pub strategy: Summary,
}

impl Settings for Baseline {}

impl Leaf for Baseline {
    const KIND: &'static str = "baseline";
    const ABOUT: &'static str = "The same answer for every row: what any model has to beat.";
    const TASKS: &'static [Task] = &[Task::Classify, Task::Regress];
    fn estimator(self) -> Arc<dyn Estimator> {
        Arc::new(Blind(LiftRows(self)))
    }
}

/// An estimator that is shown no inputs, so that it learns from a table of any kinds.
struct Blind(LiftRows<Baseline>);

impl Estimator for Blind {
    fn output(&self, input: &[Field]) -> Result<Signature> {
        let seen: Vec<Field> = input.iter().filter(|f| f.role != Role::Input).cloned().collect();
        self.0.output(&seen)
    }

    fn reads(&self) -> Reads {
        Reads::Passes
    }

    fn fit(&self, train: Train, ctx: &Context) -> Result<Fitted> {
        let fields = train.data.fields().iter().filter(|f| f.role != Role::Input).cloned().collect();
        let data: Arc<dyn Source> = Arc::new(Answers { fields, of: train.data });
        self.0.fit(Train { data, valid: None, ..train }, ctx)
    }
}

/// A source without its inputs.
struct Answers {
    fields: Arc<[Field]>,
    of: Arc<dyn Source>,
}

impl Source for Answers {
    fn fields(&self) -> &Arc<[Field]> {
        &self.fields
    }

    fn rows(&self) -> Option<u64> {
        self.of.rows()
    }

    fn identity(&self) -> Option<Hash> {
        self.of.identity()
    }

    fn scan(&self, batch: usize) -> Result<Box<dyn Iterator<Item = Result<Frame>> + Send + '_>> {
        let frames = self.of.scan(batch)?;
        Ok(Box::new(frames.map(|frame| Ok(frame?.filter(|f| f.role != Role::Input)))))
    }
}

impl FitRows for Baseline {
    type Model = Constant;
    const TASKS: &'static [Task] = &[Task::Classify, Task::Regress];
    const MISSING: bool = true;

    fn fit_rows(&self, rows: &dyn Rows, _ctx: &Context) -> Result<Outcome<Constant>> {
        let mut shares: Vec<f64> = Vec::new();
        let (mut total, mut mean) = (0.0, 0.0);
        let mut values: Vec<(f64, f64)> = Vec::new();
        rows.pass(&mut |batch| {
            let weight = |i: usize| batch.weight.map_or(1.0, |w| w[i]);
            match batch.y {
                Target::Classes { codes, count } => {
                    shares.resize(count, 0.0);
                    codes.iter().enumerate().for_each(|(i, &code)| shares[code as usize] += weight(i));
                }
                Target::Values(y) if self.strategy == Summary::Mean => {
                    let shift = mean;
                    let (w, sum) = y
                        .iter()
                        .enumerate()
                        .fold((0.0, 0.0), |(w, sum), (i, y)| (w + weight(i), sum + weight(i) * (y - shift)));
                    total += w;
                    mean += if total > 0.0 { sum / total } else { 0.0 };
                }
                Target::Values(y) => values.extend(y.iter().enumerate().map(|(i, &y)| (y, weight(i)))),
            }
            Ok(())
        })?;
        if !shares.is_empty() {
            return Ok(Constant { answer: self.classes(shares)? }.into());
        }
        let answer = match self.strategy {
            Summary::Mean => (total > 0.0).then_some(mean),
            Summary::Median => quantile(&mut values, 0.5),
            Summary::MostFrequent => most_frequent(&values),
        };
        let answer = answer.ok_or_else(|| Error::data("all weights are zero"))?;
        Ok(Constant { answer: vec![answer] }.into())
    }
}

impl Baseline {
    fn classes(&self, shares: Vec<f64>) -> Result<Vec<f64>> {
        let total: f64 = shares.iter().sum();
        if total <= 0.0 {
            return Err(Error::data("all weights are zero"));
        }
        match self.strategy {
            Summary::Mean => Ok(shares.iter().map(|share| share / total).collect()),
            Summary::Median => Err(Error::setting("classes have no median").with_hint("strategy = \"most_frequent\"")),
            Summary::MostFrequent => {
                let mut best = 0;
                (1..shares.len()).for_each(|i| best = if shares[i] > shares[best] { i } else { best });
                Ok((0..shares.len()).map(|i| f64::from(u8::from(i == best))).collect())
            }
        }
    }
}

fn most_frequent(values: &[(f64, f64)]) -> Option<f64> {
    let mut counts: HashMap<u64, f64> = HashMap::new();
    // Adding 0 makes one value of 0 and -0.
    values.iter().for_each(|(v, w)| *counts.entry((v + 0.0).to_bits()).or_insert(0.0) += w);
    let counts = counts.into_iter().map(|(bits, count)| (f64::from_bits(bits), count));
    let best = counts.max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.total_cmp(&a.0)))?;
    (best.1 > 0.0).then_some(best.0)
}

/// The same answer for every row.
#[derive(Clone, Debug, PartialEq)]
pub struct Constant {
    answer: Vec<f64>,
}

impl Constant {
    /// The answer: a number, or a probability for each class.
    pub fn answer(&self) -> &[f64] {
        &self.answer
    }
}

impl Predict for Constant {
    const FORMAT: &'static str = "constant";

    fn outputs(&self) -> usize {
        self.answer.len()
    }

    fn predict(&self, x: &Design<'_>, out: &mut [f64]) {
        match out.len() == x.rows * self.answer.len() {
            true => out.chunks_exact_mut(self.answer.len()).for_each(|out| out.copy_from_slice(&self.answer)),
            false => out.fill(f64::NAN),
        }
    }

    fn save(&self, parts: &mut Parts) -> Result<()> {
        parts.put_json(&self.answer.len())?;
        parts.put("answer", self.answer.clone());
        Ok(())
    }

    fn load(parts: &Parts) -> Result<Self> {
        let answer: &[f64] = parts.get("answer")?;
        match answer.len() {
            0 => Err(parts.damaged("`answer` is empty")),
            len if len != parts.get_json::<usize>()? => Err(parts.damaged("`answer` is cut")),
            _ => Ok(Self { answer: answer.to_vec() }),
        }
    }

    fn attributes(&self) -> bool {
        true
    }

    /// No input moves the answer; the base is the answer in raw units.
    fn attribute(&self, x: &Design<'_>) -> Option<(Vec<f64>, Vec<f64>)> {
        let base = match self.answer[..] {
            [value] => vec![value],
            [first, second] => vec![libm::log(second) - libm::log(first)],
            _ => self.answer.iter().map(|&p| libm::log(p)).collect(),
        };
        Some((vec![0.0; x.rows * base.len() * x.columns.len()], base))
    }
}
