//! Categories as the mean of the target where they have that value, pulled towards the overall mean.
//!
//! With m the mean of the target, and n_v, m_v, s2_v the count, mean and variance of the rows of value v,
//!
//! ```text
//! code(v) = (n_v m_v + smooth m) / (n_v + smooth),    smooth = s2_v / s2 if not given
//! ```
//!
//! the empirical Bayes estimate for a normal target (Micci-Barreca 2001), as in scikit-learn's `TargetEncoder`.
//! A row must not see its own target in its code, or a learner trusts rare values blindly: the rows that
//! the next step learns from are encoded by models of the *other* folds, and only the model for rows to
//! come uses all. That is why it is not the model applied to the training rows.

use super::choice::{choose, expect, names};
use super::lookup::{Counts, Known, Limits, Lookup};
use arkwright_core::{
    Cell, Context, Error, Estimator, Field, Fitted, Format, Frame, Hasher, Kind, Leaf, Model, Parts, Registry, Result,
    Row, Rowwise, Settings, Signature, Skills, Source, Table, Taken, Task, Train, collect, must, sort_classes,
    target_of,
};
use arrow::array::{ArrayRef, Float64Array};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::sync::Arc;

/// Encodes categories by the mean of the target, cross-fitted on the rows that it learns from.
///
/// A number `COL` for a number or two classes (the probability of the last); numbers `COL.CLASS` for more
/// classes. A missing value is a value of its own; one never seen gets the overall mean.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TargetEncode {
    /// The columns; all inputs that are categories if not given.
    pub columns: Option<Vec<String>>,
    /// How many rows of the overall mean are mixed into each value; by empirical Bayes if not given.
    pub smooth: Option<f64>,
    /// The number of folds, at least 2. Default: 5.
    pub cv: usize,
}

impl Default for TargetEncode {
    fn default() -> Self {
        Self { columns: None, smooth: None, cv: 5 }
    }
}

impl Settings for TargetEncode {
    fn check(&self) -> Result<(), (&'static str, String)> {
        must::be_at_least("cv", self.cv, 2)?;
        must::not_be_negative("smooth", self.smooth.unwrap_or(0.0))
    }
}

impl Leaf for TargetEncode {
    const KIND: &'static str = "target_encode";
    const ABOUT: &'static str = "Encodes categories by the mean of the target, cross-fitted.";

    fn estimator(self) -> Arc<dyn Estimator> {
        Arc::new(self)
    }
}

impl TargetEncode {
    fn chosen(&self, input: &[Field]) -> Result<Vec<usize>> {
        choose(input, self.columns.as_deref(), |kind| *kind == Kind::Category, "a category")
    }
}

impl Estimator for TargetEncode {
    fn output(&self, input: &[Field]) -> Result<Signature> {
        let at = self.chosen(input)?;
        if !at.is_empty() {
            Task::of(target_of(input)?)?;
        }
        // How many classes there are is known once rows were read.
        Ok(signature(names(input, &at), &[]))
    }

    fn fit(&self, train: Train, ctx: &Context) -> Result<Fitted> {
        let fields = train.data.fields().clone();
        let at = self.chosen(&fields)?;
        if at.is_empty() {
            return Ok(Fitted::new(Encoder::new(Vec::new(), Vec::new(), Vec::new(), Vec::new())));
        }
        let frame = collect(train.data.as_ref(), ctx)?;
        let answers = Answers::of(&frame)?;
        let limits = Limits { min_frequency: 1, max_levels: usize::MAX, missing_level: true };
        let mut lookups = Vec::with_capacity(at.len());
        let mut codes = Vec::with_capacity(at.len());
        for &i in &at {
            let mut counts = Counts::default();
            counts.see(&frame, i, ctx)?;
            let lookup = Lookup::new(counts.levels(limits)).ok_or_else(|| Error::data("a level comes twice"))?;
            codes.push(lookup.codes(&frame, i)?);
            lookups.push(lookup);
        }
        let folds = self.folds(&answers, ctx);
        let (mut means, mut tables, mut columns) = (Vec::new(), Vec::new(), Vec::new());
        for (codes, lookup) in codes.iter().zip(&lookups) {
            let levels = lookup.len();
            for y in &answers.columns {
                let whole = Means::of(codes, levels, y, &answers.weight, |_| true, self.smooth);
                columns.push(self.out_of_fold(codes, levels, y, &answers.weight, &folds));
                means.push(whole.overall);
                tables.extend(whole.of_level);
            }
        }
        let model = Encoder::new(names(&fields, &at), answers.classes, lookups, tables).with_means(means);
        let rows = self.rows(&frame, &model, columns, train.data.as_ref(), ctx)?;
        Ok(Fitted { rows: Some(rows), ..Fitted::new(model) })
    }
}

impl TargetEncode {
    /// The fold of each row: shuffled, and for classes an even share of each.
    fn folds(&self, answers: &Answers, ctx: &Context) -> Vec<usize> {
        let mut order: Vec<usize> = (0..answers.weight.len()).collect();
        ctx.random("folds").shuffle(&mut order);
        if let Some(class) = &answers.class {
            order.sort_by_key(|&row| class[row]);
        }
        let mut folds = vec![0; order.len()];
        order.into_iter().enumerate().for_each(|(place, row)| folds[row] = place % self.cv);
        folds
    }

    /// The codes of all rows, each by the rows of the other folds.
    fn out_of_fold(&self, codes: &[Option<u32>], levels: usize, y: &[f64], w: &[f64], folds: &[usize]) -> Vec<f64> {
        let mut out = vec![0.0; codes.len()];
        for fold in 0..self.cv {
            let means = Means::of(codes, levels, y, w, |row| folds[row] != fold, self.smooth);
            let here = (0..codes.len()).filter(|&row| folds[row] == fold);
            here.for_each(|row| out[row] = means.code(codes[row]));
        }
        out
    }

    /// What the next step learns from: what passes, and the codes of the other folds.
    fn rows(
        &self,
        frame: &Frame,
        model: &Encoder,
        columns: Vec<Vec<f64>>,
        data: &dyn Source,
        ctx: &Context,
    ) -> Result<Arc<dyn Source>> {
        let rest = frame.filter(|f| !model.signature.takes.contains(&f.name));
        let fields: Vec<Field> = rest.fields().iter().chain(model.signature.gives.iter()).cloned().collect();
        let given = columns.into_iter().map(|values| Arc::new(Float64Array::from(values)) as ArrayRef);
        let columns = rest.columns().iter().cloned().chain(given).collect();
        let identity = data.identity().map(|rows| {
            let settings = serde_json::to_value(self).unwrap_or_default();
            Hasher::new("target_encode rows").hash(&rows).json(&settings).number(ctx.root_seed()).finish()
        });
        Ok(Table::new(Frame::new(fields, columns, frame.rows())?, identity))
    }
}

/// The target as numbers: one column, or for more than two classes one a class.
struct Answers {
    columns: Vec<Vec<f64>>,
    classes: Vec<String>,
    class: Option<Vec<usize>>,
    weight: Vec<f64>,
}

impl Answers {
    fn of(frame: &Frame) -> Result<Self> {
        let target = target_of(frame.fields())?;
        let at = frame.position(&target.name).unwrap_or_default();
        let weight = frame.weights(0)?.map_or_else(|| vec![1.0; frame.rows()], Cow::into_owned);
        if Task::of(target)? == Task::Regress {
            let y = frame.numbers(at)?.into_owned();
            if let Some(row) = y.iter().position(|v| !v.is_finite()) {
                return Err(Error::cell(&target.name, row as u64, "the target is missing or infinite"));
            }
            return Ok(Self { columns: vec![y], classes: Vec::new(), class: None, weight });
        }
        let labels = frame.texts(at)?;
        if let Some(row) = labels.iter().position(|label| label.is_none()) {
            return Err(Error::cell(&target.name, row as u64, "the target is missing"));
        }
        let mut classes: Vec<String> = labels.iter().flatten().map(str::to_string).collect();
        classes.sort_unstable();
        classes.dedup();
        sort_classes(&mut classes);
        let find = |label: &str| classes.iter().position(|c| c == label).unwrap_or_default();
        let class: Vec<usize> = labels.iter().flatten().map(find).collect();
        let column = |c: usize| class.iter().map(|&of| f64::from(u8::from(of == c))).collect();
        let (columns, names) = match classes.len() {
            0..=2 => (vec![column(1)], Vec::new()),
            k => ((0..k).map(column).collect(), classes.clone()),
        };
        Ok(Self { columns, classes: names, class: Some(class), weight })
    }
}

/// The smoothed means of one target by the levels of one column.
struct Means {
    overall: f64,
    of_level: Vec<f64>,
}

impl Means {
    fn of(
        codes: &[Option<u32>],
        levels: usize,
        y: &[f64],
        w: &[f64],
        counts: impl Fn(usize) -> bool,
        smooth: Option<f64>,
    ) -> Self {
        let rows = || (0..y.len()).filter(|&row| counts(row) && w[row] > 0.0);
        let (total, sum) = rows().fold((0.0, 0.0), |(t, s), row| (t + w[row], s + w[row] * y[row]));
        let overall = if total > 0.0 { sum / total } else { 0.0 };
        let variance = rows().map(|row| w[row] * (y[row] - overall).powi(2)).sum::<f64>() / total;
        let (mut count, mut mean, mut squares) = (vec![0.0; levels], vec![0.0; levels], vec![0.0; levels]);
        let coded = || rows().filter_map(|row| codes[row].map(|code| (row, code as usize)));
        for (row, code) in coded() {
            count[code] += w[row];
            mean[code] += w[row] * y[row];
        }
        mean.iter_mut().zip(&count).filter(|(_, n)| **n > 0.0).for_each(|(m, n)| *m /= n);
        coded().for_each(|(row, code)| squares[code] += w[row] * (y[row] - mean[code]).powi(2));
        let of_level = (0..levels)
            .map(|v| {
                let (n, mean) = (count[v], mean[v]);
                let share = match smooth {
                    _ if n <= 0.0 => 0.0,
                    Some(m) => n / (n + m),
                    None => variance * n / (variance * n + squares[v] / n),
                };
                // A target without variance says nothing of any value.
                if share.is_finite() { share * mean + (1.0 - share) * overall } else { overall }
            })
            .collect();
        Self { overall, of_level }
    }

    fn code(&self, level: Option<u32>) -> f64 {
        level.map_or(self.overall, |level| self.of_level[level as usize])
    }
}

fn signature(takes: Vec<String>, classes: &[String]) -> Signature {
    let gives = takes
        .iter()
        .flat_map(|name| match classes.is_empty() {
            true => vec![Field::input(name, Kind::Number)],
            false => classes.iter().map(|class| Field::input(format!("{name}.{class}"), Kind::Number)).collect(),
        })
        .collect();
    Signature { takes, gives }
}

struct Encoder {
    signature: Signature,
    classes: Vec<String>,
    lookups: Vec<Lookup>,
    /// The overall mean of each given column.
    means: Vec<f64>,
    /// The codes of the levels, one given column after the other.
    tables: Vec<f64>,
}

impl Encoder {
    fn new(takes: Vec<String>, classes: Vec<String>, lookups: Vec<Lookup>, tables: Vec<f64>) -> Self {
        Self { signature: signature(takes, &classes), classes, lookups, means: Vec::new(), tables }
    }

    fn with_means(self, means: Vec<f64>) -> Self {
        Self { means, ..self }
    }

    /// Given columns for each taken one.
    fn outputs(&self) -> usize {
        self.classes.len().max(1)
    }
}

#[derive(Serialize, Deserialize)]
struct Saved {
    takes: Vec<String>,
    classes: Vec<String>,
    levels: Vec<Known>,
}

pub(super) const FORMAT: Format = Format { name: "target_encode", version: 1, load };

fn load(parts: &Parts, _registry: &Registry) -> Result<Arc<dyn Model>> {
    let saved: Saved = parts.get_json()?;
    let damaged = || parts.damaged("columns, levels and numbers do not fit");
    let lookups: Vec<Lookup> = saved.levels.into_iter().map(Lookup::new).collect::<Option<_>>().ok_or_else(damaged)?;
    let (means, tables): (&[f64], &[f64]) = (parts.get("means")?, parts.get("codes")?);
    let columns = saved.takes.len();
    let model = Encoder::new(saved.takes, saved.classes, lookups, tables.to_vec()).with_means(means.to_vec());
    let width: usize = model.lookups.iter().map(|l| l.len()).sum::<usize>() * model.outputs();
    let right = model.lookups.len() == columns && means.len() == columns * model.outputs() && tables.len() == width;
    if right { Ok(Arc::new(model)) } else { Err(damaged()) }
}

impl Model for Encoder {
    fn format(&self) -> &'static str {
        FORMAT.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn apply(&self, input: &Frame, _ctx: &Context) -> Result<Frame> {
        expect(input, self.lookups.len())?;
        let mut columns: Vec<ArrayRef> = Vec::with_capacity(self.means.len());
        let mut tables = &self.tables[..];
        for (i, lookup) in self.lookups.iter().enumerate() {
            let codes = lookup.codes(input, i)?;
            for c in 0..self.outputs() {
                let (table, after) = tables.split_at(lookup.len());
                tables = after;
                let overall = self.means[i * self.outputs() + c];
                let value = |code: &Option<u32>| code.map_or(overall, |code| table[code as usize]);
                columns.push(Arc::new(Float64Array::from_iter_values(codes.iter().map(value))));
            }
        }
        Frame::new(self.signature.gives.clone(), columns, input.rows())
    }

    fn save(&self) -> Result<Parts> {
        let mut parts = Parts::new(FORMAT.name);
        let levels = self.lookups.iter().map(|lookup| lookup.known.clone()).collect();
        parts.put_json(&Saved { takes: self.signature.takes.clone(), classes: self.classes.clone(), levels })?;
        parts.put("means", self.means.clone());
        parts.put("codes", self.tables.clone());
        Ok(parts)
    }

    fn skills(&self) -> Skills<'_> {
        Skills { row: Some(self), ..Skills::default() }
    }
}

impl Rowwise for Encoder {
    fn add<'a>(&'a self, row: &mut Row<'a>, taken: Taken<'_>) -> Option<()> {
        let mut tables = &self.tables[..];
        for (i, lookup) in self.lookups.iter().enumerate() {
            let code = lookup.cell(taken.cell(row, i))?;
            for c in 0..self.outputs() {
                let (table, after) = tables.split_at(lookup.len());
                tables = after;
                let overall = self.means[i * self.outputs() + c];
                row.cells.push(Cell::of_number(code.map_or(overall, |code| table[code as usize]))?);
            }
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made by tests/reference/learn_linear.py with scikit-learn.
    #[derive(Deserialize)]
    struct Case {
        name: String,
        codes: Vec<u32>,
        y: Vec<f64>,
        folds: Vec<usize>,
        smooth: Option<f64>,
        cross_fitted: Vec<f64>,
        all: Vec<f64>,
        unseen: f64,
    }

    #[test]
    fn codes_are_scikit_learns_on_the_same_folds() {
        let text = include_str!("../../tests/fixtures/target_encode.json");
        let json: serde_json::Value = serde_json::from_str(text).unwrap();
        let cases: Vec<Case> = serde_json::from_value(json["cases"].clone()).unwrap();
        assert!(cases.len() >= 4);
        let close = |a: f64, b: f64| (a - b).abs() <= 1e-12 * (1.0 + b.abs());
        for case in cases {
            let codes: Vec<Option<u32>> = case.codes.iter().map(|&c| Some(c)).collect();
            let w = vec![1.0; codes.len()];
            let levels = case.all.len();
            let step = TargetEncode { smooth: case.smooth, ..TargetEncode::default() };
            let means = Means::of(&codes, levels, &case.y, &w, |_| true, case.smooth);
            assert!(means.of_level.iter().zip(&case.all).all(|(a, b)| close(*a, *b)), "{}", case.name);
            assert!(close(means.code(None), case.unseen), "{}", case.name);
            let out = step.out_of_fold(&codes, levels, &case.y, &w, &case.folds);
            assert!(out.iter().zip(&case.cross_fitted).all(|(a, b)| close(*a, *b)), "{}", case.name);
        }
    }
}
