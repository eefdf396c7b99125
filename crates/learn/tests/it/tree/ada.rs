//! AdaBoost: against scikit-learn's, and what must hold.

use super::*;
use arkwright_learn::tree::{AdaBoost, AdaBoosted, AdaLoss};

fn boosted(train: &Table, test: &Table, settings: &AdaBoost) -> Vec<f64> {
    let model = train.with(None, |samples| settings.fit(samples, None, &Context::new(1)).unwrap().model);
    let columns: Vec<Column<'_>> = test.columns.iter().map(|c| Column::F64(c)).collect();
    let x = Design { columns: &columns, rows: test.y.len() };
    let mut out = vec![0.0; test.y.len() * test.classes.max(1)];
    model.predict(&x, &mut out);
    let mut parts = Parts::new(AdaBoosted::FORMAT);
    model.save(&mut parts).unwrap();
    assert_eq!(AdaBoosted::load(&parts).unwrap(), model);
    parts.put("weight", vec![-1.0]);
    assert!(AdaBoosted::load(&parts).is_err());
    out
}

#[test]
fn samme_is_scikit_learns_number_by_number() {
    for name in ["breast_cancer", "wine"] {
        let (mut table, peer) = Table::forests(name);
        // It parts the rows as well as another does, and the peer takes that one.
        if table.columns.len() > 20 {
            table.columns.remove(20);
        }
        let (train, test) = halves(&table);
        let ours = boosted(&train, &test, &AdaBoost { n_estimators: 10, ..AdaBoost::default() });
        // A threshold lies where the bins allow, so that a row in a gap may fall to the other side.
        let theirs = flat(&peer["samme"]);
        let far = ours.iter().zip(&theirs).filter(|(a, b)| (**a - **b).abs() > 1e-6).count();
        assert!(far * 20 <= ours.len(), "{name}: {far} of {} differ", ours.len());
    }
}

#[test]
fn r2_scores_as_scikit_learns_does() {
    let (table, peer) = Table::forests("diabetes");
    let (train, test) = halves(&table);
    for (name, loss) in
        [("linear", AdaLoss::Linear), ("square", AdaLoss::Square), ("exponential", AdaLoss::Exponential)]
    {
        let rmse = test.rmse(&boosted(&train, &test, &AdaBoost { loss, ..AdaBoost::default() }));
        let theirs = peer["r2"][name].as_f64().unwrap();
        assert!((rmse / theirs - 1.0).abs() < 0.05, "{name}: {rmse} against {theirs}");
    }
}

#[test]
fn a_tree_without_error_ends_it_and_one_no_better_than_chance_is_told() {
    let table = Table { columns: vec![vec![1.0, 2.0, 3.0, 4.0]], y: vec![0.0, 0.0, 1.0, 1.0], classes: 2 };
    let outcome = table.with(None, |samples| AdaBoost::default().fit(samples, None, &Context::new(1)).unwrap());
    assert_eq!(outcome.model.trees().trees(), 1);
    let dull = Table { columns: vec![vec![1.0; 4]], y: vec![0.0, 1.0, 0.0, 1.0], classes: 2 };
    let error = dull.with(None, |samples| AdaBoost::default().fit(samples, None, &Context::new(1)).err().unwrap());
    assert!(error.to_string().contains("no better than chance"), "{error}");
}
