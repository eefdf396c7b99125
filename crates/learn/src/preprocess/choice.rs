//! Which columns a step acts on, and the passes that it makes over them.

use arkwright_core::{Context, Error, Field, Frame, Kind, Result, Role, Source};

/// Rows a pass reads at a time; fixed, so that sums are made in one order.
const BATCH: usize = 16_384;

/// Where the columns stand that a step acts on: the named ones, or all inputs of a kind that it can use.
/// `what` names those kinds in an error.
pub(crate) fn choose(
    input: &[Field],
    columns: Option<&[String]>,
    usable: fn(&Kind) -> bool,
    what: &str,
) -> Result<Vec<usize>> {
    let Some(names) = columns else {
        return Ok((0..input.len()).filter(|&i| input[i].role == Role::Input && usable(&input[i].kind)).collect());
    };
    let mut at = Vec::with_capacity(names.len());
    for name in names {
        let Some(i) = input.iter().position(|f| &f.name == name) else {
            return Err(Error::column(name, "there is no such column").nearest_column(name, input));
        };
        if input[i].role != Role::Input {
            return Err(Error::column(name, "is no input, and a step that prepares acts on inputs"));
        }
        if !usable(&input[i].kind) {
            return Err(Error::column(name, format!("a {} where {what} is needed", input[i].kind)));
        }
        if at.contains(&i) {
            return Err(Error::column(name, "is named twice"));
        }
        at.push(i);
    }
    Ok(at)
}

/// The names of the columns at `at`.
pub(crate) fn names(fields: &[Field], at: &[usize]) -> Vec<String> {
    at.iter().map(|&i| fields[i].name.clone()).collect()
}

/// Makes one pass over a source; `each` is told the number of the frame's first row.
pub(super) fn pass(source: &dyn Source, ctx: &Context, mut each: impl FnMut(&Frame, u64) -> Result<()>) -> Result<()> {
    let mut start = 0;
    for frame in source.scan(BATCH)? {
        let frame = frame?;
        if ctx.is_stopped() {
            return Err(Error::Stopped);
        }
        each(&frame, start)?;
        start += frame.rows() as u64;
    }
    Ok(())
}

/// Refuses an infinite number.
pub(super) fn finite(name: &str, values: &[f64], start: u64) -> Result<()> {
    // Looking at all of them without leaving early is what the compiler makes vectors of.
    if !values.iter().fold(false, |found, v| found | v.is_infinite()) {
        return Ok(());
    }
    match values.iter().position(|v| v.is_infinite()) {
        Some(row) => Err(Error::cell(name, start + row as u64, "an infinite value")
            .with_hint("mend the value, or leave the row out")),
        None => Ok(()),
    }
}

/// Refuses a frame of another number of columns than the step was fitted on.
pub(super) fn expect(frame: &Frame, takes: usize) -> Result<()> {
    match frame.columns().len() == takes {
        true => Ok(()),
        false => Err(Error::data(format!("{} columns where the step was fitted on {takes}", frame.columns().len()))),
    }
}
