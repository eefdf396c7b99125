//! From SQL text to something that evaluates rows.
//!
//! The text is parsed and planned by DataFusion against the columns' types, then changed so that no row can
//! stop the others, and so that a request of one row and a file of millions agree:
//!
//! - `/` and `%` always work on `Float64`, so that `1 / 12` is not 0 and `x % 0` does not fail;
//! - a value that cannot be cast is missing, instead of an error;
//! - a number that is not finite (`1 / 0`) is missing.
//!
//! What depends on other rows, on the clock or on chance is refused.

use crate::stable::unstable;
use arkwright_core::{Error, Kind, Result, nearest};
use arrow::array::{Array, ArrayRef, AsArray, Float64Array, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Float64Type, Int64Type, Schema, TimeUnit};
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{DFSchema, SchemaError};
use datafusion::error::DataFusionError;
use datafusion::execution::SessionState;
use datafusion::logical_expr::execution_props::ExecutionProps;
use datafusion::logical_expr::physical_planning_context::PhysicalPlanningContext;
use datafusion::logical_expr::simplify::SimplifyContext;
use datafusion::logical_expr::{BinaryExpr, Cast, Expr, ExprSchemable, Operator, TryCast};
use datafusion::optimizer::simplify_expressions::ExprSimplifier;
use datafusion::physical_expr::{PhysicalExpr, create_physical_expr};
use datafusion::sql::parser::DFParserBuilder;
use datafusion::sql::sqlparser::ast::{self, ExprWithAlias};
use datafusion::sql::sqlparser::dialect::GenericDialect;
use std::ops::ControlFlow;
use std::sync::Arc;

/// Characters of an expression, at most.
const LONGEST: usize = 10_000;

/// How deep an expression may nest; `a + b + c` is two deep.
const DEEPEST: usize = 250;

/// Planning recurses over the expression; deep ones get room for it.
const STACK: usize = 64 << 20;

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

/// Refuses text that is no SQL expression.
pub(crate) fn check_syntax(text: &str) -> Result<()> {
    parse(text).map(drop)
}

/// The names of the columns that an expression mentions, each once, in the order of first mention.
///
/// # Errors
/// When the text is no SQL expression.
pub fn columns_in(text: &str) -> Result<Vec<String>> {
    let parsed = parse(text)?;
    let mut names: Vec<String> = Vec::new();
    mentioned(&parsed, &mut |expr| {
        if let ast::Expr::Identifier(ident) = expr
            && !names.contains(&ident.value)
        {
            names.push(ident.value.clone());
        }
        Ok(())
    })?;
    Ok(names)
}

/// Shows all expressions in one, itself first, until the first that is refused.
fn mentioned(parsed: &ast::Expr, see: &mut dyn FnMut(&ast::Expr) -> Result<()>) -> Result<()> {
    let walked = ast::visit_expressions(parsed, |expr| match see(expr) {
        Ok(()) => ControlFlow::Continue(()),
        Err(error) => ControlFlow::Break(error),
    });
    walked.break_value().map_or(Ok(()), Err)
}

fn parse(text: &str) -> Result<ast::Expr> {
    if text.len() > LONGEST {
        return Err(Error::setting(format!("an expression of more than {LONGEST} characters")));
    }
    let parsed = DFParserBuilder::new(text)
        .with_dialect(&GenericDialect {})
        .build()
        .and_then(|mut parser| parser.parse_into_expr())
        .map_err(|e| Error::setting(told(&e)).with_hint("an expression is SQL: total / nullif(tenure, 0)"))?;
    match parsed.alias {
        Some(alias) => Err(Error::setting(format!("`as {alias}` says the name twice"))
            .with_hint("the key is the name: derive = { name = \"expression\" }")),
        None => Ok(parsed.expr),
    }
}

/// Compiles an expression over columns of these types.
pub(crate) fn compile(text: &str, columns: &Schema, planner: &SessionState) -> Result<Compiled> {
    // A thread of its own, with room for the recursion of parser and planner.
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new()
            .stack_size(STACK)
            .spawn_scoped(scope, || plan(text, columns, planner))
            .map_err(|source| Error::Io { doing: "compiling an expression".into(), source })?;
        thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
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
    let expr =
        planner.create_logical_expr_from_sql_expr(parsed, &schema).map_err(|e| unknown(e, columns))?;
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

    let expr = expr.transform_up(|e| fractional(e, &schema)).map_err(wrong)?.data;
    let context = SimplifyContext::builder()
        .with_schema(Arc::new(schema.clone()))
        .with_config_options(planner.config_options().clone())
        .build();
    let simplifier = ExprSimplifier::new(context);
    let expr = simplifier.coerce(expr, &schema).map_err(wrong)?;
    let expr = expr.transform_up(forgiving).map_err(wrong)?.data;
    let expr = simplifier.simplify(expr).map_err(wrong)?;
    let physical = create_physical_expr(&expr, &schema, &ExecutionProps::new(), &PhysicalPlanningContext::default())
        .map_err(wrong)?;
    let (kind, data_type) = meaning(&physical.data_type(columns).map_err(wrong)?)?;
    Ok(Compiled { reads, kind, data_type, expr: physical })
}

/// Refuses whatever a single row cannot answer.
fn refuse(expr: &Expr) -> Result<()> {
    if let Some(name) = unstable(expr) {
        return Err(Error::setting(format!("`{name}` answers otherwise each time it is asked"))
            .with_hint("training and a request must agree: write the value itself, or bring it as a column"));
    }
    let mut found = None;
    let (mut depth, mut deepest) = (0usize, 0);
    let walked = walk(expr, &mut depth, &mut deepest, &mut |e| {
        let what = match e {
            Expr::AggregateFunction(call) => format!("the aggregate `{}`", call.func.name()),
            Expr::WindowFunction(call) => format!("the window function `{}`", call.fun.name()),
            Expr::ScalarSubquery(_) | Expr::InSubquery(_) | Expr::Exists(_) | Expr::SetComparison(_) => {
                "a subquery".into()
            }
            Expr::Placeholder(_) => "a placeholder".into(),
            Expr::Unnest(_) => "unnest, which gives many rows".into(),
            Expr::HigherOrderFunction(_) | Expr::Lambda(_) => "a lambda".into(),
            _ => return,
        };
        found.get_or_insert(what);
    });
    walked.map_err(|e| Error::setting(told(&e)))?;
    if deepest > DEEPEST {
        return Err(Error::setting(format!("the expression is nested more than {DEEPEST} deep"))
            .with_hint("split it: a later expression may use an earlier one by name"));
    }
    match found {
        Some(what) => Err(alone(&what)),
        None => Ok(()),
    }
}

fn alone(what: &str) -> Error {
    Error::setting(format!("{what} in a row expression"))
        .with_hint("an expression sees its own row alone; build the table by `[data] query` instead")
}

fn walk(
    expr: &Expr,
    depth: &mut usize,
    deepest: &mut usize,
    see: &mut impl FnMut(&Expr),
) -> Result<(), DataFusionError> {
    see(expr);
    *depth += 1;
    *deepest = (*deepest).max(*depth);
    expr.apply_children(|child| {
        walk(child, depth, deepest, see)?;
        Ok(TreeNodeRecursion::Continue)
    })?;
    *depth -= 1;
    Ok(())
}

/// `/` and `%` of whole numbers become those of numbers.
fn fractional(expr: Expr, schema: &DFSchema) -> Result<Transformed<Expr>, DataFusionError> {
    let Expr::BinaryExpr(BinaryExpr { left, op: op @ (Operator::Divide | Operator::Modulo), right }) = expr else {
        return Ok(Transformed::no(expr));
    };
    let whole = |e: &Expr| Ok::<_, DataFusionError>(matches!(e.get_type(schema)?, t if t.is_integer()));
    let widen = |e: Box<Expr>| Box::new(Expr::TryCast(TryCast::new(e, DataType::Float64)));
    match whole(&left)? && whole(&right)? {
        true => Ok(Transformed::yes(Expr::BinaryExpr(BinaryExpr::new(widen(left), op, widen(right))))),
        false => Ok(Transformed::no(Expr::BinaryExpr(BinaryExpr::new(left, op, right)))),
    }
}

/// A value that cannot be cast is missing.
fn forgiving(expr: Expr) -> Result<Transformed<Expr>, DataFusionError> {
    match expr {
        Expr::Cast(Cast { expr, field }) => Ok(Transformed::yes(Expr::TryCast(TryCast::new_from_field(expr, field)))),
        other => Ok(Transformed::no(other)),
    }
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
        let failed = |e: DataFusionError| Error::data(told(&e));
        let array = self.expr.evaluate(rows).and_then(|value| value.into_array(rows.num_rows())).map_err(failed)?;
        let array = match array.data_type() {
            t if t == &self.data_type => array,
            DataType::Duration(unit) => seconds(&array, *unit)?,
            _ => cast(&array, &self.data_type)?,
        };
        Ok(match array.as_primitive_opt::<Float64Type>() {
            Some(numbers) if numbers.values().iter().any(|v| !v.is_finite()) => {
                let finite: Float64Array = numbers.iter().map(|v| v.filter(|v| v.is_finite())).collect();
                Arc::new(finite)
            }
            _ => array,
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

fn unknown(error: DataFusionError, columns: &Schema) -> Error {
    let DataFusionError::SchemaError(problem, _) = error.find_root() else { return Error::setting(told(&error)) };
    let SchemaError::FieldNotFound { field, .. } = problem.as_ref() else { return Error::setting(told(&error)) };
    let error = Error::setting(format!("there is no column `{}`", field.name));
    match nearest(&field.name, columns.fields().iter().map(|f| f.name().as_str())) {
        Some(near) => error.with_hint(format!("did you mean `{near}`?")),
        None => error.with_hint("text stands in single quotes: 'text'; names as they are spelt in the table"),
    }
}

/// DataFusion's word, without its prefixes and traces.
fn told(error: &DataFusionError) -> String {
    let text = error.find_root().strip_backtrace();
    let text = text.lines().next().unwrap_or_default();
    [
        "Error during planning: ",
        "SQL error: ",
        "Arrow error: ",
        "Execution error: ",
        "This feature is not implemented: ",
    ]
    .iter()
    .fold(text, |text, prefix| text.strip_prefix(prefix).unwrap_or(text))
    .to_string()
}
