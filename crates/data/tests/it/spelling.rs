//! What the cells of a CSV column spell: numbers, true and false, dates, nothing at all; and that the type of a
//! column is settled by its last row as much as by its first.

use crate::place::{Place, Table, csv, engine};
use arrow::datatypes::{DataType, TimeUnit};

const STAMP: DataType = DataType::Timestamp(TimeUnit::Microsecond, None);

/// The column of some values.
fn column(values: &[&str]) -> Table {
    csv(format!("id,a\n{}", values.iter().map(|v| format!("x,{v}\n")).collect::<String>()))
}

#[test]
fn whole_numbers_are_exact_up_to_64_bits() {
    let table = column(&["1", "-20", "+5", "9007199254740993", "9223372036854775807", "-9223372036854775808"]);
    let expected = [1, -20, 5, 9_007_199_254_740_993, i64::MAX, i64::MIN];
    assert_eq!(table.whole("a"), expected.map(Some));
}

#[test]
fn whole_numbers_beyond_64_bits_are_kept_as_text() {
    for beyond in ["9223372036854775808", "-9223372036854775809", "123456789012345678901234567890"] {
        assert_eq!(column(&["1", beyond]).texts("a"), [Some("1"), Some(beyond)]);
    }
}

#[test]
fn leading_zeros_are_kept_as_text() {
    assert_eq!(column(&["01234", "98765"]).texts("a"), [Some("01234"), Some("98765")]);
    assert_eq!(column(&["-01", "2"]).texts("a"), [Some("-01"), Some("2")]);
    // These are no leading zeros.
    assert_eq!(column(&["0", "10"]).whole("a"), [Some(0), Some(10)]);
    assert_eq!(column(&["0.5", "-0.25"]).numbers("a"), [Some(0.5), Some(-0.25)]);
}

#[test]
fn numbers_have_points_and_exponents() {
    let table = column(&["1.5", "2", "1e3", "-.5", "5.", "2.5E-1"]);
    assert_eq!(table.numbers("a"), [1.5, 2.0, 1000.0, -0.5, 5.0, 0.25].map(Some));
}

#[test]
fn infinity_is_a_number_however_it_is_spelt() {
    let table = column(&["inf", "-Infinity", "+INF", "1"]);
    assert_eq!(table.numbers("a"), [f64::INFINITY, f64::NEG_INFINITY, f64::INFINITY, 1.0].map(Some));
}

#[test]
fn five_spellings_mean_that_a_value_is_missing() {
    let table = column(&["1", "", "NA", "NaN", "null", "?", " NA ", "\"NA\"", "\"\"", "2"]);
    let mut expected = vec![None; 10];
    (expected[0], expected[9]) = (Some(1), Some(2));
    assert_eq!(table.whole("a"), expected);
}

#[test]
fn other_words_for_nothing_are_text() {
    for word in ["nan", "N/A", "None", "-", "NULL", "na", "nil", "."] {
        assert_eq!(column(&["1.5", word]).texts("a"), [Some("1.5"), Some(word)]);
    }
}

#[test]
fn what_looks_like_a_number_to_people_only_is_text() {
    for text in ["1_000", "\"1,000\"", "12abc", "1.2.3", "1e", "0x1F", "5 %", "$5", "1 2", "½", "１"] {
        let table = column(&["1", text]);
        assert_eq!(table.texts("a"), [Some("1"), Some(text.trim_matches('"'))]);
    }
}

#[test]
fn true_and_false_are_spelt_three_ways() {
    let table = column(&["true", "False", "TRUE", "", "false", "FALSE", "True"]);
    let expected = [Some(true), Some(false), Some(true), None, Some(false), Some(false), Some(true)];
    assert_eq!(table.booleans("a"), expected);
    for not in ["1", "yes", "tRUE", "t"] {
        assert_eq!(column(&["true", not]).texts("a"), [Some("true"), Some(not)]);
    }
}

#[test]
fn iso_dates_are_days() {
    // 2024-01-01 is day 19723 (1704067200 s); 31 and 28 days later is the 29th of February.
    let table = column(&["2024-02-29", "", "1970-01-01", "1969-12-31"]);
    assert_eq!(table.days("a"), [Some(19_782), None, Some(0), Some(-1)]);
    for not in ["2023-02-29", "30/02/2024", "2024-2-9", "2024-13-01", "20240229x"] {
        assert_eq!(column(&["2024-01-01", not]).texts("a"), [Some("2024-01-01"), Some(not)]);
    }
}

#[test]
fn iso_timestamps_are_microseconds_in_utc() {
    let ten = 1_704_103_200_000_000;
    let table = column(&["2024-01-01T10:00:00Z", "2024-01-01T12:00:00+02:00", "2024-01-01 05:30:00.25-0430"]);
    assert_eq!(table.micros("a"), [Some(ten), Some(ten), Some(ten + 250_000)]);
    let local = column(&["2024-01-01 10:00", "2024-01-01T10:00:00.000001", "2024-01-01"]);
    assert_eq!(local.micros("a"), [Some(ten), Some(ten + 1), Some(1_704_067_200_000_000)]);
}

#[test]
fn times_with_and_without_a_zone_do_not_mix() {
    let table = column(&["2024-01-01T10:00:00Z", "2024-01-01T10:00:00"]);
    assert_eq!(table.data_type("a"), &DataType::Utf8);
}

#[test]
fn a_column_of_nothing_has_no_type() {
    let table = column(&["", "NA", "?"]);
    assert_eq!(table.data_type("a"), &DataType::Null);
    assert_eq!(table.column("a").len(), 3);
}

/// 70,000 whole numbers, more than one thread reads at once, and one more value.
fn late(last: &str) -> Table {
    let mut text = String::from("a\n");
    (0..70_000).for_each(|i| text.push_str(&format!("{i}\n")));
    text.push_str(last);
    csv(text)
}

#[test]
fn a_word_in_the_last_row_makes_the_whole_column_text() {
    let table = late("x");
    let texts = table.texts("a");
    assert_eq!(texts.len(), 70_001);
    assert_eq!(
        (texts[0], texts[12_345], texts[69_999], texts[70_000]),
        (Some("0"), Some("12345"), Some("69999"), Some("x"))
    );
}

#[test]
fn a_fraction_in_the_last_row_makes_all_of_them_numbers() {
    let table = late("0.5");
    let numbers = table.numbers("a");
    assert_eq!((numbers[0], numbers[65_536], numbers[70_000]), (Some(0.0), Some(65_536.0), Some(0.5)));
}

#[test]
fn a_missing_value_in_the_last_row_changes_nothing() {
    let table = late("NA");
    let whole = table.whole("a");
    assert_eq!((whole[69_999], whole[70_000]), (Some(69_999), None));
}

#[test]
fn a_code_in_the_last_row_keeps_the_others_as_they_are_spelt() {
    let table = late("007");
    assert_eq!((table.texts("a")[7], table.texts("a")[70_000]), (Some("7"), Some("007")));
}

/// The types of `a`, `b`, `c` and `d` where a model knows them.
fn known(text: &str, types: [(&str, DataType); 4]) -> Table {
    let place = Place::with("t.csv", text);
    let mut request = place.request("t.csv");
    request.types = types.into_iter().map(|(name, t)| (name.to_string(), t)).collect();
    Table::of(engine(1).read(&request).unwrap())
}

#[test]
fn a_known_type_is_read_where_every_value_spells_one() {
    let types = [("a", DataType::Utf8), ("b", DataType::Float64), ("c", STAMP), ("d", DataType::Boolean)];
    let table = known("a,b,c,d\n01,1,2024-01-01,\n2,3,,NA\n", types);
    assert_eq!(table.texts("a"), [Some("01"), Some("2")]);
    assert_eq!(table.numbers("b"), [Some(1.0), Some(3.0)]);
    assert_eq!(table.micros("c"), [Some(1_704_067_200_000_000), None]);
    assert_eq!(table.booleans("d"), [None, None]);
}

#[test]
fn a_known_type_that_a_value_does_not_spell_is_not_forced() {
    let types = [("a", DataType::Int64), ("b", DataType::Boolean), ("c", DataType::Date32), ("d", DataType::Int64)];
    let table = known("a,b,c,d\n1,true,2024-01-01,1.5\nx,2,soon,2\n", types);
    assert_eq!(table.texts("a"), [Some("1"), Some("x")]);
    assert_eq!(table.texts("b"), [Some("true"), Some("2")]);
    assert_eq!(table.texts("c"), [Some("2024-01-01"), Some("soon")]);
    assert_eq!(table.numbers("d"), [Some(1.5), Some(2.0)]);
}
