//! A ridge line through one input with an offset to spoil it, and two composers around it.

use arkwright_core::*;
use arrow::array::{ArrayRef, AsArray, Float64Array};
use arrow::datatypes::Float64Type;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Line {
    /// Shrinks the slope.
    pub ridge: f64,
    /// Added to every answer: 0 is best.
    pub offset: i64,
    /// Fails where it is `fail`.
    pub mode: String,
    /// A table within.
    pub inner: Inner,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Inner {
    pub scale: f64,
}

impl Default for Line {
    fn default() -> Self {
        Self { ridge: 100.0, offset: 3, mode: "plain".into(), inner: Inner::default() }
    }
}

impl Settings for Line {
    fn check(&self) -> Result<(), (&'static str, String)> {
        if self.ridge < 0.0 { Err(("ridge", "must not be negative".into())) } else { Ok(()) }
    }
}

impl Leaf for Line {
    const KIND: &'static str = "line";
    const ABOUT: &'static str = "a line, for tests";

    fn estimator(self) -> Arc<dyn Estimator> {
        Arc::new(self)
    }
}

impl Estimator for Line {
    fn output(&self, _input: &[Field]) -> Result<Signature> {
        Ok(Signature {
            takes: vec!["x".into()],
            gives: Arc::new([Field::new("prediction", Kind::Number, Role::Output)]),
        })
    }

    fn fit(&self, train: Train, ctx: &Context) -> Result<Fitted> {
        if self.mode == "fail" {
            return Err(Error::data("told to fail"));
        }
        let frame = collect(train.data.as_ref(), ctx)?;
        let (x, y) = (frame.numbers(0)?, frame.numbers(1)?);
        let mean = |v: &[f64]| v.iter().sum::<f64>() / v.len() as f64;
        let (mx, my) = (mean(&x), mean(&y));
        let xy: f64 = x.iter().zip(y.iter()).map(|(x, y)| (x - mx) * (y - my)).sum();
        let xx: f64 = x.iter().map(|x| (x - mx) * (x - mx)).sum();
        let slope = xy / (xx + self.ridge);
        let intercept = my - slope * mx + self.offset as f64;
        Ok(Fitted {
            notes: serde_json::json!({ "slope": slope }),
            ..Fitted::new(Fit { intercept, slope, signature: self.output(&[])? })
        })
    }
}

pub struct Fit {
    intercept: f64,
    slope: f64,
    signature: Signature,
}

impl Model for Fit {
    fn format(&self) -> &'static str {
        "line"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn apply(&self, input: &Frame, _ctx: &Context) -> Result<Frame> {
        let x = input.columns()[0].as_primitive::<Float64Type>();
        let said: ArrayRef =
            Arc::new(Float64Array::from_iter_values(x.values().iter().map(|x| self.intercept + self.slope * x)));
        Frame::new(self.signature.gives.clone(), vec![said], input.rows())
    }

    fn save(&self) -> Result<Parts> {
        let mut parts = Parts::new("line");
        parts.put("line", vec![self.intercept, self.slope]);
        Ok(parts)
    }
}

/// A composer that only passes on.
struct Wrap(Part);

impl Estimator for Wrap {
    fn output(&self, input: &[Field]) -> Result<Signature> {
        self.0.estimator.output(input)
    }

    fn fit(&self, train: Train, ctx: &Context) -> Result<Fitted> {
        ctx.fit(&self.0, train)
    }
}

fn wrap(kind: &'static str, part: Part) -> Part {
    let settings = serde_json::json!({ "of": part.settings });
    Part { kind, version: 1, estimator: Arc::new(Wrap(part)), settings }
}

pub fn registry() -> Registry {
    let composer = |kind, parse| Spec {
        kind,
        version: 1,
        about: "for tests",
        tasks: &[],
        prepare: &[],
        schema: || schemars::json_schema!({}),
        parse,
        within: None,
        models: &[],
    };
    let wrapped = composer("wrap", |mut map, registry| Ok(wrap("wrap", registry.parse(map.take("of").unwrap())?)));
    let listed = composer("list", |mut map, registry| {
        let Some(Value { node: Node::List(mut steps), .. }) = map.take("steps") else { panic!("steps") };
        Ok(wrap("list", registry.parse(steps.pop().unwrap())?))
    });
    Registry::new([Spec::leaf::<Line>(), wrapped, listed, arkwright_tune::search_spec()], [])
}

pub fn noisy(rows: usize) -> Arc<Table> {
    let mut random = Random::new(5, "test");
    let x: Vec<f64> = (0..rows).map(|_| random.normal()).collect();
    let y: Vec<f64> = x.iter().map(|x| 2.0 * x + 0.5 * random.normal()).collect();
    let fields = [Field::input("x", Kind::Number), Field::new("y", Kind::Number, Role::Target)];
    let columns: Vec<ArrayRef> = vec![Arc::new(Float64Array::from(x)), Arc::new(Float64Array::from(y))];
    Table::hashed(Frame::new(fields, columns, rows).unwrap()).unwrap()
}
