//! How results look in a terminal: tables, weights, numbers, and text from data made harmless.

use comfy_table::{Attribute, Cell, CellAlignment, ContentArrangement, LineStyle, Table, TableStyle};
use owo_colors::{OwoColorize, Stream};

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
    table.set_header(headings.iter().map(|h| Cell::new(h.trim_start_matches('#')).add_attribute(Attribute::Bold)));
    for row in rows {
        table.add_row(row.into_iter().zip(headings).map(|(text, heading)| {
            let align = if heading.starts_with('#') { CellAlignment::Right } else { CellAlignment::Left };
            Cell::new(plain_but_styled(&text)).set_alignment(align)
        }));
    }
    format!("{table}\n")
}

/// Keeps the colour codes that this file wrote, and nothing else that a terminal would obey.
fn plain_but_styled(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\u{1b}' { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_cannot_command_the_terminal() {
        assert!(!plain("a\u{1b}[31mb\u{7}").contains('\u{1b}'));
    }

    #[test]
    fn numbers_have_the_digits_that_are_read() {
        assert_eq!(
            [number(0.84512), number(12.3456), number(65.0e3), number(0.00012)],
            ["0.8451", "12.35", "65000", "0.000120"]
        );
    }
}
