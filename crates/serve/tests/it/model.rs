//! A small model: two classes of a number and a category, with nothing learnt.

use arkwright_bundle::{Bundle, Graph, RequestField, Step};
use arkwright_core::{
    Context, Error, Field, Format, Frame, Kind, Model, Parts, Registry, Result, Role, Signature, Task,
};
use arrow::array::{ArrayRef, FixedSizeListArray, Float64Array, StringArray};
use arrow::datatypes::DataType;
use serde_json::json;
use std::sync::Arc;

pub const FORMAT: &str = "serve_test_scorer";

pub struct Scorer {
    shift: f64,
    signature: Signature,
}

impl Scorer {
    pub fn new(shift: f64) -> Self {
        let names: Arc<[String]> = ["No".to_string(), "Yes <b>".to_string()].into();
        let gives = [
            Field::new("prediction", Kind::Category, Role::Output),
            Field::new("probability", Kind::Vector { width: Some(2), names: Some(names) }, Role::Output),
        ];
        let takes = vec!["age".to_string(), "city".to_string()];
        Self { shift, signature: Signature { takes, gives: gives.into() } }
    }
}

impl Model for Scorer {
    fn format(&self) -> &'static str {
        FORMAT
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn apply(&self, input: &Frame, _ctx: &Context) -> Result<Frame> {
        let (ages, cities) = (input.numbers(0)?, input.texts(1)?);
        let mut labels = Vec::new();
        let mut numbers = Vec::new();
        for (age, city) in ages.iter().zip(cities.iter()) {
            match city {
                Some("broken") => return Err(Error::Saved("/secret/path is broken".into())),
                Some("panic") => panic!("a panic of the test's"),
                _ => {}
            }
            let length = city.map_or(-1.0, |c| c.len() as f64);
            let score = if age.is_nan() { 0.1 } else { age / 100.0 } + length / 7.0 + self.shift;
            let yes = 1.0 / (1.0 + (-score).exp());
            labels.push(if yes > 0.5 { "Yes <b>" } else { "No" });
            numbers.extend([1.0 - yes, yes]);
        }
        let item = Arc::new(arrow::datatypes::Field::new("item", DataType::Float64, true));
        let columns: Vec<ArrayRef> = vec![
            Arc::new(StringArray::from(labels)),
            Arc::new(FixedSizeListArray::try_new(item, 2, Arc::new(Float64Array::from(numbers)), None)?),
        ];
        Frame::new(self.signature.gives.clone(), columns, input.rows())
    }

    fn save(&self) -> Result<Parts> {
        let mut parts = Parts::new(FORMAT);
        parts.put("shift", vec![self.shift]);
        Ok(parts)
    }
}

fn load(parts: &Parts, _registry: &Registry) -> Result<Arc<dyn Model>> {
    let shift: &[f64] = parts.get("shift")?;
    Ok(Arc::new(Scorer::new(shift[0])))
}

pub fn registry() -> Registry {
    let formats = [Format { name: FORMAT, version: 1, load }];
    Registry::new([], formats.into_iter().chain(arkwright_bundle::formats()))
}

pub fn bundle(shift: f64) -> Bundle {
    let column = |name: &str, kind, role, data_type| RequestField::new(Field::new(name, kind, role), data_type);
    let request = vec![
        column("id", Kind::Text, Role::Key, DataType::Utf8),
        column("age", Kind::Number, Role::Input, DataType::Float64),
        RequestField {
            values: Some(["Bern".to_string(), "Ulm <b>".to_string()].into()),
            ..column("city", Kind::Category, Role::Input, DataType::Utf8)
        },
        column("left", Kind::Category, Role::Target, DataType::Utf8),
    ];
    let step = Step { name: "score".into(), model: Arc::new(Scorer::new(shift)), from: vec!["request".into()] };
    let graph = Graph {
        system: "churn".into(),
        task: Task::Classify,
        request,
        steps: vec![step],
        answer: "score".into(),
        meta: json!({}),
    };
    Bundle::new(graph).unwrap()
}
