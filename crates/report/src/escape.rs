//! The one place where text from data enters HTML and SVG.

/// `text` with the five characters that mean something to HTML replaced, for use between tags and inside quoted
/// attributes; control characters that XML forbids become the replacement character.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\t' | '\n' | '\r' => out.push(c),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            // Overrides of the writing direction can make a label read as something else.
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

/// At most `most` characters of `text`, the cut shown by an ellipsis; not escaped.
#[must_use]
pub fn shorten(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let kept: String = text.chars().take(most.saturating_sub(1)).collect();
    format!("{}\u{2026}", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_in_data_is_text() {
        assert_eq!(escape("<script>a('&\")</script>"), "&lt;script&gt;a(&#39;&amp;&quot;)&lt;/script&gt;");
        assert_eq!(escape("a\0b\u{202e}c"), "a\u{fffd}b\u{fffd}c");
    }

    #[test]
    fn a_long_label_is_cut_between_characters() {
        assert_eq!(shorten("Zürich-Altstetten", 8), "Zürich-\u{2026}");
        assert_eq!(shorten("Zürich", 6), "Zürich");
    }
}
