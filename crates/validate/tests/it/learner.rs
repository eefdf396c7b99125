//! Two learners of one input with closed forms, so that a peer can be asked the same.

use arkwright_core::*;
use arrow::array::{ArrayRef, AsArray, FixedSizeListArray, Float64Array, StringArray};
use arrow::datatypes::{DataType, Float64Type};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A line by least squares, or normal densities a class.
#[derive(Default)]
pub struct Simple {
    /// Shrinks the slope.
    pub ridge: f64,
}

impl Simple {
    pub fn part(ridge: f64) -> Part {
        let settings = serde_json::json!({ "ridge": ridge });
        Part { kind: "simple", version: 1, estimator: Arc::new(Self { ridge }), settings }
    }
}

impl Estimator for Simple {
    fn output(&self, input: &[Field]) -> Result<Signature> {
        target_of(input)?;
        Ok(Signature { takes: vec!["x".into()], gives: Arc::new([]) })
    }

    fn fit(&self, train: Train, ctx: &Context) -> Result<Fitted> {
        let frame = collect(train.data.as_ref(), ctx)?;
        let target = target_of(frame.fields())?.clone();
        let x = frame.numbers(frame.position("x").unwrap())?;
        let at = frame.position(&target.name).unwrap();
        if target.kind == Kind::Number {
            let y = frame.numbers(at)?;
            let (mx, my) = (mean(&x), mean(&y));
            let xy: f64 = x.iter().zip(y.iter()).map(|(x, y)| (x - mx) * (y - my)).sum();
            let xx: f64 = x.iter().map(|x| (x - mx) * (x - mx)).sum();
            let slope = xy / (xx + self.ridge);
            return Ok(Fitted::new(Fit::line(my - slope * mx, slope)));
        }
        let labels = frame.texts(at)?;
        let mut members: BTreeMap<String, Vec<f64>> = BTreeMap::new();
        for (label, x) in labels.iter().zip(x.iter()) {
            members.entry(label.unwrap().to_string()).or_default().push(*x);
        }
        let n = x.len() as f64;
        let classes = members.iter().map(|(name, xs)| {
            let m = mean(xs);
            let variance = xs.iter().map(|x| (x - m) * (x - m)).sum::<f64>() / xs.len() as f64;
            (name.clone(), xs.len() as f64 / n, m, variance + self.ridge)
        });
        Ok(Fitted::new(Fit::densities(classes.collect())))
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

pub struct Fit {
    line: Option<(f64, f64)>,
    classes: Vec<(String, f64, f64, f64)>,
    signature: Signature,
}

impl Fit {
    fn line(intercept: f64, slope: f64) -> Self {
        let gives = Arc::new([Field::new("prediction", Kind::Number, Role::Output)]);
        Self {
            line: Some((intercept, slope)),
            classes: Vec::new(),
            signature: Signature { takes: vec!["x".into()], gives },
        }
    }

    fn densities(classes: Vec<(String, f64, f64, f64)>) -> Self {
        let names: Arc<[String]> = classes.iter().map(|c| c.0.clone()).collect();
        let kind = Kind::Vector { width: Some(names.len()), names: Some(names) };
        let gives = Arc::new([
            Field::new("prediction", Kind::Category, Role::Output),
            Field::new("probability", kind, Role::Output),
        ]);
        Self { line: None, classes, signature: Signature { takes: vec!["x".into()], gives } }
    }
}

impl Model for Fit {
    fn format(&self) -> &'static str {
        "simple"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn apply(&self, input: &Frame, _ctx: &Context) -> Result<Frame> {
        let x = input.columns()[0].as_primitive::<Float64Type>();
        let rows = x.len();
        let columns: Vec<ArrayRef> = match self.line {
            Some((intercept, slope)) => {
                vec![Arc::new(Float64Array::from_iter_values(x.values().iter().map(|x| intercept + slope * x)))]
            }
            None => {
                let mut values = Vec::new();
                let mut labels = Vec::new();
                for x in x.values() {
                    let density =
                        |c: &(String, f64, f64, f64)| c.1 * (-(x - c.2) * (x - c.2) / (2.0 * c.3)).exp() / c.3.sqrt();
                    let densities: Vec<f64> = self.classes.iter().map(density).collect();
                    let sum: f64 = densities.iter().sum();
                    let best = (0..densities.len()).max_by(|&a, &b| densities[a].total_cmp(&densities[b])).unwrap();
                    labels.push(self.classes[best].0.clone());
                    values.extend(densities.iter().map(|d| d / sum));
                }
                let item = Arc::new(arrow::datatypes::Field::new("item", DataType::Float64, true));
                let values = Arc::new(Float64Array::from(values));
                vec![
                    Arc::new(StringArray::from(labels)),
                    Arc::new(FixedSizeListArray::new(item, self.classes.len() as i32, values, None)),
                ]
            }
        };
        Frame::new(self.signature.gives.clone(), columns, rows)
    }

    fn save(&self) -> Result<Parts> {
        Ok(Parts::new("simple"))
    }
}

pub fn regress(x: &[f64], y: &[f64]) -> Frame {
    let fields = [Field::input("x", Kind::Number), Field::new("y", Kind::Number, Role::Target)];
    let columns: Vec<ArrayRef> =
        vec![Arc::new(Float64Array::from(x.to_vec())), Arc::new(Float64Array::from(y.to_vec()))];
    Frame::new(fields, columns, x.len()).unwrap()
}

pub fn classify(x: &[f64], y: &[&str]) -> Frame {
    let fields = [Field::input("x", Kind::Number), Field::new("y", Kind::Category, Role::Target)];
    let columns: Vec<ArrayRef> =
        vec![Arc::new(Float64Array::from(x.to_vec())), Arc::new(StringArray::from(y.to_vec()))];
    Frame::new(fields, columns, x.len()).unwrap()
}

/// The committed numbers of the peer.
pub fn fixture() -> Json {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/folds.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

pub fn numbers(json: &Json) -> Vec<f64> {
    json.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
}
