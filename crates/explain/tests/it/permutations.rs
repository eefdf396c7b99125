use crate::formula::{Formula, category, fixture, frame, normals, number, numbers, peer, target};
use arkwright_core::{Context, Event, Frame, Model, Observer, Parts, Random, Result, Signature, Stop};
use arkwright_explain::{Importance, Importances, Permutation, permutation_importance};
use arkwright_measure::Metric;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

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

/// A formula that counts the rows it was asked about.
struct Counting(Formula, AtomicUsize);

impl Model for Counting {
    fn format(&self) -> &'static str {
        "counting"
    }

    fn signature(&self) -> &Signature {
        self.0.signature()
    }

    fn apply(&self, input: &Frame, ctx: &Context) -> Result<Frame> {
        self.1.fetch_add(input.rows(), Ordering::Relaxed);
        self.0.apply(input, ctx)
    }

    fn save(&self) -> Result<Parts> {
        self.0.save()
    }
}

#[test]
fn only_rows_that_came_to_hold_another_value_are_asked_and_the_drops_are_those_of_asking_all() {
    let a = normals(200, "a");
    // One of ten is long, one of ten is missing: a shuffle changes some 4 rows of 10.
    let texts: Vec<Option<&str>> = (0..200).map(|i| [Some("long"), None, Some("s")][(i % 10).min(2)]).collect();
    let y: Vec<f64> = a.iter().enumerate().map(|(i, v)| v + texts[i].map_or(0.0, |t| t.len() as f64)).collect();
    let rows = frame(vec![
        number("a", a.clone()),
        category("c", texts.clone()),
        category("idle", texts.clone()),
        target(number("y", y.clone())),
    ]);
    let model = Counting(Formula::new(&["a", "c", "idle"], false, |x| x[0] + 1.5 * x[1]), AtomicUsize::new(0));
    let settings = Permutation { seed: 3, ..Permutation::default() };
    let told = permutation_importance(&model, &rows, Metric::Mse, &settings, &Context::new(1)).unwrap();
    // All once as they are, `a` five times, `c` five times some 40 %, `idle` once as many.
    let asked = model.1.load(Ordering::Relaxed);
    assert!((1200 + 6 * 50..1200 + 6 * 100).contains(&asked), "{asked}");

    let mse = |order: &[u32]| {
        let length = |i: u32| texts[i as usize].map_or(0.0, |t| t.len() as f64);
        let errors = (0..200).map(|i| (y[i] - (a[i] + 1.5 * length(order[i]))).powi(2));
        errors.sum::<f64>() / 200.0
    };
    let straight: Vec<u32> = (0..200).collect();
    for (repeat, drop) in of(&told, "c").drops.iter().enumerate() {
        let mut order = straight.clone();
        Random::new(3, &format!("permutation of c, {repeat}")).shuffle(&mut order);
        let due = mse(&order) - mse(&straight);
        assert!((drop - due).abs() < 1e-12, "{drop} and {due}");
    }
    assert_eq!(of(&told, "idle").drops, [0.0; 5]);
}

#[test]
fn only_the_columns_named_are_shuffled() {
    let (frame, model) = peer();
    let ctx = Context::new(1);
    let all = permutation_importance(&model, &frame, Metric::Rmse, &Permutation::default(), &ctx).unwrap();
    let settings = Permutation { columns: Some(vec!["c".into(), "b".into()]), ..Permutation::default() };
    let told = permutation_importance(&model, &frame, Metric::Rmse, &settings, &ctx).unwrap();
    assert_eq!(told.columns.len(), 2);
    told.columns.iter().for_each(|column| assert_eq!(column, of(&all, &column.name)));
}

/// Wants the end once so many steps are done, and remembers the most.
struct Impatient(u64, AtomicU64);

impl Observer for Impatient {
    fn on(&self, _path: &str, event: Event<'_>) -> ControlFlow<Stop> {
        if let Event::Step { done } = event {
            self.1.fetch_max(done, Ordering::Relaxed);
            if done >= self.0 {
                return ControlFlow::Break(Stop);
            }
        }
        ControlFlow::Continue(())
    }
}

#[test]
fn whoever_listens_hears_every_shuffle_and_can_end_them() {
    let (frame, model) = peer();
    let ask = |most: u64| {
        let observer = Arc::new(Impatient(most, AtomicU64::new(0)));
        let ctx = Context::new(1).with_observer(observer.clone());
        let told = permutation_importance(&model, &frame, Metric::Rmse, &Permutation::default(), &ctx);
        (told, observer.1.load(Ordering::Relaxed))
    };
    let (told, heard) = ask(u64::MAX);
    assert!(told.is_ok());
    assert_eq!(heard, 20);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let (told, heard) = pool.install(|| ask(3));
    assert!(told.unwrap_err().is_stop());
    assert!(heard < 20, "{heard}");
}
