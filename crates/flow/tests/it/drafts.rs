//! The file that `new` drafts runs, and the checks in it hold on the table that it was drafted from.

use crate::workshop::{Workshop, customers};
use arkwright_data::Engine;

fn drafted(shop: &Workshop, table: &str, target: &str) -> String {
    shop.put("t.csv", table);
    let engine = Engine::new(None, 1).unwrap();
    arkwright_flow::draft(&engine, shop.path(), "t.csv", "t.csv", "drafted", target).unwrap().text
}

/// The draft with its checks taken out of their comments.
fn with_checks(draft: &str) -> String {
    let lines = draft.lines().map(|line| match line.strip_prefix("# checks.") {
        Some(check) => format!("checks.{}\n", check.replace("\"warn\"", "\"refuse\"")),
        None => format!("{line}\n"),
    });
    lines.collect()
}

#[test]
fn the_checks_of_a_draft_hold_on_its_table_and_fail_on_another() {
    let shop = Workshop::new();
    let table = customers(300).replacen("age,income", "age,\"odd \"\"name\"\"\"", 1);
    let text = with_checks(&drafted(&shop, &table, "left"));
    for column in ["age", "\"odd \\\"name\\\"\"", "city", "since"] {
        assert!(text.contains(&format!("\nchecks.{column} = {{ ")), "no check of {column}:\n{text}");
    }
    let path = shop.put("arkwright.toml", &text);
    shop.plan(&path).unwrap();

    let (header, rows) = table.split_once('\n').unwrap();
    shop.put("t.csv", &format!("{header}\n999,1,Paris,2001-01-11,yes\n{rows}"));
    let error = shop.plan(&path).err().unwrap().error;
    assert!(error.to_string().contains("age"), "{error}");
}

#[test]
fn the_checks_of_a_draft_hold_on_flags_as_they_are_spelt() {
    let shop = Workshop::new();
    let table = customers(200).replace(",yes\n", ",True\n").replace(",no\n", ",False\n");
    let text = with_checks(&drafted(&shop, &table, "left"));
    assert!(text.contains("checks.left = { max_null_share = 0.0, allowed = [\"False\",\"True\"]"), "{text}");
    shop.plan(&shop.put("arkwright.toml", &text)).unwrap();
}

#[test]
fn a_target_of_one_value_is_told_at_once() {
    let shop = Workshop::new();
    shop.put("t.csv", &customers(50).replace(",no\n", ",yes\n"));
    let engine = Engine::new(None, 1).unwrap();
    let error = arkwright_flow::draft(&engine, shop.path(), "t.csv", "t.csv", "drafted", "left").unwrap_err();
    assert!(error.to_string().contains("left"), "{error}");
}

#[test]
fn a_target_that_names_its_rows_is_told() {
    let shop = Workshop::new();
    let named: String = customers(60).lines().enumerate().map(|(i, line)| format!("row {i},{line}\n")).collect();
    shop.put("t.csv", &named.replacen("row 0", "id", 1));
    let engine = Engine::new(None, 1).unwrap();
    let draft = |target| arkwright_flow::draft(&engine, shop.path(), "t.csv", "t.csv", "drafted", target).unwrap();
    let warnings = draft("id").warnings;
    assert!(warnings.iter().any(|w| w.contains("`id` has 60 different values in 60 rows")), "{warnings:?}");
    assert!(!draft("left").warnings.iter().any(|w| w.contains("different values")));
}

#[test]
fn a_draft_of_a_wide_table_lists_some_columns_and_stays_short() {
    let shop = Workshop::new();
    let header: Vec<String> = (0..500).map(|i| format!("c{i}")).collect();
    let row = |r: usize| (0..500).map(|c| ((r * 31 + c * 17) % 101).to_string()).collect::<Vec<_>>().join(",");
    let rows: String = (0..60).map(|r| format!("{},{}\n", row(r), if r % 3 == 0 { "a" } else { "b" })).collect();
    let text = drafted(&shop, &format!("{},y\n{rows}", header.join(",")), "y");
    assert!(text.lines().count() < 200, "{} lines", text.lines().count());
    assert!(text.contains("and 441 more columns"));
    shop.plan(&shop.put("arkwright.toml", &with_checks(&text))).unwrap();
}

#[test]
fn a_table_of_nothing_but_suspects_has_a_draft_that_names_them() {
    let shop = Workshop::new();
    let rows: String = (0..120).map(|i| i * 37 % 120).map(|y| format!("{},{y}\n", 2 * y + 1)).collect();
    let table = format!("twice,y\n{rows}");
    let text = drafted(&shop, &table, "y");
    assert!(text.contains("ignore = []              # columns to leave out; all are suspects"), "{text}");
    assert!(text.contains("\n#   \"twice\",  # "), "{text}");
    shop.plan(&shop.put("arkwright.toml", &text)).unwrap();
}

#[test]
fn the_expression_in_a_draft_is_one_that_runs() {
    let shop = Workshop::new();
    let two = customers(200);
    let column = |at: &[usize]| -> String {
        let keep =
            |line: &str| at.iter().map(|&i| line.split(',').nth(i).unwrap()).collect::<Vec<_>>().join(",") + "\n";
        two.lines().map(keep).collect()
    };
    let odd = column(&[0, 2, 4]).replacen("age", "years lived", 1);
    for table in [two.clone(), odd, column(&[2, 4])] {
        let text = drafted(&shop, &table, "left");
        let uncommented = text.replace("# [prepare] ", "[prepare] ").replace("# derive = ", "derive = ");
        assert_ne!(uncommented, text);
        let (_, plan, _) = shop.plan(&shop.put("arkwright.toml", &uncommented)).unwrap();
        assert!(plan.system.steps.iter().any(|step| step.name == "derived"), "{text}");
    }
}
