//! Text: LIKE, replacing, regular expressions, and the functions that cut and join.

use crate::rows::{flag, frame, number, text, texts};
use arkwright_core::Frame;

const T: Option<bool> = Some(true);
const F: Option<bool> = Some(false);

/// Capitals, a missing one, a letter beyond ASCII with LIKE's own signs, and the empty text.
fn names() -> Frame {
    frame([("name", texts([Some("Ada Lovelace"), Some("bob"), None, Some("Åse_5%"), Some("")]))])
}

/// What an expression without columns gives.
fn word(sql: &str) -> Option<String> {
    text(&names(), sql).swap_remove(0)
}

#[test]
fn like_matches_the_whole_text() {
    let cases = [
        ("name like 'A%'", [T, F, None, F, F]),
        ("name like '_ob'", [F, T, None, F, F]),
        ("name like 'ob'", [F, F, None, F, F]),
        ("name like '%ace'", [T, F, None, F, F]),
        ("name like '%'", [T, T, None, T, T]),
        ("name like ''", [F, F, None, F, T]),
        ("name like '_____%'", [T, F, None, T, F]),
        (r"name like '%\_5\%'", [F, F, None, T, F]),
        ("name like 'ada%'", [F, F, None, F, F]),
        ("name ilike 'ADA%'", [T, F, None, F, F]),
        ("name ilike 'åse%'", [F, F, None, T, F]),
        ("name not like '%b%'", [T, F, None, T, T]),
        ("name like null", [None; 5]),
    ];
    for (sql, wanted) in cases {
        assert_eq!(flag(&names(), sql), wanted, "{sql}");
    }
}

#[test]
fn regular_expressions_match_anywhere_unless_they_are_tied() {
    let cases = [
        ("regexp_like(name, '^[A-Z]')", [T, F, None, F, F]),
        ("regexp_like(name, 'o')", [T, T, None, F, F]),
        ("name ~ '^[a-z]+$'", [F, T, None, F, F]),
        ("name ~* '^ADA'", [T, F, None, F, F]),
        ("name !~ '[0-9]'", [T, T, None, F, T]),
        ("regexp_like(name, '^ADA', 'i')", [T, F, None, F, F]),
    ];
    for (sql, wanted) in cases {
        assert_eq!(flag(&names(), sql), wanted, "{sql}");
    }
    assert_eq!(number(&names(), "regexp_count(name, '[aeo]')"), [Some(5.0), Some(1.0), None, Some(1.0), Some(0.0)]);
    let digit = text(&names(), "(regexp_match(name, '([0-9]+)'))[1]");
    assert_eq!(digit, [None, None, None, Some("5".to_string()), None]);
}

#[test]
fn replacing_takes_every_place_and_patterns_the_first_unless_told() {
    let cases = [
        ("replace(name, 'a', '-')", ["Ad- Lovel-ce", "bob", "Åse_5%", ""]),
        ("replace(name, 'absent', '-')", ["Ada Lovelace", "bob", "Åse_5%", ""]),
        ("regexp_replace(name, '[a-z]', '-')", ["A-a Lovelace", "-ob", "Å-e_5%", ""]),
        ("regexp_replace(name, '[a-z]', '-', 'g')", ["A-- L-------", "---", "Å--_5%", ""]),
        (r"regexp_replace(name, '^(\w+) (\w+)$', '\2 \1')", ["Lovelace Ada", "bob", "Åse_5%", ""]),
    ];
    for (sql, wanted) in cases {
        let [a, b, c, d] = wanted.map(|t| Some(t.to_string()));
        assert_eq!(text(&names(), sql), [a, b, None, c, d], "{sql}");
    }
}

#[test]
fn text_is_counted_and_cut_in_characters() {
    let cases = [
        ("upper(name)", ["ADA LOVELACE", "BOB", "ÅSE_5%", ""]),
        ("lower(name)", ["ada lovelace", "bob", "åse_5%", ""]),
        ("substr(name, 1, 3)", ["Ada", "bob", "Åse", ""]),
        ("substring(name from 2 for 2)", ["da", "ob", "se", ""]),
        ("left(name, 1)", ["A", "b", "Å", ""]),
        ("right(name, 2)", ["ce", "ob", "5%", ""]),
        ("reverse(name)", ["ecalevoL adA", "bob", "%5_esÅ", ""]),
        ("split_part(name, ' ', 2)", ["Lovelace", "", "", ""]),
        ("initcap(lower(name))", ["Ada Lovelace", "Bob", "Åse_5%", ""]),
        ("btrim(name, 'b')", ["Ada Lovelace", "o", "Åse_5%", ""]),
        ("trim(leading 'A' from name)", ["da Lovelace", "bob", "Åse_5%", ""]),
        ("translate(name, 'ab', 'xy')", ["Adx Lovelxce", "yoy", "Åse_5%", ""]),
        ("name || '!'", ["Ada Lovelace!", "bob!", "Åse_5%!", "!"]),
    ];
    for (sql, wanted) in cases {
        let [a, b, c, d] = wanted.map(|t| Some(t.to_string()));
        assert_eq!(text(&names(), sql), [a, b, None, c, d], "{sql}");
    }
}

#[test]
fn text_gives_numbers_and_conditions() {
    let numbers = [
        ("length(name)", [Some(12.0), Some(3.0), None, Some(6.0), Some(0.0)]),
        ("char_length(name)", [Some(12.0), Some(3.0), None, Some(6.0), Some(0.0)]),
        ("octet_length(name)", [Some(12.0), Some(3.0), None, Some(7.0), Some(0.0)]),
        ("strpos(name, 'o')", [Some(6.0), Some(2.0), None, Some(0.0), Some(0.0)]),
        ("position('e' in name)", [Some(8.0), Some(0.0), None, Some(3.0), Some(0.0)]),
        ("levenshtein(name, 'bab')", [Some(11.0), Some(1.0), None, Some(6.0), Some(3.0)]),
    ];
    for (sql, wanted) in numbers {
        assert_eq!(number(&names(), sql), wanted, "{sql}");
    }
    assert_eq!(flag(&names(), "starts_with(name, 'b')"), [F, T, None, F, F]);
    assert_eq!(flag(&names(), "ends_with(name, 'b')"), [F, T, None, F, F]);
    assert_eq!(flag(&names(), "contains(name, 'o')"), [T, T, None, F, F]);
}

#[test]
fn joining_passes_over_what_is_missing_where_the_bars_do_not() {
    let joined = ["Ada Lovelace!", "bob!", "!", "Åse_5%!", "!"].map(|t| Some(t.to_string()));
    assert_eq!(text(&names(), "concat(name, '!')"), joined);
    assert_eq!(text(&names(), "name || '!'")[2], None);
    assert_eq!(word("concat_ws('-', 'a', null, 'b')").unwrap(), "a-b");
}

#[test]
fn literals_and_padding() {
    let cases = [
        ("lpad('7', 3, '0')", "007"),
        ("rpad('7', 3, '0')", "700"),
        ("repeat('ab', 3)", "ababab"),
        ("chr(65)", "A"),
        ("'it''s'", "it's"),
        ("ltrim('  x ')", "x "),
        ("rtrim(' x  ')", " x"),
        ("trim('  x  ')", "x"),
        ("'a' -- what follows is said to the reader", "a"),
    ];
    for (sql, wanted) in cases {
        assert_eq!(word(sql).unwrap(), wanted, "{sql}");
    }
}
