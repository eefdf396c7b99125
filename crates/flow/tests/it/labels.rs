//! Labels are spelt as in the target.

use crate::workshop::{Workshop, customers};
use arkwright_core::Context;

/// The labels that a system answers with when its target is spelt so.
fn answered(yes: &str, no: &str) -> Vec<String> {
    let shop = Workshop::new();
    let rows = customers(900).replace(",yes\n", &format!(",{yes}\n")).replace(",no\n", &format!(",{no}\n"));
    shop.put("t.csv", &rows);
    let path = shop.put(
        "arkwright.toml",
        "[system]\nname = \"spelt\"\n[data]\nsource = \"t.csv\"\ntarget = \"left\"\n[[model]]\nkind = \"logistic\"\n",
    );
    shop.run(&path).unwrap();
    let store = shop.store();
    let bundle = store.get_bundle(&store.resolve("spelt").unwrap().bundle, &arkwright_flow::registry()).unwrap();
    let row = |age: f64, income: u32, city: &str| {
        format!("{{\"age\": {age}, \"income\": {income}, \"city\": \"{city}\", \"since\": \"2019-01-11\"}}")
    };
    let body = format!("{{\"instances\": [{}, {}]}}", row(60.5, 2000, "Ulm"), row(25.0, 9000, "Nowhere"));
    let request = bundle.request().from_json(body.as_bytes(), 10).unwrap();
    let answers = bundle.predict(&request, &Context::new(0)).unwrap();
    answers.texts(answers.position("prediction").unwrap()).unwrap().iter().flatten().map(String::from).collect()
}

#[test]
fn flags_are_answered_as_the_table_spells_them() {
    assert_eq!(answered("True", "False"), ["True", "False"]);
    assert_eq!(answered("TRUE", "FALSE"), ["TRUE", "FALSE"]);
    assert_eq!(answered("true", "false"), ["true", "false"]);
    assert_eq!(answered("1", "0"), ["1", "0"]);
    assert_eq!(answered("Yes", "No"), ["Yes", "No"]);
}

#[test]
fn flags_spelt_in_several_ways_are_two() {
    let shop = Workshop::new();
    let rows = customers(200).replace(",yes\n", ",True\n").replace(",no\n", ",false\n").replacen(",True", ",true", 3);
    shop.put("t.csv", &rows);
    let path = shop.put("arkwright.toml", "[data]\nsource = \"t.csv\"\ntarget = \"left\"\n[system]\nname = \"two\"\n");
    let (_, plan, _) = shop.plan(&path).unwrap();
    let notes = plan.tables.values().next().unwrap();
    assert_eq!(notes.classes, Some(2));
}
