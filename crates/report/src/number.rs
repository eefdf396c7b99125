//! Numbers as people read them, and as pictures need them.

use serde::{Deserialize, Deserializer};

/// What stands where there is no number.
pub const NONE: &str = "\u{2013}";

/// `value` to four significant digits, thousands apart, a dash where it is not finite: `0.8731`, `12,345`,
/// `1.2e-7`.
#[must_use]
pub fn number(value: f64) -> String {
    let size = value.abs();
    if !value.is_finite() {
        NONE.to_owned()
    } else if size == 0.0 {
        "0".to_owned()
    } else if !(1e-4..1e12).contains(&size) {
        let text = format!("{value:.2e}");
        let (digits, power) = text.split_once('e').unwrap_or((&text, "0"));
        format!("{}e{power}", trimmed(digits))
    } else {
        let whole = size.log10().floor() as i32 + 1;
        grouped(&trimmed(&format!("{value:.*}", (4 - whole).clamp(0, 8) as usize)))
    }
}

/// `share` as a percentage with one digit: `12.5 %`.
#[must_use]
pub fn percent(share: f64) -> String {
    let percent = share * 100.0;
    if percent.abs() < 1e6 { format!("{}\u{a0}%", trimmed(&format!("{percent:.1}"))) } else { number(percent) }
}

/// A whole number with thousands apart.
#[must_use]
pub fn count(value: u64) -> String {
    grouped(&value.to_string())
}

/// Seconds as `340 ms`, `2.4 s` or `3 min 20 s`.
#[must_use]
pub fn seconds(value: f64) -> String {
    if !value.is_finite() || value < 0.0 {
        NONE.to_owned()
    } else if value < 1.0 {
        format!("{:.0}\u{a0}ms", value * 1e3)
    } else if value < 60.0 {
        format!("{value:.1}\u{a0}s")
    } else {
        let whole = value.round() as u64;
        format!("{}\u{a0}min {}\u{a0}s", count(whole / 60), whole % 60)
    }
}

/// `low` to `high`, or a dash where either is missing.
#[must_use]
pub fn range(low: Option<f64>, high: Option<f64>) -> String {
    match (low, high) {
        (Some(low), Some(high)) if low.is_finite() && high.is_finite() => {
            format!("{} to {}", number(low), number(high))
        }
        _ => NONE.to_owned(),
    }
}

fn trimmed(text: &str) -> String {
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text };
    if text == "-0" { "0".to_owned() } else { text.replacen('-', "\u{2212}", 1) }
}

fn grouped(text: &str) -> String {
    let (sign, digits) = text.strip_prefix('\u{2212}').map_or(("", text), |rest| ("\u{2212}", rest));
    let (whole, rest) = digits.find('.').map_or((digits, ""), |dot| digits.split_at(dot));
    let mut out = String::from(sign);
    for (i, c) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i) % 3 == 0 {
            out.push(',');
        }
        out.push(c);
    }
    out + rest
}

/// A tick's label: as many decimals as the step between ticks needs, large numbers with k, M or G.
#[must_use]
pub(crate) fn tick(value: f64, step: f64) -> String {
    let largest = value.abs().max(step.abs());
    let (scale, suffix) = match largest {
        s if s >= 1e15 || (s > 0.0 && s < 1e-5) => return number(value),
        _ if step >= 1e9 => (1e9, "G"),
        _ if step >= 1e6 => (1e6, "M"),
        _ if step >= 1e3 => (1e3, "k"),
        _ => (1.0, ""),
    };
    let decimals = (-(step / scale).log10().floor()).clamp(0.0, 8.0) as usize;
    let text = trimmed_zero(&format!("{:.decimals$}", value / scale));
    if text == "0" { text } else { text + suffix }
}

fn trimmed_zero(text: &str) -> String {
    let zero = text.chars().all(|c| matches!(c, '-' | '0' | '.'));
    if zero { "0".to_owned() } else { text.replacen('-', "\u{2212}", 1) }
}

/// A coordinate of a picture, to a tenth; what is not finite is 0, so that no picture is ever broken by one.
pub(crate) fn coordinate(value: f64) -> String {
    let tenth = if value.is_finite() { (value.clamp(-1e6, 1e6) * 10.0).round() / 10.0 } else { 0.0 };
    if tenth == 0.0 { "0".to_owned() } else { format!("{tenth}") }
}

/// Reads a list of numbers in which `null`, which is how JSON keeps what is not finite, is NaN.
pub(crate) fn many<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<f64>, D::Error> {
    let values = Vec::<Option<f64>>::deserialize(from)?;
    Ok(values.into_iter().map(|v| v.unwrap_or(f64::NAN)).collect())
}

/// Reads a number, `null` being NaN.
pub(crate) fn one<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
    Ok(Option::<f64>::deserialize(from)?.unwrap_or(f64::NAN))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_four_digits_and_their_thousands_apart() {
        let written: Vec<String> =
            [0.0, 0.873_14, 12_345.6, -1.5, 1e-7, f64::NAN, f64::INFINITY, 100.0, 0.1 + 0.2, -0.000_04, 3e15]
                .into_iter()
                .map(number)
                .collect();
        assert_eq!(
            written,
            ["0", "0.8731", "12,346", "\u{2212}1.5", "1e-7", NONE, NONE, "100", "0.3", "\u{2212}4e-5", "3e15"]
        );
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(percent(0.125), "12.5\u{a0}%");
    }

    #[test]
    fn durations_are_read_at_a_glance() {
        assert_eq!(seconds(0.34), "340\u{a0}ms");
        assert_eq!(seconds(2.44), "2.4\u{a0}s");
        assert_eq!(seconds(200.2), "3\u{a0}min 20\u{a0}s");
        assert_eq!(seconds(f64::NAN), NONE);
    }

    #[test]
    fn ticks_have_the_decimals_of_their_step() {
        assert_eq!(tick(0.2 + 0.1, 0.1), "0.3");
        assert_eq!(tick(0.5, 0.25), "0.5");
        assert_eq!(tick(20_000.0, 5_000.0), "20k");
        assert_eq!(tick(-0.0, 0.5), "0");
        assert_eq!(tick(1.0, 0.5), "1.0");
    }

    #[test]
    fn a_coordinate_is_always_finite() {
        assert_eq!(coordinate(f64::NAN), "0");
        assert_eq!(coordinate(-0.04), "0");
        assert_eq!(coordinate(12.34), "12.3");
    }
}
