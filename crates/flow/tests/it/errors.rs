//! What a user can bring that cannot work: a clear error, and nothing lost.

use crate::workshop::{Workshop, customers};
use arkwright_core::Error;

fn failed(file: &str, table: &str) -> (Error, bool) {
    let shop = Workshop::new();
    shop.put("t.csv", table);
    let path = shop.put("arkwright.toml", file);
    let failed = match shop.run(&path) {
        Ok(_) => panic!("this cannot work:\n{file}"),
        Err(failed) => failed,
    };
    (failed.error, failed.file.is_some())
}

const PLAIN: &str =
    "[system]\nname = \"x\"\n[data]\nsource = \"t.csv\"\ntarget = \"left\"\n[[model]]\nkind = \"logistic\"\n";

#[test]
fn wrong_files_are_pointed_at_with_the_nearest_spelling() {
    let rows = customers(100);
    let cases = [
        (PLAIN.replace("logistic", "logistik"), "logistik", "`logistic`"),
        (PLAIN.replace("[data]", "[dta]"), "dta", "`data`"),
        (PLAIN.replace("target", "targt"), "targt", "`target`"),
        (format!("{PLAIN}c = -1.0\n"), "`c`", ""),
        (format!("{PLAIN}tune.cc = {{ low = 0.1, high = 1.0 }}\n"), "cc", ""),
        (PLAIN.replace("kind = \"logistic\"", "kind = \"linear\""), "cannot classify", "logistic"),
        (PLAIN.replace("\"left\"", "\"lefd\""), "`lefd`, the target", "`left`"),
        (PLAIN.replace("[[model]]", "key = \"sinse\"\n[[model]]"), "`sinse`, the key", "`since`"),
        (PLAIN.replace("[[model]]", "key = \"left\"\n[[model]]"), "`left`, the target is the key too", "one part"),
        (
            PLAIN.replace("[[model]]", "ignore = [\"left\"]\n[[model]]"),
            "`left`, the target is in `ignore` too",
            "one part",
        ),
        (PLAIN.replace("[[model]]", "ignore = [\"age\", \"incom\"]\n[[model]]"), "`incom`", "`income`"),
        (PLAIN.replace("[[model]]", "columns.cty = { kind = \"category\" }\n[[model]]"), "`cty`", "`city`"),
        (PLAIN.replace("[[model]]", "checks.agge = { min = 1 }\n[[model]]"), "`agge`", "`age`"),
        (PLAIN.replace("[[model]]", "[split]\nkind = \"group\"\nby = \"sity\"\n[[model]]"), "`sity`", "`city`"),
        (PLAIN.replace("[[model]]", "[prepare]\nderive = { x = \"agee + 1\" }\n[[model]]"), "`agee`", "`age`"),
        (format!("{PLAIN}[evaluate]\nmetrics = [\"roc_acu\"]\n"), "no metric `roc_acu`", "`roc_auc`"),
        (format!("{PLAIN}[evaluate]\nmetrics = [\"auc\"]\n"), "no metric `auc`", "`roc_auc`"),
        (format!("{PLAIN}[evaluate]\nmetrics = [\"rmse\"]\n"), "`rmse` does not suit", "these do: "),
        (format!("{PLAIN}[evaluate]\ngate.roc_acu = {{ min = 0.5 }}\n"), "no metric `roc_acu`", "`roc_auc`"),
        (format!("{PLAIN}[serve]\nanswer = \"predicton\"\n"), "`predicton`", "`prediction`"),
        (format!("{PLAIN}[serve]\nrequest = \"tabel\"\n"), "`tabel`", "`table`"),
    ];
    for (file, told, hint) in cases {
        let (error, pointed) = failed(&file, &rows);
        assert!(error.to_string().contains(told), "{error}");
        assert!(error.hint().unwrap_or_default().contains(hint), "{error}: {:?}", error.hint());
        assert!(pointed, "{error} has no place");
    }
}

#[test]
fn tables_that_cannot_be_learnt_from_are_refused() {
    let rows = customers(60);
    let header = rows.lines().next().unwrap();
    let one_row: String = rows.lines().take(2).map(|l| format!("{l}\n")).collect();
    let one_class = rows.lines().filter(|l| !l.ends_with("no")).map(|l| format!("{l}\n")).collect::<String>();
    let infinite = rows.replacen("\n", "\n30,inf,Ulm,2001-01-01,yes\n", 1);
    let twice = rows.replacen("income", "age", 1);
    for (table, told) in [
        (String::new(), "empty"),
        (format!("{header}\n"), ""),
        (one_row, ""),
        (one_class, "class"),
        (infinite, "infinit"),
        (twice, "age"),
        (rows.replace("left", "gone"), "left"),
        ("a,left\n1,yes\n".to_string() + &"1,no\n".repeat(30), "`a` was set aside: the same value in every row"),
    ] {
        let (error, _) = failed(PLAIN, &table);
        assert!(error.to_string().contains(told), "`{error}` does not say `{told}`");
    }
}
