//! Names: taken as they are spelt; those that are not plain words stand in double quotes.

use crate::rows::{applied, fit, frame, number, numbers, text, texts, told};
use arkwright_expr::{Derive, columns_in};

#[test]
fn capitals_count() {
    let table = frame([("Age", numbers([1.0])), ("age", numbers([2.0])), ("AGE", numbers([4.0]))]);
    assert_eq!(number(&table, "Age"), [Some(1.0)]);
    assert_eq!(number(&table, "age + 10 * AGE + 100 * \"Age\""), [Some(142.0)]);
    let (message, hint) = told(&frame([("Age", numbers([1.0]))]), "age / 2");
    assert_eq!(message, "derive `given`: there is no column `age`");
    assert_eq!(hint, "did you mean `Age`?");
}

#[test]
fn any_name_can_be_quoted() {
    let names = [
        "Total Charges",
        "a \"quoted\" name",
        "it's",
        "a.b",
        "1st",
        "naïve café",
        "select",
        "x+y",
        " led by a space",
        "x[0]",
        "{x}",
        "a\\b",
        "100%",
    ];
    for name in names {
        let table = frame([("other", numbers([9.0])), (name, numbers([21.0]))]);
        let quoted = format!("\"{}\" * 2", name.replace('"', "\"\""));
        assert_eq!(number(&table, &quoted), [Some(42.0)], "{name}");
        assert_eq!(columns_in(&quoted).unwrap(), [name]);
    }
}

#[test]
fn words_that_sql_knows_may_be_columns() {
    for name in ["date", "time", "hour", "month", "value", "user", "class", "position", "count", "sum", "type", "rank"]
    {
        let table = frame([(name, numbers([20.0])), ("other", numbers([1.0]))]);
        assert_eq!(number(&table, &format!("{name} + 1")), [Some(21.0)], "{name}");
        assert_eq!(columns_in(&format!("{name} + 1")).unwrap(), [name]);
    }
}

#[test]
fn a_derived_name_is_quoted_like_any_other() {
    let table = frame([("a", numbers([1.0])), ("b", numbers([2.0]))]);
    let derive = Derive::new([("Total \"a\" + b", "a + b"), ("twice", "\"Total \"\"a\"\" + b\" * 2")]);
    let out = applied(fit(&derive, &table).unwrap().as_ref(), &table).unwrap();
    assert_eq!(*out.numbers(out.position("Total \"a\" + b").unwrap()).unwrap(), [3.0]);
    assert_eq!(*out.numbers(out.position("twice").unwrap()).unwrap(), [6.0]);
}

#[test]
fn functions_and_words_of_sql_have_no_case() {
    let table = frame([("t", texts(["ab"])), ("x", numbers([3.0]))]);
    assert_eq!(text(&table, "UPPER(t)"), [Some("AB".to_string())]);
    assert_eq!(number(&table, "Case When x IS NOT null THEN Coalesce(x, 0) END"), [Some(3.0)]);
    assert_eq!(number(&table, "EXTRACT(YEAR FROM CAST('2024-02-29' AS DATE))"), [Some(2024.0)]);
}

#[test]
fn single_quotes_make_text_and_double_quotes_names() {
    let table = frame([("t", texts(["ab"])), ("x", numbers([3.0]))]);
    assert_eq!(text(&table, "'t'"), [Some("t".to_string())]);
    assert_eq!(text(&table, "\"t\""), [Some("ab".to_string())]);
    let (message, hint) = told(&table, "t = \"text that was meant\"");
    assert_eq!(message, "derive `given`: there is no column `text that was meant`");
    assert_eq!(hint, "text stands in single quotes: 'text'; names as they are spelt in the table");
}

#[test]
fn the_columns_of_an_expression_are_told_once_in_order() {
    let cases: [(&str, &[&str]); 9] = [
        ("b + a * b - c", &["b", "a", "c"]),
        ("case x when 1 then y else z end", &["x", "y", "z"]),
        ("coalesce(x, 'x', \"X\")", &["x", "X"]),
        ("extract(month from day) + date_part('year', day)", &["day"]),
        ("cast(t as int) between lo and hi", &["t", "lo", "hi"]),
        ("t like 'a%' and u in ('v', w) or not k is null", &["t", "u", "w", "k"]),
        ("substring(t from 1 for n)", &["t", "n"]),
        ("1 + 2", &[]),
        ("now()", &[]),
    ];
    for (sql, wanted) in cases {
        assert_eq!(columns_in(sql).unwrap(), wanted, "{sql}");
    }
    assert!(columns_in("a +").unwrap_err().to_string().contains("expression"));
}

#[test]
fn a_sum_of_thousands_is_refused_where_there_is_little_room() {
    // 4,000 terms nest 4,000 deep; a thread of a server has two megabytes.
    let sum = vec!["a"; 4000].join("+");
    let settings = serde_json::json!({ "columns": { "sum": sum.as_str() } });
    let little = || std::thread::Builder::new().stack_size(2 << 20);
    let columns = little().spawn(move || columns_in(&sum).unwrap_err().to_string()).unwrap();
    assert_eq!(columns.join().unwrap(), "the expression is nested more than 250 deep");
    let read = little().spawn(move || serde_json::from_value::<Derive>(settings).unwrap_err().to_string()).unwrap();
    assert!(read.join().unwrap().contains("the expression is nested more than 250 deep"));
    assert_eq!(columns_in(&vec!["a"; 200].join("+")).unwrap(), ["a"]);
}
