//! Saved and loaded, an expression gives the same bits; what is damaged is refused and never a panic.

use crate::every::{EXPRESSIONS, sample};
use crate::rows::{applied, cells, days, fit, frame, numbers, texts};
use arkwright_core::{Error, Frame, Json, Model, Parts, Registry};
use arkwright_expr::{Derive, formats, specs};
use std::sync::Arc;

fn load(parts: &Parts) -> Result<Arc<dyn Model>, Error> {
    Registry::new(specs(), formats()).load(parts)
}

fn saved() -> Parts {
    let table = frame([("x", numbers([1.0])), ("t", texts(["a"])), ("day", days([1]))]);
    let columns = [("z", "x / 3"), ("a", "upper(t) || cast(z as text)"), ("m", "date_part('month', day)")];
    fit(&Derive::new(columns), &table).unwrap().save().unwrap()
}

/// The error of parts whose JSON was changed.
fn damaged(change: impl Fn(&mut Json)) -> String {
    let mut parts = saved();
    change(&mut parts.json);
    load(&parts).map(|_| parts.json.to_string()).unwrap_err().to_string()
}

#[test]
fn a_loaded_step_gives_the_same_bits() {
    let table = sample();
    let model = fit(&Derive::new(EXPRESSIONS), &table).unwrap();
    let parts = model.save().unwrap();
    // As a bundle keeps it: through JSON's text.
    let text = serde_json::to_string(&parts.json).unwrap();
    let read = Parts { json: serde_json::from_str(&text).unwrap(), ..parts.clone() };
    let loaded = load(&read).unwrap();
    assert_eq!(loaded.signature(), model.signature());
    let (before, after) = (applied(model.as_ref(), &table).unwrap(), applied(loaded.as_ref(), &table).unwrap());
    for ((field, a), b) in before.fields().iter().zip(before.columns()).zip(after.columns()) {
        assert_eq!(a.data_type(), b.data_type(), "{}", field.name);
        assert_eq!(cells(a), cells(b), "{}", field.name);
    }
    assert_eq!(loaded.save().unwrap(), parts);
    assert_eq!(loaded.save().unwrap().hash(), read.hash());
}

#[test]
fn what_is_saved_is_names_types_and_expressions_in_their_order() {
    let parts = saved();
    assert_eq!((parts.format.as_str(), parts.version), ("derive", 1));
    assert!(parts.blobs.is_empty() && parts.children.is_empty());
    let columns = r#"{"z":"x / 3","a":"upper(t) || cast(z as text)","m":"date_part('month', day)"}"#;
    assert_eq!(parts.json["columns"].to_string(), columns);
    let types: Vec<&str> =
        parts.json["inputs"].as_array().unwrap().iter().filter_map(|i| i["data_type"].as_str()).collect();
    assert_eq!(types, ["float64", "utf8", "date"]);
}

#[test]
fn the_settings_keep_their_order_and_read_back() {
    let derive = Derive::new([("z", "x"), ("a", "z + 1"), ("m", "a * z")]);
    let text = serde_json::to_string(&derive).unwrap();
    assert_eq!(text, r#"{"columns":{"z":"x","a":"z + 1","m":"a * z"}}"#);
    assert_eq!(serde_json::from_str::<Derive>(&text).unwrap(), derive);
    assert!(serde_json::from_str::<Derive>(r#"{"columns":{"z":"x +"}}"#).is_err());
    assert!(serde_json::from_str::<Derive>(r#"{"columns":["x"]}"#).is_err());
}

#[test]
fn damage_is_told() {
    let cases: [(&str, String); 6] = [
        ("no type is called `float`", damaged(|json| json["inputs"][0]["data_type"] = "float".into())),
        ("the aggregate `sum`", damaged(|json| json["columns"]["z"] = "sum(x)".into())),
        ("derive `z`", damaged(|json| json["columns"]["z"] = "now()".into())),
        ("there is no column `x`", damaged(|json| json["inputs"] = Json::Array(Vec::new()))),
        ("columns", damaged(|json| drop(json.as_object_mut().unwrap().shift_remove("columns")))),
        ("Expected: an expression", damaged(|json| json["columns"]["z"] = "x +".into())),
    ];
    for (wanted, error) in cases {
        assert!(error.starts_with("the saved model cannot be read: derive (version 1): "), "{error}");
        assert!(error.contains(wanted), "{error}");
    }
}

#[test]
fn a_newer_format_and_another_are_refused() {
    let newer = Parts { version: 2, ..saved() };
    let error = load(&newer).map(|_| "loaded").unwrap_err().to_string();
    assert!(error.contains("this program reads up to version 1"), "{error}");
    let other = Parts { format: "derived".into(), ..saved() };
    let error = load(&other).map(|_| "loaded").unwrap_err().to_string();
    assert!(error.contains("nothing here loads the format `derived`"), "{error}");
}

#[test]
fn what_was_fitted_on_texts_or_truth_stays_so() {
    let words = frame([("ok", texts([Some("true"), Some("no"), None]))]);
    let truth = frame([("ok", crate::rows::flags([Some(true), Some(false), None]))]);
    let again = |sql: &str, table: &Frame| {
        let loaded = load(&fit(&Derive::new([("given", sql)]), table).unwrap().save().unwrap()).unwrap();
        cells(applied(loaded.as_ref(), table).unwrap().column("given").unwrap())
    };
    assert_eq!(again("upper(ok)", &words), ["TRUE", "NO", "missing"]);
    assert_eq!(again("not ok", &truth), ["false", "true", "missing"]);
}
