use crate::learner::{classify, fixture, regress};
use arkwright_core::{Field, Frame, Kind, Role, Settings};
use arkwright_validate::{Fold, Split, SplitKind, folds, hold_out, remarks};
use arrow::array::{ArrayRef, Date32Array, Int64Array, StringArray};
use proptest::prelude::*;
use std::sync::Arc;

fn of(kind: SplitKind) -> Split {
    Split { kind, ..Split::default() }
}

/// Classes `y`, and groups `g` where there are any.
fn labelled(y: &[i64], groups: Option<&[i64]>) -> Frame {
    let mut fields = vec![Field::new("y", Kind::Category, Role::Target)];
    let mut columns: Vec<ArrayRef> = vec![Arc::new(Int64Array::from(y.to_vec()))];
    if let Some(groups) = groups {
        fields.push(Field::new("g", Kind::Category, Role::Group));
        columns.push(Arc::new(Int64Array::from(groups.to_vec())));
    }
    Frame::new(fields, columns, y.len()).unwrap()
}

fn timed(days: Vec<Option<i32>>) -> Frame {
    let rows = days.len();
    let column: ArrayRef = Arc::new(Date32Array::from(days));
    Frame::new([Field::new("day", Kind::Time, Role::EventTime)], vec![column], rows).unwrap()
}

fn integers(json: &serde_json::Value) -> Vec<i64> {
    json.as_array().unwrap().iter().map(|v| v.as_i64().unwrap()).collect()
}

fn parts(json: &serde_json::Value) -> Vec<Fold> {
    serde_json::from_value(json.clone()).unwrap()
}

fn check(rows: usize, folds: &[Fold]) -> Result<(), TestCaseError> {
    let mut tested = vec![0; rows];
    for fold in folds {
        prop_assert!(fold.train.is_sorted() && fold.test.is_sorted());
        let mut all = [fold.train.clone(), fold.test.clone()].concat();
        all.sort_unstable();
        prop_assert_eq!(all, (0..rows as u32).collect::<Vec<_>>());
        fold.test.iter().for_each(|&row| tested[row as usize] += 1);
    }
    prop_assert!(tested.iter().all(|&times| times == 1));
    Ok(())
}

fn count(rows: &[u32], y: &[i64], class: i64) -> usize {
    rows.iter().filter(|&&row| y[row as usize] == class).count()
}

#[test]
fn stratified_folds_have_the_class_counts_of_scikit_learn() {
    let peer = &fixture()["stratified"];
    let y = integers(&peer["y"]);
    let wanted: Vec<Vec<usize>> = serde_json::from_value(peer["folds"].clone()).unwrap();
    for shuffle in [false, true] {
        let folds = folds(&labelled(&y, None), &Split { shuffle, ..of(SplitKind::Stratified) }, 3).unwrap();
        let counts: Vec<Vec<usize>> =
            folds.iter().map(|fold| (0..3).map(|class| count(&fold.test, &y, class)).collect()).collect();
        assert_eq!(counts, wanted);
    }
}

#[test]
fn group_folds_have_the_sizes_of_scikit_learn_and_stratified_ones_the_rows() {
    let peer = &fixture()["group"];
    let (y, groups) = (integers(&peer["y"]), integers(&peer["groups"]));
    let frame = labelled(&y, Some(&groups));
    let group = Split { shuffle: false, folds: 4, ..of(SplitKind::Group) };
    let mut sizes: Vec<i64> = folds(&frame, &group, 1).unwrap().iter().map(|f| f.test.len() as i64).collect();
    sizes.sort_unstable();
    assert_eq!(sizes, integers(&peer["sizes"]));
    let stratified = Split { shuffle: false, folds: 3, ..of(SplitKind::Stratified) };
    assert_eq!(folds(&frame, &stratified, 1).unwrap(), parts(&peer["stratified"]));
}

#[test]
fn folds_in_time_are_those_of_scikit_learn_whatever_the_order_of_the_rows() {
    let split = Split { gap: 2, ..of(SplitKind::Time) };
    let wanted = parts(&fixture()["time"]);
    assert_eq!(folds(&timed((0..47).map(Some).collect()), &split, 0).unwrap(), wanted);
    let backwards = folds(&timed((0..47).rev().map(Some).collect()), &split, 0).unwrap();
    for (fold, wanted) in backwards.iter().zip(&wanted) {
        let turned: Vec<u32> = wanted.test.iter().rev().map(|row| 46 - row).collect();
        assert_eq!(fold.test, turned);
    }
}

#[test]
fn a_cut_in_time_never_runs_through_a_day() {
    let frame = timed((0..40).map(|row| Some(row / 7)).collect());
    let split = Split { folds: 3, ..of(SplitKind::Time) };
    let (train, test) = hold_out(&frame, &split, 0).unwrap();
    for fold in folds(&frame, &split, 0).unwrap().iter().chain([&Fold { train, test }]) {
        assert!(fold.train.last().unwrap() / 7 < fold.test[0] / 7);
    }
    let flat = timed(vec![Some(3); 20]);
    assert!(hold_out(&flat, &split, 0).unwrap_err().to_string().contains("too few different times"));
}

#[test]
fn a_row_without_a_time_or_a_group_is_pointed_at() {
    let frame = timed(vec![Some(1), None, Some(2)]);
    let error = hold_out(&frame, &of(SplitKind::Time), 0).unwrap_err();
    assert!(error.to_string().contains("column `day`, row 2"), "{error}");
    let column: ArrayRef = Arc::new(StringArray::from(vec![Some("a"), Some("b"), None]));
    let frame = Frame::new([Field::new("g", Kind::Category, Role::Group)], vec![column], 3).unwrap();
    let error = hold_out(&frame, &of(SplitKind::Group), 0).unwrap_err();
    assert!(error.to_string().contains("column `g`, row 3"), "{error}");
}

#[test]
fn what_cannot_be_split_is_refused_with_what_to_do() {
    let one = labelled(&[0], None);
    let two_groups = labelled(&[0, 1, 0, 1], Some(&[0, 0, 1, 1]));
    let cases = [
        (folds(&one, &of(SplitKind::Random), 0).unwrap_err(), "1 rows cannot make 5 folds"),
        (hold_out(&one, &of(SplitKind::Random), 0).unwrap_err(), "leaves nothing to learn from"),
        (hold_out(&labelled(&[0, 1, 2], None), &of(SplitKind::Stratified), 0).unwrap_err(), "every class has one row"),
        (folds(&two_groups, &Split { folds: 3, ..of(SplitKind::Group) }, 0).unwrap_err(), "2 groups cannot make 3"),
        (
            folds(&two_groups, &Split { folds: 3, ..of(SplitKind::Stratified) }, 0).unwrap_err(),
            "2 groups cannot make 3",
        ),
        (folds(&two_groups, &of(SplitKind::Time), 0).unwrap_err(), "needs a column to go by"),
        (
            folds(&two_groups, &Split { by: Some("gg".into()), folds: 2, ..of(SplitKind::Group) }, 0).unwrap_err(),
            "no such column",
        ),
    ];
    for (error, told) in cases {
        assert!(error.to_string().contains(told), "{error}");
        assert!(error.hint().is_some(), "{error}");
    }
}

#[test]
fn impossible_settings_are_refused_by_key() {
    let cases = [
        ("test", Split { test: 0.0, ..Split::default() }),
        ("test", Split { test: f64::NAN, ..Split::default() }),
        ("test", Split { test: 1.5, ..Split::default() }),
        ("folds", Split { folds: 1, ..Split::default() }),
        ("folds", Split { folds: 1_000_000, ..Split::default() }),
        ("repeats", Split { repeats: 0, ..Split::default() }),
        ("repeats", Split { repeats: u32::MAX, ..Split::default() }),
        ("repeats", Split { folds: 5_000, repeats: 3, ..Split::default() }),
        ("strata", Split { strata: u32::MAX, ..Split::default() }),
        ("gap", Split { gap: 1, ..Split::default() }),
        ("by", Split { by: Some("g".into()), ..of(SplitKind::Random) }),
    ];
    for (key, split) in cases {
        assert_eq!(split.check().unwrap_err().0, key);
        assert!(hold_out(&labelled(&[0, 1], None), &split, 0).is_err());
    }
}

#[test]
fn a_class_rarer_than_folds_is_remarked_upon_and_still_split() {
    let y = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1];
    let frame = labelled(&y, None);
    let split = of(SplitKind::Stratified);
    assert_eq!(
        remarks(&frame, &split).unwrap(),
        ["class `1` has 2 rows, fewer than the 5 folds: some folds have none to test"]
    );
    assert_eq!(folds(&frame, &split, 0).unwrap().len(), 5);
    let lone = labelled(&[0, 0, 0, 0, 1], None);
    let (train, _) = hold_out(&lone, &split, 0).unwrap();
    assert!(train.contains(&4), "the only row of a class is learnt from");
}

#[test]
fn the_split_that_suits_a_table_follows_its_roles() {
    let target = |kind| Field::new("y", kind, Role::Target);
    let kind = |fields: &[Field]| Split::for_target(fields).unwrap().kind;
    assert_eq!(kind(&[target(Kind::Category)]), SplitKind::Stratified);
    assert_eq!(kind(&[target(Kind::Number)]), SplitKind::Random);
    assert_eq!(kind(&[target(Kind::Number), Field::new("g", Kind::Category, Role::Group)]), SplitKind::Group);
    assert_eq!(kind(&[target(Kind::Number), Field::new("t", Kind::Time, Role::EventTime)]), SplitKind::Time);
    assert!(Split::for_target(&[]).is_err());
}

#[test]
fn random_folds_have_the_sizes_of_scikit_learn_and_repeats_differ() {
    let frame = regress(&[0.0; 30], &[0.0; 30]);
    let split = Split { folds: 4, repeats: 2, ..of(SplitKind::Random) };
    let drawn = folds(&frame, &split, 5).unwrap();
    let sizes: Vec<i64> = drawn[..4].iter().map(|f| f.test.len() as i64).collect();
    assert_eq!(sizes, integers(&fixture()["random"]));
    assert_eq!(drawn.len(), 8);
    assert_ne!(drawn[..4], drawn[4..]);
    assert_eq!(drawn, folds(&frame, &split, 5).unwrap());
    assert_ne!(drawn, folds(&frame, &split, 6).unwrap());
}

#[test]
fn a_number_is_stratified_by_its_quantiles() {
    let y: Vec<f64> = (0..100).map(|i| f64::from(i * i)).collect();
    let frame = regress(&y, &y);
    for fold in folds(&frame, &Split::default(), 1).unwrap() {
        let mut per_decile = [0; 10];
        fold.test.iter().for_each(|&row| per_decile[row as usize / 10] += 1);
        assert_eq!(per_decile, [2; 10]);
    }
}

#[test]
fn classes_of_text_are_split_too() {
    let y: Vec<&str> = (0..20).map(|i| if i % 4 == 0 { "yes" } else { "no" }).collect();
    let (_, test) = hold_out(&classify(&[0.0; 20], &y), &Split::default(), 0).unwrap();
    assert_eq!(test.iter().filter(|&&row| y[row as usize] == "yes").count(), 1);
    assert_eq!(test.len(), 4);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_row_is_tested_once_and_sizes_and_shares_are_within_a_row(
        y in prop::collection::vec(0i64..4, 10..120), k in 2u32..6, seed: u64, shuffle: bool,
    ) {
        let frame = labelled(&y, None);
        for kind in [SplitKind::Random, SplitKind::Stratified] {
            let folds = folds(&frame, &Split { folds: k, shuffle, ..of(kind) }, seed).unwrap();
            check(y.len(), &folds)?;
            let within = |counts: Vec<usize>| counts.iter().max().unwrap() - counts.iter().min().unwrap() <= 1;
            prop_assert!(within(folds.iter().map(|f| f.test.len()).collect()));
            if kind == SplitKind::Stratified {
                for class in 0..4 {
                    prop_assert!(within(folds.iter().map(|f| count(&f.test, &y, class)).collect()));
                }
            }
        }
    }

    #[test]
    fn no_group_is_on_both_sides(
        rows in prop::collection::vec((0i64..3, 0i64..12), 20..120), seed: u64, shuffle: bool,
    ) {
        let (y, groups): (Vec<i64>, Vec<i64>) = rows.into_iter().unzip();
        let distinct: std::collections::BTreeSet<_> = groups.iter().collect();
        prop_assume!(distinct.len() >= 3);
        let frame = labelled(&y, Some(&groups));
        for kind in [SplitKind::Group, SplitKind::Stratified] {
            let split = Split { folds: 3, shuffle, ..of(kind) };
            let mut all = folds(&frame, &split, seed).unwrap();
            check(y.len(), &all)?;
            let (train, test) = hold_out(&frame, &split, seed).unwrap();
            all.push(Fold { train, test });
            for fold in all {
                let trained: std::collections::BTreeSet<_> = fold.train.iter().map(|&r| groups[r as usize]).collect();
                prop_assert!(!fold.test.is_empty() && !fold.train.is_empty());
                prop_assert!(fold.test.iter().all(|&r| !trained.contains(&groups[r as usize])));
            }
        }
    }

    #[test]
    fn a_stratified_hold_out_has_the_size_and_the_shares_asked_for(
        y in prop::collection::vec(0i64..3, 12..150), share in 0.05f64..0.9, seed: u64,
    ) {
        let sizes: Vec<usize> = (0..3).map(|class| y.iter().filter(|&&c| c == class).count()).collect();
        prop_assume!(sizes.iter().all(|&size| size > 2));
        let split = Split { test: share, ..Split::default() };
        let wanted = (share * y.len() as f64).ceil() as usize;
        prop_assume!(wanted + 3 <= y.len());
        let (train, test) = hold_out(&labelled(&y, None), &split, seed).unwrap();
        prop_assert_eq!(test.len(), wanted);
        prop_assert_eq!(train.len() + test.len(), y.len());
        for (class, size) in (0..).zip(sizes) {
            let exact = wanted as f64 * size as f64 / y.len() as f64;
            prop_assert!((count(&test, &y, class) as f64 - exact).abs() <= 1.0 + 1e-9);
        }
    }
}
