//! From SQL text to something that evaluates rows.
//!
//! The text is parsed and planned by DataFusion against the columns' types, then changed so that no row can
//! stop the others, and so that a request of one row and a file of millions agree:
//!
//! - types meet as [`meet`](mod@crate::meet) says, so that `1 / 12` is not 0 and `x % 0` does not fail;
//! - a value that cannot be cast is missing, instead of an error;
//! - a number that is not finite (`1 / 0`) is missing, see [`finite`](mod@crate::finite);
//! - an expression that fails on a row (`sqrt(-1)`, the day after the last) is missing there alone.
//!
//! What depends on other rows, on the clock or on chance is refused, and so is what fails on missing values,
//! as a pattern does that is none.

use crate::boundless::{LONGEST, boundless};
use crate::finite::{checked, finite};
use crate::meet::{forgiving, meet};
use crate::stable::unstable;
use crate::syntax::{mentioned, parse, told, with_room};
use arkwright_core::{Error, Kind, Result};
use arrow::array::{Array, ArrayRef, AsArray, Float64Array, RecordBatch, RecordBatchOptions, new_null_array};
use arrow::compute::{cast, concat};
use arrow::datatypes::{DataType, Field, Int64Type, Schema, TimeUnit};
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::common::{Column, DFSchema, SchemaError};
use datafusion::error::DataFusionError;
use datafusion::execution::SessionState;
use datafusion::logical_expr::execution_props::ExecutionProps;
use datafusion::logical_expr::physical_planning_context::PhysicalPlanningContext;
use datafusion::logical_expr::simplify::SimplifyContext;
use datafusion::logical_expr::{Expr, Volatility};
use datafusion::optimizer::simplify_expressions::ExprSimplifier;
use datafusion::physical_expr::{PhysicalExpr, create_physical_expr};
use datafusion::sql::sqlparser::ast::{self, ExprWithAlias};
use std::sync::Arc;

/// An expression that is ready to evaluate.
#[derive(Clone, Debug)]
pub(crate) struct Compiled {
    /// The columns that it reads.
    pub(crate) reads: Vec<String>,
    /// What its values are.
    pub(crate) kind: Kind,
    /// The type of its values.
    pub(crate) data_type: DataType,
    expr: Arc<dyn PhysicalExpr>,
}

/// Compiles an expression over columns of these types.
pub(crate) fn compile(text: &str, columns: &Schema, planner: &SessionState) -> Result<Compiled> {
    with_room(|| plan(text, columns, planner))
}

fn plan(text: &str, columns: &Schema, planner: &SessionState) -> Result<Compiled> {
    let wrong = |e: DataFusionError| Error::setting(told(&e));
    let schema = DFSchema::try_from(columns.clone()).map_err(wrong)?;
    let parsed = parse(text)?;
    mentioned(&parsed, &mut |expr| match expr {
        ast::Expr::Subquery(_) | ast::Expr::InSubquery { .. } | ast::Expr::Exists { .. } => Err(alone("a subquery")),
        _ => Ok(()),
    })?;
    let parsed = ExprWithAlias { expr: parsed, alias: None };
    let expr = planner.create_logical_expr_from_sql_expr(parsed, &schema).map_err(|e| unknown(e, columns, planner))?;
    refuse(&expr)?;
    let mut reads: Vec<String> = Vec::new();
    expr.apply(|e| {
        if let Expr::Column(column) = e
            && !reads.contains(&column.name)
        {
            reads.push(column.name.clone());
        }
        Ok(TreeNodeRecursion::Continue)
    })
    .map_err(wrong)?;

    let expr = expr.transform_up(|e| meet(e, &schema)).map_err(wrong)?.data;
    let context = SimplifyContext::builder()
        .with_schema(Arc::new(schema.clone()))
        .with_config_options(planner.config_options().clone())
        .build();
    let simplifier = ExprSimplifier::new(context);
    let expr = simplifier.coerce(expr, &schema).map_err(wrong)?;
    let expr = expr.transform_up(forgiving).map_err(wrong)?.data;
    let expr = expr.transform_up(|e| checked(e, &schema)).map_err(wrong)?.data;
    let expr = simplifier.simplify(expr).map_err(wrong)?;
    // Once more, for the casts that functions become when they are simplified.
    let expr = expr.transform_up(forgiving).map_err(wrong)?.data;
    let physical = create_physical_expr(&expr, &schema, &ExecutionProps::new(), &PhysicalPlanningContext::default())
        .map_err(wrong)?;
    let (kind, data_type) = meaning(&physical.data_type(columns).map_err(wrong)?)?;
    // What fails where everything is missing fails for its constants, and would be missing in every row.
    let nothing = columns.fields().iter().map(|f| new_null_array(f.data_type(), 1)).collect();
    let options = RecordBatchOptions::new().with_row_count(Some(1));
    let nothing = RecordBatch::try_new_with_options(Arc::new(columns.clone()), nothing, &options)?;
    physical.evaluate(&nothing).map_err(wrong)?;
    Ok(Compiled { reads, kind, data_type, expr: physical })
}

/// Refuses whatever a single row cannot answer.
fn refuse(expr: &Expr) -> Result<()> {
    if let Some(name) = unstable(expr) {
        return Err(Error::setting(format!("`{name}` answers otherwise each time it is asked"))
            .with_hint("training and a request must agree: write the value itself, or bring it as a column"));
    }
    if let Some(name) = boundless(expr) {
        return Err(alone(&format!("`{name}` of no fixed length up to {LONGEST}")));
    }
    let mut found = None;
    let walked = expr.apply(|e| {
        let what = match e {
            Expr::AggregateFunction(call) => format!("the aggregate `{}`", call.func.name()),
            Expr::WindowFunction(call) => format!("the window function `{}`", call.fun.name()),
            Expr::ScalarSubquery(_) | Expr::InSubquery(_) | Expr::Exists(_) | Expr::SetComparison(_) => {
                "a subquery".into()
            }
            Expr::Placeholder(_) => "a placeholder".into(),
            Expr::Unnest(_) => "unnest, which gives many rows".into(),
            Expr::HigherOrderFunction(_) | Expr::Lambda(_) => "a lambda".into(),
            _ => return Ok(TreeNodeRecursion::Continue),
        };
        found = Some(what);
        Ok(TreeNodeRecursion::Stop)
    });
    walked.map_err(|e| Error::setting(told(&e)))?;
    match found {
        Some(what) => Err(alone(&what)),
        None => Ok(()),
    }
}

fn alone(what: &str) -> Error {
    Error::setting(format!("{what} in a row expression"))
        .with_hint("an expression sees its own row alone; build the table by `[data] query` instead")
}

/// What values of a type are, and the type that they are given in.
fn meaning(data_type: &DataType) -> Result<(Kind, DataType)> {
    Ok(match data_type {
        t if t.is_numeric() => (Kind::Number, DataType::Float64),
        DataType::Null | DataType::Duration(_) => (Kind::Number, DataType::Float64),
        DataType::Boolean => (Kind::Category, DataType::Boolean),
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => (Kind::Category, DataType::Utf8),
        DataType::Date32 | DataType::Date64 => (Kind::Time, DataType::Date32),
        DataType::Timestamp(..) => (Kind::Time, STAMP),
        other => {
            return Err(Error::setting(format!("the expression gives {other}"))
                .with_hint("a column is a number, true or false, text, or a date"));
        }
    })
}

/// The type that points in time are held in.
pub(crate) const STAMP: DataType = DataType::Timestamp(TimeUnit::Microsecond, None);

impl Compiled {
    /// The values for some rows.
    pub(crate) fn evaluate(&self, rows: &RecordBatch) -> Result<ArrayRef> {
        let n = rows.num_rows();
        let array = match self.expr.evaluate(rows).and_then(|value| value.into_array(n)) {
            Ok(array) => array,
            // A row fails: those beside it are computed without it.
            Err(_) if n > 1 => {
                let (first, second) = (rows.slice(0, n / 2), rows.slice(n / 2, n - n / 2));
                return Ok(concat(&[&self.evaluate(&first)?, &self.evaluate(&second)?])?);
            }
            Err(_) => new_null_array(&self.data_type, n),
        };
        Ok(match array.data_type() {
            t if t == &self.data_type => finite(array),
            DataType::Duration(unit) => seconds(&array, *unit)?,
            _ => finite(cast(&array, &self.data_type)?),
        })
    }

    /// The column as the planner of a later expression knows it.
    pub(crate) fn field(&self, name: &str) -> Field {
        Field::new(name, self.data_type.clone(), true)
    }
}

/// A span of time as seconds.
fn seconds(array: &ArrayRef, unit: TimeUnit) -> Result<ArrayRef> {
    let per_second = match unit {
        TimeUnit::Second => 1.0,
        TimeUnit::Millisecond => 1e3,
        TimeUnit::Microsecond => 1e6,
        TimeUnit::Nanosecond => 1e9,
    };
    let whole = cast(array, &DataType::Int64)?;
    let spans: Float64Array = whole.as_primitive::<Int64Type>().unary(|v| v as f64 / per_second);
    Ok(Arc::new(spans))
}

/// An error of the planner's, where it is about a name that means nothing.
fn unknown(error: DataFusionError, columns: &Schema, planner: &SessionState) -> Error {
    if let DataFusionError::SchemaError(problem, _) = error.find_root()
        && let SchemaError::FieldNotFound { field, .. } = problem.as_ref()
    {
        return no_column(field, columns);
    }
    let text = told(&error);
    match text.strip_prefix("Invalid function '").and_then(|t| t.strip_suffix("'.")) {
        Some(name) => no_function(name, planner),
        None => Error::setting(text),
    }
}

fn no_column(field: &Column, columns: &Schema) -> Error {
    let names = || columns.fields().iter().map(|f| f.name().as_str());
    let name = field.name();
    if let Some(table) = &field.relation {
        let error = Error::setting(format!("there is no column `{name}` of `{table}`"));
        let whole = format!("{table}.{name}");
        return match names().any(|n| n == whole) {
            true => error.with_hint(format!("in double quotes it is one name: \"{whole}\"")),
            false => error.with_hint(format!("an expression sees its own row alone, and no tables: `{name}`")),
        };
    }
    Error::setting(format!("there is no column `{name}`"))
        .with_hint("text stands in single quotes: 'text'; names as they are spelt in the table")
        .nearest(name, names())
}

fn no_function(name: &str, planner: &SessionState) -> Error {
    let error = Error::setting(format!("there is no function `{name}`"));
    let functions = planner.scalar_functions().iter();
    let steady = functions.filter(|(_, f)| f.signature().volatility == Volatility::Immutable);
    let mut names: Vec<&str> = steady.map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    error.with_hint("the functions are those of DataFusion's SQL that give one value a row").nearest(name, names)
}
