//! Checks that the file declares see the table as it was read, before anything is made of its columns.

use crate::workshop::{Workshop, customers};

fn file(checks: &str) -> String {
    format!(
        "[system]\nname = \"checked\"\n[data]\nsource = \"t.csv\"\ntarget = \"left\"\n{checks}\n[[model]]\nkind = \"logistic\"\n"
    )
}

#[test]
fn an_infinite_number_and_a_word_among_numbers_are_set_aside() {
    let shop = Workshop::new();
    let (header, rows) = customers(300).split_once('\n').map(|(h, r)| (h.to_string(), r.to_string())).unwrap();
    shop.put("t.csv", &format!("{header}\n30,inf,Ulm,2001-01-11,yes\n31,much,Ulm,2001-01-11,no\n{rows}"));
    let refused = shop.plan(&shop.put("arkwright.toml", &file(""))).map(|(_, plan, _)| plan);
    // Without the check the column is one of words.
    assert!(refused.is_err() || refused.is_ok_and(|p| p.tables.values().any(|t| t.rows == 302)));
    let check = "checks.income = { type = \"number\", on_fail = \"set_aside\" }";
    let (_, plan, _) = shop.plan(&shop.put("arkwright.toml", &file(check))).unwrap();
    let notes = plan.tables.values().next().unwrap();
    assert_eq!(notes.rows, 300);
    let income = notes.fields.iter().find(|f| f.name == "income").unwrap();
    assert_eq!(income.kind, arkwright_core::Kind::Number, "{:?}", notes.warnings);
}

#[test]
fn a_query_that_computes_with_a_flag_still_runs() {
    let shop = Workshop::new();
    shop.put("t.csv", &customers(300).replace(",yes\n", ",true\n").replace(",no\n", ",false\n"));
    let query = "query = \"select * from source where \\\"left\\\" or age > 30\"";
    let (_, plan, _) = shop.plan(&shop.put("arkwright.toml", &file(query))).unwrap();
    assert_eq!(plan.tables.values().next().unwrap().classes, Some(2));
}

#[test]
fn the_long_form_keeps_what_the_short_form_keeps() {
    let shop = Workshop::new();
    // Every note is another text: no column to learn from, and yet one to derive from.
    let (header, rows) = customers(300).split_once('\n').map(|(h, r)| (h.to_string(), r.to_string())).unwrap();
    let rows: String = rows.lines().enumerate().map(|(i, l)| format!("{},{l}\n", "x ".repeat(i + 1))).collect();
    shop.put("t.csv", &format!("note,{header}\n{rows}"));
    let short = file("").replace("[[model]]", "[prepare]\nderive = { n = \"length(note)\" }\n[[model]]");
    let (project, plan, _) = shop.plan(&shop.put("arkwright.toml", &short)).unwrap();
    let long = project.long(&plan).unwrap();
    shop.plan(&shop.put("arkwright.toml", &long)).unwrap();
}
