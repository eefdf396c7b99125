//! Two small models that need no learner: numbers scaled, and a score of two classes.

use arkwright_bundle::{Bundle, Graph, REQUEST, RequestField, Step};
use arkwright_core::{Context, Field, Format, Frame, Kind, Model, Parts, Registry, Result, Role, Signature, Task};
use arrow::array::{Array, ArrayRef, FixedSizeListArray, Float64Array, StringArray};
use arrow::datatypes::DataType;
use serde_json::json;
use std::sync::Arc;

/// `(x - mean) / scale` of numbers, each under its name with `_scaled` behind it.
pub struct Scale {
    signature: Signature,
    mean: Vec<f64>,
    scale: Vec<f64>,
}

impl Scale {
    pub fn new(names: &[&str], mean: Vec<f64>, scale: Vec<f64>) -> Self {
        let gives = names.iter().map(|n| Field::input(format!("{n}_scaled"), Kind::Number)).collect();
        Self { signature: Signature { takes: names.iter().map(|n| n.to_string()).collect(), gives }, mean, scale }
    }
}

impl Model for Scale {
    fn format(&self) -> &'static str {
        "scale"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn apply(&self, input: &Frame, _ctx: &Context) -> Result<Frame> {
        let columns = (0..self.mean.len())
            .map(|i| {
                let scaled = input.numbers(i)?.iter().map(|x| (x - self.mean[i]) / self.scale[i]).collect::<Vec<_>>();
                Ok(Arc::new(Float64Array::from(scaled)) as ArrayRef)
            })
            .collect::<Result<_>>()?;
        Frame::new(self.signature.gives.clone(), columns, input.rows())
    }

    fn save(&self) -> Result<Parts> {
        let mut parts = Parts::new("scale");
        parts.put_json(&self.signature)?;
        parts.put("mean", self.mean.clone());
        parts.put("scale", self.scale.clone());
        Ok(parts)
    }
}

/// Probabilities from two scaled numbers and a city: one that was never seen counts nothing.
pub struct Score {
    signature: Signature,
    cities: Vec<String>,
    weights: Vec<f32>,
}

impl Score {
    pub fn new(takes: &[&str]) -> Self {
        let names: Arc<[String]> = vec!["no".to_string(), "yes".to_string()].into();
        let gives = [
            Field::new("prediction", Kind::Category, Role::Output),
            Field::new("probability", Kind::Vector { width: Some(2), names: Some(names) }, Role::Output),
        ];
        Self {
            signature: Signature { takes: takes.iter().map(|t| t.to_string()).collect(), gives: Arc::new(gives) },
            cities: vec!["Oslo".into(), "Rome".into()],
            weights: vec![0.5, -0.25, 1.5, -1.0],
        }
    }
}

impl Model for Score {
    fn format(&self) -> &'static str {
        "score"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn apply(&self, input: &Frame, _ctx: &Context) -> Result<Frame> {
        let (a, b, city) = (input.numbers(0)?, input.numbers(1)?, input.texts(2)?);
        let or_zero = |x: f64| if x.is_nan() { 0.0 } else { x };
        let yes: Vec<f64> = (0..input.rows())
            .map(|r| {
                let known = self.cities.iter().position(|c| city.is_valid(r) && c == city.value(r));
                let of_city = known.map_or(0.0, |c| f64::from(self.weights[2 + c]));
                let z =
                    f64::from(self.weights[0]) * or_zero(a[r]) + f64::from(self.weights[1]) * or_zero(b[r]) + of_city;
                1.0 / (1.0 + (-z).exp())
            })
            .collect();
        let flat: ArrayRef = Arc::new(Float64Array::from_iter_values(yes.iter().flat_map(|p| [1.0 - p, *p])));
        let item = Arc::new(arrow::datatypes::Field::new_list_field(DataType::Float64, true));
        let probability = FixedSizeListArray::new(item, 2, flat, None);
        let labels: StringArray = yes.iter().map(|p| Some(if *p > 0.5 { "yes" } else { "no" })).collect();
        Frame::new(self.signature.gives.clone(), vec![Arc::new(labels), Arc::new(probability)], input.rows())
    }

    fn save(&self) -> Result<Parts> {
        let mut parts = Parts::new("score");
        parts.json = json!({ "takes": self.signature.takes, "cities": self.cities });
        parts.put("weights", self.weights.clone());
        // A model within the model, with a name that a path must escape.
        let mut inner = Parts::new("inner/one");
        inner.put("a/b~c", vec![1u32, 2, 3]);
        inner.put("nothing", Vec::<u64>::new());
        parts.children.insert("in/ner".into(), inner);
        Ok(parts)
    }
}

pub fn registry() -> Registry {
    let scale = Format {
        name: "scale",
        version: 1,
        load: |parts, _| {
            let signature = parts.get_json()?;
            let (mean, scale) = (parts.get("mean")?.to_vec(), parts.get("scale")?.to_vec());
            Ok(Arc::new(Scale { signature, mean, scale }))
        },
    };
    let score = Format {
        name: "score",
        version: 1,
        load: |parts, _| {
            #[derive(serde::Deserialize)]
            struct Saved {
                takes: Vec<String>,
                cities: Vec<String>,
            }
            let Saved { takes, cities } = parts.get_json()?;
            let inner: &[u32] = parts.child("in/ner")?.get("a/b~c")?;
            if inner != [1, 2, 3] {
                return Err(parts.damaged("the inner model is another"));
            }
            let takes: Vec<&str> = takes.iter().map(String::as_str).collect();
            Ok(Arc::new(Score { cities, weights: parts.get("weights")?.to_vec(), ..Score::new(&takes) }))
        },
    };
    Registry::new([], [vec![scale, score], arkwright_bundle::formats()].concat())
}

pub fn request() -> Vec<RequestField> {
    let field = |name: &str, kind, role, data_type| RequestField::new(Field::new(name, kind, role), data_type);
    vec![
        field("id", Kind::Text, Role::Key, DataType::Int64),
        field("age", Kind::Number, Role::Input, DataType::Int64),
        field("city", Kind::Category, Role::Input, DataType::Utf8),
        field("income", Kind::Number, Role::Input, DataType::Float32),
        field("left", Kind::Category, Role::Target, DataType::Utf8),
    ]
}

/// Two numbers scaled by a step each, joined side by side with the city, and scored.
pub fn graph() -> Graph {
    let step = |name: &str, model: Arc<dyn Model>, from: &[&str]| Step {
        name: name.into(),
        model,
        from: from.iter().map(|f| f.to_string()).collect(),
    };
    Graph {
        system: "tiny".into(),
        task: Task::Classify,
        request: request(),
        steps: vec![
            step("ages", Arc::new(Scale::new(&["age"], vec![40.1], vec![12.3])), &[REQUEST]),
            step("unused", Arc::new(Scale::new(&["age"], vec![0.0], vec![1.0])), &[REQUEST]),
            step("incomes", Arc::new(Scale::new(&["income"], vec![1e4], vec![3e3])), &["ages"]),
            step("score", Arc::new(Score::new(&["age_scaled", "income_scaled", "city"])), &["incomes"]),
        ],
        answer: "score".into(),
        meta: json!({ "classes": ["no", "yes"] }),
    }
}

pub fn bundle() -> Bundle {
    Bundle::new(graph()).unwrap()
}

pub const BODY: &str = r#"{"instances": [
    {"age": 31, "city": "Oslo", "income": 12000.5},
    {"age": null, "city": "Rome", "income": 0.1},
    {"income": -3, "city": "never seen", "age": 52.25, "extra": [1, {"a": 2}]},
    {"age": 18, "city": null, "income": null}
]}"#;
