use arkwright_tune::{Dimension, Range, Sampler, Space, State, Study};
use proptest::prelude::*;

fn space() -> Space {
    Space {
        dimensions: vec![
            Dimension::new("rate", Range::Float { low: 0.001, high: 1.0, log: true, step: None }),
            Dimension::new("share", Range::Float { low: 0.1, high: 0.7, log: false, step: Some(0.2) }),
            Dimension::new("leaves", Range::Int { low: 1, high: 100, log: true, step: 1 }),
            Dimension::new("depth", Range::Int { low: 2, high: 9, log: false, step: 3 }),
            Dimension::new("loss", Range::Choices(vec!["a".into(), "b".into()])),
        ],
    }
}

proptest! {
    #[test]
    fn values_lie_in_their_ranges_and_depend_on_the_seed_and_the_number_only(seed: u64, i in 0u64..1000) {
        let drawn = Sampler::Random.draw(&space(), seed, i).unwrap();
        prop_assert_eq!(&drawn, &Sampler::Random.draw(&space(), seed, i).unwrap());
        let number = |name: &str| drawn[name].as_f64().unwrap();
        prop_assert!((0.001..=1.0).contains(&number("rate")));
        prop_assert!([0.1, 0.3, 0.5, 0.7].iter().any(|v| (number("share") - v).abs() < 1e-9));
        prop_assert!((1.0..=100.0).contains(&number("leaves")));
        prop_assert!([2, 5, 8].contains(&drawn["depth"].as_i64().unwrap()));
        prop_assert!(["a", "b"].contains(&drawn["loss"].as_str().unwrap()));
        let fewer = Space { dimensions: space().dimensions.split_off(2) };
        prop_assert_eq!(&Sampler::Random.draw(&fewer, seed, i).unwrap()["depth"], &drawn["depth"]);
    }
}

#[test]
fn a_logarithmic_range_draws_every_decade_as_often() {
    let decade = |i| {
        let rate = Sampler::Random.draw(&space(), 1, i).unwrap()["rate"].as_f64().unwrap();
        (rate.log10() + 3.0).floor() as usize
    };
    let mut counts = [0; 3];
    (0..3000).for_each(|i| counts[decade(i)] += 1);
    assert!(counts.iter().all(|c| (900..1100).contains(c)), "{counts:?}");
}

#[test]
fn a_grid_is_all_combinations_and_then_ends() {
    let space = Space {
        dimensions: vec![
            Dimension::new("a", Range::Int { low: 1, high: 2, log: false, step: 1 }),
            Dimension::new("b", Range::Float { low: 0.0, high: 1.0, log: false, step: None }),
            Dimension::new("c", Range::Choices(vec![true.into(), false.into()])),
        ],
    };
    let drawn: Vec<_> = (0..).map_while(|i| Sampler::Grid.draw(&space, 0, i)).collect();
    assert_eq!(drawn.len(), 2 * 5 * 2);
    let distinct: std::collections::HashSet<String> = drawn.iter().map(|v| serde_json::to_string(v).unwrap()).collect();
    assert_eq!(distinct.len(), drawn.len());
    assert_eq!(serde_json::to_string(&drawn[3]).unwrap(), r#"{"a":1,"b":0.25,"c":false}"#);
}

#[test]
fn a_grid_over_many_values_runs_from_end_to_end() {
    let spread = |range: Range| range.spread(5).iter().map(|v| v.as_f64().unwrap()).collect::<Vec<_>>();
    assert_eq!(spread(Range::Int { low: 0, high: 100, log: false, step: 10 }), [0.0, 30.0, 50.0, 80.0, 100.0]);
    assert_eq!(spread(Range::Int { low: 1, high: 10_000, log: true, step: 1 }), [1.0, 10.0, 100.0, 1000.0, 10_000.0]);
    let log = spread(Range::Float { low: 0.01, high: 100.0, log: true, step: None });
    assert!(log.iter().zip([0.01, 0.1, 1.0, 10.0, 100.0]).all(|(a, b)| (a / b - 1.0).abs() < 1e-12), "{log:?}");
    assert_eq!(spread(Range::Float { low: 0.0, high: 0.5, log: false, step: Some(0.25) }), [0.0, 0.25, 0.5]);
}

#[test]
fn a_study_starts_from_the_defaults_and_remembers_what_it_was_told() {
    let mut study = Study::new(space(), Sampler::Random, 3, true);
    let asked: Vec<_> = (0..4).map(|_| study.ask().unwrap()).collect();
    assert!(asked[0].values.is_empty() && asked[1].values.len() == 5);
    study.tell(2, 0.7);
    study.tell(0, 0.7);
    study.tell(1, f64::NAN);
    study.tell(99, 1.0);
    assert_eq!(study.best().unwrap().number, 0, "of equals the earlier");
    assert_eq!(study.trials()[1].state, State::Failed);
    assert_eq!(study.trials()[3].state, State::Open);
    let json = serde_json::to_string(&study).unwrap();
    assert_eq!(serde_json::from_str::<Study>(&json).unwrap(), study);
}
