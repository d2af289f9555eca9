//! The steps of BERT between its matrix products, fused and in place: each reads and writes a buffer once. The loops
//! are branch-free so that the compiler turns them into vector code on any processor.

use candle_core::{CpuStorage, InplaceOp1, InplaceOp2, Layout, Result, bail};

/// Scale and shift after normalising a row.
#[derive(Debug, Clone)]
pub(super) struct Norm {
    pub scale: Vec<f32>,
    pub shift: Vec<f32>,
    pub epsilon: f32,
}

impl Norm {
    /// Layer normalisation of one row.
    pub fn apply(&self, row: &mut [f32]) {
        let length = row.len() as f32;
        let mean = sum(row) / length;
        let mut variance = [0.0f32; LANES];
        let mut chunks = row.chunks_exact_mut(LANES);
        for chunk in &mut chunks {
            for (lane, value) in variance.iter_mut().zip(chunk) {
                *value -= mean;
                *lane += *value * *value;
            }
        }
        let mut total: f32 = variance.iter().sum();
        for value in chunks.into_remainder() {
            *value -= mean;
            total += *value * *value;
        }
        let inverse = (total / length + self.epsilon).sqrt().recip();
        for ((value, scale), shift) in row.iter_mut().zip(&self.scale).zip(&self.shift) {
            *value = *value * inverse * scale + shift;
        }
    }
}

/// Independent partial sums, so that additions need not wait for one another.
const LANES: usize = 16;

fn sum(values: &[f32]) -> f32 {
    let mut lanes = [0.0f32; LANES];
    let mut chunks = values.chunks_exact(LANES);
    for chunk in &mut chunks {
        for (lane, value) in lanes.iter_mut().zip(chunk) {
            *lane += value;
        }
    }
    lanes.iter().sum::<f32>() + chunks.remainder().iter().sum::<f32>()
}

/// Adds a bias to every row.
pub(super) struct AddBias<'weights>(pub &'weights [f32]);

impl InplaceOp1 for AddBias<'_> {
    fn name(&self) -> &'static str {
        "add-bias"
    }

    fn cpu_fwd(&self, storage: &mut CpuStorage, layout: &Layout) -> Result<()> {
        for row in writable(storage, layout)?.chunks_exact_mut(self.0.len()) {
            for (value, bias) in row.iter_mut().zip(self.0) {
                *value += bias;
            }
        }
        Ok(())
    }
}

/// Adds a bias and applies GELU (the exact one, with the error function).
pub(super) struct BiasGelu<'weights>(pub &'weights [f32]);

impl InplaceOp1 for BiasGelu<'_> {
    fn name(&self) -> &'static str {
        "bias-gelu"
    }

    fn cpu_fwd(&self, storage: &mut CpuStorage, layout: &Layout) -> Result<()> {
        for row in writable(storage, layout)?.chunks_exact_mut(self.0.len()) {
            for (value, bias) in row.iter_mut().zip(self.0) {
                *value = gelu(*value + bias);
            }
        }
        Ok(())
    }
}

/// Softmax of every row of this length.
pub(super) struct Softmax(pub usize);

impl InplaceOp1 for Softmax {
    fn name(&self) -> &'static str {
        "softmax"
    }

    fn cpu_fwd(&self, storage: &mut CpuStorage, layout: &Layout) -> Result<()> {
        for row in writable(storage, layout)?.chunks_exact_mut(self.0) {
            softmax(row);
        }
        Ok(())
    }
}

/// Adds a bias and the residual stream, then normalises.
pub(super) struct AddNorm<'weights> {
    pub bias: &'weights [f32],
    pub norm: &'weights Norm,
}

impl InplaceOp2 for AddNorm<'_> {
    fn name(&self) -> &'static str {
        "add-norm"
    }

    fn cpu_fwd(
        &self,
        storage: &mut CpuStorage,
        layout: &Layout,
        residual: &CpuStorage,
        residual_layout: &Layout,
    ) -> Result<()> {
        let residual = readable(residual, residual_layout)?;
        let width = self.bias.len();
        for (row, residual) in
            writable(storage, layout)?.chunks_exact_mut(width).zip(residual.chunks_exact(width))
        {
            for ((value, bias), residual) in row.iter_mut().zip(self.bias).zip(residual) {
                *value += bias + residual;
            }
            self.norm.apply(row);
        }
        Ok(())
    }
}

fn writable<'storage>(storage: &'storage mut CpuStorage, layout: &Layout) -> Result<&'storage mut [f32]> {
    match (storage, layout.contiguous_offsets()) {
        (CpuStorage::F32(values), Some((start, end))) => Ok(&mut values[start..end]),
        _ => bail!("expected contiguous f32 values"),
    }
}

fn readable<'storage>(storage: &'storage CpuStorage, layout: &Layout) -> Result<&'storage [f32]> {
    match (storage, layout.contiguous_offsets()) {
        (CpuStorage::F32(values), Some((start, end))) => Ok(&values[start..end]),
        _ => bail!("expected contiguous f32 values"),
    }
}

fn softmax(row: &mut [f32]) {
    let mut lanes = [f32::NEG_INFINITY; LANES];
    let mut chunks = row.chunks_exact(LANES);
    for chunk in &mut chunks {
        for (lane, value) in lanes.iter_mut().zip(chunk) {
            *lane = if *value > *lane { *value } else { *lane };
        }
    }
    let highest = lanes.iter().chain(chunks.remainder()).copied().fold(f32::NEG_INFINITY, f32::max);
    for value in row.iter_mut() {
        *value = exponential(*value - highest);
    }
    let inverse = sum(row).recip();
    for value in row.iter_mut() {
        *value *= inverse;
    }
}

/// e^x for x <= 0 within 2e-7 relative: 2^n times a polynomial on [-ln2/2, ln2/2] (the coefficients of Cephes' `expf`).
#[inline]
fn exponential(x: f32) -> f32 {
    // Adding 1.5 * 2^23 rounds to the nearest integer and leaves it in the low bits.
    const ROUND: f32 = 12_582_912.0;
    let x = if x > -87.0 { x } else { -87.0 };
    let shifted = x * std::f32::consts::LOG2_E + ROUND;
    let count = shifted - ROUND;
    let rest = (x - count * 0.693_359_4) + count * 2.121_944_4e-4;
    let mut polynomial = 1.987_569_1e-4_f32;
    for coefficient in [1.398_2e-3, 8.333_452e-3, 4.166_579_6e-2, 1.666_666_5e-1, 0.5] {
        polynomial = polynomial * rest + coefficient;
    }
    let fraction = polynomial * rest * rest + rest + 1.0;
    let power = f32::from_bits((shifted.to_bits() << 23).wrapping_add(0x3F80_0000));
    fraction * power
}

/// x times the normal distribution function, with the rational approximation of erf that Eigen uses (4e-7 absolute).
#[inline]
fn gelu(x: f32) -> f32 {
    const NUMERATOR: [f32; 6] =
        [2.770_681_4e-8, -2.101_024e-6, -5.692_506_4e-5, -7.349_906e-4, -2.954_6e-3, -1.609_603_3e-2];
    const DENOMINATOR: [f32; 4] = [-2.133_740_6e-4, -1.682_827e-3, -7.373_329e-3, -1.426_474e-2];
    let scaled = x * std::f32::consts::FRAC_1_SQRT_2;
    let bounded = if scaled > 4.0 { 4.0 } else { scaled };
    let bounded = if bounded < -4.0 { -4.0 } else { bounded };
    let square = bounded * bounded;
    let mut numerator = -2.726_142_3e-10_f32;
    for coefficient in NUMERATOR {
        numerator = numerator * square + coefficient;
    }
    let mut denominator = -1.456_607_2e-5_f32;
    for coefficient in DENOMINATOR {
        denominator = denominator * square + coefficient;
    }
    0.5 * x * (1.0 + bounded * numerator / denominator)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// erf by its Taylor series in f64; converges for the arguments used here.
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
        for step in -5000..=5000 {
            let x = f64::from(step) / 1000.0;
            let expected = 0.5 * x * (1.0 + erf(x / 2.0_f64.sqrt()));
            let got = f64::from(gelu(x as f32));
            assert!((got - expected).abs() < 2e-6, "gelu({x}) = {got}, expected {expected}");
        }
        assert!((gelu(50.0) - 50.0).abs() < 1e-4);
        assert!(gelu(-50.0).abs() < 1e-5);
    }

    #[test]
    fn exponential_follows_exp_down_to_nothing() {
        for step in 0..=86_000 {
            let x = -f64::from(step) / 1000.0;
            let got = f64::from(exponential(x as f32));
            let expected = f64::from(x as f32).exp();
            assert!((got - expected).abs() <= expected * 3e-7, "exp({x}) = {got}, expected {expected}");
        }
        assert!(exponential(f32::NEG_INFINITY) < 1e-37);
    }

    #[test]
    fn softmax_sums_to_one_and_keeps_ratios() {
        let mut row: Vec<f32> = (0..37u8).map(f32::from).collect();
        softmax(&mut row);
        assert!((row.iter().sum::<f32>() - 1.0).abs() < 1e-6);
        assert!((row[36] / row[35] - std::f32::consts::E).abs() < 1e-5);
    }

    #[test]
    fn a_normalised_row_has_no_mean_and_unit_variance() {
        let norm = Norm { scale: vec![1.0; 21], shift: vec![0.0; 21], epsilon: 1e-12 };
        let mut row: Vec<f32> = (0..21u8).map(|value| f32::from(value) * 3.0 + 100.0).collect();
        norm.apply(&mut row);
        let mean = row.iter().sum::<f32>() / 21.0;
        let variance = row.iter().map(|value| value * value).sum::<f32>() / 21.0;
        assert!(mean.abs() < 1e-5 && (variance - 1.0).abs() < 1e-4, "{mean} {variance}");
    }
}
