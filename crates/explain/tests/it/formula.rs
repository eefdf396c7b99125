//! Models that are formulas, so that what they depend on is known.

use arkwright_core::*;
use arrow::array::{ArrayRef, FixedSizeListArray, Float64Array, StringArray};
use arrow::datatypes::DataType;
use std::sync::Arc;

/// `f` of the columns it takes.
pub struct Formula {
    pub f: fn(&[f64]) -> f64,
    /// Whether the answer is the probability of `yes`.
    pub classify: bool,
    pub signature: Signature,
}

impl Formula {
    pub fn new(takes: &[&str], classify: bool, f: fn(&[f64]) -> f64) -> Self {
        let names: Arc<[String]> = Arc::new(["no".to_string(), "yes".to_string()]);
        let vector = Kind::Vector { width: Some(2), names: Some(names) };
        let gives: Vec<Field> = match classify {
            true => vec![
                Field::new("prediction", Kind::Category, Role::Output),
                Field::new("probability", vector, Role::Output),
            ],
            false => vec![Field::new("prediction", Kind::Number, Role::Output)],
        };
        let takes = takes.iter().map(|t| t.to_string()).collect();
        Self { f, classify, signature: Signature { takes, gives: gives.into() } }
    }
}

impl Model for Formula {
    fn format(&self) -> &'static str {
        "formula"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn apply(&self, input: &Frame, _ctx: &Context) -> Result<Frame> {
        // A category counts as the length of its text.
        let columns: Vec<Vec<f64>> = (0..input.columns().len())
            .map(|i| match input.fields()[i].kind {
                Kind::Number => Ok(input.numbers(i)?.into_owned()),
                _ => Ok(input.texts(i)?.iter().map(|t| t.map_or(0.0, |t| t.len() as f64)).collect()),
            })
            .collect::<Result<_>>()?;
        let answers: Vec<f64> =
            (0..input.rows()).map(|row| (self.f)(&columns.iter().map(|c| c[row]).collect::<Vec<_>>())).collect();
        let given: Vec<ArrayRef> = match self.classify {
            false => vec![Arc::new(Float64Array::from(answers))],
            true => {
                let labels = answers.iter().map(|p| if *p > 0.5 { "yes" } else { "no" });
                let labels: ArrayRef = Arc::new(StringArray::from_iter_values(labels));
                let values: Vec<f64> = answers.iter().flat_map(|p| [1.0 - p, *p]).collect();
                let item = Arc::new(arrow::datatypes::Field::new("item", DataType::Float64, true));
                vec![labels, Arc::new(FixedSizeListArray::new(item, 2, Arc::new(Float64Array::from(values)), None))]
            }
        };
        Frame::new(self.signature.gives.clone(), given, input.rows())
    }

    fn save(&self) -> Result<Parts> {
        Ok(Parts::new("formula"))
    }
}

pub fn number(name: &str, values: Vec<f64>) -> (Field, ArrayRef) {
    (Field::input(name, Kind::Number), Arc::new(Float64Array::from(values)))
}

pub fn category(name: &str, values: Vec<Option<&str>>) -> (Field, ArrayRef) {
    (Field::input(name, Kind::Category), Arc::new(StringArray::from(values)))
}

pub fn target((field, column): (Field, ArrayRef)) -> (Field, ArrayRef) {
    (Field { role: Role::Target, ..field }, column)
}

pub fn frame(columns: Vec<(Field, ArrayRef)>) -> Frame {
    let rows = columns[0].1.len();
    let (fields, columns): (Vec<_>, Vec<_>) = columns.into_iter().unzip();
    Frame::new(fields, columns, rows).unwrap()
}

pub fn normals(n: usize, purpose: &str) -> Vec<f64> {
    let mut random = Random::new(2, purpose);
    (0..n).map(|_| random.normal()).collect()
}

/// The committed numbers of the peer.
pub fn fixture() -> Json {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/questions.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

pub fn numbers(json: &Json) -> Vec<f64> {
    json.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
}

/// The peer's rows, and the peer's formula.
pub fn peer() -> (Frame, Formula) {
    let peer = fixture();
    let rows: Vec<Vec<f64>> = peer["x"].as_array().unwrap().iter().map(numbers).collect();
    let column = |i: usize| rows.iter().map(|row| row[i]).collect();
    let frame = frame(vec![
        number("a", column(0)),
        number("b", column(1)),
        number("c", column(2)),
        number("d", column(3)),
        target(number("y", numbers(&peer["y"]))),
    ]);
    (frame, Formula::new(&["a", "b", "c", "d"], false, |x| 3.0 * x[0] + x[1] * x[1] + x[0] * x[2]))
}
