//! How a path names a model: `churn`, `churn@production`, `churn:3`, `churn/versions/3`.

use arkwright_store::Reference;

/// Reads a reference as it stands in a path; `None` where it is none.
pub(crate) fn parse(text: &str) -> Option<Reference> {
    decoded(text)?.replacen("/versions/", ":", 1).parse().ok()
}

/// Without percent signs; clients may write `%40` for `@`.
pub(crate) fn decoded(text: &str) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            out.push(byte);
            continue;
        }
        let mut digit = || char::from(bytes.next()?).to_digit(16);
        out.push((digit()? * 16 + digit()?) as u8);
    }
    String::from_utf8(out).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use arkwright_store::Which;

    #[test]
    fn all_spellings_are_read_and_nothing_else_is() {
        let read = |text: &str| parse(text).map(|r| (r.system, r.which));
        let churn = |which| Some(("churn".to_string(), which));
        assert_eq!(read("churn"), churn(Which::Newest));
        assert_eq!(read("churn@production"), churn(Which::Alias("production".into())));
        assert_eq!(read("churn%40production"), churn(Which::Alias("production".into())));
        for three in ["churn:3", "churn%3A3", "churn/versions/3"] {
            assert_eq!(read(three), churn(Which::Version(3)), "{three}");
        }
        for wrong in
            ["", "../etc", "churn:", "churn:x", "churn:-1", "churn@", "Churn", "a/b", "%zz", "a%00", "_a", "a%e9"]
        {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
