//! Which expressions answer otherwise each time they are asked.

use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::logical_expr::{Expr, Volatility};

/// The first function in an expression that is not a function of its arguments alone: `now()`, `random()`,
/// `uuid()`, `current_date`.
pub fn unstable(expr: &Expr) -> Option<String> {
    let mut found = None;
    let walked = expr.apply(|e| match e {
        Expr::ScalarFunction(call) if call.func.signature().volatility != Volatility::Immutable => {
            found = Some(format!("{}()", call.func.name()));
            Ok(TreeNodeRecursion::Stop)
        }
        Expr::ScalarVariable(..) => {
            found = Some(e.to_string());
            Ok(TreeNodeRecursion::Stop)
        }
        _ => Ok(TreeNodeRecursion::Continue),
    });
    walked.ok()?;
    found
}
