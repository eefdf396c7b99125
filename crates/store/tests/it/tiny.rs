//! The smallest bundle: it gives back twice the number that it takes.

use arkwright_bundle::{Bundle, Graph, REQUEST, RequestField, Step};
use arkwright_core::{Context, Field, Format, Frame, Kind, Model, Parts, Registry, Result, Signature, Task};
use arrow::array::Float64Array;
use arrow::datatypes::DataType;
use std::sync::Arc;

struct Times {
    signature: Signature,
    factor: f64,
}

impl Times {
    fn new(factor: f64) -> Self {
        let gives = Arc::new([Field::input("prediction", Kind::Number)]);
        Self { signature: Signature { takes: vec!["x".into()], gives }, factor }
    }
}

impl Model for Times {
    fn format(&self) -> &'static str {
        "times"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn apply(&self, input: &Frame, _ctx: &Context) -> Result<Frame> {
        let values: Vec<f64> = input.numbers(0)?.iter().map(|x| x * self.factor).collect();
        Frame::new(self.signature.gives.clone(), vec![Arc::new(Float64Array::from(values))], input.rows())
    }

    fn save(&self) -> Result<Parts> {
        let mut parts = Parts::new("times");
        parts.put("factor", vec![self.factor]);
        Ok(parts)
    }
}

pub fn registry() -> Registry {
    let times =
        Format { name: "times", version: 1, load: |parts, _| Ok(Arc::new(Times::new(parts.get::<f64>("factor")?[0]))) };
    Registry::new([], [vec![times], arkwright_bundle::formats()].concat())
}

pub fn bundle(factor: f64) -> Bundle {
    Bundle::new(Graph {
        system: "tiny".into(),
        task: Task::Regress,
        request: vec![RequestField::new(Field::input("x", Kind::Number), DataType::Float64)],
        steps: vec![Step { name: "times".into(), model: Arc::new(Times::new(factor)), from: vec![REQUEST.into()] }],
        answer: "times".into(),
        meta: serde_json::Value::Null,
    })
    .unwrap()
}
