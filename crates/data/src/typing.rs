//! What each column is: from Arrow columns to a frame whose kinds and roles are settled.
//!
//! Numbers stay in their Arrow type. Text of few values, and true and false, are categories; text that is
//! all dates is time; text of which most values differ is free text. Whole numbers stay numbers however
//! few they are. What no model can learn from (nothing there, one value only, one value a row, free text)
//! is set aside with a word, and the user's settings come before all of this.

use crate::NotationSettings;
use crate::literal::{self, STAMP};
use crate::native::{native, with_nulls};
use crate::profile::{ColumnProfile, Look, infer_task, look, whole};
use crate::text::in_parallel;
use arkwright_core::{Error, Field, Frame, Kind, Notation, Result, Role, Task, key_text};
use arrow::array::{Array, ArrayRef, AsArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashSet};

/// What the user says of a column; what is not said is found out.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ColumnSettings {
    /// What it is. A column of which it is said is never set aside.
    pub kind: Option<ColumnKind>,
    /// The type of its values; text is read as it.
    #[serde(rename = "type")]
    pub value_type: Option<ValueType>,
}

/// What a column of a table is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ColumnKind {
    /// A quantity.
    Number,
    /// One of a set of values.
    Category,
    /// Free text.
    Text,
    /// A point in time.
    Time,
}

/// The type of a column's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ValueType {
    /// Whole numbers.
    Integer,
    /// Numbers.
    Number,
    /// True and false.
    Boolean,
    /// Text.
    Text,
    /// Days.
    Date,
    /// Points in time.
    Timestamp,
}

impl ValueType {
    /// The Arrow type.
    pub fn data_type(self) -> DataType {
        match self {
            Self::Integer => DataType::Int64,
            Self::Number => DataType::Float64,
            Self::Boolean => DataType::Boolean,
            Self::Text => DataType::Utf8,
            Self::Date => DataType::Date32,
            Self::Timestamp => STAMP,
        }
    }

    /// What a value of this type is called.
    pub fn describe(self) -> &'static str {
        match self {
            Self::Integer => "a whole number",
            Self::Number => "a number",
            Self::Boolean => "true or false",
            Self::Text => "text",
            Self::Date => "a date",
            Self::Timestamp => "a point in time",
        }
    }
}

/// What is known of a table before its columns are looked at.
#[derive(Clone, Debug, Default)]
pub struct Typing {
    /// The parts that columns play, by name; the others are inputs.
    pub roles: BTreeMap<String, Role>,
    /// The task, if it is set; else the target sets it.
    pub task: Option<Task>,
    /// Columns to leave out.
    pub ignore: Vec<String>,
    /// Columns that expressions use: they are profiled, and kept whatever is in them.
    pub keep: Vec<String>,
    /// What the user says of columns.
    pub columns: BTreeMap<String, ColumnSettings>,
    /// What the user says of how numbers and dates are written, for text that is still to be read as those.
    pub notation: NotationSettings,
    /// Threads to work with; 0 counts as 1.
    pub threads: usize,
}

/// A table whose columns are known.
#[derive(Clone, Debug)]
pub struct Typed {
    /// The columns to work with; those that are set aside are not among them.
    pub frame: Frame,
    /// What every column of the table holds, in the table's order, also of those set aside.
    pub columns: Vec<ColumnProfile>,
    /// What is to be learnt; `None` without a target.
    pub task: Option<Task>,
    /// The notations of the columns that were text and are numbers or dates now, where a program would write
    /// them otherwise.
    pub notations: BTreeMap<String, Notation>,
}

impl Typing {
    /// Settles what every column is.
    ///
    /// # Errors
    /// When a named column is not there, text is not of the type that was said, an input holds an infinite
    /// number, or the target is missing in every row or cannot be one. A row without a target stays: whoever
    /// learns leaves it out.
    pub fn apply(&self, frame: &Frame) -> Result<Typed> {
        self.check_names(frame)?;
        let ignored: HashSet<&str> = self.ignore.iter().map(String::as_str).collect();
        let kept: HashSet<&str> = self.keep.iter().map(String::as_str).collect();
        let at: Vec<usize> = (0..frame.columns().len()).collect();
        let done = in_parallel(&at, self.threads.max(1), |&i| {
            let name = frame.fields()[i].name.as_str();
            self.column(name, &frame.columns()[i], ignored.contains(name), kept.contains(name))
        })?;
        let (mut fields, mut columns, mut profiles) = (Vec::new(), Vec::new(), Vec::with_capacity(done.len()));
        let (mut task, mut notations) = (None, BTreeMap::new());
        for Done { field, column, profile, of_task, notation } in done {
            task = task.or(of_task);
            if !notation.is_plain() {
                notations.insert(field.name.clone(), notation);
            }
            if profile.set_aside.is_none() {
                fields.push(field);
                columns.push(column);
            }
            profiles.push(profile);
        }
        Ok(Typed { frame: Frame::new(fields, columns, frame.rows())?, columns: profiles, task, notations })
    }

    fn check_names(&self, frame: &Frame) -> Result<()> {
        let there: HashSet<&str> = frame.fields().iter().map(|f| f.name.as_str()).collect();
        let named = self.roles.keys().chain(&self.ignore).chain(self.columns.keys());
        for name in named {
            if !there.contains(name.as_str()) {
                let role = match self.roles.get(name) {
                    Some(Role::Target) => ", the target",
                    Some(Role::Key) => ", the key",
                    Some(Role::EventTime) => ", the time",
                    Some(Role::Event) => ", the event",
                    Some(Role::Group) => ", the group",
                    Some(Role::Weight) => ", the weight",
                    _ => "",
                };
                let error = Error::setting(format!("there is no column `{name}`{role}"));
                return Err(error.nearest_column(name, frame.fields()));
            }
        }
        Ok(())
    }

    fn column(&self, name: &str, column: &ArrayRef, ignored: bool, kept: bool) -> Result<Done> {
        let role = self.roles.get(name).copied().unwrap_or_default();
        let said = self.columns.get(name).cloned().unwrap_or_default();
        let mut notes = Vec::new();
        let (mut column, notation) = native(name, column, &said, &self.notation, &mut notes)?;
        let look = look(&column);
        let mut kind = kind_of(&column, &look, &said);
        let mut of_task = None;
        if role == Role::Target && !ignored {
            let task = self.task.unwrap_or_else(|| infer_task(&column));
            (kind, column) = target(name, column, task)?;
            of_task = Some(task);
        }
        if role == Role::Weight {
            weight(name, &column)?;
        }
        if role == Role::EventTime && !matches!(kind, Kind::Time | Kind::Number) {
            return Err(Error::column(name, "the time of the rows is neither a date nor a number")
                .with_hint("dates are spelt 2024-02-29, or 2024-02-29T12:30:00Z"));
        }
        if role == Role::Input && kind == Kind::Number && !ignored {
            finite(name, &column)?;
        }
        let set_aside = match role {
            _ if ignored => Some("left out by the user".to_string()),
            Role::Input if !kept && said.kind.is_none() => useless(name, &kind, &look),
            _ => None,
        };
        if column.data_type() == &DataType::Null && set_aside.is_none() {
            column = cast(&column, if kind == Kind::Number { &DataType::Float64 } else { &DataType::Utf8 })?;
        }
        if look.distinct == 1 && look.missing > 0 && role == Role::Input {
            notes.push("one value, or missing".into());
        }
        if role == Role::Input && kind == Kind::Number && column.data_type().is_integer() {
            notes.extend(beyond_exact(&look));
        }
        if role == Role::Input && column.data_type() == &DataType::Utf8 {
            notes.extend(nearly_numbers(&column, &look));
        }
        let profile = ColumnProfile {
            name: name.to_string(),
            kind: kind.name().to_string(),
            role,
            data_type: column.data_type().to_string(),
            count: look.count as u64,
            missing: look.missing as u64,
            distinct: look.distinct as u64,
            numbers: look.numbers,
            top: look.top,
            span: look.span,
            notes,
            set_aside,
        };
        Ok(Done { field: Field::new(name, kind, role), column, profile, of_task, notation })
    }
}

struct Done {
    field: Field,
    column: ArrayRef,
    profile: ColumnProfile,
    of_task: Option<Task>,
    notation: Notation,
}

fn kind_of(column: &ArrayRef, look: &Look, said: &ColumnSettings) -> Kind {
    match (said.kind, column.data_type()) {
        (Some(ColumnKind::Number), t) if t.is_numeric() || t == &DataType::Null => Kind::Number,
        (Some(ColumnKind::Category), _) => Kind::Category,
        (Some(ColumnKind::Text), _) => Kind::Text,
        (Some(ColumnKind::Time), t) if t.is_temporal() => Kind::Time,
        (_, DataType::Null) => Kind::Number,
        (_, t) if t.is_numeric() => Kind::Number,
        (_, DataType::Date32 | DataType::Timestamp(..)) => Kind::Time,
        (_, DataType::Boolean) => Kind::Category,
        (_, DataType::FixedSizeList(item, width)) if item.data_type().is_floating() => {
            Kind::Vector { width: usize::try_from(*width).ok(), names: None }
        }
        (_, DataType::Utf8) if !is_free_text(look) => Kind::Category,
        _ => Kind::Text,
    }
}

/// Text of which most values differ, or whose values are long.
fn is_free_text(look: &Look) -> bool {
    let most_differ = look.distinct > 100 && 2 * look.distinct > look.count;
    let all_differ = look.distinct == look.count && look.count >= FEW;
    most_differ || all_differ || (look.mean_length > 64.0 && look.distinct > 20)
}

/// Below this many values, that all of them differ says nothing.
const FEW: usize = 20;

/// Why no model would learn from a column.
fn useless(name: &str, kind: &Kind, look: &Look) -> Option<String> {
    if look.count == 0 {
        return Some("every value is missing".into());
    }
    if look.distinct == 1 && look.missing == 0 {
        return Some("the same value in every row".into());
    }
    let all_differ = look.distinct == look.count && look.count >= FEW;
    match kind {
        Kind::Text if look.distinct == 0 => Some("values of a type that nothing here learns from".into()),
        Kind::Text if all_differ => Some("every value differs: an identifier or free text".into()),
        Kind::Text => Some(format!("free text: {} of {} values differ", look.distinct, look.count)),
        Kind::Number if all_differ && look.counts_rows => Some("it numbers the rows".into()),
        Kind::Number if all_differ && is_id(name) => Some("every value differs, and it is called an identifier".into()),
        _ => None,
    }
}

/// Whether a name calls its column an identifier.
pub(crate) fn is_id(name: &str) -> bool {
    let lower = name.to_lowercase();
    let ends = ["_id", " id", "-id", ".id", "_key", "_no", "_uuid", "_guid"].iter().any(|end| lower.ends_with(end));
    let camel = name.ends_with("Id") || (name.ends_with("ID") && name.len() > 2);
    ends || camel
        || ["id", "uuid", "guid", "key", "index", "rowid", "row_number", "rownum", "unnamed: 0", "column_1"]
            .contains(&lower.as_str())
}

/// A target as its task needs it.
fn target(name: &str, column: ArrayRef, task: Task) -> Result<(Kind, ArrayRef)> {
    let column = with_nulls(column)?;
    if column.logical_null_count() == column.len() && !column.is_empty() {
        return Err(Error::column(name, "the target is missing in every row"));
    }
    match task {
        Task::Classify => {
            match column.data_type() {
                DataType::Utf8 | DataType::Boolean => Ok((Kind::Category, column)),
                t if t.is_integer() => Ok((Kind::Category, column)),
                t if t.is_numeric() && whole(&column) => Ok((Kind::Category, cast(&column, &DataType::Int64)?)),
                t => Err(Error::column(name, format!("a target of type {t} holds no classes"))
                    .with_hint("task = \"regress\"?")),
            }
        }
        Task::Regress => {
            if !column.data_type().is_numeric() {
                return Err(Error::column(name, format!("a target of type {} is no number", column.data_type()))
                    .with_hint("task = \"classify\"?"));
            }
            finite(name, &column)?;
            Ok((Kind::Number, column))
        }
    }
}

fn finite(name: &str, column: &ArrayRef) -> Result<()> {
    if !column.data_type().is_floating() {
        return Ok(());
    }
    let wide = cast(column, &DataType::Float64)?;
    match wide.as_primitive::<Float64Type>().iter().position(|v| v.is_some_and(f64::is_infinite)) {
        Some(row) => Err(Error::cell(name, row as u64, "the value is infinite").with_hint(format!(
            "to set such rows aside, under [data]: checks.{} = {{ type = \"number\", on_fail = \"set_aside\" }}",
            key_text(name)
        ))),
        None => Ok(()),
    }
}

fn weight(name: &str, column: &ArrayRef) -> Result<()> {
    if !column.data_type().is_numeric() {
        return Err(Error::column(name, format!("a weight of type {} is no number", column.data_type())));
    }
    let wide = cast(column, &DataType::Float64)?;
    match wide.as_primitive::<Float64Type>().iter().position(|v| !v.is_some_and(|v| v.is_finite() && v >= 0.0)) {
        Some(row) => Err(Error::cell(name, row as u64, "a weight is missing, below 0 or infinite")),
        None => Ok(()),
    }
}

/// A word on whole numbers that are too large to differ by one: learners read numbers of 53 bits.
fn beyond_exact(look: &Look) -> Option<String> {
    const EXACT: f64 = (1u64 << 53) as f64;
    let numbers = look.numbers.as_ref()?;
    (numbers.max > EXACT || numbers.min < -EXACT).then(|| {
        "whole numbers beyond 2^53 lose their last digits, so that neighbours are taken for the same; if they name \
         things: kind = \"category\""
            .into()
    })
}

/// A word on text that almost was a column of numbers.
fn nearly_numbers(column: &ArrayRef, look: &Look) -> Option<String> {
    let texts = column.as_string::<i32>();
    let spelt = texts.iter().flatten().filter(|t| literal::float(t).is_some()).count();
    if look.count > 0 && spelt < look.count && 10 * spelt > 9 * look.count {
        let (row, text) = texts
            .iter()
            .enumerate()
            .find_map(|(row, t)| t.filter(|t| literal::float(t).is_none()).map(|t| (row, t)))?;
        let text: String = text.chars().take(40).collect();
        return Some(format!(
            "{spelt} of {} values are numbers; the first that is not is `{text}` in row {}",
            look.count,
            row + 1
        ));
    }
    let marked = [(',', '.'), ('.', ',')].map(|(decimal, thousands)| {
        let notation = Notation { decimal, thousands: Some(thousands), dates: None };
        texts.iter().flatten().filter(|t| notation.number(t).is_some_and(|t| literal::float(&t).is_some())).count()
    });
    (look.count > 0 && marked.iter().any(|spelt| 10 * spelt > 9 * look.count)).then(|| {
        "the values look like numbers with a decimal comma or marks of thousands: say which, [data] decimal = \",\" or \".\""
            .into()
    })
}
