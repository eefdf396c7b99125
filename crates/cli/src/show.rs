//! How results look in a terminal: tables, weights, numbers, and text from data made harmless.

use crate::failure::Failure;
use comfy_table::{Attribute, Cell, CellAlignment, Color, ContentArrangement, LineStyle, Table, TableStyle};
use owo_colors::{OwoColorize, Stream};
use serde::Serialize;
use std::io::{ErrorKind, Write, stderr, stdout};

/// Results on standard output, written through: what cannot be written is an error, unless whoever reads it has
/// read enough.
pub fn say(text: &str) -> Result<(), Failure> {
    let mut out = stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(unsaid)
}

/// JSON on standard output.
pub fn say_json(value: &impl Serialize) -> Result<(), Failure> {
    let value = serde_json::to_value(value).map_err(std::io::Error::from)?;
    say(&format!("{value:#}\n"))
}

/// What it means that standard output cannot be written.
pub fn unsaid(error: std::io::Error) -> Failure {
    match error.kind() {
        ErrorKind::BrokenPipe => Failure::unheard(),
        _ => Failure::failed(format!("standard output cannot be written: {error}"), None),
    }
}

/// A line on standard error. That nobody hears it is no reason to end.
pub fn tell(line: &str) {
    let _ = writeln!(stderr().lock(), "{line}");
}

/// Text that matters.
pub fn strong(text: &str) -> String {
    plain(text).if_supports_color(Stream::Stdout, |t| t.bold()).to_string()
}

/// Text that matters less.
pub fn faint(text: &str) -> String {
    plain(text).if_supports_color(Stream::Stdout, |t| t.dimmed()).to_string()
}

/// Good news.
pub fn good(text: &str) -> String {
    plain(text).if_supports_color(Stream::Stdout, |t| t.green()).to_string()
}

/// Bad news.
pub fn bad(text: &str) -> String {
    plain(text).if_supports_color(Stream::Stdout, |t| t.red()).to_string()
}

/// Text from data without control characters, which a terminal would obey.
pub fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\n' { '\u{fffd}' } else { c }).collect()
}

/// A number with four significant digits, for reading.
pub fn number(value: f64) -> String {
    match value.abs() {
        _ if !value.is_finite() => "-".to_string(),
        0.0 => "0".to_string(),
        v if v >= 10_000.0 => format!("{value:.0}"),
        v if v >= 100.0 => format!("{value:.1}"),
        v if v >= 10.0 => format!("{value:.2}"),
        v if v >= 0.01 => format!("{value:.4}"),
        v if v >= 0.001 => format!("{value:.5}"),
        v if v >= 0.0001 => format!("{value:.6}"),
        _ => format!("{value:.2e}"),
    }
}

/// A moment as the store keeps it (RFC 3339 in UTC), to the minute.
pub fn minute(moment: &str) -> String {
    plain(&moment.replacen('T', " ", 1)).chars().take(16).collect()
}

/// A number and its interval.
pub fn interval(value: f64, low: Option<f64>, high: Option<f64>) -> String {
    match low.zip(high) {
        Some((low, high)) => format!("{}  [{}, {}]", number(value), number(low), number(high)),
        None => number(value),
    }
}

/// One line below the headings, and nothing else that is not text.
const STYLE: TableStyle = TableStyle::new().header_separator(LineStyle::new('─', '─', '─', '─'));

/// A table under its headings; a heading that starts with `#` is over numbers.
pub fn table(headings: &[&str], rows: Vec<Vec<String>>) -> String {
    let mut table = Table::new();
    table.load_style(STYLE).set_content_arrangement(ContentArrangement::Dynamic);
    let coloured = strong("x") != "x";
    if coloured {
        table.enforce_styling();
    }
    table.set_header(headings.iter().map(|heading| {
        let cell = Cell::new(heading.trim_start_matches('#'));
        if coloured { cell.add_attribute(Attribute::Bold) } else { cell }
    }));
    for row in rows {
        table.add_row(row.into_iter().zip(headings).map(|(text, heading)| {
            let align = if heading.starts_with('#') { CellAlignment::Right } else { CellAlignment::Left };
            styled(&text).set_alignment(align)
        }));
    }
    format!("{table}\n")
}

/// A cell of what this file made strong, good or bad: its colour is a property, for codes within the text would
/// count as its width; and nothing that a terminal would obey is left.
fn styled(text: &str) -> Cell {
    let style = |code: &str| text.strip_prefix("\u{1b}[").is_some_and(|rest| rest.starts_with(code));
    let (bold, good, bad) = (style("1m"), style("32m"), style("31m"));
    let inner = if bold || good || bad {
        let start = text.find('m').map_or(0, |at| at + 1);
        text[start..].rsplit_once("\u{1b}[").map_or(&text[start..], |(inner, _)| inner)
    } else {
        text
    };
    let cell = Cell::new(inner.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>());
    match (bold, good, bad) {
        (true, ..) => cell.add_attribute(Attribute::Bold),
        (_, true, _) => cell.fg(Color::Green),
        (_, _, true) => cell.fg(Color::Red),
        _ => cell,
    }
}

/// A sentence broken between its words to the width of the terminal; whole elsewhere.
pub fn sentence(text: &str) -> String {
    match Table::new().width() {
        Some(width) => broken(&plain(text), width.into()),
        None => plain(text),
    }
}

fn broken(text: &str, width: usize) -> String {
    let (mut out, mut at) = (String::new(), 0);
    for word in text.split(' ') {
        let long = word.chars().count();
        if at > 0 && at + 1 + long > width {
            out.push('\n');
            at = 0;
        } else if at > 0 {
            out.push(' ');
            at += 1;
        }
        out.push_str(word);
        at += long;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_cannot_command_the_terminal() {
        assert!(!plain("a\u{1b}[31mb\u{7}").contains('\u{1b}'));
    }

    #[test]
    fn a_coloured_cell_is_as_wide_as_its_text() {
        for text in ["\u{1b}[1mab\u{1b}[0m", "\u{1b}[32mab\u{1b}[39m", "\u{1b}[31mab\u{1b}[39m", "ab"] {
            assert_eq!(styled(text).content(), "ab", "{text:?}");
        }
        assert_eq!(styled("a\u{1b}[31mb").content(), "a [31mb");
    }

    #[test]
    fn a_sentence_is_broken_between_words() {
        assert_eq!(broken("one two three, four", 9), "one two\nthree,\nfour");
        assert_eq!(broken("a word_longer_than_the_line b", 5), "a\nword_longer_than_the_line\nb");
    }

    #[test]
    fn a_moment_is_told_to_the_minute() {
        assert_eq!(minute("2026-11-25T01:53:47.346Z"), "2026-11-25 01:53");
    }

    #[test]
    fn numbers_have_the_digits_that_are_read() {
        assert_eq!(
            [number(0.84512), number(12.3456), number(65.0e3), number(0.00012)],
            ["0.8451", "12.35", "65000", "0.000120"]
        );
    }
}
