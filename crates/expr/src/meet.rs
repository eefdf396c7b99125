//! Which types meet where DataFusion's own rules would surprise: decided before they are asked.
//!
//! | written | DataFusion | here |
//! |---|---|---|
//! | `1 / 12`, `x % 0` of whole numbers or decimals | 0, an error | `Float64` |
//! | `'7.5' > 5` | the text is no whole number: missing | both are numbers |
//! | a day beside a point in time | nanoseconds, which end in the year 2262 | midnight, in microseconds |
//! | a day less a day | a number of days | of seconds, as between points in time |
//! | `cast(t as timestamp)` | nanoseconds | microseconds |

use crate::compile::STAMP;
use arrow::datatypes::{DataType, TimeUnit};
use datafusion::common::tree_node::Transformed;
use datafusion::common::{DFSchema, DataFusionError, Result};
use datafusion::logical_expr::expr::{Between, InList};
use datafusion::logical_expr::{BinaryExpr, Cast, Expr, ExprSchemable, Operator, TryCast};

/// Brings what an operation works on to one type, where this room has a word in it.
pub(crate) fn meet(expr: Expr, schema: &DFSchema) -> Result<Transformed<Expr>> {
    let to = match &expr {
        Expr::BinaryExpr(BinaryExpr { left, op, right }) => operands(left, *op, right, schema)?,
        Expr::Between(Between { expr, low, high, .. }) => first_met(expr, [low.as_ref(), high.as_ref()], schema)?,
        Expr::InList(InList { expr, list, .. }) => first_met(expr, list, schema)?,
        Expr::Cast(Cast { field, .. }) | Expr::TryCast(TryCast { field, .. }) => match field.data_type() {
            DataType::Timestamp(TimeUnit::Nanosecond, zone) => {
                Some(DataType::Timestamp(TimeUnit::Microsecond, zone.clone()))
            }
            _ => None,
        },
        _ => None,
    };
    let Some(to) = to else { return Ok(Transformed::no(expr)) };
    let as_one = |e: Expr| Expr::TryCast(TryCast::new(Box::new(e), to.clone()));
    let boxed = |e: Box<Expr>| Box::new(as_one(*e));
    Ok(Transformed::yes(match expr {
        Expr::BinaryExpr(BinaryExpr { left, op, right }) => {
            Expr::BinaryExpr(BinaryExpr::new(boxed(left), op, boxed(right)))
        }
        Expr::Between(Between { expr, negated, low, high }) => {
            Expr::Between(Between::new(boxed(expr), negated, boxed(low), boxed(high)))
        }
        Expr::InList(InList { expr, list, negated }) => {
            Expr::InList(InList::new(boxed(expr), list.into_iter().map(as_one).collect(), negated))
        }
        Expr::Cast(Cast { expr, .. }) | Expr::TryCast(TryCast { expr, .. }) => as_one(*expr),
        other => other,
    }))
}

/// The type in which an operator's two sides meet.
fn operands(left: &Expr, op: Operator, right: &Expr, schema: &DFSchema) -> Result<Option<DataType>> {
    use Operator::{Divide, Eq, Gt, GtEq, IsDistinctFrom, IsNotDistinctFrom, Lt, LtEq, Minus, Modulo, NotEq};
    let types = || Ok::<_, DataFusionError>((left.get_type(schema)?, right.get_type(schema)?));
    let number = |t: &DataType| t.is_numeric() || t == &DataType::Null;
    Ok(match op {
        Divide | Modulo => match types()? {
            (left, right) if number(&left) && number(&right) => Some(DataType::Float64),
            _ => None,
        },
        Minus => match types()? {
            (DataType::Date32, DataType::Date32) => Some(STAMP),
            (left, right) => beside(&left, &right).filter(DataType::is_temporal),
        },
        Eq | NotEq | Lt | LtEq | Gt | GtEq | IsDistinctFrom | IsNotDistinctFrom => {
            let (left, right) = types()?;
            beside(&left, &right)
        }
        _ => None,
    })
}

/// The type in which a value meets what it is compared with.
fn first_met<'a>(
    expr: &Expr,
    others: impl IntoIterator<Item = &'a Expr>,
    schema: &DFSchema,
) -> Result<Option<DataType>> {
    let own = expr.get_type(schema)?;
    for other in others {
        if let Some(met) = beside(&own, &other.get_type(schema)?) {
            return Ok(Some(met));
        }
    }
    Ok(None)
}

/// The type in which values of two types are compared, where that is not left to DataFusion.
fn beside(a: &DataType, b: &DataType) -> Option<DataType> {
    match (a, b) {
        (text, whole) | (whole, text) if text.is_string() && whole.is_integer() => Some(DataType::Float64),
        (DataType::Date32, moment @ DataType::Timestamp(..)) | (moment @ DataType::Timestamp(..), DataType::Date32) => {
            Some(moment.clone())
        }
        _ => None,
    }
}

/// A value that cannot be cast is missing.
pub(crate) fn forgiving(expr: Expr) -> Result<Transformed<Expr>> {
    match expr {
        Expr::Cast(Cast { expr, field }) => Ok(Transformed::yes(Expr::TryCast(TryCast::new_from_field(expr, field)))),
        other => Ok(Transformed::no(other)),
    }
}
