use crate::formula::{Formula, category, fixture, frame, normals, number, numbers, peer, target};
use arkwright_core::Context;
use arkwright_explain::{Importance, Importances, Permutation, permutation_importance};
use arkwright_measure::Metric;

fn of<'a>(told: &'a Importances, name: &str) -> &'a Importance {
    told.columns.iter().find(|c| c.name == name).unwrap()
}

#[test]
fn importances_agree_with_scikit_learn_in_distribution() {
    let (frame, model) = peer();
    for (metric, name) in [(Metric::Rmse, "rmse"), (Metric::R2, "r2")] {
        let settings = Permutation { repeats: 1000, ..Permutation::default() };
        let told = permutation_importance(&model, &frame, metric, &settings, &Context::new(1)).unwrap();
        let peer = &fixture()[name];
        for (i, column) in ["a", "b", "c", "d"].into_iter().enumerate() {
            let (ours, mean, std) = (of(&told, column), numbers(&peer["mean"])[i], numbers(&peer["std"])[i]);
            // Both are means of draws: 1,000 and 2,000 of them.
            let error = std * (1.0f64 / 1000.0 + 1.0 / 2000.0).sqrt();
            assert!((ours.mean - mean).abs() <= 4.0 * error, "{name} {column}: {} and {mean} +- {error}", ours.mean);
            assert!((ours.std - std).abs() <= 0.1 * std, "{name} {column}: {} and {std}", ours.std);
        }
        assert_eq!(of(&told, "d").drops, vec![0.0; 1000]);
        assert!(told.columns.is_sorted_by(|a, b| a.mean >= b.mean));
    }
}

#[test]
fn columns_that_tell_the_same_are_shuffled_together() {
    let a = normals(400, "a");
    let rows = frame(vec![
        number("a", a.clone()),
        number("twin", a.clone()),
        category("c", a.iter().map(|v| Some(if *v > 1.0 { "long" } else { "s" })).collect()),
        target(number("y", a.iter().map(|v| 2.0 * v).collect())),
    ]);
    let model = Formula::new(&["a", "twin", "c"], false, |x| x[0] + x[1] + 0.0 * x[2]);
    let settings =
        Permutation { groups: vec![("both".into(), vec!["a".into(), "twin".into()])], ..Permutation::default() };
    let ctx = Context::new(1);
    let together = permutation_importance(&model, &rows, Metric::Mse, &settings, &ctx).unwrap();
    let alone = permutation_importance(&model, &rows, Metric::Mse, &Permutation::default(), &ctx).unwrap();
    assert_eq!(together.columns.len(), 2);
    assert_eq!((together.columns[0].name.as_str(), together.columns[0].columns.len()), ("both", 2));
    // Shuffled together the error is that of 2 (a - a'), alone of a - a': four times less.
    let ratio = of(&together, "both").mean / of(&alone, "a").mean;
    assert!((3.5..4.5).contains(&ratio), "{ratio}");
    let twice =
        Permutation { groups: vec![("x".into(), vec!["a".into()]), ("y".into(), vec!["a".into()])], ..settings };
    assert!(
        permutation_importance(&model, &rows, Metric::Mse, &twice, &ctx)
            .unwrap_err()
            .to_string()
            .contains("two groups")
    );
}

#[test]
fn threads_change_nothing_and_the_seed_does() {
    let (frame, model) = peer();
    let run = |threads: usize, seed: u64| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let settings = Permutation { seed, rows: 80, ..Permutation::default() };
        pool.install(|| permutation_importance(&model, &frame, Metric::Rmse, &settings, &Context::new(1)).unwrap())
    };
    assert_eq!(run(1, 3), run(4, 3));
    assert_ne!(run(1, 3), run(1, 4));
    assert_eq!(run(1, 3).rows, 80);
}

#[test]
fn a_classifier_is_judged_by_its_classes_even_where_rows_lack_one() {
    let a = normals(200, "a");
    let labels: Vec<Option<&str>> = a.iter().map(|v| Some(if *v > 0.0 { "yes" } else { "no" })).collect();
    let model = Formula::new(&["a"], true, |x| 1.0 / (1.0 + (-4.0 * x[0]).exp()));
    let rows = frame(vec![number("a", a), target(category("y", labels))]);
    let ctx = Context::new(1);
    let told = permutation_importance(&model, &rows, Metric::RocAuc, &Permutation::default(), &ctx).unwrap();
    assert_eq!(told.score, 1.0);
    assert!((0.35..0.65).contains(&told.columns[0].mean), "{told:?}");
    let no = rows.take(&(0..200).filter(|&i| rows.numbers(0).unwrap()[i as usize] <= 0.0).collect::<Vec<_>>()).unwrap();
    assert!(permutation_importance(&model, &no, Metric::LogLoss, &Permutation::default(), &ctx).is_ok());
    assert!(permutation_importance(&model, &no, Metric::RocAuc, &Permutation::default(), &ctx).is_err());
    assert!(
        permutation_importance(&model, &rows.take(&[]).unwrap(), Metric::LogLoss, &Permutation::default(), &ctx)
            .is_err()
    );
}

#[test]
fn of_a_wide_table_only_the_columns_in_use_are_asked_about_one_by_one() {
    let names: Vec<String> = (0..300).map(|i| format!("c{i}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let columns: Vec<Vec<f64>> = names.iter().map(|name| normals(60, name)).collect();
    let y: Vec<f64> = (0..60).map(|i| columns[7][i] + 2.0 * columns[250][i]).collect();
    let wide: Vec<_> = names.iter().zip(&columns).map(|(name, x)| number(name, x.clone())).collect();
    let rows = frame(wide.into_iter().chain([target(number("y", y.clone()))]).collect());
    let ctx = Context::new(1);
    let settings = Permutation::default();
    let model = Formula::new(&names, false, |x| x[7] + 2.0 * x[250]);
    let told = permutation_importance(&model, &rows, Metric::Mse, &settings, &ctx).unwrap();
    assert_eq!((told.columns.len(), told.columns[0].name.as_str()), (300, "c250"));
    assert!(told.columns[2..].iter().all(|c| c.drops == [0.0; 5]));
    // As in a narrow table, to the bit.
    let narrow = frame(vec![
        number("c7", columns[7].clone()),
        number("c250", columns[250].clone()),
        target(number("y", y.clone())),
    ]);
    let model = Formula::new(&["c7", "c250"], false, |x| x[0] + 2.0 * x[1]);
    let few = permutation_importance(&model, &narrow, Metric::Mse, &settings, &ctx).unwrap();
    assert_eq!(told.columns[..2], few.columns[..]);

    // Where all are in use, neighbours are asked about together.
    let model = Formula::new(&names, false, |x| x.iter().sum());
    let settings = Permutation { most: 10, ..settings };
    let told = permutation_importance(&model, &rows, Metric::Mse, &settings, &ctx).unwrap();
    assert_eq!((told.columns.len(), told.columns[3].columns.len()), (10, 30));
    assert!(told.columns.iter().any(|c| c.name == "c30 and 29 more"));
}
