//! Columns derived from others of the same row: `derive = { monthly = "total / nullif(tenure, 0)" }`.
//!
//! An expression is SQL over the columns of its row. Numbers come in as `Float64` whatever type they were
//! read as, so that a CSV, a Parquet file and a request agree; see [`crate`] for what that means for `/`
//! and for values that are not finite. A later expression may use an earlier one. The columns that are
//! used stay.

use crate::compile::{Compiled, STAMP, compile};
use crate::finite::finite;
use crate::planner::planner;
use crate::syntax::check_syntax;
use arkwright_core::{
    Cell, Context, Error, Estimator, Field, Fitted, Frame, Kind, Leaf, Model, Parts, Reads, Registry, Result, Role,
    Row, Rowwise, Settings, Signature, Skills, Taken, Train,
};
use arrow::array::{
    Array, ArrayRef, AsArray, Float64Array, RecordBatch, RecordBatchOptions, StringArray, new_null_array,
};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field as Column, Float64Type, Schema, SchemaRef};
use serde::de::{Deserializer, Error as _, MapAccess, Visitor};
use serde::ser::{SerializeMap, Serializer};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

/// The format of a saved step.
pub(crate) const FORMAT: &str = "derive";

/// Adds columns by row expressions.
///
/// ```
/// use arkwright_expr::Derive;
/// let derive = Derive::new([("monthly", "total / nullif(tenure, 0)"), ("dear", "monthly > 50")]);
/// assert_eq!(derive.columns.0.len(), 2);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Derive {
    /// The new columns' names, and the SQL expressions that give their values, in order.
    #[schemars(with = "BTreeMap<String, String>")]
    pub columns: Expressions,
}

/// Names and expressions, in order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Expressions(pub Vec<(String, String)>);

impl Derive {
    /// Expressions under the names of the columns that they give.
    pub fn new<N: Into<String>, E: Into<String>>(columns: impl IntoIterator<Item = (N, E)>) -> Self {
        Self { columns: Expressions(columns.into_iter().map(|(n, e)| (n.into(), e.into())).collect()) }
    }
}

impl Serialize for Expressions {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, text) in &self.0 {
            map.serialize_entry(name, text)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Expressions {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = Expressions;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a table of names and expressions")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Expressions, A::Error> {
                let mut columns = Vec::new();
                while let Some((name, Text(text))) = map.next_entry::<String, Text>()? {
                    columns.push((name, text));
                }
                Ok(Expressions(columns))
            }
        }
        deserializer.deserialize_map(InOrder)
    }
}

/// An expression whose syntax was checked, so that the error points at it.
struct Text(String);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        check_syntax(&text).map_err(D::Error::custom)?;
        Ok(Self(text))
    }
}

impl Settings for Derive {}

impl Leaf for Derive {
    const VERSION: u32 = 2;
    const KIND: &'static str = "derive";
    const ABOUT: &'static str = "Adds columns by row-wise SQL expressions, the same in training and in a request.";

    fn estimator(self) -> Arc<dyn Estimator> {
        Arc::new(self)
    }
}

impl Estimator for Derive {
    fn output(&self, input: &[Field]) -> Result<Signature> {
        // Whether a category is text or true and false is only known once there are rows: whatever compiles.
        let flags = self.flags(input);
        self.build_with(input, &flags).map(|model| model.signature)
    }

    fn reads(&self) -> Reads {
        // One row, for its types.
        Reads::Passes
    }

    fn fit(&self, train: Train, _ctx: &Context) -> Result<Fitted> {
        let input = train.data.fields().clone();
        let first = train.data.scan(1)?.next().transpose()?;
        let model = self.build(&input, |field| {
            let seen = first.as_ref().and_then(|f| f.position(&field.name).map(|i| f.columns()[i].data_type()));
            type_of(&field.kind, seen)
        })?;
        Ok(Fitted::new(model))
    }
}

impl Derive {
    /// Compiles the expressions over the fields that have a type to compute with.
    fn build(&self, input: &[Field], type_of: impl Fn(&Field) -> Option<DataType>) -> Result<Derived> {
        let mut usable: Vec<Input> = Vec::with_capacity(input.len());
        for field in input {
            if let Some(data_type) = type_of(field)
                && field.role != Role::Target
            {
                usable.push(Input { field: field.clone(), data_type });
            }
        }
        for (at, (name, _)) in self.columns.0.iter().enumerate() {
            let taken = match input.iter().any(|f| f.name == *name) {
                true => format!("derive: there is a column `{name}` already"),
                false if self.columns.0[..at].iter().any(|(earlier, _)| earlier == name) => {
                    format!("derive: the name `{name}` comes twice")
                }
                false => continue,
            };
            return Err(Error::setting(taken).with_hint("give the derived column a name of its own"));
        }
        let columns: Vec<Column> = usable.iter().map(Input::column).collect();
        let compiled = compile_all(&self.columns.0, columns).map_err(|error| match error {
            // A column that is there and cannot be used deserves another word than one that is not.
            Error::Setting { message, span, hint } => {
                match input.iter().find(|f| message.ends_with(&format!("there is no column `{}`", f.name))) {
                    Some(field) if field.role == Role::Target => {
                        Error::Setting { message: format!("{message} here: it is the target"), span, hint: None }
                    }
                    Some(field) => {
                        let message = format!("{message} to compute with: it is a {}", field.kind);
                        Error::Setting { message, span, hint: None }
                    }
                    None => Error::Setting { message, span, hint },
                }
            }
            other => other,
        })?;
        let read = |name: &str| compiled.iter().any(|(_, c)| c.reads.iter().any(|r| r == name));
        usable.retain(|input| read(&input.field.name));
        Derived::new(usable, self.columns.0.clone(), compiled)
    }

    fn build_with(&self, input: &[Field], flags: &BTreeSet<&str>) -> Result<Derived> {
        self.build(input, |field| {
            let flag = flags.contains(field.name.as_str());
            type_of(&field.kind, flag.then_some(&DataType::Boolean))
        })
    }

    /// The categories that are true and false if the expressions are right: none where they compile without, and
    /// none where nothing helps. An expression that does not compile has its own categories tried, beside those
    /// that the expressions above it need.
    fn flags<'a>(&self, input: &'a [Field]) -> BTreeSet<&'a str> {
        let mut flags = BTreeSet::new();
        if self.build_with(input, &flags).is_ok() {
            return flags;
        }
        for (at, (_, text)) in self.columns.0.iter().enumerate() {
            let so_far = Self { columns: Expressions(self.columns.0[..=at].to_vec()) };
            let mentioned = crate::columns_in(text).unwrap_or_default();
            let own = input.iter().filter(|f| f.kind == Kind::Category && mentioned.contains(&f.name));
            let own: Vec<&str> = own.map(|f| f.name.as_str()).take(TRIED).collect();
            let choices = (0..1usize << own.len()).map(|choice| {
                let mut chosen: BTreeSet<&str> = flags.iter().copied().filter(|f| !own.contains(f)).collect();
                chosen.extend(own.iter().enumerate().filter(|(i, _)| choice >> i & 1 == 1).map(|(_, name)| *name));
                chosen
            });
            let fits = |chosen: &BTreeSet<&str>| so_far.build_with(input, chosen).is_ok();
            match std::iter::once(flags.clone()).chain(choices).find(fits) {
                Some(found) => flags = found,
                None => return BTreeSet::new(),
            }
        }
        flags
    }
}

/// Categories of one expression that are tried as true and false.
const TRIED: usize = 8;

/// The type in which a column comes into an expression; none for kinds that cannot.
fn type_of(kind: &Kind, seen: Option<&DataType>) -> Option<DataType> {
    match (kind, seen) {
        (Kind::Number, _) => Some(DataType::Float64),
        (Kind::Category, Some(DataType::Boolean)) => Some(DataType::Boolean),
        (Kind::Category | Kind::Text, _) => Some(DataType::Utf8),
        (Kind::Time, Some(DataType::Date32 | DataType::Date64)) => Some(DataType::Date32),
        (Kind::Time, _) => Some(STAMP),
        (Kind::Level { .. } | Kind::Vector { .. }, _) => None,
    }
}

/// Compiles expressions in order; each may use the earlier ones.
fn compile_all(texts: &[(String, String)], columns: Vec<Column>) -> Result<Vec<(String, Compiled)>> {
    let planner = planner();
    let mut schema = Schema::new(columns);
    let mut compiled: Vec<(String, Compiled)> = Vec::with_capacity(texts.len());
    for (at, (name, text)) in texts.iter().enumerate() {
        let one = compile(text, &schema, &planner).map_err(|error| match error {
            Error::Setting { mut message, span, mut hint } => {
                let later = texts[at..].iter().find(|(later, _)| message == format!("there is no column `{later}`"));
                if let Some((later, _)) = later {
                    message += " yet";
                    hint = Some(match later == name {
                        true => "an expression cannot use itself".into(),
                        false => format!("an expression may use those above it: put `{later}` first"),
                    });
                }
                Error::Setting { message: format!("derive `{name}`: {message}"), span, hint }
            }
            other => other,
        })?;
        let fields: Vec<_> = schema.fields().iter().cloned().chain([Arc::new(one.field(name))]).collect();
        schema = Schema::new(fields);
        compiled.push((name.clone(), one));
    }
    Ok(compiled)
}

/// A column that the expressions read, and the type in which they do.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Input {
    field: Field,
    #[serde(with = "type_name")]
    data_type: DataType,
}

impl Input {
    fn column(&self) -> Column {
        Column::new(&self.field.name, self.data_type.clone(), true)
    }

    /// Values in the type that the expressions were compiled for. Text is never read as a number here.
    fn cast(&self, column: &ArrayRef) -> Result<ArrayRef> {
        let (from, to) = (column.data_type(), &self.data_type);
        let fits = match to {
            DataType::Float64 => from.is_numeric() || from == &DataType::Null,
            DataType::Boolean => from == &DataType::Null,
            DataType::Utf8 => true,
            _ => from.is_temporal() || from == &DataType::Null,
        };
        match cast(column, to) {
            Ok(column) if fits => Ok(column),
            _ => Err(Error::column(&self.field.name, format!("{from} where {to} is needed"))),
        }
    }
}

/// Compiled expressions: the fitted step.
struct Derived {
    inputs: Vec<Input>,
    texts: Vec<(String, String)>,
    compiled: Vec<Compiled>,
    /// The columns that there are when the expressions of a stage are evaluated, and how many they are.
    stages: Vec<(SchemaRef, usize)>,
    signature: Signature,
}

#[derive(Serialize, Deserialize)]
struct Saved {
    inputs: Vec<Input>,
    columns: Expressions,
}

impl Derived {
    /// Expressions compiled over columns that include the inputs, compiled again over the inputs alone so
    /// that their places are right.
    fn new(inputs: Vec<Input>, texts: Vec<(String, String)>, over_all: Vec<(String, Compiled)>) -> Result<Self> {
        let compiled = match over_all.is_empty() {
            true => over_all,
            false => compile_all(&texts, inputs.iter().map(Input::column).collect())?,
        };
        let takes = inputs.iter().map(|i| i.field.name.clone()).collect();
        let gives = inputs
            .iter()
            .map(|i| i.field.clone())
            .chain(compiled.iter().map(|(name, c)| Field::input(name, c.kind.clone())))
            .collect();
        let mut fields: Vec<Column> = inputs.iter().map(Input::column).collect();
        let mut stages = vec![(Arc::new(Schema::new(fields.clone())), 0)];
        let mut known = 0;
        for (i, (_, one)) in compiled.iter().enumerate() {
            // A new stage begins where an expression reads one that the stage itself gives.
            if compiled[known..i].iter().any(|(name, _)| one.reads.contains(name)) {
                fields.extend(compiled[known..i].iter().map(|(name, c)| c.field(name)));
                stages.push((Arc::new(Schema::new(fields.clone())), i));
                known = i;
            }
        }
        let compiled = compiled.into_iter().map(|(_, c)| c).collect();
        Ok(Self { inputs, texts, compiled, stages, signature: Signature { takes, gives } })
    }

    /// Adds the derived columns to those that they are derived from.
    fn evaluate(&self, columns: &mut Vec<ArrayRef>, rows: usize) -> Result<()> {
        columns.iter_mut().for_each(|column| *column = finite(column.clone()));
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        for (at, (schema, from)) in self.stages.iter().enumerate() {
            let to = self.stages.get(at + 1).map_or(self.compiled.len(), |(_, next)| *next);
            let batch = RecordBatch::try_new_with_options(schema.clone(), columns.clone(), &options)?;
            for (one, (name, _)) in self.compiled[*from..to].iter().zip(&self.texts[*from..to]) {
                columns.push(one.evaluate(&batch).map_err(|e| e.within(format!("derive `{name}`")))?);
            }
        }
        Ok(())
    }
}

impl Model for Derived {
    fn format(&self) -> &'static str {
        FORMAT
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn apply(&self, input: &Frame, _ctx: &Context) -> Result<Frame> {
        let mut columns: Vec<ArrayRef> = Vec::with_capacity(self.inputs.len() + self.compiled.len());
        for (wanted, column) in self.inputs.iter().zip(input.columns()) {
            columns.push(match column.data_type() == &wanted.data_type {
                true => column.clone(),
                false => wanted.cast(column)?,
            });
        }
        self.evaluate(&mut columns, input.rows())?;
        // What was taken is given back as it came.
        columns.splice(..self.inputs.len(), input.columns().iter().cloned());
        Frame::new(self.signature.gives.clone(), columns, input.rows())
    }

    fn save(&self) -> Result<Parts> {
        let mut parts = Parts::new(FORMAT);
        parts.put_json(&Saved { inputs: self.inputs.clone(), columns: Expressions(self.texts.clone()) })?;
        Ok(parts)
    }

    fn skills(&self) -> Skills<'_> {
        let inputs = self.inputs.iter().all(|i| matches!(i.data_type, DataType::Float64 | DataType::Utf8));
        let gives = self.compiled.iter().all(|c| matches!(c.data_type, DataType::Float64 | DataType::Boolean));
        Skills { row: (inputs && gives).then_some(self as &dyn Rowwise), ..Skills::default() }
    }
}

/// The cells that are read become arrays, and the expressions are evaluated as ever.
impl Rowwise for Derived {
    fn add<'a>(&'a self, row: &mut Row<'a>, taken: Taken<'_>) -> Option<()> {
        let mut columns: Vec<ArrayRef> = Vec::with_capacity(self.inputs.len() + self.compiled.len());
        for (i, input) in self.inputs.iter().enumerate() {
            let cell = taken.cell(row, i);
            columns.push(match (&input.data_type, cell) {
                (DataType::Float64, Cell::Number(number)) => Arc::new(Float64Array::from(vec![number])),
                (DataType::Utf8, Cell::Text(text)) => Arc::new(StringArray::from(vec![text])),
                (data_type, Cell::Missing) => new_null_array(data_type, 1),
                _ => return None,
            });
            row.cells.push(cell);
        }
        self.evaluate(&mut columns, 1).ok()?;
        for column in &columns[self.inputs.len()..] {
            row.cells.push(match column.data_type() {
                _ if column.is_null(0) => Cell::Missing,
                DataType::Float64 => Cell::of_number(column.as_primitive::<Float64Type>().value(0))?,
                DataType::Boolean => Cell::Text(if column.as_boolean().value(0) { "true" } else { "false" }),
                _ => return None,
            });
        }
        Some(())
    }
}

/// Loads a saved step: compiles its expressions again.
pub(crate) fn load(parts: &Parts, _registry: &Registry) -> Result<Arc<dyn Model>> {
    let Saved { inputs, columns } = parts.get_json()?;
    let columns_in = inputs.iter().map(Input::column).collect();
    let compiled = compile_all(&columns.0, columns_in).map_err(|e| parts.damaged(e))?;
    Ok(Arc::new(Derived::new(inputs, columns.0, compiled)?))
}

/// How the types of inputs are written.
mod type_name {
    use super::{DataType, Deserialize, Deserializer, STAMP, Serializer};
    use serde::de::Error;

    const NAMES: [(&str, DataType); 5] = [
        ("float64", DataType::Float64),
        ("utf8", DataType::Utf8),
        ("boolean", DataType::Boolean),
        ("date", DataType::Date32),
        ("timestamp", STAMP),
    ];

    pub(super) fn serialize<S: Serializer>(data_type: &DataType, serializer: S) -> Result<S::Ok, S::Error> {
        let name = NAMES.iter().find(|(_, t)| t == data_type).map_or("utf8", |(name, _)| name);
        serializer.serialize_str(name)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<DataType, D::Error> {
        let name = String::deserialize(deserializer)?;
        let found = NAMES.iter().find(|(known, _)| *known == name);
        found.map(|(_, t)| t.clone()).ok_or_else(|| D::Error::custom(format!("no type is called `{name}`")))
    }
}
