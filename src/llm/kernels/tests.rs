//! Every instruction set this processor has, against plain arithmetic on unpacked weights; and the packing itself
//! against candle's own reading of the same blocks.

use super::*;
use candle_core::{
    Device, Tensor,
    quantized::{GgmlDType, QTensor},
};
use proptest::prelude::*;
use std::sync::Arc;

const FORMATS: [(GgmlDType, Source); 7] = [
    (GgmlDType::Q4_0, Source::Blocks(Format::FourBit)),
    (GgmlDType::Q4_1, Source::Blocks(Format::FourBitMin)),
    (GgmlDType::Q8_0, Source::Blocks(Format::EightBit)),
    (GgmlDType::Q4K, Source::Blocks(Format::FourBitSuper)),
    (GgmlDType::Q5K, Source::Blocks(Format::FiveBitSuper)),
    (GgmlDType::Q6K, Source::Blocks(Format::SixBitSuper)),
    (GgmlDType::F32, Source::Floats),
];

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

/// A packed matrix of random weights, and candle's reading of the same file blocks.
fn matrix(dtype: GgmlDType, source: Source, columns: usize, width: usize, seed: u32) -> (Matrix, Vec<f32>) {
    let tensor = Tensor::from_vec(numbers(columns * width, seed), (columns, width), &Device::Cpu).unwrap();
    let quantized = QTensor::quantize(&tensor, dtype).unwrap();
    let expected =
        quantized.dequantize(&Device::Cpu).unwrap().flatten_all().unwrap().to_vec1::<f32>().unwrap();
    let bytes = quantized.data().unwrap();
    let format = source.format();
    let stripe = Matrix::stripe_bytes(format, width);
    let mut arena = Arena::new(Matrix::bytes_for(format, columns, width)).unwrap();
    for (index, tiles) in
        arena.bytes_mut().chunks_mut(stripe).enumerate().take(columns.div_ceil(Stripe::ROWS))
    {
        let rows = index * Stripe::ROWS..((index + 1) * Stripe::ROWS).min(columns);
        match source {
            Source::Blocks(format) => {
                let row_bytes = source.row_bytes(width).unwrap();
                let rows = &bytes[rows.start * row_bytes..rows.end * row_bytes];
                Stripe::pack_blocks(format, rows, row_bytes, tiles);
            }
            Source::Floats => {
                Stripe::pack_floats(&expected[rows.start * width..rows.end * width], width, tiles)
            }
        }
    }
    (Matrix::new(Arc::new(arena), 0, format, columns, width), expected)
}

fn assert_close(actual: &[f32], expected: &[f32], tolerance: f32, what: &str) {
    assert_eq!(actual.len(), expected.len(), "{what}");
    for (index, (actual, expected)) in actual.iter().zip(expected).enumerate() {
        assert!((actual - expected).abs() <= tolerance, "{what}: value {index} is {actual}, not {expected}");
    }
}

#[test]
fn packed_weights_read_back_as_candle_reads_the_file() {
    for (dtype, source) in FORMATS {
        for columns in [1, 16, 37] {
            let (matrix, expected) = matrix(dtype, source, columns, 512, 7);
            let mut row = vec![0.0; 512];
            for column in 0..columns {
                matrix.output(column, &mut row);
                // Eight-bit requantization of floats rounds; everything else must be the same number.
                let tolerance = if source == Source::Floats { 0.005 } else { 1e-6 };
                assert_close(&row, &expected[column * 512..][..512], tolerance, &format!("{dtype:?}"));
            }
        }
    }
}

/// The activations a kernel saw, as numbers.
fn dequantized(activations: &Activations, row: usize) -> Vec<f32> {
    (0..activations.width)
        .map(|at| {
            let cell = row * activations.blocks + at / 32;
            f32::from(activations.quants[cell * 32 + at % 32]) * activations.scales[cell]
        })
        .collect()
}

fn check_product(
    dtype: GgmlDType,
    source: Source,
    columns: usize,
    width: usize,
    rows: usize,
    accumulate: bool,
) {
    let (matrix, _) = matrix(dtype, source, columns, width, 3);
    let input = numbers(rows * width, 11);
    for set in InstructionSet::available() {
        let backend = Backend::new(2, Some(set));
        assert_eq!(backend.instruction_set(), set);
        let mut activations = Activations::default();
        backend.quantize(&input, rows, width, &mut activations);
        let stride = columns + 5;
        let before = numbers(rows * stride, 5);
        let mut out = before.clone();
        backend.multiply(&activations, &[(&matrix, 3)], &mut out, stride, accumulate);
        let mut weights = vec![0.0; width];
        for row in 0..rows {
            let values = dequantized(&activations, row);
            let rounding =
                values.iter().zip(&input[row * width..]).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            assert!(rounding <= 1.0 / 254.0 + 1e-6, "{set:?}: activations are off by {rounding}");
            for column in 0..columns {
                matrix.output(column, &mut weights);
                let exact: f64 =
                    weights.iter().zip(&values).map(|(w, v)| f64::from(*w) * f64::from(*v)).sum();
                let at = row * stride + 3 + column;
                let expected = exact as f32 + if accumulate { before[at] } else { 0.0 };
                let what =
                    format!("{set:?} {dtype:?} {columns}x{width}, row {row} of {rows}, column {column}");
                assert_close(&out[at..=at], &[expected], 2e-3 + expected.abs() * 1e-4, &what);
            }
            for at in (0..3).chain(3 + columns..stride).map(|at| row * stride + at) {
                assert!(out[at].to_bits() == before[at].to_bits(), "{set:?}: wrote beside the matrix");
            }
            // A customer's reply must not depend on who else is served.
            let mut alone = Activations::default();
            backend.quantize(&input[row * width..], 1, width, &mut alone);
            let mut single = before[row * stride..][..stride].to_vec();
            backend.multiply(&alone, &[(&matrix, 3)], &mut single, stride, accumulate);
            assert!(
                single == out[row * stride..][..stride],
                "{set:?} {dtype:?}: row {row} of {rows} differs alone"
            );
        }
    }
}

#[test]
fn products_match_plain_arithmetic_on_every_instruction_set() {
    for (dtype, source) in FORMATS {
        for rows in [1, 2, 5, 8, 13, 33, 40] {
            check_product(dtype, source, 37, 512, rows, rows % 2 == 0);
        }
    }
}

#[test]
fn deep_matrices_use_several_panels() {
    check_product(GgmlDType::Q4K, Source::Blocks(Format::FourBitSuper), 48, 2304, 34, false);
    check_product(GgmlDType::Q6K, Source::Blocks(Format::SixBitSuper), 33, 2304, 34, true);
    check_product(GgmlDType::Q4_1, Source::Blocks(Format::FourBitMin), 17, 4128, 33, false);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn products_of_any_shape_match(columns in 1_usize..70, blocks in 1_usize..9, rows in 1_usize..40, which in 0_usize..4) {
        let (dtype, source) = [FORMATS[0], FORMATS[1], FORMATS[2], FORMATS[6]][which];
        check_product(dtype, source, columns, blocks * 32, rows, false);
    }
}

#[test]
fn gates_squash_as_their_formulas_say() {
    let width = 64;
    let values: Vec<f32> = numbers(2 * width, 5).iter().map(|value| value * 4.0).collect();
    let gelu = |x: f32| 0.5 * x * (1.0 + (0.797_884_6 * (x + 0.044_715 * x * x * x)).tanh());
    let silu = |x: f32| x / (1.0 + (-x).exp());
    for set in InstructionSet::available() {
        for (gate, formula) in
            [(Gate::GeluTanh, &gelu as &dyn Fn(f32) -> f32), (Gate::Silu, &silu as &dyn Fn(f32) -> f32)]
        {
            let mut quantized = Activations::default();
            Backend::new(1, Some(set)).gate_quantize(&values, 1, width, gate, &mut quantized);
            for (index, (x, factor)) in values[..width].iter().zip(&values[width..]).enumerate() {
                let scale = quantized.scales[index / 32];
                let got = f32::from(quantized.quants[index]) * scale;
                let expected = formula(*x) * factor;
                assert!(
                    (got - expected).abs() <= scale * 0.51,
                    "{set:?} {gate:?} of {x}: {got}, not {expected}"
                );
            }
        }
    }
}

/// Attention written down as the formula says.
fn plain_attention(
    shape: &HeadShape,
    queries: &[f32],
    keys: &[f32],
    values: &[f32],
    position: usize,
) -> Vec<f32> {
    let (width, group) = (shape.width, shape.query_heads / shape.key_heads);
    let low = shape.window.map_or(0, |window| (position + 1).saturating_sub(window));
    (0..shape.query_heads)
        .flat_map(|head| {
            let key_row = shape.key_heads * width;
            let at = |p: usize| p * key_row + head / group * width;
            let query = &queries[head * width..][..width];
            let scores: Vec<f32> = (low..=position)
                .map(|p| shape.scale * query.iter().zip(&keys[at(p)..]).map(|(q, k)| q * k).sum::<f32>())
                .collect();
            let most = scores.iter().copied().fold(f32::MIN, f32::max);
            let weights: Vec<f32> = scores.iter().map(|score| (score - most).exp()).collect();
            let total: f32 = weights.iter().sum();
            (0..width)
                .map(|d| {
                    (low..=position).zip(&weights).map(|(p, w)| w * values[at(p) + d]).sum::<f32>() / total
                })
                .collect::<Vec<_>>()
        })
        .collect()
}

fn check_attention(shape: HeadShape, chunks: &[usize], threads: usize) {
    let total: usize = chunks.iter().sum();
    let row_width = shape.row_width();
    let (query_width, key_width) = (shape.query_heads * shape.width, shape.key_heads * shape.width);
    let mut input = numbers(total * row_width, 21);
    // Halves exactly, so that the cache's precision is not what is tested.
    for value in &mut input {
        *value = half::f16::from_f32(*value * 3.0).to_f32();
    }
    let part = |from: usize, width: usize| -> Vec<f32> {
        input.chunks(row_width).flat_map(|row| row[from..from + width].to_vec()).collect()
    };
    let (keys, values) = (part(query_width, key_width), part(query_width + key_width, key_width));
    for set in InstructionSet::available() {
        let backend = Backend::new(threads, Some(set));
        let capacity = total.next_multiple_of(POSITION_STEP);
        let mut key_cache = vec![0; shape.cache_len(capacity)];
        let mut value_cache = vec![0; shape.cache_len(capacity)];
        let mut scratch = AttentionScratch::default();
        let mut start = 0;
        for rows in chunks {
            let mut fused = input[start * row_width..(start + rows) * row_width].to_vec();
            let mut out = vec![f32::NAN; rows * query_width];
            let mut segments = [Segment {
                keys: &mut key_cache,
                values: &mut value_cache,
                capacity,
                start,
                first_row: 0,
                rows: *rows,
            }];
            // No pairs: positions do not turn anything, so the formula stays plain.
            let angles = RopeAngles::default();
            backend.store_keys(&shape, &mut fused, *rows, None, None, &angles, &mut segments);
            backend.attend(&shape, &fused, *rows, &segments, &mut scratch, &mut out);
            for row in 0..*rows {
                let queries = &fused[row * row_width..][..query_width];
                let expected = plain_attention(&shape, queries, &keys, &values, start + row);
                let what = format!("{set:?} {shape:?} position {}", start + row);
                assert_close(&out[row * query_width..][..query_width], &expected, 2e-3, &what);
            }
            start += rows;
        }
    }
}

fn heads(query_heads: usize, key_heads: usize, width: usize, window: Option<usize>) -> HeadShape {
    let scale = 1.0 / (width as f32).sqrt();
    HeadShape { query_heads, key_heads, width, rope: RopePairs::Halves, scale, window }
}

#[test]
fn attention_matches_the_formula_for_groups_and_widths() {
    check_attention(heads(3, 1, 64, None), &[70, 1, 1, 9], 2);
    check_attention(heads(4, 4, 32, None), &[33, 2], 1);
    check_attention(heads(14, 2, 96, None), &[5, 1], 3);
    check_attention(heads(4, 2, 256, None), &[20, 1], 2);
}

#[test]
fn long_contexts_are_split_over_threads_and_merged() {
    check_attention(heads(6, 2, 64, None), &[600, 1, 2], 2);
}

#[test]
fn a_sliding_window_hides_older_positions() {
    check_attention(heads(4, 1, 32, Some(16)), &[50, 1, 3], 2);
    check_attention(heads(2, 1, 32, Some(100)), &[700, 1], 2);
}
