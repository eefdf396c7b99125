//! Support vector machines.

use super::*;
use arkwright_learn::svm::{Svc, Svr};
use arkwright_learn::{Fit, Predict};

static PEER: LazyLock<Json> = LazyLock::new(|| fixture(include_str!("../../fixtures/svm.json")));

fn settings<T: serde::de::DeserializeOwned>(case: &Json) -> T {
    let mut settings = case["settings"].clone();
    settings["tol"] = 1e-9.into();
    serde_json::from_value(settings).unwrap()
}

#[test]
fn decisions_and_support_vectors_of_classes_are_libsvms() {
    for case in PEER["svc"].as_array().unwrap() {
        let [learnt, asked] = Real::of(case).halves();
        let classes = case["classes"].as_u64().unwrap() as usize;
        let weight = (case["weighted"] == true).then_some(&learnt.weight[..]);
        let step: Svc = settings(case);
        let found = learnt.with(classes, weight, |rows| step.fit(rows, None, &context()).unwrap());
        println!("{} {} {}", case["table"], case["settings"], found.notes);
        let columns = asked.columns();
        assert_close(&found.model.decisions(&design(&columns, asked.rows())), &floats(&case["decisions"]), 2e-6);
        assert_eq!(found.notes["support_vectors"], case["support"]);
        let answers = asked.answers(&found.model);
        for (answer, label) in answers.chunks(classes).zip(floats(&case["labels"])) {
            let best = (0..classes).max_by(|&a, &b| answer[a].total_cmp(&answer[b]).then(b.cmp(&a))).unwrap();
            assert_eq!(best as f64, label);
        }
    }
}

#[test]
fn answers_and_support_vectors_of_numbers_are_libsvms() {
    for case in PEER["svr"].as_array().unwrap() {
        let [learnt, asked] = Real::of(case).halves();
        let weight = (case["weighted"] == true).then_some(&learnt.weight[..]);
        let step: Svr = settings(case);
        let found = learnt.with(0, weight, |rows| step.fit(rows, None, &context()).unwrap());
        println!("{} {} {}", case["table"], case["settings"], found.notes);
        assert_close(&asked.answers(&found.model), &floats(&case["decisions"]), 2e-6);
        assert_eq!(found.notes["support_vectors"], case["support"]);
    }
}

#[test]
fn what_is_set_aside_comes_back_and_a_small_cache_changes_nothing() {
    let x = blobs(3000, 4, 6, 8);
    let columns: Vec<Column<'_>> = x.iter().map(|c| Column::F64(c)).collect();
    let mut random = arkwright_core::Random::new(3, "labels");
    let codes: Vec<u32> = x[0].iter().map(|x| u32::from(*x + 4.0 * random.normal() > 0.0)).collect();
    let samples = Samples::new(design(&columns, 3000), Target::Classes { codes: &codes, count: 2 });
    let fit = |shrinking, cache_size, threads| {
        let step = Svc { shrinking, cache_size, tol: 1e-6, c: 3.0, ..Svc::default() };
        let found = on_threads(threads, || step.fit(&samples, None, &context()).unwrap());
        assert_eq!(found.notes["converged"], true);
        (found.model.decisions(&design(&columns, 3000)), found.notes)
    };
    let (plain, _) = fit(false, 200.0, 1);
    let (shrunk, notes) = fit(true, 200.0, 1);
    assert_close(&shrunk, &plain, 1e-4);
    assert_eq!((shrunk.clone(), notes), fit(true, 200.0, 3));
    assert_eq!(shrunk, fit(true, 0.1, 1).0);
}

#[test]
fn columns_without_numbers_and_numbers_too_large_are_told() {
    let columns = [Column::F64(&[1.0, 2.0, 3.0, 4.0])];
    let y = Target::Classes { codes: &[0, 1, 0, 1], count: 2 };
    let none = Svc::default().fit(&Samples::new(design(&[], 4), y), None, &context()).unwrap().model;
    let mut out = [0.0; 2];
    none.predict(&design(&[], 1), &mut out);
    assert_eq!(out, [0.5, 0.5]);
    let huge = [Column::F64(&[1e200, 2e200, -1e200, 0.0])];
    assert!(Svc::default().fit(&Samples::new(design(&huge, 4), y), None, &context()).is_err());
    assert!(serde_json::from_str::<Svc>(r#"{"gamma": 0}"#).unwrap_err().to_string().contains("a number above 0"));
    let short = Svc { max_iter: Some(1), ..Svc::default() };
    let cut = short.fit(&Samples::new(design(&columns, 4), y), None, &context()).unwrap();
    assert_eq!(cut.notes["converged"], false);
}
