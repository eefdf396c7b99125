//! Rankings and survival, from the file to the hold-out: groups and events reach the loss and the metric.

use crate::workshop::Workshop;
use std::fmt::Write;

/// A number in 0 to 1, from a fixed rule.
fn r(i: usize, k: usize) -> f64 {
    ((i * 7919 + k * 104_729) % 1009) as f64 / 1009.0
}

#[test]
fn a_ranking_is_learnt_by_query_and_judged_by_list() {
    let shop = Workshop::new();
    let mut rows = String::from("query,match,age,relevance\n");
    for i in 0..600 {
        let (fit, age) = (r(i, 1), r(i, 2));
        let relevance = (4.0 * (0.7 * fit + 0.3 * r(i, 3) - 0.1 * age)).clamp(0.0, 3.0) as u32;
        writeln!(rows, "q{},{fit:.3},{age:.3},{relevance}", i / 12).unwrap();
    }
    shop.put("t.csv", &rows);
    let path = shop.put(
        "arkwright.toml",
        "[system]\nname = \"search\"\ntask = \"regress\"\n\
         [data]\nsource = \"t.csv\"\ntarget = \"relevance\"\ngroup = \"query\"\n\
         [[model]]\nkind = \"gbdt\"\nloss = \"lambdarank\"\nn_estimators = 20\n\
         [evaluate]\nmetrics = [\"ndcg_10\", \"mrr\", \"rmse\"]\n",
    );
    let ran = shop.run(&path).unwrap();
    let of = |name: &str| ran.judged.scores.iter().find(|s| s.metric == name).unwrap();
    let ndcg = of("ndcg_10");
    assert!(ndcg.value > ndcg.baseline.unwrap() + 0.05, "{ndcg:?}");
    assert!(ndcg.low.unwrap() < ndcg.value && ndcg.value < ndcg.high.unwrap());
    assert!(of("mrr").value > 0.8 && of("rmse").value > 0.0);
}

#[test]
fn survival_is_learnt_from_censored_times_and_judged_by_concordance() {
    let shop = Workshop::new();
    let mut rows = String::from("use,price,months,left\n");
    for i in 0..600 {
        let (usage, price) = (r(i, 1), r(i, 2));
        let time = (1.0 + 2.0 * usage - price + 0.5 * r(i, 3)).exp();
        let censored = 20.0 * r(i, 4);
        writeln!(rows, "{usage:.3},{price:.3},{:.2},{}", time.min(censored) + 0.1, u8::from(time < censored)).unwrap();
    }
    shop.put("t.csv", &rows);
    for (loss, metric) in [("cox", "concordance_risk"), ("aft", "concordance")] {
        let path = shop.put(
            &format!("{loss}/arkwright.toml"),
            &format!(
                "[system]\nname = \"{loss}\"\n[data]\nsource = \"../t.csv\"\ntarget = \"months\"\nevent = \"left\"\n\
                 [[model]]\nkind = \"gbdt\"\nloss = \"{loss}\"\nn_estimators = 30\n\
                 [evaluate]\nmetrics = [\"{metric}\"]\n"
            ),
        );
        let ran = shop.run(&path).unwrap();
        assert!(ran.judged.scores[0].value > 0.7, "{:?}", ran.judged.scores);
    }
}
