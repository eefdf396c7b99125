//! The query: what it may select, and that it can do nothing but select.

use crate::place::{Place, Table, engine, words};

const SALES: &str = "day,shop,Amount\n2024-01-02,a,10\n2024-01-01,b,2.5\n2024-01-03,a,\n";

fn ask(sql: &str) -> arkwright_core::Result<Table> {
    let place = Place::with("t.csv", SALES);
    let mut request = place.request("t.csv");
    request.query = Some(sql);
    engine(1).read(&request).map(Table::of)
}

fn refused(sql: &str) -> String {
    match ask(sql) {
        Err(error) => words(&error),
        Ok(table) => panic!("{sql} gave {} rows", table.rows()),
    }
}

#[test]
fn it_builds_a_table_from_the_rows_that_were_read() {
    let table =
        ask("select shop, sum(\"Amount\") as total, count(*) as n from source group by shop order by shop").unwrap();
    assert_eq!(table.names(), ["shop", "total", "n"]);
    assert_eq!(table.texts("shop"), [Some("a"), Some("b")]);
    assert_eq!(table.numbers("total"), [Some(10.0), Some(2.5)]);
    assert_eq!(table.whole("n"), [Some(2), Some(1)]);
}

#[test]
fn it_may_use_itself_windows_and_parts_of_its_own() {
    let table = ask(
        "with big as (select * from source where Amount > 1) \
         select s.shop, row_number() over (order by s.day) as nth from source s join big on s.day = big.day order by nth;",
    )
    .unwrap();
    assert_eq!(table.texts("shop"), [Some("b"), Some("a")]);
    let table = ask("select day from source where Amount = (select max(Amount) from source)").unwrap();
    assert_eq!(table.days("day"), [Some(19_724)]);
}

#[test]
fn names_are_taken_as_they_are_spelt() {
    assert_eq!(ask("select Amount from source").unwrap().numbers("Amount"), [Some(10.0), Some(2.5), None]);
    let said = refused("select amount from source");
    assert!(said.starts_with("query: ") && said.contains("amount"), "{said}");
    assert!(refused("select * from Source").contains("there is no table `Source`"));
}

#[test]
fn rows_keep_the_order_that_the_query_leaves() {
    assert_eq!(ask("select day from source").unwrap().days("day"), [Some(19_724), Some(19_723), Some(19_725)]);
    assert_eq!(ask("select day from source order by day desc").unwrap().days("day")[0], Some(19_725));
}

#[test]
fn the_rows_that_could_not_be_read_are_still_told() {
    let place = Place::with("t.csv", "a,b\n1,2\n3\n");
    let mut request = place.request("t.csv");
    request.limits.max_bad_share = 0.5;
    request.query = Some("select a + b as c from source");
    let table = Table::of(engine(1).read(&request).unwrap());
    assert_eq!(table.whole("c"), [Some(3)]);
    assert_eq!((table.bad.count, table.bad.first[0].line), (1, 3));
}

#[test]
fn it_writes_nothing() {
    let place = Place::new();
    let out = place.path().join("out.csv");
    let out = out.display();
    for sql in [
        "create table t as select * from source".to_string(),
        "create view v as select * from source".into(),
        "create schema s".into(),
        format!("create external table t stored as csv location '{out}'"),
        format!("copy source to '{out}'"),
        format!("copy (select * from source) to '{out}' stored as csv"),
        "insert into source values ('2024-01-01', 'c', 1)".into(),
        "update source set shop = 'x'".into(),
        "delete from source".into(),
        "drop table source".into(),
        "truncate table source".into(),
        "select * into t from source".into(),
        "set datafusion.execution.batch_size = 1".into(),
        "reset datafusion.execution.batch_size".into(),
        "begin".into(),
        "explain select * from source".into(),
        "explain analyze select * from source".into(),
        "describe source".into(),
        "show tables".into(),
        "show all".into(),
        "prepare p as select * from source".into(),
        "create function f(x int) returns int return x".into(),
    ] {
        let said = refused(&sql);
        assert!(said.starts_with("query: "), "{sql}: {said}");
    }
    assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 0);
}

#[test]
fn it_reads_no_file_and_no_other_table() {
    let place = Place::with("secret.csv", "a\n1\n");
    let path = place.path().join("secret.csv");
    let path = path.display();
    for sql in [
        format!("select * from '{path}'"),
        format!("select * from \"{path}\""),
        format!("select * from source where shop in (select a from '{path}')"),
        format!("select (select a from '{path}') as x from source"),
        format!("with t as (select * from '{path}') select * from t"),
        format!("select * from source union all select * from '{path}'"),
        format!("select * from read_csv('{path}')"),
        format!("select * from parquet_metadata('{path}')"),
        "select * from generate_series(1, 3)".into(),
        "select * from information_schema.tables".into(),
        "select * from information_schema.df_settings".into(),
        "select * from other".into(),
        "select * from public.source".into(),
    ] {
        let said = refused(&sql);
        assert!(said.contains("there is no table `"), "{sql}: {said}");
        assert!(said.contains("a query selects from `source`"), "{sql}: {said}");
    }
    assert!(refused("table other").starts_with("query: "));
}

#[test]
fn it_asks_neither_clock_nor_chance() {
    for sql in [
        "select now() as t from source",
        "select current_date as t from source",
        "select current_time as t from source",
        "select random() as r from source",
        "select uuid() as r from source",
        "select * from source where random() < 0.5",
        "select * from source order by random()",
        "select * from source where Amount > (select max(random()) from source)",
        "with t as (select now() as n from source) select n from t",
    ] {
        let said = refused(sql);
        assert!(said.contains("answers otherwise each time it is asked"), "{sql}: {said}");
    }
}

#[test]
fn it_is_one_statement() {
    assert!(refused("").contains("query: it is empty"));
    assert!(refused("  ;  ").starts_with("query: "));
    assert!(refused("select * from source; select 1").contains("there is more than one statement"));
    assert!(refused("select * from source; drop table source").contains("there is more than one statement"));
    assert!(refused("select * from source -- x\n; select 1").contains("there is more than one statement"));
}

#[test]
fn what_is_wrong_with_it_is_told() {
    let said = refused("selec a from source");
    assert!(said.starts_with("query: ") && said.contains("selec") && said.contains("Line: 1"), "{said}");
    let said = refused("select shop from source where (Amount > 1");
    assert!(said.starts_with("query: ") && said.contains("Expected: )"), "{said}");
    let said = refused("select nothing from source");
    assert!(said.contains("nothing") && said.contains("shop"), "{said}");
    assert!(refused("select nosuch(shop) from source").contains("nosuch"));
    assert!(refused("select cast(shop as int) as s from source").contains("Cannot cast string 'a'"));
    assert!(refused("select 1 / 0 as x from source").to_lowercase().contains("divide by zero"));
    assert!(refused("select shop, Amount as shop from source").contains("shop"));
    assert!(refused("select * from source where false").contains("query: it leaves no rows"));
}

#[test]
fn a_query_too_long_or_too_deep_is_refused() {
    let said = refused(&format!("select '{}' as x from source", "x".repeat(100_000)));
    assert!(said.contains("the query is longer than 100000 characters"), "{said}");
    let deep = format!("select {}1{} as x from source", "(".repeat(5000), ")".repeat(5000));
    assert!(refused(&deep).starts_with("query: "));
    for chain in [" + 1".repeat(24_000), " + abs(1)".repeat(10_000), " is null".repeat(12_000), "::int".repeat(12_000)]
    {
        let said = refused(&format!("select 1{chain} as x from source"));
        assert!(said.contains("an expression has more than 4000 words and signs"), "{said}");
    }
    let chain = format!("select 1{} as x from source", " + 1".repeat(500));
    assert_eq!(ask(&chain).unwrap().whole("x"), [Some(501); 3]);
    // Many columns are no long expression.
    let columns: Vec<String> = (0..600).map(|i| format!("Amount + Amount - 1 as a{i}")).collect();
    assert_eq!(ask(&format!("select {} from source", columns.join(", "))).unwrap().names().len(), 600);
}

#[test]
fn text_and_lists_of_a_length_that_a_row_chooses_are_refused() {
    let asked = [
        "select repeat('x', 1000000000) as x from source",
        "select repeat('x', cast(Amount as bigint)) as x from source",
        "with a as (select 1 as y from source) select rpad('x', 100000, 'y') as x from a",
        "select cardinality(generate_series(1, 1000000000000)) as x from source",
        "select repeat(repeat('x', 10000), 10000) as x from source",
    ];
    for sql in asked {
        let said = refused(sql);
        assert!(said.contains("of no fixed length up to 10000"), "{sql}: {said}");
    }
    assert_eq!(ask("select repeat('x', 3) as x from source").unwrap().texts("x")[0], Some("xxx"));
}

#[test]
fn names_are_looked_at_before_anything_is_computed() {
    // The rows of this query would take days.
    let cross = (0..12).map(|i| format!("source s{i}")).collect::<Vec<_>>().join(", ");
    let place = Place::with("t.csv", format!("a\n{}", "1\n".repeat(1000)));
    let mut request = place.request("t.csv");
    let sql = format!("select s0.a, s1.a from {cross}");
    request.query = Some(&sql);
    let said = words(&engine(1).read(&request).unwrap_err());
    assert!(said.contains("two columns are called `a`"), "{said}");
}

#[test]
fn the_rows_of_a_query_are_held_to_the_memory() {
    let place = Place::with("t.csv", format!("a\n{}", "1\n".repeat(1000)));
    let mut request = place.request("t.csv");
    request.query = Some("select s.a as x from source s, source t, source u");
    let said = words(&arkwright_data::Engine::new(Some(1 << 20), 1).unwrap().read(&request).unwrap_err());
    assert!(said.contains("the rows of the query"), "{said}");
}
