//! The encoder's kernels of every instruction set this processor has, against plain arithmetic.

use super::*;
use proptest::prelude::*;

/// Repeatable numbers in -1..1.
fn numbers(count: usize, seed: u32) -> Vec<f32> {
    let mut state = seed.wrapping_mul(2_654_435_761).wrapping_add(12345);
    (0..count)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / (1 << 23) as f32 - 1.0
        })
        .collect()
}

fn assert_close(actual: &[f32], expected: &[f64], tolerance: f64, what: &str) {
    assert_eq!(actual.len(), expected.len(), "{what}");
    for (index, (actual, expected)) in actual.iter().zip(expected).enumerate() {
        let actual = f64::from(*actual);
        assert!((actual - expected).abs() <= tolerance, "{what}: value {index} is {actual}, not {expected}");
    }
}

/// What rounded rows stand for.
fn floats(rows: &FixedRows) -> Vec<f32> {
    let words = &rows.words[..rows.rows * rows.width];
    words
        .chunks_exact(rows.width)
        .zip(&rows.scales)
        .flat_map(|(row, scale)| row.iter().map(move |word| f32::from(*word) * scale))
        .collect()
}

/// Rounding to thirteen bits moves a value by half a unit at most.
fn assert_fixed(rows: &FixedRows, values: &[f32], width: usize, what: &str) {
    for (row, (got, values)) in floats(rows).chunks_exact(width).zip(values.chunks_exact(width)).enumerate() {
        let largest = values.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
        for (got, value) in got.iter().zip(values) {
            assert!((got - value).abs() <= largest / 4095.0 * 0.501, "{what} row {row}: {got}, not {value}");
        }
    }
}

/// The product of what the words stand for is exact but for the float sums; rows do not depend on their company.
fn check_product(columns: usize, width: usize, rows: usize, extreme: bool) {
    let mut weights = numbers(columns * width, 1);
    let mut input = numbers(rows * width, 2);
    if extreme {
        // The largest sums there can be.
        weights.fill(1.0);
        input.fill(-1.0);
    }
    let bias = numbers(columns, 3);
    // A matrix before it, so that it does not begin with the arena.
    let mut arena = FixedArena::new(columns * width + 16 * 32).unwrap();
    arena.pack(&numbers(16 * 32, 9), vec![0.0; 16], 32);
    let matrix = arena.pack(&weights, bias.clone(), width);
    let expected: Vec<f64> = input
        .chunks_exact(width)
        .flat_map(|row| {
            weights.chunks_exact(width).zip(&bias).map(move |(weights, bias)| {
                row.iter().zip(weights).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>()
                    + f64::from(*bias)
            })
        })
        .collect();
    for set in InstructionSet::available() {
        let backend = Backend::new(2, Some(set));
        let what = format!("{set:?} {columns} x {width}, {rows} rows");
        let mut fixed = FixedRows::default();
        backend.fix(&input, rows, width, &mut fixed);
        assert_fixed(&fixed, &input, width, &what);
        let mut out = vec![f32::NAN; rows * columns];
        backend.multiply_fixed(&fixed, &arena, &matrix, &mut out);
        assert_close(&out, &expected, (width as f64).sqrt() * 4e-4, &what);
        for row in 0..rows {
            backend.fix(&input[row * width..], 1, width, &mut fixed);
            let mut alone = vec![f32::NAN; columns];
            backend.multiply_fixed(&fixed, &arena, &matrix, &mut alone);
            assert_eq!(alone, out[row * columns..][..columns], "{what}: row {row} depends on its company");
        }
    }
}

#[test]
fn fixed_point_products_match_plain_arithmetic() {
    for rows in [1, 2, 3, 5, 8, 9, 17, 131] {
        check_product(48, 160, rows, false);
    }
    check_product(16, 1536, 4, false);
    check_product(80, 32, 13, false);
}

#[test]
fn the_largest_sums_do_not_overflow() {
    check_product(32, 1536, 9, true);
}

#[test]
#[should_panic(expected = "does not fit the rows")]
fn a_matrix_of_another_width_is_refused() {
    let mut arena = FixedArena::new(16 * 32).unwrap();
    let matrix = arena.pack(&numbers(16 * 32, 1), vec![0.0; 16], 32);
    let backend = Backend::new(1, None);
    let mut rows = FixedRows::default();
    backend.fix(&numbers(64, 1), 1, 64, &mut rows);
    backend.multiply_fixed(&rows, &arena, &matrix, &mut [0.0; 16]);
}

#[test]
#[should_panic(expected = "another arena")]
fn a_matrix_of_another_arena_is_refused() {
    let mut large = FixedArena::new(2 * 16 * 32).unwrap();
    large.pack(&numbers(16 * 32, 1), vec![0.0; 16], 32);
    let matrix = large.pack(&numbers(16 * 32, 1), vec![0.0; 16], 32);
    let small = FixedArena::new(16 * 32).unwrap();
    let backend = Backend::new(1, None);
    let mut rows = FixedRows::default();
    backend.fix(&numbers(32, 1), 1, 32, &mut rows);
    backend.multiply_fixed(&rows, &small, &matrix, &mut [0.0; 16]);
}

/// erf by its Taylor series; converges for the arguments used here.
fn erf(x: f64) -> f64 {
    let (mut term, mut total) = (x, x);
    for n in 1..200 {
        term *= -x * x / f64::from(n);
        total += term / f64::from(2 * n + 1);
    }
    total * 2.0 / std::f64::consts::PI.sqrt()
}

#[test]
fn gelu_follows_the_error_function() {
    let input: Vec<f32> = (-5040..5040).map(|step| step as f32 / 1000.0).collect();
    let expected: Vec<f64> =
        input.iter().map(|x| f64::from(*x) * 0.5 * (1.0 + erf(f64::from(*x) / 2.0_f64.sqrt()))).collect();
    for set in InstructionSet::available() {
        let (mut values, mut fixed) = (input.clone(), FixedRows::default());
        Backend::new(2, Some(set)).gelu(&mut values, 105, 96, &mut fixed);
        assert_close(&values, &expected, 2e-6, &format!("{set:?}"));
        assert_fixed(&fixed, &values, 96, "gelu");
        let mut far: Vec<f32> = [50.0, -50.0].repeat(16);
        Backend::new(1, Some(set)).gelu(&mut far, 1, 32, &mut fixed);
        assert!((far[0] - 50.0).abs() < 1e-4 && far[1].abs() < 1e-4, "{set:?}: {far:?}");
    }
}

#[test]
fn a_layer_norm_adds_then_has_no_mean_and_unit_variance() {
    for (rows, width) in [(1, 32), (7, 384), (9, 96)] {
        let (states, added) = (numbers(rows * width, 4), numbers(rows * width, 5));
        let norm = LayerNorm { scale: numbers(width, 6), shift: numbers(width, 7), epsilon: 1e-6 };
        let mut expected = Vec::new();
        for (state, added) in states.chunks_exact(width).zip(added.chunks_exact(width)) {
            let row: Vec<f64> = state.iter().zip(added).map(|(a, b)| f64::from(*a) + f64::from(*b)).collect();
            let mean = row.iter().sum::<f64>() / width as f64;
            let variance = row.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / width as f64;
            expected.extend(row.iter().enumerate().map(|(at, value)| {
                (value - mean) / (variance + 1e-6).sqrt() * f64::from(norm.scale[at])
                    + f64::from(norm.shift[at])
            }));
        }
        for set in InstructionSet::available() {
            let (mut states, mut fixed) = (states.clone(), FixedRows::default());
            Backend::new(2, Some(set)).add_norm(&mut states, &added, rows, &norm, &mut fixed);
            assert_close(&states, &expected, 1e-5, &format!("{set:?}"));
            assert_fixed(&fixed, &states, width, "norm");
        }
    }
}

/// Attention by its formula in f64, one text.
fn plain_attention(mixed: &[f32], hidden: usize, heads: usize) -> Vec<f64> {
    let width = hidden / heads;
    let rows: Vec<&[f32]> = mixed.chunks_exact(3 * hidden).collect();
    let mut out = vec![0.0; rows.len() * hidden];
    for head in 0..heads {
        let part = |row: usize, kind: usize| &rows[row][kind * hidden + head * width..][..width];
        for query in 0..rows.len() {
            let scores: Vec<f64> = (0..rows.len())
                .map(|key| {
                    part(query, 0).iter().zip(part(key, 1)).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
                })
                .collect();
            let highest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let weights: Vec<f64> = scores.iter().map(|score| (score - highest).exp()).collect();
            let total: f64 = weights.iter().sum();
            for at in 0..width {
                out[query * hidden + head * width + at] =
                    (0..rows.len()).map(|key| weights[key] / total * f64::from(part(key, 2)[at])).sum();
            }
        }
    }
    out
}

fn check_attention(hidden: usize, heads: usize, lengths: &[usize]) {
    let total: usize = lengths.iter().sum();
    let mixed: Vec<f32> = numbers(total * 3 * hidden, 8).iter().map(|value| value * 2.0).collect();
    let mut start = 0;
    let (mut texts, mut expected) = (Vec::new(), Vec::new());
    for length in lengths {
        texts.push(start..start + length);
        expected.extend(plain_attention(&mixed[start * 3 * hidden..][..length * 3 * hidden], hidden, heads));
        start += length;
    }
    for set in InstructionSet::available() {
        let mut out = vec![f32::NAN; total * hidden];
        Backend::new(2, Some(set)).attend_texts(&mixed, hidden, heads, &texts, &mut out);
        assert_close(&out, &expected, 1e-5, &format!("{set:?} {hidden}/{heads} {lengths:?}"));
    }
}

#[test]
fn every_token_attends_to_its_own_text_only() {
    check_attention(64, 4, &[1, 2, 16, 33]);
    check_attention(96, 2, &[7, 70]);
    check_attention(384, 12, &[64, 5]);
    check_attention(128, 1, &[40]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn any_shape_of_product_is_right(tiles in 1_usize..6, steps in 1_usize..12, rows in 1_usize..40) {
        check_product(tiles * 16, steps * 32, rows, false);
    }

    #[test]
    fn any_lengths_of_texts_are_right(lengths in proptest::collection::vec(1_usize..50, 1..4)) {
        check_attention(64, 2, &lengths);
    }
}
