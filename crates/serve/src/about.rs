//! What a model takes and gives, in words: for `GET /v1/models/NAME`, the OpenAPI page and the forms.

use arkwright_bundle::{Bundle, RequestField, type_name};
use arkwright_core::{Field, Kind, Role};
use arrow::datatypes::DataType;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// The most levels of a category that are listed.
const LEVELS: usize = 50;

/// What a model takes and gives.
pub(crate) struct About {
    pub(crate) system: String,
    pub(crate) task: String,
    pub(crate) takes: Vec<Taken>,
    /// The classes that it tells apart; empty where it gives a number.
    pub(crate) classes: Vec<String>,
    gives: Vec<Field>,
    meta: Value,
}

/// A column of a request.
pub(crate) struct Taken {
    pub(crate) field: Field,
    pub(crate) required: bool,
    data_type: DataType,
    /// Whether `true` and `false` stand for 1 and 0 in a number.
    bools: bool,
    /// The values of a category in training, where they are known.
    pub(crate) values: Option<Arc<[String]>>,
}

impl About {
    pub(crate) fn new(bundle: &Bundle) -> Self {
        let required = bundle.request().required();
        let takes = bundle.request().fields().iter().filter(|f| f.field.role != Role::Target).map(|f| {
            let RequestField { field, data_type, bools, values, .. } = f.clone();
            let required = required.iter().any(|r| r.name == field.name);
            Taken { field, required, data_type, bools, values }
        });
        let gives = bundle.answer().model.signature().gives.to_vec();
        let classes = gives.iter().find_map(|f| match &f.kind {
            Kind::Vector { names: Some(names), .. } if f.name == "probability" => Some(names.to_vec()),
            _ => None,
        });
        Self {
            system: bundle.system().to_string(),
            task: bundle.task().to_string(),
            takes: takes.collect(),
            classes: classes.unwrap_or_default(),
            gives,
            meta: bundle.meta().clone(),
        }
    }

    /// The names of the columns that are keys.
    pub(crate) fn keys(&self) -> Vec<String> {
        self.takes.iter().filter(|t| t.field.role == Role::Key).map(|t| t.field.name.clone()).collect()
    }

    /// The model as JSON.
    pub(crate) fn json(&self) -> Map<String, Value> {
        let request: Vec<Value> = self.takes.iter().map(Taken::json).collect();
        let mut out = Map::new();
        out.insert("system".into(), self.system.as_str().into());
        out.insert("task".into(), self.task.as_str().into());
        out.insert("request".into(), request.into());
        out.insert("classes".into(), self.classes.clone().into());
        out.insert("meta".into(), self.meta.clone());
        out
    }

    /// A row that the model takes, to begin with.
    pub(crate) fn example(&self) -> Value {
        Value::Object(self.takes.iter().filter(|t| t.required).map(|t| (t.field.name.clone(), t.example())).collect())
    }

    /// The JSON Schema of a row.
    pub(crate) fn row_schema(&self) -> Value {
        let properties: Map<String, Value> = self.takes.iter().map(|t| (t.field.name.clone(), t.schema())).collect();
        let required: Vec<&str> = self.takes.iter().filter(|t| t.required).map(|t| t.field.name.as_str()).collect();
        json!({"type": "object", "properties": properties, "required": required, "example": self.example()})
    }

    /// The JSON Schema of a row's prediction.
    pub(crate) fn prediction_schema(&self) -> Value {
        let gives = self.gives.iter().map(|field| {
            let schema = match &field.kind {
                Kind::Number => json!({"type": ["number", "null"]}),
                Kind::Vector { names: Some(names), .. } => {
                    let each: Map<String, Value> =
                        names.iter().map(|n| (n.clone(), json!({"type": ["number", "null"]}))).collect();
                    json!({"type": "object", "properties": each})
                }
                Kind::Vector { .. } => json!({"type": "array", "items": {"type": ["number", "null"]}}),
                _ if field.name == "prediction" && !self.classes.is_empty() => {
                    json!({"type": "string", "enum": self.classes})
                }
                _ => json!({"type": ["string", "null"]}),
            };
            (field.name.clone(), schema)
        });
        json!({"type": "object", "properties": gives.collect::<Map<_, _>>()})
    }
}

impl Taken {
    /// The values that are listed: all, where they are few.
    pub(crate) fn levels(&self) -> Option<&[String]> {
        self.values.as_deref().filter(|values| (1..=LEVELS).contains(&values.len()))
    }

    /// The name of the type that the column had in training.
    pub(crate) fn type_name(&self) -> String {
        type_name(&self.data_type).unwrap_or_else(|_| "text".to_string())
    }

    fn json(&self) -> Value {
        let mut out = json!({
            "name": self.field.name,
            "kind": self.field.kind.name(),
            "role": self.field.role,
            "type": self.type_name(),
            "required": self.required,
        });
        if let (Some(levels), Some(map)) = (self.levels(), out.as_object_mut()) {
            map.insert("levels".into(), levels.to_vec().into());
        }
        out
    }

    fn schema(&self) -> Value {
        let mut schema = match (&self.field.kind, &self.data_type) {
            (Kind::Number, t) if self.bools || *t == DataType::Boolean => {
                json!({"type": ["number", "boolean", "null"]})
            }
            (Kind::Number, _) => json!({"type": ["number", "null"]}),
            (Kind::Time, DataType::Date32 | DataType::Date64) => json!({"type": ["string", "null"], "format": "date"}),
            (Kind::Time, _) => json!({"type": ["string", "null"], "format": "date-time"}),
            (Kind::Vector { .. }, DataType::FixedSizeList(_, width)) => {
                json!({"type": ["array", "null"], "items": {"type": "number"}, "minItems": width, "maxItems": width})
            }
            (_, DataType::Boolean) => json!({"type": ["boolean", "string", "null"]}),
            (_, t) if t.is_numeric() => json!({"type": ["number", "string", "null"]}),
            _ => json!({"type": ["string", "null"]}),
        };
        if let (Some(levels), Some(map)) = (self.levels(), schema.as_object_mut()) {
            map.insert("examples".into(), levels.to_vec().into());
        }
        schema
    }

    fn example(&self) -> Value {
        match (&self.field.kind, &self.data_type) {
            (_, DataType::Boolean) => Value::Bool(true),
            (Kind::Number, _) => json!(0),
            (Kind::Time, DataType::Date32 | DataType::Date64) => json!("2026-01-31"),
            (Kind::Time, _) => json!("2026-01-31T12:00:00"),
            (Kind::Vector { .. }, DataType::FixedSizeList(_, width)) => {
                vec![0; usize::try_from(*width).unwrap_or(0)].into()
            }
            _ => self.values.as_ref().and_then(|v| v.first()).map_or(Value::Null, |v| v.as_str().into()),
        }
    }
}
