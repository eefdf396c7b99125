//! Which functions make text or lists of a length that a row can choose, or that no memory holds: one request, or
//! one line of a query, could ask for all of it.

use arrow::datatypes::DataType;
use datafusion::common::ScalarValue;
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::logical_expr::Expr;
use datafusion::logical_expr::expr::ScalarFunction;

/// The length up to which a function may make text or a list, at most.
pub const LONGEST: i64 = 10_000;

/// The first function in an expression that makes text or a list of no fixed length up to [`LONGEST`]: the length
/// is no number in the query, or too large a one, or what is repeated was itself repeated.
pub fn boundless(expr: &Expr) -> Option<String> {
    let mut found = None;
    let walked = expr.apply(|e| match e {
        Expr::ScalarFunction(call) if is_boundless(call) => {
            found = Some(call.func.name().to_string());
            Ok(TreeNodeRecursion::Stop)
        }
        _ => Ok(TreeNodeRecursion::Continue),
    });
    walked.ok()?;
    found
}

fn is_boundless(call: &ScalarFunction) -> bool {
    let within = |expr: &Expr| literal(expr).is_some_and(|length| (0..=LONGEST).contains(&length));
    match call.func.name() {
        "lpad" | "rpad" | "array_resize" => call.args.get(1).is_some_and(|length| !within(length)),
        "repeat" | "array_repeat" => {
            call.args.get(1).is_some_and(|times| !within(times)) || call.args.iter().any(lengthens)
        }
        // From, to, and by how much.
        "range" | "generate_series" => !call.args.iter().all(within),
        _ => false,
    }
}

/// Whether an expression makes something longer.
fn lengthens(expr: &Expr) -> bool {
    const LONGER: [&str; 7] = ["lpad", "rpad", "array_resize", "repeat", "array_repeat", "range", "generate_series"];
    expr.exists(|e| Ok(matches!(e, Expr::ScalarFunction(call) if LONGER.contains(&call.func.name())))).unwrap_or(true)
}

fn literal(expr: &Expr) -> Option<i64> {
    match expr {
        Expr::Literal(value, _) => match value.cast_to(&DataType::Int64).ok()? {
            ScalarValue::Int64(length) => length,
            _ => None,
        },
        _ => None,
    }
}
