//! Intervals: the same for any number of threads, of the width that theory gives, paired where asked.

use arkwright_measure::{Bootstrap, Error, Metric, Predicted, Prepared, Truth};

/// Numbers in 0 to 1 that look random, the same each time.
fn noise(n: usize, salt: u64) -> Vec<f64> {
    (0..n as u64)
        .map(|i| {
            let mut z = (i + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ salt.wrapping_mul(0xBF58_476D_1CE4_E5B9);
            z = (z ^ (z >> 30)).wrapping_mul(0x94D0_49BB_1331_11EB);
            ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
        })
        .collect()
}

fn two_columns(p: &[f64]) -> Vec<f64> {
    p.iter().flat_map(|p| [1.0 - p, *p]).collect()
}

#[test]
fn the_interval_of_a_mean_has_the_width_of_the_central_limit() {
    let n = 2_000;
    let errors = noise(n, 1);
    let zeros = vec![0.0; n];
    let metric = Prepared::new(Metric::Mae, Truth::Values(&zeros), Predicted::Values(&errors), None).unwrap();
    let interval = Bootstrap { resamples: 4_000, ..Bootstrap::default() }.interval(&metric).unwrap();
    let width = 2.0 * 1.96 * (1.0_f64 / 12.0).sqrt() / (n as f64).sqrt();
    assert!((interval.value - 0.5).abs() < 0.02);
    assert!(interval.low < interval.value && interval.value < interval.high);
    assert!(((interval.high - interval.low) / width - 1.0).abs() < 0.05, "{interval:?} against {width}");
    assert_eq!(interval.resamples, 4_000);
}

#[test]
fn any_number_of_threads_gives_the_same_bits_and_another_seed_does_not() {
    let n = 300;
    let codes: Vec<u32> = noise(n, 2).iter().map(|v| u32::from(*v > 0.6)).collect();
    let values = two_columns(&noise(n, 3));
    let weight = noise(n, 4);
    let prepared: Vec<Prepared<'_>> =
        [Metric::RocAuc, Metric::LogLoss, Metric::F1, Metric::Mcc, Metric::CalibrationError]
            .iter()
            .map(|&m| {
                let truth = Truth::Classes { codes: &codes, count: 2 };
                Prepared::new(m, truth, Predicted::Probabilities { values: &values }, Some(&weight)).unwrap()
            })
            .collect();
    let with = |threads: usize, seed: u64| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| Bootstrap { resamples: 200, seed, ..Bootstrap::default() }.intervals(&prepared).unwrap())
    };
    assert_eq!(with(1, 9), with(4, 9));
    assert_ne!(with(1, 9), with(1, 10));
}

#[test]
fn a_resample_by_counts_is_a_resample_by_rows() {
    let n = 80;
    let codes: Vec<u32> = noise(n, 5).iter().map(|v| u32::from(*v > 0.5)).collect();
    let p = noise(n, 6);
    let values = two_columns(&p);
    let bootstrap = Bootstrap { resamples: 100, seed: 3, ..Bootstrap::default() };
    for metric in [Metric::RocAuc, Metric::AveragePrecision, Metric::LogLoss, Metric::BalancedAccuracy] {
        let truth = Truth::Classes { codes: &codes, count: 2 };
        let prepared = Prepared::new(metric, truth, Predicted::Probabilities { values: &values }, None).unwrap();
        let by_counts = bootstrap.interval(&prepared).unwrap();
        let by_rows = bootstrap
            .of(n, |counts| {
                let drawn: Vec<usize> = (0..n).flat_map(|i| std::iter::repeat_n(i, counts[i] as usize)).collect();
                let codes: Vec<u32> = drawn.iter().map(|&i| codes[i]).collect();
                let values = two_columns(&drawn.iter().map(|&i| p[i]).collect::<Vec<_>>());
                let truth = Truth::Classes { codes: &codes, count: 2 };
                metric.score(truth, Predicted::Probabilities { values: &values }, None).ok()
            })
            .unwrap();
        assert!((by_counts.low - by_rows.low).abs() < 1e-12 && (by_counts.high - by_rows.high).abs() < 1e-12);
    }
}

#[test]
fn a_paired_difference_is_sharper_than_two_intervals() {
    let n = 500;
    let codes: Vec<u32> = noise(n, 7).iter().map(|v| u32::from(*v > 0.5)).collect();
    let better: Vec<f64> = noise(n, 8).iter().zip(&codes).map(|(v, &c)| (v + f64::from(c)) / 2.0).collect();
    let worse: Vec<f64> = better.iter().zip(noise(n, 9)).map(|(b, e)| (b * 0.9 + e * 0.1).clamp(0.0, 1.0)).collect();
    let (better, worse) = (two_columns(&better), two_columns(&worse));
    let truth = Truth::Classes { codes: &codes, count: 2 };
    let prepare = |values| Prepared::new(Metric::LogLoss, truth, Predicted::Probabilities { values }, None).unwrap();
    let (first, second) = (prepare(&better), prepare(&worse));
    let bootstrap = Bootstrap { resamples: 400, ..Bootstrap::default() };
    let difference = bootstrap.paired(&first, &second).unwrap();
    assert!(difference.value < 0.0 && difference.high < 0.0, "{difference:?}");
    assert_eq!(difference.first_is_better, 1.0);
    let alone = bootstrap.interval(&first).unwrap();
    assert!(difference.high - difference.low < (alone.high - alone.low) / 2.0);
    assert_eq!(bootstrap.paired(&first, &first).unwrap().first_is_better, 0.5);
}

#[test]
fn resamples_without_a_class_are_set_aside_and_too_many_of_them_are_an_error() {
    let mut codes = vec![0; 50];
    codes[7] = 1;
    let values = two_columns(&noise(50, 10));
    let truth = Truth::Classes { codes: &codes, count: 2 };
    let auc = Prepared::new(Metric::RocAuc, truth, Predicted::Probabilities { values: &values }, None).unwrap();
    let interval = Bootstrap { resamples: 300, ..Bootstrap::default() }.interval(&auc).unwrap();
    assert!((150..230).contains(&interval.resamples), "{interval:?}");
    assert!(interval.low.is_finite() && interval.high.is_finite());

    let half = |counts: &[u32]| (counts.iter().all(|&c| c == 1) || counts[0] > 3).then_some(1.0);
    assert!(matches!(Bootstrap::default().of(50, half), Err(Error::Resamples { resamples: 1_000, .. })));
    assert!(Bootstrap { resamples: 0, ..Bootstrap::default() }.interval(&auc).is_err());
    assert!(Bootstrap { level: 1.0, ..Bootstrap::default() }.interval(&auc).is_err());
}
