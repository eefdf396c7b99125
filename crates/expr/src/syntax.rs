//! The text of an expression: what may be read at all, and which columns it mentions.
//!
//! Whoever walks through a tree of expressions recurses, down to the deepest. So a tree is looked at once, on
//! a thread with room for it, and refused where it is deep.

use arkwright_core::{Error, Result};
use datafusion::error::DataFusionError;
use datafusion::sql::parser::DFParserBuilder;
use datafusion::sql::sqlparser::ast::{self, Visit, Visitor};
use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::parser::ParserError;
use std::ops::ControlFlow;

/// Characters of an expression, at most.
const LONGEST: usize = 10_000;

/// How deep an expression may nest; `a + b + c` is three deep.
const DEEPEST: usize = 250;

/// Parser and planner recurse over the expression; deep ones get room for it.
const STACK: usize = 64 << 20;

/// Refuses text that is no SQL expression.
pub(crate) fn check_syntax(text: &str) -> Result<()> {
    with_room(|| parse(text).map(drop))
}

/// The names of the columns that an expression mentions, each once, in the order of first mention.
///
/// # Errors
/// When the text is no SQL expression.
pub fn columns_in(text: &str) -> Result<Vec<String>> {
    with_room(|| {
        let parsed = parse(text)?;
        let mut names: Vec<String> = Vec::new();
        mentioned(&parsed, &mut |expr| {
            let ident = match expr {
                ast::Expr::Identifier(ident) => ident,
                // A word that SQL knows and that may be a column: `user`.
                ast::Expr::Function(call) if call.args == ast::FunctionArguments::None => match &call.name.0[..] {
                    [ast::ObjectNamePart::Identifier(ident)] => ident,
                    _ => return Ok(()),
                },
                _ => return Ok(()),
            };
            if !names.contains(&ident.value) {
                names.push(ident.value.clone());
            }
            Ok(())
        })?;
        Ok(names)
    })
}

/// Text as a tree, which is not too deep to be walked through.
pub(crate) fn parse(text: &str) -> Result<ast::Expr> {
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
        None => {
            mentioned(&parsed.expr, &mut |_| Ok(()))?;
            Ok(parsed.expr)
        }
    }
}

/// Shows all expressions in one, itself first, until the first that is refused.
pub(crate) fn mentioned(parsed: &ast::Expr, see: &mut dyn FnMut(&ast::Expr) -> Result<()>) -> Result<()> {
    parsed.visit(&mut Walk { see, depth: 0 }).break_value().map_or(Ok(()), Err)
}

/// A walk through an expression that turns back where it is too deep: the stack would not hold it.
struct Walk<'s> {
    see: &'s mut dyn FnMut(&ast::Expr) -> Result<()>,
    depth: usize,
}

impl Visitor for Walk<'_> {
    type Break = Error;

    fn pre_visit_expr(&mut self, expr: &ast::Expr) -> ControlFlow<Error> {
        self.depth += 1;
        if self.depth > DEEPEST {
            let error = Error::setting(format!("the expression is nested more than {DEEPEST} deep"));
            return ControlFlow::Break(error.with_hint("split it: a later expression may use an earlier one by name"));
        }
        match (self.see)(expr) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => ControlFlow::Break(error),
        }
    }

    fn post_visit_expr(&mut self, _expr: &ast::Expr) -> ControlFlow<Error> {
        self.depth -= 1;
        ControlFlow::Continue(())
    }
}

/// Works on a thread of its own, with room for the recursion of parser and planner.
pub(crate) fn with_room<T: Send>(work: impl FnOnce() -> Result<T> + Send) -> Result<T> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new()
            .stack_size(STACK)
            .spawn_scoped(scope, work)
            .map_err(|source| Error::Io { doing: "reading an expression".into(), source })?;
        thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

/// DataFusion's word, without its prefixes and traces.
pub(crate) fn told(error: &DataFusionError) -> String {
    let root = error.find_root();
    if let DataFusionError::SQL(problem, _) = root {
        return match problem.as_ref() {
            ParserError::TokenizerError(text) | ParserError::ParserError(text) => text.clone(),
            ParserError::RecursionLimitExceeded => "the expression is nested too deep".into(),
        };
    }
    let text = root.strip_backtrace();
    let text = text.lines().next().unwrap_or_default();
    // Of all the signatures that do not fit, the first says what is missing.
    let text = text.split_once("failed to match any signature, errors: ").map_or(text, |(_, errors)| errors);
    let text = text.split(",Error during planning: ").next().unwrap_or_default();
    PREFIXES.iter().fold(text, |text, prefix| text.strip_prefix(prefix).unwrap_or(text)).to_string()
}

/// What DataFusion says of errors before it says what they are.
const PREFIXES: [&str; 7] = [
    "Internal error: ",
    "Error during planning: ",
    "Arrow error: ",
    "Compute error: ",
    "Execution error: ",
    "Invalid argument error: ",
    "This feature is not implemented: ",
];
