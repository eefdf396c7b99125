//! What was made of what: edges between the names of data, stages and bundles.

use crate::error::{Error, Result};
use crate::runs::{hash, text};
use crate::store::Store;
use arkwright_core::Hash;
use serde::Serialize;

/// An output that was made of an input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Edge {
    /// What was made.
    pub output: Hash,
    /// What it was made of.
    pub input: Hash,
    /// How: `data`, `fit`, `apply`, `bundle`.
    pub kind: String,
}

impl Store {
    /// Records edges; one that is known already stays.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn record_edges(&self, edges: &[Edge]) -> Result<()> {
        let edges = edges.to_vec();
        self.block(move |db| async move {
            let doing = "recording what was made of what";
            let mut transaction = db.begin(doing).await?;
            for edge in edges {
                let insert =
                    sqlx::query("insert into edges (output, input, kind) values ($1, $2, $3) on conflict do nothing");
                let insert = insert.bind(edge.output.to_string()).bind(edge.input.to_string()).bind(edge.kind);
                insert.execute(&mut *transaction).await.map_err(Error::database(doing))?;
            }
            transaction.commit().await.map_err(Error::database(doing))
        })
    }

    /// What an output was made of.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn inputs_of(&self, output: &Hash) -> Result<Vec<Edge>> {
        self.edges("select output, input, kind from edges where output = $1 order by input, kind", output)
    }

    /// What was made of an input.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn outputs_of(&self, input: &Hash) -> Result<Vec<Edge>> {
        self.edges("select output, input, kind from edges where input = $1 order by output, kind", input)
    }

    fn edges(&self, select: &'static str, of: &Hash) -> Result<Vec<Edge>> {
        let of = of.to_string();
        self.block(move |db| async move {
            let rows = sqlx::query(select).bind(of).fetch_all(&db.pool).await;
            let rows = rows.map_err(Error::database("reading what was made of what"))?;
            let read = |row: &sqlx::any::AnyRow| {
                Ok(Edge { output: hash(row, "output")?, input: hash(row, "input")?, kind: text(row, "kind")? })
            };
            rows.iter().map(read).collect()
        })
    }
}
