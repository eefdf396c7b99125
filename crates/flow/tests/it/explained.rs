//! What a run says of the inputs: of a wide table a few columns are asked about, and they are the right ones.

use crate::workshop::Workshop;
use arkwright_core::Random;

#[test]
fn of_a_wide_table_the_columns_that_matter_are_asked_about_and_the_others_counted() {
    let shop = Workshop::new();
    let mut random = Random::new(1, "wide");
    let names: Vec<String> = (0..240).map(|i| format!("c{i}")).collect();
    let mut table = names.join(",") + ",left,right,y\n";
    for _ in 0..300 {
        let row: Vec<f64> = (0..242).map(|_| random.normal()).collect();
        let y = row[7] + 2.0 * row[200] + 2.0 * row[240] * row[241] + 0.1 * random.normal();
        table += &row.iter().map(|v| format!("{v:.3},")).collect::<String>();
        table += &format!("{y:.3}\n");
    }
    shop.put("wide.csv", &table);
    let path = shop.put(
        "arkwright.toml",
        "format = 1\n[system]\nname = \"wide\"\ntask = \"regress\"\n[data]\nsource = \"wide.csv\"\ntarget = \"y\"\n\
         [prepare]\nderive = { both = '\"left\" * \"right\"' }\n[[model]]\nkind = \"linear\"\nalpha = 0.1\n",
    );
    let ran = shop.run(&path).unwrap();
    let asked: Vec<&str> = ran.explained.importances.iter().map(|i| i.name.as_str()).collect();
    assert!((100..=110).contains(&asked.len()), "{}", asked.len());
    assert_eq!(asked.len() + ran.explained.left_out, 242);
    // `left` and `right` matter by what is made of them alone.
    let mut first = asked[..4].to_vec();
    first.sort_unstable();
    assert_eq!(first, ["c200", "c7", "left", "right"]);
    assert_eq!((ran.explained.rows, ran.explained.attributed), (60, 60));
    assert!(ran.report.asked.contains("Of 242 columns"), "{}", ran.report.asked);
}
