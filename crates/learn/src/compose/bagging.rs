//! Bagging (Breiman 1996): one estimator fitted many times, each time on a draw of the rows, and of the
//! columns where asked for; the answers are averaged.
//!
//! Averaging takes away what is chance in a model, so it helps what is unsteady (deep trees, selections) and
//! does nothing for what is not (a line through many rows). With `oob_score` each row is also answered by the
//! models that did not draw it, which is as honest as a hold-out and costs no rows.

use super::chain::refuse_rest;
use crate::bag::{Bag, MaxSamples};
use crate::lift::gives;
use arkwright_core::{
    Context, Error, Estimator, Field, Fitted, Format, Frame, Hasher, Json, Kind, Map, Model, PREDICTION, PROBABILITY,
    Part, Parts, Random, Registry, Result, Role, Settings, Signature, Spec, Subset, Table, Task, Train, Wiring,
    collect, must, sort_classes, target_of,
};
use arrow::array::{ArrayRef, AsArray, FixedSizeListArray, Float64Array, StringArray};
use arrow::datatypes::{DataType, Float64Type};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::Arc;

/// How often rows are drawn before a draw of one class alone is taken for what the table gives.
const DRAWS: u32 = 100;

/// One estimator, fitted on many draws.
pub struct Bagging {
    of: Part,
    draws: Draws,
}

/// The settings of bagging beside the estimator within.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Draws {
    /// Models. 10.
    pub n_estimators: u32,
    /// Rows that each draws: a number, or a share of all (of the sum of the weights, where rows have some and are
    /// drawn with putting back). As many as there are when absent.
    pub max_samples: Option<MaxSamples>,
    /// Input columns that each draws, as a share of all, without putting back. 1.
    pub max_features: f64,
    /// Whether rows are drawn with putting back, by their weights where they have some. true.
    pub bootstrap: bool,
    /// Whether the notes tell how well the rows are answered by the models that did not draw them: the
    /// accuracy, or r2. false.
    pub oob_score: bool,
}

impl Default for Draws {
    fn default() -> Self {
        Self { n_estimators: 10, max_samples: None, max_features: 1.0, bootstrap: true, oob_score: false }
    }
}

impl Settings for Draws {
    fn check(&self) -> Result<(), must::Fault> {
        must::be_at_least("n_estimators", self.n_estimators, 1)?;
        self.max_samples.map_or(Ok(()), MaxSamples::check)?;
        must::be_a_share("max_features", self.max_features)?;
        match self.oob_score && !self.bootstrap && self.max_samples.is_none() {
            true => Err(("oob_score", "needs `bootstrap`, or `max_samples` below 1: else each sees all rows".into())),
            false => Ok(()),
        }
    }
}

impl Bagging {
    /// The kind in the file.
    pub const KIND: &'static str = "bagging";

    /// Fits `of` on many draws.
    pub fn part(of: Part, draws: Draws) -> Part {
        let mut settings = draws.resolved();
        settings["of"] = of.to_json();
        Part { kind: Self::KIND, version: 2, estimator: Arc::new(Self { of, draws }), settings }
    }

    /// What rows are drawn from with putting back.
    fn bag(&self, frame: &Frame) -> Result<Option<Bag>> {
        if !self.draws.bootstrap {
            return Ok(None);
        }
        let weight = frame.role(Role::Weight).map(|at| frame.numbers(at)).transpose()?;
        if weight.as_ref().is_some_and(|weight| weight.iter().all(|w| *w == 0.0)) {
            return Err(Error::data("every row has the weight 0: there is nothing to learn from"));
        }
        Ok(Some(Bag::new(frame.rows(), weight.as_deref(), self.draws.max_samples)))
    }

    /// Draws rows and columns, and fits.
    fn one(
        &self,
        frame: &Frame,
        bag: Option<&Bag>,
        train: &Train,
        place: u32,
        ctx: &Context,
    ) -> Result<(Fitted, Vec<u32>)> {
        let random = &mut ctx.random(&format!("draw {place}"));
        let rows = self.rows(frame, bag, random)?;
        let inputs: Vec<&str> = names(frame.fields(), Role::Input).collect();
        let wanted = ((inputs.len() as f64 * self.draws.max_features).round() as usize).clamp(1, inputs.len().max(1));
        let mut data = train.data.clone();
        // What was drawn by its weight counts once each time.
        let counts_once = bag.is_some() && frame.role(Role::Weight).is_some();
        if wanted < inputs.len() || counts_once {
            let kept: BTreeSet<&str> = random.sample(inputs.len(), wanted).into_iter().map(|i| inputs[i]).collect();
            let columns = frame.filter(|f| match f.role {
                Role::Input => kept.contains(f.name.as_str()),
                Role::Weight => !counts_once,
                _ => true,
            });
            let name = |whole| kept.iter().fold(Hasher::new("columns").hash(&whole), |h, name| h.text(name)).finish();
            data = Table::new(columns, train.data.identity().map(name));
        }
        let train = Train { data: Subset::new(data, rows.clone()), valid: None, models: train.models.clone() };
        // The same rows may be drawn twice, and what is random within is to differ all the same.
        Ok((ctx.salted(place.into()).fit(&self.of, train)?, rows))
    }

    /// Draws rows; of classes two at least, without which nothing can be told apart.
    fn rows(&self, frame: &Frame, bag: Option<&Bag>, random: &mut Random) -> Result<Vec<u32>> {
        let at = frame.position(&target_of(frame.fields())?.name).unwrap_or(0);
        let labels = match Task::of(&frame.fields()[at])? {
            Task::Classify => Some(frame.texts(at)?),
            Task::Regress => None,
        };
        let mut rows = Vec::new();
        for _ in 0..DRAWS {
            rows = match bag {
                Some(bag) => bag.draw(random).map(|row| row as u32).collect(),
                None => {
                    let draws = MaxSamples::of(self.draws.max_samples, frame.rows(), frame.rows() as f64);
                    random.sample(frame.rows(), draws.min(frame.rows())).into_iter().map(|row| row as u32).collect()
                }
            };
            rows.sort_unstable();
            let Some(labels) = &labels else { break };
            let label = |row: &u32| labels.value(*row as usize);
            if rows.iter().any(|row| label(row) != label(&rows[0])) {
                break;
            }
        }
        Ok(rows)
    }

    /// How well the rows are answered by the models that did not draw them, and how many have an answer.
    fn out_of_bag(
        &self,
        model: &BaggingModel,
        frame: &Frame,
        drawn: &[Vec<u32>],
        ctx: &Context,
    ) -> Result<(f64, usize)> {
        let (n, k) = (frame.rows(), model.width());
        let (mut sums, mut counts) = (vec![0.0; n * k], vec![0.0; n]);
        for ((one, wiring), drawn) in model.models.iter().zip(drawn) {
            let mut is_out = vec![true; n];
            drawn.iter().for_each(|&row| is_out[row as usize] = false);
            let rows: Vec<u32> = (0..n as u32).filter(|&row| is_out[row as usize]).collect();
            let asked = frame.take(&rows)?.select(&model.signature.takes)?;
            let answers = model.answers(&one.apply(&wiring.taken(&asked), ctx)?)?;
            for (&row, answer) in rows.iter().zip(answers.chunks_exact(k)) {
                counts[row as usize] += 1.0;
                let sums = &mut sums[row as usize * k..(row as usize + 1) * k];
                sums.iter_mut().zip(answer).for_each(|(sum, answer)| *sum += answer);
            }
        }
        let answered: Vec<usize> = (0..n).filter(|&row| counts[row] > 0.0).collect();
        let at = frame.position(&target_of(frame.fields())?.name).unwrap_or(0);
        let rows = answered.len() as f64;
        let score = match &model.classes {
            Some(classes) => {
                let truth = frame.texts(at)?;
                let is_right = |&&row: &&usize| classes[best(&sums[row * k..(row + 1) * k])] == truth.value(row);
                answered.iter().filter(is_right).count() as f64 / rows
            }
            None => {
                let y = frame.numbers(at)?;
                let mean = answered.iter().map(|&row| y[row]).sum::<f64>() / rows;
                let off = |&row: &usize| (y[row] - sums[row] / counts[row]).powi(2);
                let spread = |&row: &usize| (y[row] - mean).powi(2);
                1.0 - answered.iter().map(off).sum::<f64>() / answered.iter().map(spread).sum::<f64>()
            }
        };
        Ok((score, answered.len()))
    }
}

fn names(fields: &[Field], role: Role) -> impl Iterator<Item = &str> {
    fields.iter().filter(move |f| f.role == role).map(|f| f.name.as_str())
}

/// The place of the highest number; of equal ones the first.
fn best(p: &[f64]) -> usize {
    (0..p.len()).fold(0, |best, c| if p[c] > p[best] { c } else { best })
}

pub(super) fn spec() -> Spec {
    Spec {
        kind: Bagging::KIND,
        version: 2,
        about: "one estimator fitted on many draws of the rows, and their answers averaged",
        tasks: &[],
        prepare: &[],
        schema: || {
            let mut schema = arkwright_core::schema_of::<Draws>();
            let of = serde_json::json!({ "$ref": "#/$defs/estimator" });
            if let Some(properties) = schema.ensure_object().get_mut("properties").and_then(Json::as_object_mut) {
                properties.insert("of".into(), of);
            }
            schema.insert("required".into(), serde_json::json!(["of"]));
            schema
        },
        parse: |mut map: Map, registry: &Registry| {
            let of = map.take("of").ok_or_else(|| {
                Error::setting("`of` is missing").with_hint("of = { kind = \"decision_tree\" }, for example")
            })?;
            let of = registry.parse(of)?;
            let known = ["of", "n_estimators", "max_samples", "max_features", "bootstrap", "oob_score"];
            let unknown = map.entries.iter().filter(|e| !known.contains(&e.key.as_str())).cloned().collect();
            refuse_rest(&Map { entries: unknown, span: map.span }, &known)?;
            Ok(Bagging::part(of, Draws::read(map)?))
        },
        within: Some("of"),
        models: &[],
    }
}

impl Estimator for Bagging {
    fn output(&self, input: &[Field]) -> Result<Signature> {
        let inner = self.of.estimator.output(input).map_err(|e| e.within(self.of.kind))?;
        let task = Task::of(target_of(input)?)?;
        Ok(Signature { takes: inner.takes, gives: gives((task == Task::Classify).then_some(None), &[]) })
    }

    fn fit(&self, train: Train, ctx: &Context) -> Result<Fitted> {
        let frame = collect(train.data.as_ref(), ctx)?;
        if frame.rows() == 0 {
            return Err(Error::data("there are no rows to learn from"));
        }
        let target = target_of(frame.fields())?;
        let classes = match Task::of(target)? {
            Task::Regress => None,
            Task::Classify => {
                let at = frame.position(&target.name).unwrap_or(0);
                let labels: BTreeSet<String> = frame.texts(at)?.iter().flatten().map(str::to_string).collect();
                let mut classes: Vec<String> = labels.into_iter().collect();
                sort_classes(&mut classes);
                Some(classes.into())
            }
        };
        let bag = self.bag(&frame)?;
        let fitted: Vec<_> = (0..self.draws.n_estimators)
            .into_par_iter()
            .map(|place| self.one(&frame, bag.as_ref(), &train, place, ctx))
            .collect::<Result<_>>()?;
        let stopped = fitted.iter().any(|(fitted, _)| fitted.stopped);
        let (models, drawn): (Vec<_>, Vec<_>) = fitted.into_iter().map(|(fitted, rows)| (fitted.model, rows)).unzip();
        let model = BaggingModel::new(models, frame.fields(), classes)?;
        let mut notes = serde_json::json!({ "models": model.models.len() });
        if self.draws.oob_score {
            let (score, rows) = self.out_of_bag(&model, &frame, &drawn, ctx)?;
            notes["oob_score"] = score.into();
            notes["oob_rows"] = rows.into();
        }
        Ok(Fitted { notes, stopped, ..Fitted::new(model) })
    }
}

/// Fitted models whose answers are averaged.
pub struct BaggingModel {
    models: Vec<(Arc<dyn Model>, Wiring)>,
    classes: Option<Arc<[String]>>,
    input: Arc<[Field]>,
    signature: Signature,
}

#[derive(Serialize, Deserialize)]
struct Saved {
    input: Vec<Field>,
    classes: Option<Vec<String>>,
    models: usize,
}

impl BaggingModel {
    fn new(models: Vec<Arc<dyn Model>>, fields: &[Field], classes: Option<Arc<[String]>>) -> Result<Self> {
        let taken: BTreeSet<&str> =
            models.iter().flat_map(|model| &model.signature().takes).map(String::as_str).collect();
        let input: Arc<[Field]> = fields.iter().filter(|f| taken.contains(f.name.as_str())).cloned().collect();
        let signature = Signature {
            takes: input.iter().map(|f| f.name.clone()).collect(),
            gives: gives(classes.clone().map(Some), &[]),
        };
        let wired = |model: &Arc<dyn Model>| Ok((model.clone(), Wiring::new(model.signature(), &input)?));
        let models = models.iter().map(wired).collect::<Result<_>>()?;
        Ok(Self { models, classes, input: input.clone(), signature })
    }

    fn load(parts: &Parts, registry: &Registry) -> Result<Arc<dyn Model>> {
        let saved: Saved = parts.get_json()?;
        if saved.models == 0 || saved.models != parts.children.len() {
            return Err(parts.damaged("models are missing"));
        }
        let one = |i: usize| registry.load(parts.child(&format!("{i:04}"))?);
        let models = (0..saved.models).map(one).collect::<Result<_>>()?;
        Ok(Arc::new(Self::new(models, &saved.input, saved.classes.map(Into::into))?))
    }

    /// Numbers a row.
    fn width(&self) -> usize {
        self.classes.as_ref().map_or(1, |classes| classes.len())
    }

    /// What one model answered: its probabilities at the places of all classes, for a draw may lack some.
    fn answers(&self, given: &Frame) -> Result<Vec<f64>> {
        let Some(classes) = &self.classes else {
            let at = given.position(PREDICTION).ok_or_else(|| Error::data("a model within gave no prediction"))?;
            return Ok(given.numbers(at)?.into_owned());
        };
        let k = classes.len();
        let mut out = vec![0.0; given.rows() * k];
        let place = |class: &str| {
            let place = classes.iter().position(|c| c == class);
            place.ok_or_else(|| Error::column(PREDICTION, format!("`{class}` is no class that was learnt")))
        };
        let field = given.position(PROBABILITY).map(|at| (&given.fields()[at].kind, &given.columns()[at]));
        if let Some((Kind::Vector { names: Some(names), .. }, column)) = field {
            let list = column.as_fixed_size_list();
            let values = list.values().as_primitive::<Float64Type>().values();
            let places = names.iter().map(|name| place(name)).collect::<Result<Vec<_>>>()?;
            let first = list.value_offset(0) as usize;
            for (out, p) in out.chunks_exact_mut(k).zip(values[first..].chunks_exact(names.len())) {
                places.iter().zip(p).for_each(|(&place, p)| out[place] = *p);
            }
        } else {
            // A model that tells no probabilities votes.
            let at = given.position(PREDICTION).ok_or_else(|| Error::data("a model within gave no prediction"))?;
            for (row, label) in given.texts(at)?.iter().enumerate() {
                out[row * k + place(label.unwrap_or_default())?] = 1.0;
            }
        }
        Ok(out)
    }
}

pub(super) fn format() -> Format {
    Format { name: Bagging::KIND, version: 1, load: BaggingModel::load }
}

impl Model for BaggingModel {
    fn format(&self) -> &'static str {
        Bagging::KIND
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn apply(&self, input: &Frame, ctx: &Context) -> Result<Frame> {
        let frame = input.with_fields(self.input.clone())?;
        let mut sums = vec![0.0; frame.rows() * self.width()];
        for (model, wiring) in &self.models {
            let answers = self.answers(&model.apply(&wiring.taken(&frame), ctx)?)?;
            sums.iter_mut().zip(answers).for_each(|(sum, answer)| *sum += answer);
        }
        let (n, k) = (self.models.len() as f64, self.width());
        sums.iter_mut().for_each(|sum| *sum /= n);
        let columns: Vec<ArrayRef> = match &self.classes {
            None => vec![Arc::new(Float64Array::from(sums))],
            Some(classes) => {
                let labels = sums.chunks_exact(k).map(|p| classes[best(p)].as_str());
                let labels = Arc::new(StringArray::from_iter_values(labels));
                let item = Arc::new(arrow::datatypes::Field::new("item", DataType::Float64, true));
                let values = Arc::new(Float64Array::from(sums));
                vec![labels, Arc::new(FixedSizeListArray::try_new(item, k as i32, values, None)?)]
            }
        };
        Frame::new(self.signature.gives.clone(), columns, frame.rows())
    }

    fn save(&self) -> Result<Parts> {
        let mut parts = Parts::new(Bagging::KIND);
        parts.put_json(&Saved {
            input: self.input.to_vec(),
            classes: self.classes.as_ref().map(|c| c.to_vec()),
            models: self.models.len(),
        })?;
        for (i, (model, _)) in self.models.iter().enumerate() {
            parts.children.insert(format!("{i:04}"), model.save()?);
        }
        Ok(parts)
    }
}
