//! SQL that builds the table to use: one `select` over the table `source`, on DataFusion.
//!
//! The query sees nothing but the rows that were read: no other table, no file, no setting, no clock and no
//! random number, so that the same bytes give the same rows. It runs in one partition: rows keep the order
//! that the query leaves them in. Names are taken as they are spelt, without folding their case.
//!
//! DataFusion is asynchronous and starts tasks of its own; [`run`] is where this room waits for it, and the only
//! place.

use crate::Raw;
use crate::raw::{plain_batch, plain_schema};
use arkwright_core::{Error, Result};
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::datasource::MemTable;
use datafusion::error::DataFusionError;
use datafusion::execution::context::SQLOptions;
use datafusion::execution::memory_pool::FairSpillPool;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::logical_expr::LogicalPlan;
use datafusion::prelude::{SessionConfig, SessionContext};
use datafusion::sql::parser::{DFParserBuilder, Statement};
use datafusion::sql::sqlparser::ast;
use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::tokenizer::{Token, Tokenizer};
use futures::StreamExt;
use std::sync::Arc;
use tokio::runtime::Runtime;

/// The table that a query selects from.
const SOURCE: &str = "source";

/// Characters of a query, at most.
const LONGEST: usize = 100_000;

/// Words and signs between two commas, at most: `a + b + c + ...` is as deep as it is long.
const CHAIN: usize = 4_000;

/// Planning recurses over the query; deep ones get room for it.
const STACK: usize = 256 << 20;

/// Runs a query over what was read.
pub(crate) fn run(sql: &str, raw: Raw, memory: Option<u64>, runtime: &Runtime) -> Result<Raw> {
    if sql.len() > LONGEST {
        return Err(Error::data(format!("the query is longer than {LONGEST} characters")));
    }
    if longest_chain(sql) > CHAIN {
        return Err(Error::data(format!("query: an expression has more than {CHAIN} words and signs"))
            .with_hint("split it: with a as (select ... from source) select ... from a"));
    }
    // A thread of its own: callers may stand in an asynchronous runtime themselves.
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new()
            .name("query".into())
            .stack_size(STACK)
            .spawn_scoped(scope, || runtime.block_on(select(sql, raw, memory)))
            .map_err(|source| Error::Io { doing: "starting the query".into(), source })?;
        thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

/// The most words and signs that stand together without a comma, at one depth of brackets.
fn longest_chain(sql: &str) -> usize {
    // What are no words is told by the parser.
    let tokens = Tokenizer::new(&GenericDialect {}, sql).tokenize().unwrap_or_default();
    let (mut open, mut longest) = (vec![0], 0);
    for token in tokens {
        match token {
            Token::Whitespace(_) => {}
            Token::LParen => open.push(0),
            Token::RParen if open.len() > 1 => open.truncate(open.len() - 1),
            Token::Comma | Token::SemiColon => open.last_mut().into_iter().for_each(|chain| *chain = 0),
            _ => open.last_mut().into_iter().for_each(|chain| *chain += 1),
        }
        longest = longest.max(open.last().copied().unwrap_or_default());
    }
    longest
}

async fn select(sql: &str, raw: Raw, memory: Option<u64>) -> Result<Raw> {
    let statement = parse(sql)?;
    let Raw { schema, batches, bad } = raw;
    let ctx = context(memory)?;
    let table = MemTable::try_new(schema, vec![batches]).map_err(|e| wrong(&e))?;
    ctx.register_table(SOURCE, Arc::new(table)).map_err(|e| wrong(&e))?;
    let state = ctx.state();
    for table in state.resolve_table_references(&statement).map_err(|e| wrong(&e))? {
        if table.to_string() != SOURCE {
            return Err(Error::data(format!("query: there is no table `{table}`"))
                .with_hint("a query selects from `source`, the table that was read, and from nothing else"));
        }
    }
    let plan = state.statement_to_plan(statement).await.map_err(|e| wrong(&e))?;
    check(&plan)?;
    let schema = plain_schema(plan.schema().as_arrow());
    let mut seen = std::collections::HashSet::new();
    if let Some(twice) = schema.fields().iter().find(|f| !seen.insert(f.name())) {
        return Err(
            Error::data(format!("query: two columns are called `{}`", twice.name())).with_hint("name one: x as y")
        );
    }
    let frame = ctx.execute_logical_plan(plan).await.map_err(|e| wrong(&e))?;
    let mut stream = frame.execute_stream().await.map_err(|e| wrong(&e))?;
    let (mut batches, mut bytes) = (Vec::new(), 0);
    while let Some(batch) = stream.next().await {
        let batch = batch.map_err(|e| wrong(&e))?;
        // What a query leaves is not in the engine's own count.
        bytes += batch.get_array_memory_size() as u64;
        if let Some(allowed) = memory.filter(|allowed| bytes > *allowed) {
            return Err(Error::Memory { what: "the rows of the query".into(), needed: bytes, allowed });
        }
        batches.push(batch);
    }
    if batches.iter().all(|b| b.num_rows() == 0) {
        return Err(Error::data("query: it leaves no rows").with_hint("what does its `where` ask for?"));
    }
    let goes: Vec<usize> = (0..schema.fields().len()).collect();
    let batches = batches.iter().map(|b| plain_batch(b, &schema, &goes)).collect::<Result<Vec<_>>>()?;
    Ok(Raw { schema, batches, bad })
}

fn context(memory: Option<u64>) -> Result<SessionContext> {
    let mut runtime = RuntimeEnvBuilder::new();
    if let Some(bytes) = memory {
        let bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
        runtime = runtime.with_memory_pool(Arc::new(FairSpillPool::new(bytes)));
    }
    let runtime = runtime.build_arc().map_err(|e| wrong(&e))?;
    let mut config = SessionConfig::new().with_target_partitions(1);
    config.options_mut().execution.enable_recursive_ctes = false;
    let state = arkwright_expr::engine(config).with_runtime_env(runtime).build();
    Ok(SessionContext::new_with_state(state))
}

/// One statement, and a query at that.
fn parse(sql: &str) -> Result<Statement> {
    let only = |what: &str| {
        Err(Error::data(format!("query: {what}")).with_hint("a query is one `select ... from source ...`"))
    };
    let dialect = GenericDialect {};
    let mut statements = DFParserBuilder::new(sql)
        .with_dialect(&dialect)
        .build()
        .and_then(|mut parser| parser.parse_statements())
        .map_err(|e| wrong(&e))?;
    let Some(statement) = statements.pop_front() else { return only("it is empty") };
    if !statements.is_empty() {
        return only("there is more than one statement");
    }
    let inner = match &statement {
        Statement::Statement(inner) => inner,
        Statement::CreateExternalTable(_) => return only("it may not create tables"),
        Statement::CopyTo(_) => return only("it may not write files"),
        Statement::Explain(_) => return only("it may not be an explanation"),
        Statement::Reset(_) => return only("it may not change settings"),
    };
    match inner.as_ref() {
        ast::Statement::Query(_) => Ok(statement),
        _ => only("it may only select"),
    }
}

/// Nothing but reading, and nothing that another run would answer otherwise.
fn check(plan: &LogicalPlan) -> Result<()> {
    SQLOptions::new()
        .with_allow_ddl(false)
        .with_allow_dml(false)
        .with_allow_statements(false)
        .verify_plan(plan)
        .map_err(|e| wrong(&e))?;
    let mut refused = None;
    plan.apply_with_subqueries(|node| {
        node.apply_expressions(|expr| {
            if let Some(name) = arkwright_expr::unstable(expr) {
                refused.get_or_insert_with(|| {
                    Error::data(format!("query: `{name}` answers otherwise each time it is asked"))
                        .with_hint("write the value itself, so that the same file gives the same rows")
                });
            }
            if let Some(name) = arkwright_expr::boundless(expr) {
                refused.get_or_insert_with(|| {
                    let longest = arkwright_expr::LONGEST;
                    Error::data(format!("query: `{name}` of no fixed length up to {longest}"))
                        .with_hint("write the length as a number, and repeat nothing that was repeated")
                });
            }
            Ok(TreeNodeRecursion::Continue)
        })
    })
    .map_err(|e| wrong(&e))?;
    refused.map_or(Ok(()), Err)
}

fn wrong(error: &DataFusionError) -> Error {
    match error.find_root() {
        DataFusionError::ResourcesExhausted(what) => {
            Error::data(format!("query: not enough memory: {what}")).with_hint("allow more with --memory")
        }
        _ => Error::data(format!("query: {}", error.strip_backtrace())),
    }
}
