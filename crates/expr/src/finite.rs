//! Numbers as expressions know them: finite, and with one zero.
//!
//! Floats hold what no row should: `1 / 0` is infinite, and `0 / 0 > 5` holds, since what is not a number sorts
//! after every number. Here both are missing, within an expression as at its end, so that one expression says
//! what two say of which one uses the other. `-0.0` is 0, which a list and a CASE would tell apart.

use arrow::array::{Array, ArrayRef, ArrowNativeTypeOp, AsArray, PrimitiveArray};
use arrow::datatypes::{ArrowPrimitiveType, DataType, Float32Type, Float64Type};
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::utils::take_function_args;
use datafusion::common::{DFSchema, Result, ScalarValue};
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::{
    BinaryExpr, ColumnarValue, Expr, ExprSchemable, Operator, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature,
    Volatility,
};
use std::sync::{Arc, LazyLock};

/// The finite numbers of an array, the others missing; what holds no floats is as it was.
pub(crate) fn finite(array: ArrayRef) -> ArrayRef {
    match array.data_type() {
        DataType::Float64 => plain::<Float64Type>(&array).map_or(array, |plain| Arc::new(plain)),
        DataType::Float32 => plain::<Float32Type>(&array).map_or(array, |plain| Arc::new(plain)),
        _ => array,
    }
}

/// The numbers made plain, if they are not.
fn plain<T: ArrowPrimitiveType>(array: &ArrayRef) -> Option<PrimitiveArray<T>>
where
    T::Native: Into<f64>,
{
    let numbers = array.as_primitive::<T>();
    if !numbers.values().iter().any(|v| odd((*v).into())) {
        return None;
    }
    Some(numbers.unary_opt(|v| match v.into() {
        0.0 => Some(T::Native::ZERO),
        wide => wide.is_finite().then_some(v),
    }))
}

fn odd(number: f64) -> bool {
    !number.is_finite() || (number == 0.0 && number.is_sign_negative())
}

/// Puts [`finite`] around the odd where it could be told: not in a sum or a product, which an odd number makes
/// odd, nor at the end, where [`finite`] comes anyway.
pub(crate) fn checked(expr: Expr, schema: &DFSchema) -> Result<Transformed<Expr>> {
    match expr {
        Expr::BinaryExpr(BinaryExpr { op: Operator::Plus | Operator::Minus | Operator::Multiply, .. })
        | Expr::Negative(_)
        | Expr::Alias(_) => Ok(Transformed::no(expr)),
        Expr::BinaryExpr(BinaryExpr { left, op: op @ (Operator::Divide | Operator::Modulo), right }) => {
            let right = wrapped(*right, schema)?;
            Ok(right.update_data(|right| Expr::BinaryExpr(BinaryExpr::new(left, op, Box::new(right)))))
        }
        other => other.map_children(|part| wrapped(part, schema)),
    }
}

fn wrapped(expr: Expr, schema: &DFSchema) -> Result<Transformed<Expr>> {
    if !may_be_odd(&expr) || !matches!(expr.get_type(schema)?, DataType::Float64 | DataType::Float32) {
        return Ok(Transformed::no(expr));
    }
    Ok(Transformed::yes(Expr::ScalarFunction(ScalarFunction::new_udf(FINITE.clone(), vec![expr]))))
}

/// Whether an expression may give an odd number, its parts being checked.
fn may_be_odd(expr: &Expr) -> bool {
    match expr {
        Expr::BinaryExpr(_) | Expr::Negative(_) | Expr::TryCast(_) => true,
        Expr::ScalarFunction(call) => !CHOOSE.contains(&call.func.name()),
        Expr::Literal(ScalarValue::Float64(Some(number)), _) => odd(*number),
        Expr::Alias(alias) => may_be_odd(&alias.expr),
        _ => false,
    }
}

/// Functions that give one of their arguments.
const CHOOSE: [&str; 6] = ["coalesce", "greatest", "least", "nullif", "nvl", "nvl2"];

static FINITE: LazyLock<Arc<ScalarUDF>> =
    LazyLock::new(|| Arc::new(ScalarUDF::from(Finite { signature: Signature::any(1, Volatility::Immutable) })));

/// [`finite`] as a function of DataFusion's. No text can name it.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Finite {
    signature: Signature,
}

impl ScalarUDFImpl for Finite {
    fn name(&self) -> &str {
        "finite"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        let [number] = take_function_args(self.name(), types)?;
        Ok(number.clone())
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [number] = take_function_args(self.name(), args.args)?;
        Ok(match number {
            ColumnarValue::Array(array) => ColumnarValue::Array(finite(array)),
            ColumnarValue::Scalar(scalar) => {
                ColumnarValue::Scalar(ScalarValue::try_from_array(&finite(scalar.to_array()?), 0)?)
            }
        })
    }
}
