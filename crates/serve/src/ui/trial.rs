//! A form with a model's columns, and the prediction for what was put in. It needs no script.

use super::page::inline;
use crate::about::Taken;
use crate::models::Served;
use crate::problem::Problem;
use crate::reference::decoded;
use crate::server::Shared;
use arkwright_core::{Frame, Kind};
use arkwright_report::escape::escape;
use arkwright_report::number::{number, percent};
use arrow::array::{Array, ArrayRef, AsArray, Float64Array, RecordBatch, StringArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Float64Type, Schema};
use std::collections::HashMap;
use std::sync::Arc;

/// The most columns that a form is made for.
const FIELDS: usize = 60;

/// The form, and below it the prediction for the query.
pub(crate) fn section(shared: &Shared, served: &Served, query: Option<&str>) -> String {
    let asked: Vec<&Taken> = served.about.takes.iter().filter(|t| t.required).collect();
    if asked.len() > FIELDS || asked.iter().any(|t| matches!(t.field.kind, Kind::Vector { .. })) {
        return "<p>It takes more than a form can ask for; <a href=\"/docs\">the API page</a> takes JSON.</p>".into();
    }
    let given = query.map(parse).unwrap_or_default();
    let value = |taken: &Taken| given.get(&taken.field.name).cloned().unwrap_or_default();
    let mut out = String::from("<form class=\"fields\" method=\"get\" action=\"#try\">");
    for taken in &asked {
        out += &field(taken, &value(taken));
    }
    out += "<div><button>Predict</button></div></form>";
    match query {
        None => out + "<p class=\"quiet\">What is left empty counts as missing.</p>",
        Some(_) => match predict(shared, served, &asked, value) {
            Ok(answer) => out + &answer,
            Err(problem) => {
                let hint = problem.hint.as_deref().map(|h| format!(" <span class=\"quiet\">{}</span>", inline(h)));
                let message = if problem.inside.is_some() { "something failed here" } else { &problem.message };
                out + &format!(
                    "<ul class=\"notes\"><li class=\"bad\">{}{}</li></ul>",
                    inline(&message.replace(", instances[0]", "")),
                    hint.unwrap_or_default()
                )
            }
        },
    }
}

fn field(taken: &Taken, value: &str) -> String {
    let (name, value) = (escape(&taken.field.name), escape(value));
    let control = match (&taken.field.kind, taken.levels()) {
        (Kind::Number, _) => {
            format!("<input name=\"{name}\" value=\"{value}\" inputmode=\"decimal\" autocomplete=\"off\">")
        }
        (_, Some(levels)) => {
            let options: String = levels
                .iter()
                .map(|level| {
                    let level = escape(level);
                    let chosen = if level == value { " selected" } else { "" };
                    format!("<option{chosen}>{level}</option>")
                })
                .collect();
            format!("<select name=\"{name}\"><option></option>{options}</select>")
        }
        (Kind::Time, _) => format!("<input name=\"{name}\" value=\"{value}\" placeholder=\"2026-01-31\">"),
        _ => format!("<input name=\"{name}\" value=\"{value}\" autocomplete=\"off\">"),
    };
    format!("<label>{name}{control}</label>")
}

fn predict(
    shared: &Shared,
    served: &Served,
    asked: &[&Taken],
    value: impl Fn(&Taken) -> String,
) -> Result<String, Problem> {
    let schema: Vec<Field> = asked.iter().map(|t| Field::new(&t.field.name, DataType::Utf8, true)).collect();
    let columns = asked.iter().map(|taken| {
        let text = value(taken);
        Arc::new(StringArray::from(vec![(!text.trim().is_empty()).then_some(text)])) as ArrayRef
    });
    let batch = RecordBatch::try_new(Arc::new(Schema::new(schema)), columns.collect());
    let batch = batch.map_err(|e| Problem::fault(e.to_string()))?;
    let request = served.bundle.request().conform(&batch, 0).map_err(Problem::reading)?;
    shown(&served.bundle.predict(&request, &shared.context).map_err(Problem::of)?)
}

/// The one row of an answer.
fn shown(answer: &Frame) -> Result<String, Problem> {
    let fault = |e: arrow::error::ArrowError| Problem::fault(e.to_string());
    let mut out = String::from("<dl class=\"facts\">");
    let mut meters = String::new();
    for (field, column) in answer.fields().iter().zip(answer.columns()) {
        match (&field.kind, column.data_type()) {
            (Kind::Vector { names: Some(names), .. }, DataType::FixedSizeList(..)) => {
                let values = cast(column.as_fixed_size_list().values(), &DataType::Float64).map_err(fault)?;
                let values: &Float64Array = values.as_primitive();
                for (name, value) in names.iter().zip(values.iter()) {
                    let value = value.unwrap_or(f64::NAN);
                    let bar = if value.is_finite() { value } else { 0.0 };
                    meters += &format!(
                        "<span>{}</span><progress max=\"1\" value=\"{bar}\"></progress><span>{}</span>",
                        escape(name),
                        percent(value)
                    );
                }
            }
            (_, t) if t.is_floating() => {
                let values = cast(column, &DataType::Float64).map_err(fault)?;
                let value = values.as_primitive::<Float64Type>().value(0);
                out += &format!("<div><dt>{}</dt><dd>{}</dd></div>", escape(&field.name), number(value));
            }
            _ => {
                let values = cast(column, &DataType::Utf8).map_err(fault)?;
                let values = values.as_string::<i32>();
                let value = if values.is_valid(0) { values.value(0) } else { "missing" };
                out += &format!("<div><dt>{}</dt><dd>{}</dd></div>", escape(&field.name), escape(value));
            }
        }
    }
    out += "</dl>";
    if !meters.is_empty() {
        out += &format!("<div class=\"meter\">{meters}</div>");
    }
    Ok(format!("<div class=\"answer\">{out}</div>"))
}

/// `a=1&b=x+y`, as forms send it.
fn parse(query: &str) -> HashMap<String, String> {
    let plain = |text: &str| decoded(&text.replace('+', " "));
    query.split('&').filter_map(|pair| pair.split_once('=')).filter_map(|(k, v)| Some((plain(k)?, plain(v)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_read_as_browsers_send_it() {
        let read = parse("a=1&b+c=x%20y+z&d=&e");
        assert_eq!(read["a"], "1");
        assert_eq!(read["b c"], "x y z");
        assert_eq!(read["d"], "");
        assert!(!read.contains_key("e"));
    }
}
