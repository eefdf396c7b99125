//! A table as people write it gives the model that the same table gives as programs write it, in training and in
//! every way of asking.

use crate::workshop::{Workshop, customers};
use arkwright_core::{Context, Frame};
use arkwright_data::{Engine, Request};

const FILE: &str =
    "[system]\nname = \"written\"\n[data]\nsource = \"t.csv\"\ntarget = \"left\"\n[[model]]\nkind = \"logistic\"\n";

/// The table with decimal commas, days first, and a semicolon between its cells.
fn german(plain: &str) -> String {
    let mut lines = plain.lines();
    let mut text = lines.next().unwrap().replace(',', ";") + "\n";
    for line in lines {
        let cells: Vec<&str> = line.split(',').collect();
        let date: Vec<&str> = cells[3].split('-').collect();
        let income = match cells[1].split_once('.') {
            Some((whole, fraction)) if whole.len() > 3 => {
                format!("{}.{},{fraction}", &whole[..whole.len() - 3], &whole[whole.len() - 3..])
            }
            _ => cells[1].replace('.', ","),
        };
        let age = cells[0].replace('.', ",");
        text += &format!("{age};{income};{};{}.{}.{};{}\n", cells[2], date[2], date[1], date[0], cells[4]);
    }
    text
}

/// The model of a table, asked for the rows of a file, in the file's notation.
fn answers(shop: &Workshop, table: &str, asked: &str) -> (Frame, Vec<String>) {
    shop.put("t.csv", table);
    let path = shop.put("arkwright.toml", FILE);
    let warnings = shop.plan(&path).unwrap().1.tables.into_values().next().unwrap().warnings;
    shop.run(&path).unwrap();
    let store = shop.store();
    let bundle = store.get_bundle(&store.resolve("written").unwrap().bundle, &arkwright_flow::registry()).unwrap();
    let mut request = Request::new(shop.path(), "asked.csv");
    request.bytes = Some(asked.as_bytes());
    // As text throughout: the request knows the notation.
    request.types =
        bundle.request().fields().iter().map(|f| (f.field.name.clone(), arrow::datatypes::DataType::Utf8)).collect();
    let raw = Engine::new(None, 1).unwrap().read(&request).unwrap().into_batch().unwrap();
    let rows = bundle.request().conform(&raw, 0).unwrap();
    (bundle.predict(&rows, &Context::new(0)).unwrap(), warnings)
}

#[test]
fn a_table_with_decimal_commas_and_days_first_gives_the_same_answers() {
    let (plain, asked) = (customers(400), customers(20));
    let (expected, quiet) = answers(&Workshop::new(), &plain, &asked);
    let (given, told) = answers(&Workshop::new(), &german(&plain), &german(&asked));
    assert_eq!(given, expected);
    assert!(!quiet.concat().contains("decimal"), "{quiet:?}");
    assert!(told.concat().contains("read as numbers with a decimal comma"), "{told:?}");
}

#[test]
fn a_draft_says_how_its_table_is_written() {
    let shop = Workshop::new();
    shop.put("t.csv", &german(&customers(100)));
    let engine = Engine::new(None, 1).unwrap();
    let draft = arkwright_flow::draft(&engine, shop.path(), "t.csv", "t.csv", "written", "left").unwrap();
    assert!(draft.text.contains("decimal = \",\"\ndates = \"day_first\"\n"), "{}", draft.text);
}

#[test]
fn a_bundle_tells_what_its_training_never_saw() {
    let shop = Workshop::new();
    shop.put("t.csv", &customers(200));
    let path = shop.put("arkwright.toml", FILE);
    shop.run(&path).unwrap();
    let store = shop.store();
    let bundle = store.get_bundle(&store.resolve("written").unwrap().bundle, &arkwright_flow::registry()).unwrap();
    let body = r#"{"instances": [{"age": 1, "income": 2, "city": "Paris", "since": null}, {"age": 1, "income": 2,
        "city": " Ulm", "since": null}]}"#;
    let rows = bundle.request().from_json(body.as_bytes(), 2).unwrap();
    let told = bundle.request().unseen(&rows).unwrap().told();
    assert_eq!(told, ["column `city`: 1 row holds a value never seen in training: `Paris` (1)"]);
}

#[test]
fn a_notation_that_cannot_be_is_refused_with_its_key() {
    for (line, told) in [
        ("decimal = \"x\"", "is a point or a comma"),
        ("decimal = \",,\"", "character"),
        ("thousands = \"-\"", "is one of"),
        ("decimal = \",\"\nthousands = \",\"", "already"),
        ("dates = \"year_first\"", "day_first"),
    ] {
        let shop = Workshop::new();
        shop.put("t.csv", &customers(50));
        let path = shop.put("arkwright.toml", &FILE.replace("target =", &format!("{line}\ntarget =")));
        let Err(failed) = shop.plan(&path) else { panic!("{line} is taken") };
        let said = format!("{} {:?}", failed.error, failed.error.hint());
        assert!(said.contains(told), "{line}: {said}");
    }
}
