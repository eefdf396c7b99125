//! An HTML table: what it is of, its columns, its rows.

use crate::escape::escape;
use serde::{Deserialize, Serialize};

/// A table of text.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Table {
    /// What the table is of, said above it; empty says nothing.
    pub caption: String,
    /// The columns, left to right.
    pub columns: Vec<Column>,
    /// The rows, top down; missing cells are empty.
    pub rows: Vec<Vec<String>>,
    /// The rows set off from the others (the chosen one, say), counted from 0.
    pub marked: Vec<usize>,
}

/// A column of a table.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Column {
    /// What stands above it.
    pub name: String,
    /// Whether it holds numbers, which stand to the right.
    pub number: bool,
}

impl Table {
    /// A table without rows: text columns as named, number columns with a leading `#`.
    #[must_use]
    pub fn new(caption: &str, columns: &[&str]) -> Table {
        let column = |name: &&str| match name.strip_prefix('#') {
            Some(name) => Column { name: name.to_owned(), number: true },
            None => Column { name: (*name).to_owned(), number: false },
        };
        Table { caption: caption.to_owned(), columns: columns.iter().map(column).collect(), ..Table::default() }
    }

    /// Adds a row.
    pub fn push<S: Into<String>>(&mut self, row: impl IntoIterator<Item = S>) {
        self.rows.push(row.into_iter().map(Into::into).collect());
    }

    /// The table as HTML.
    #[must_use]
    pub fn html(&self) -> String {
        let mut out = String::from("<div class=\"scroll\"><table>");
        if !self.caption.is_empty() {
            out += &format!("<caption>{}</caption>", escape(&self.caption));
        }
        out += "<thead><tr>";
        for column in &self.columns {
            out += &format!("<th scope=\"col\"{}>{}</th>", class(column), escape(&column.name));
        }
        out += "</tr></thead><tbody>";
        for (i, row) in self.rows.iter().enumerate() {
            out += if self.marked.contains(&i) { "<tr class=\"marked\">" } else { "<tr>" };
            for (k, column) in self.columns.iter().enumerate() {
                let cell = escape(row.get(k).map_or("", String::as_str));
                out += &format!("<td{}>{cell}</td>", class(column));
            }
            out += "</tr>";
        }
        out + "</tbody></table></div>"
    }
}

fn class(column: &Column) -> &'static str {
    if column.number { " class=\"number\"" } else { "" }
}
