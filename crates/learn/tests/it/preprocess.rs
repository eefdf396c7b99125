//! Steps that prepare a table.

use crate::tables::*;
use arkwright_core::{
    Context, Event, Field, Frame, Json, Kind, Leaf, Observer, PROBABILITY, Part, Role, Stop, Table, Train, Wiring,
};
use arkwright_learn::preprocess::{
    DatePart, Dates, Impute, Levels, Method, OneHot, OrderedTargetEncode, Scale, Strategy, TargetEncode,
};
use arkwright_learn::tree::{Gbdt, GrowPolicy};
use arrow::array::{ArrayRef, AsArray, BooleanArray, Date32Array, Int64Array, TimestampMicrosecondArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, UInt32Type};
use proptest::prelude::*;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};

const PEER: &str = include_str!("../fixtures/preprocess.json");

#[test]
fn scaled_columns_are_scikit_learns() {
    let peer = fixture(PEER);
    let x = matrix(&peer["x"]);
    let frame = frame(table(&x));
    for (name, method) in [
        ("standard", Method::Standard),
        ("minmax", Method::Minmax),
        ("robust", Method::Robust),
        ("maxabs", Method::Maxabs),
    ] {
        let given = apply(&fit(Scale { method, ..Scale::default() }, &frame), &frame);
        for (i, wanted) in matrix(&peer["scaled"][name]).iter().enumerate() {
            // The second column lies 1e9 from zero: its numbers have 7 digits after the point.
            assert_close(&column(&given, &format!("x{i}")), wanted, if i == 1 { 1e-6 } else { 1e-12 });
        }
    }
}

#[test]
fn a_weight_is_a_repetition_to_the_scaler() {
    let peer = &fixture(PEER)["weighted"];
    let (x, w) = (floats(&peer["x"]), floats(&peer["weight"]));
    let weighted = frame(vec![(Field::input("x0", Kind::Number), numbers(&x)), (weight(), numbers(&w))]);
    let repeated: Vec<f64> = x.iter().zip(&w).flat_map(|(x, w)| vec![*x; *w as usize]).collect();
    let repeated = frame(table(&[repeated]));
    for method in [Method::Standard, Method::Minmax, Method::Robust, Method::Maxabs] {
        let step = Scale { method, ..Scale::default() };
        let one = apply(&fit(step.clone(), &weighted), &weighted);
        let other = apply(&fit(step, &repeated), &weighted.select(&["x0"]).unwrap());
        assert_close(&column(&one, "x0"), &column(&other, "x0"), 1e-12);
    }
    let (mean, scale) = (peer["mean"].as_f64().unwrap(), peer["scale"].as_f64().unwrap());
    let wanted: Vec<f64> = x.iter().map(|x| (x - mean) / scale).collect();
    assert_close(&column(&apply(&fit(Scale::default(), &weighted), &weighted), "x0"), &wanted, 1e-12);
}

#[test]
fn imputed_columns_are_scikit_learns_and_gaps_are_indicated() {
    let peer = fixture(PEER);
    let x = matrix(&peer["x"]);
    let frame = frame(table(&x));
    for (name, strategy, fill_value) in [
        ("mean", Strategy::Mean, None),
        ("median", Strategy::Median, None),
        ("most_frequent", Strategy::MostFrequent, None),
        ("constant", Strategy::Constant, Some(-1.0)),
    ] {
        let fitted = fit(Impute { strategy, fill_value, ..Impute::default() }, &frame);
        let given = apply(&fitted, &frame);
        for (i, wanted) in matrix(&peer["imputed"][name]).iter().enumerate() {
            assert_close(&column(&given, &format!("x{i}")), wanted, 1e-14);
        }
        for (i, values) in x.iter().enumerate().take(4) {
            let gaps: Vec<f64> = values.iter().map(|v| f64::from(u8::from(v.is_nan()))).collect();
            assert_eq!(column(&given, &format!("x{i}.missing")), gaps);
        }
        // The last column had no gap, so nothing tells of one.
        assert!(given.position("x4.missing").is_none());
    }
}

#[test]
fn an_empty_column_is_filled_with_zero_and_the_user_is_told() {
    struct Words(Mutex<Vec<String>>);
    impl Observer for Words {
        fn on(&self, _path: &str, event: Event<'_>) -> ControlFlow<Stop> {
            if let Event::Warn { message } = event {
                self.0.lock().unwrap().push(message.into());
            }
            ControlFlow::Continue(())
        }
    }
    let words = Arc::new(Words(Mutex::new(Vec::new())));
    let empty: ArrayRef = Arc::new(arrow::array::NullArray::new(3));
    let frame = frame(vec![(Field::input("gone", Kind::Number), empty)]);
    for strategy in [Strategy::Mean, Strategy::Median, Strategy::MostFrequent] {
        let ctx = Context::new(1).with_observer(words.clone());
        let part = Impute { strategy, ..Impute::default() }.part();
        let fitted = ctx.fit(&part, Train::on(Table::hashed(frame.clone()).unwrap())).unwrap();
        assert_eq!(column(&apply(&fitted, &frame), "gone"), [0.0; 3]);
        assert!(words.0.lock().unwrap().pop().unwrap().contains("`gone` has no value at all"));
    }
}

#[test]
fn dates_are_pandas_and_a_date_has_no_hour() {
    let peer = &fixture(PEER)["dates"];
    let ticks: Vec<i64> = peer["microseconds"].as_array().unwrap().iter().map(|v| v.as_i64().unwrap()).collect();
    let mut spelt: Vec<Option<i64>> = ticks.iter().copied().map(Some).collect();
    spelt.push(None);
    let times: ArrayRef = Arc::new(TimestampMicrosecondArray::from(spelt));
    let days: ArrayRef = Arc::new(Date32Array::from_iter_values(0..spelt_len(&times)));
    let frame = frame(vec![
        (Field::input("at", Kind::Time), times),
        (Field::input("on", Kind::Time), days),
        (Field::new("when", Kind::Time, Role::EventTime), Arc::new(Date32Array::from(vec![0; 7]))),
    ]);
    use DatePart::*;
    let parts = Some(vec![Year, Month, Day, Weekday, DayOfYear, Hour, Minute, Days]);
    let given = apply(&fit(Dates { parts, ..Dates::default() }, &frame), &frame);
    for (part, wanted) in peer["parts"].as_object().unwrap() {
        let mut wanted = floats(wanted);
        wanted.push(f64::NAN);
        assert_close(&column(&given, &format!("at.{part}")), &wanted, 1e-15);
    }
    assert_eq!(column(&given, "on.days"), [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    let all = fit(Dates::default(), &frame);
    let names: Vec<&str> = all.model.signature().gives.iter().map(|f| f.name.as_str()).collect();
    assert!(names.contains(&"at.hour") && !names.contains(&"on.hour") && !names.contains(&"at.minute"));
    // Only inputs are taken.
    assert_eq!(all.model.signature().takes, ["at", "on"]);
}

fn spelt_len(array: &ArrayRef) -> i32 {
    array.len() as i32
}

fn category(values: &[Option<&str>]) -> Frame {
    frame(vec![(Field::input("c", Kind::Category), texts(values))])
}

fn levels_of(frame: &Frame) -> Vec<String> {
    match &frame.fields()[0].kind {
        Kind::Level { levels: Some(levels) } => levels.to_vec(),
        kind => panic!("{kind}"),
    }
}

fn codes(frame: &Frame) -> Vec<Option<u32>> {
    frame.columns()[0].as_primitive::<UInt32Type>().iter().collect()
}

#[test]
fn levels_are_in_sort_order_and_what_was_never_seen_is_null() {
    let fitted = fit(Levels::default(), &category(&[Some("b"), None, Some("a"), Some("b")]));
    let given = apply(&fitted, &category(&[Some("a"), Some("b"), Some("z"), None]));
    assert_eq!(levels_of(&given), ["a", "b"]);
    assert_eq!(codes(&given), [Some(0), Some(1), None, None]);
}

#[test]
fn rare_values_are_pooled_and_the_unseen_join_them() {
    let rows = [Some("b"), Some("b"), Some("d"), Some("a"), Some("a"), Some("c"), None];
    for step in [Levels { min_frequency: 2, ..Levels::default() }, Levels { max_levels: 3, ..Levels::default() }] {
        let fitted = fit(step, &category(&rows));
        let given = apply(&fitted, &category(&[Some("a"), Some("b"), Some("c"), Some("z"), None]));
        assert_eq!(levels_of(&given), ["a", "b", "(other)"]);
        assert_eq!(codes(&given), [Some(0), Some(1), Some(2), Some(2), None]);
    }
    let step = Levels { max_levels: 3, missing_level: true, ..Levels::default() };
    let given = apply(&fit(step, &category(&rows)), &category(&[Some("a"), Some("b"), None]));
    assert_eq!(levels_of(&given), ["a", "(other)", "(missing)"]);
    assert_eq!(codes(&given), [Some(0), Some(1), Some(2)]);
}

#[test]
fn of_a_dictionary_only_the_used_values_are_levels_and_every_spelling_of_text_is_one() {
    let text = texts(&[Some("x"), Some("y"), Some("z"), None, Some("x")]);
    let key = |t| DataType::Dictionary(Box::new(t), Box::new(DataType::Utf8));
    let plain = frame(vec![(Field::input("c", Kind::Category), text.clone())]);
    let wanted = codes(&apply(&fit(Levels::default(), &plain.slice(0, 2)), &plain));
    assert_eq!(wanted, [Some(0), Some(1), None, None, Some(0)]);
    for spelling in [DataType::LargeUtf8, DataType::Utf8View, key(DataType::Int8), key(DataType::UInt32)] {
        let column = cast(&text, &spelling).unwrap();
        let whole = frame(vec![(Field::input("c", Kind::Category), column)]);
        // A slice and a take keep the values that no row uses.
        let fitted = fit(Levels::default(), &whole.take(&[0, 1]).unwrap());
        let given = apply(&fitted, &whole);
        assert_eq!(levels_of(&given), ["x", "y"], "{spelling}");
        assert_eq!(codes(&given), wanted, "{spelling}");
        assert_eq!(codes(&apply(&fitted, &whole.slice(1, 1))), [Some(1)]);
    }
}

#[test]
fn booleans_and_whole_numbers_are_spelt_as_text() {
    let flags: ArrayRef = Arc::new(BooleanArray::from(vec![true, false, true]));
    let whole: ArrayRef = Arc::new(Int64Array::from(vec![Some(10), Some(9), None]));
    let frame = frame(vec![(Field::input("f", Kind::Category), flags), (Field::input("n", Kind::Category), whole)]);
    let given = apply(&fit(Levels::default(), &frame), &frame);
    assert_eq!(levels_of(&given), ["false", "true"]);
    assert_eq!(levels_of(&given.select(&["n"]).unwrap()), ["10", "9"]);
    assert_eq!(codes(&given.select(&["n"]).unwrap()), [Some(0), Some(1), None]);
}

#[test]
fn one_hot_vectors_are_named_by_level_and_unseen_is_all_zero() {
    let rows = category(&[Some("b"), Some("a"), None, Some("c")]);
    let asked = category(&[Some("c"), Some("z"), None, Some("a")]);
    let given = apply(&fit(OneHot::default(), &rows), &asked);
    assert_eq!(vectors(&given, "c"), [0., 0., 1., 0., 0., 0., 0., 0., 0., 1., 0., 0.]);
    let Kind::Vector { width: Some(3), names: Some(names) } = &given.fields()[0].kind else { panic!() };
    assert_eq!(names.to_vec(), ["c=a", "c=b", "c=c"]);
    let dropped = apply(&fit(OneHot { drop_first: true, ..OneHot::default() }, &rows), &asked);
    assert_eq!(vectors(&dropped, "c"), [0., 1., 0., 0., 0., 0., 0., 0.]);
    // Codes that were fitted before are widened as they are.
    let coded = apply(&fit(Levels::default(), &rows), &rows);
    let widened = apply(&fit(OneHot::default(), &coded), &apply(&fit(Levels::default(), &rows), &asked));
    assert_eq!(vectors(&widened, "c"), vectors(&given, "c"));
}

#[test]
fn the_rows_that_train_are_encoded_without_their_own_target() {
    // Every value comes once: a code that saw the row's own target would give it away.
    let n = 60;
    let names: Vec<String> = (0..n).map(|i| format!("v{i}")).collect();
    let values: Vec<Option<&str>> = names.iter().map(|v| Some(v.as_str())).collect();
    let y: Vec<f64> = (0..n).map(|i| f64::from(i).sqrt()).collect();
    let frame = frame(vec![
        (Field::input("c", Kind::Category), texts(&values)),
        (Field::input("x", Kind::Number), numbers(&y)),
        (target(Kind::Number), numbers(&y)),
    ]);
    let fitted = fit(TargetEncode { smooth: Some(0.0), ..TargetEncode::default() }, &frame);
    let whole = apply(&fitted, &frame);
    assert_close(&column(&whole, "c"), &y, 1e-12);
    let rows = fitted.rows.clone().unwrap();
    assert!(rows.identity().is_some());
    let seen = rows.in_memory().unwrap();
    let mut distinct = column(&seen, "c");
    distinct.sort_by(f64::total_cmp);
    distinct.dedup();
    // One mean for each fold.
    assert_eq!(distinct.len(), 5);
    // Training and serving see the same columns in the same order.
    let wiring = Wiring::new(fitted.model.signature(), frame.fields()).unwrap();
    assert_eq!(wiring.fields(), seen.fields());
    assert_eq!(column(&seen, "x"), y);
}

#[test]
fn a_value_that_comes_once_is_encoded_by_the_prior_where_the_rows_before_count() {
    let n = 60;
    let names: Vec<String> = (0..n).map(|i| format!("v{i}")).collect();
    let values: Vec<Option<&str>> = names.iter().map(|v| Some(v.as_str())).collect();
    let y: Vec<f64> = (0..n).map(|i| f64::from(i).sqrt()).collect();
    let frame = frame(vec![
        (Field::input("c", Kind::Category), texts(&values)),
        (Field::input("x", Kind::Number), numbers(&y)),
        (target(Kind::Number), numbers(&y)),
    ]);
    let fitted = fit(OrderedTargetEncode::default(), &frame);
    let prior = y.iter().sum::<f64>() / f64::from(n);
    let seen = fitted.rows.clone().unwrap().in_memory().unwrap();
    assert_close(&column(&seen, "c"), &vec![prior; y.len()], 1e-12);
    let whole: Vec<f64> = y.iter().map(|y| (y + prior) / 2.0).collect();
    assert_close(&column(&apply(&fitted, &frame), "c"), &whole, 1e-12);
    let wiring = Wiring::new(fitted.model.signature(), frame.fields()).unwrap();
    assert_eq!(wiring.fields(), seen.fields());
}

/// The table of many levels in boosting.json: the rows to learn from, and those held out.
fn many_levels() -> (Json, Frame, Frame) {
    let json: Json = serde_json::from_str(include_str!("../fixtures/boosting.json")).unwrap();
    let of = json["levels"].clone();
    let text = |key: &str| floats(&of[key]).iter().map(|v| v.to_string()).collect::<Vec<String>>();
    let (shop, city, y) = (text("shop"), text("city"), text("y"));
    let some = |values: &[String]| texts(&values.iter().map(|v| Some(v.as_str())).collect::<Vec<_>>());
    let all = frame(vec![
        (Field::input("shop", Kind::Category), some(&shop)),
        (Field::input("city", Kind::Category), some(&city)),
        (Field::input("a", Kind::Number), numbers(&floats(&of["a"]))),
        (Field::input("b", Kind::Number), numbers(&floats(&of["b"]))),
        (target(Kind::Category), some(&y)),
    ]);
    let part = |held_out: bool| {
        let rows: Vec<u32> = (0..all.rows() as u32).filter(|i| (i % 4 == 3) == held_out).collect();
        all.take(&rows).unwrap()
    };
    (of, part(false), part(true))
}

/// The area under the ROC curve of boosting behind a step that encodes.
fn area(step: impl Leaf, train: &Frame, test: &Frame) -> f64 {
    let fitted = fit(step, train);
    let rows = fitted.rows.clone().unwrap().in_memory().unwrap();
    let boosted = fit(
        Gbdt {
            grow_policy: GrowPolicy::Symmetric,
            max_depth: Some(6),
            max_leaf_nodes: 64,
            min_samples_leaf: 1,
            l2_regularization: 3.0,
            ..Gbdt::default()
        },
        &rows,
    );
    let encoded = apply(&fitted, test);
    let seen = test.select(&["a", "b"]).unwrap();
    let seen = encoded
        .fields()
        .iter()
        .zip(encoded.columns())
        .fold(seen, |frame, (field, column)| frame.with(field.clone(), column.clone()).unwrap());
    let p = vectors(&apply(&boosted, &seen), PROBABILITY);
    let y: Vec<bool> = test.texts(test.position("y").unwrap()).unwrap().iter().map(|y| y == Some("1")).collect();
    let mut order: Vec<usize> = (0..y.len()).collect();
    order.sort_by(|&i, &j| p[2 * i + 1].total_cmp(&p[2 * j + 1]));
    let positives = y.iter().filter(|y| **y).count() as f64;
    let ranks: f64 = order.iter().enumerate().filter(|(_, row)| y[**row]).map(|(rank, _)| rank as f64 + 1.0).sum();
    (ranks - positives * (positives + 1.0) / 2.0) / (positives * (y.len() as f64 - positives))
}

#[test]
fn boosting_on_ordered_statistics_ranks_as_catboost_does() {
    let (of, train, test) = many_levels();
    let theirs = floats(&of["catboost_auc"]).iter().sum::<f64>() / 3.0;
    let ours = area(OrderedTargetEncode::default(), &train, &test);
    println!("ordered {ours}, by folds {}, catboost {theirs}", area(TargetEncode::default(), &train, &test));
    assert!(ours > theirs - 0.01, "{ours} against {theirs}");
}

#[test]
fn more_classes_are_encoded_as_a_number_each() {
    let values: Vec<Option<&str>> = (0..90).map(|i| [Some("a"), Some("b"), None][i / 30]).collect();
    let labels: Vec<Option<&str>> = (0..90).map(|i| [Some("p"), Some("q"), Some("r")][(i / 30 + i % 2) % 3]).collect();
    let frame =
        frame(vec![(Field::input("c", Kind::Category), texts(&values)), (target(Kind::Category), texts(&labels))]);
    let fitted = fit(TargetEncode { smooth: Some(0.0), ..TargetEncode::default() }, &frame);
    let given = apply(&fitted, &frame);
    let names: Vec<&str> = given.fields().iter().map(|f| f.name.as_str()).collect();
    assert_eq!(names, ["c.p", "c.q", "c.r"]);
    for row in [0, 30, 60] {
        let of: Vec<f64> = names.iter().map(|n| column(&given, n)[row]).collect();
        let mut wanted = [0.0; 3];
        wanted[row / 30] = 0.5;
        wanted[(row / 30 + 1) % 3] = 0.5;
        assert_close(&of, &wanted, 1e-12);
    }
    let unseen = frame_of_unseen();
    for name in names {
        assert_close(&column(&apply(&fitted, &unseen), name), &[1.0 / 3.0], 1e-12);
    }
}

fn frame_of_unseen() -> Frame {
    category(&[Some("never")])
}

#[test]
fn a_missing_column_and_one_of_another_kind_are_refused_before_a_row_is_read() {
    let fields = [Field::input("income", Kind::Number), Field::input("town", Kind::Category), target(Kind::Number)];
    let columns = |name: &str| Some(vec![name.to_string()]);
    let misspelt = Impute { columns: columns("incme"), ..Impute::default() }.part();
    let error = misspelt.estimator.output(&fields).unwrap_err();
    assert_eq!(error.hint().unwrap(), "did you mean `income`?");
    let wrong: [Part; 3] = [
        Scale { columns: columns("town"), ..Scale::default() }.part(),
        Levels { columns: columns("income"), ..Levels::default() }.part(),
        Scale { columns: columns("y"), ..Scale::default() }.part(),
    ];
    for part in wrong {
        assert!(part.estimator.output(&fields).is_err(), "{part:?}");
    }
    let twice = Scale { columns: Some(vec!["income".into(), "income".into()]), ..Scale::default() }.part();
    assert!(twice.estimator.output(&fields).unwrap_err().to_string().contains("twice"));
}

#[test]
fn an_infinite_number_is_refused_with_its_row_and_a_step_without_columns_does_nothing() {
    let bad = frame(table(&[vec![1.0, f64::INFINITY]]));
    for part in [Scale::default().part(), Impute::default().part()] {
        let error = fit_part(&part, &bad).err().unwrap();
        assert!(error.to_string().contains("column `x0`, row 2: an infinite value"), "{error}");
    }
    for spec in arkwright_learn::preprocess::specs() {
        let part = (spec.parse)(Default::default(), &registry()).unwrap();
        let nothing = frame(vec![(Field::input("t", Kind::Text), texts(&[Some("x")]))]);
        let fitted = fit_part(&part, &nothing).unwrap();
        assert!(fitted.model.signature().takes.is_empty() && fitted.model.signature().gives.is_empty());
        assert_eq!(apply(&fitted, &nothing).rows(), 1, "{}", spec.kind);
    }
}

proptest! {
    #[test]
    fn a_scaled_column_scaled_back_is_the_column(
        values in prop::collection::vec(prop_oneof![9 => -1e6f64..1e6, 1 => Just(f64::NAN)], 1..60),
        which in 0usize..4,
    ) {
        let method = [Method::Standard, Method::Minmax, Method::Robust, Method::Maxabs][which];
        let frame = frame(table(std::slice::from_ref(&values)));
        let fitted = fit(Scale { method, ..Scale::default() }, &frame);
        let parts = fitted.model.save().unwrap();
        let centre: &[f64] = parts.get("centre").unwrap();
        let scale: &[f64] = parts.get("scale").unwrap();
        let back: Vec<f64> = column(&apply(&fitted, &frame), "x0").iter().map(|v| v * scale[0] + centre[0]).collect();
        for (a, b) in back.iter().zip(&values) {
            prop_assert!((a.is_nan() && b.is_nan()) || (a - b).abs() <= 1e-9 * (1.0 + centre[0].abs() + b.abs()));
        }
    }

    #[test]
    fn codes_lead_back_to_the_values(values in prop::collection::vec(prop::option::of("[a-e(]{0,2}"), 1..80)) {
        let spelt: Vec<Option<&str>> = values.iter().map(Option::as_deref).collect();
        let frame = category(&spelt);
        let given = apply(&fit(Levels::default(), &frame), &frame);
        let levels = levels_of(&given);
        prop_assert!(levels.windows(2).all(|w| w[0] < w[1]));
        for (code, value) in codes(&given).iter().zip(&values) {
            prop_assert_eq!(code.map(|c| &levels[c as usize]), value.as_ref());
        }
    }
}
