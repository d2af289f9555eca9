//! The network's weights and its two layers.

use half::f16;

/// The reader's weights cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the weights of the reader of names cannot be used: {0}")]
pub struct ReaderError(&'static str);

/// What every such file begins with; the last letter counts its forms.
const MAGIC: &[u8; 8] = b"FDREADR1";
const CLASSES: usize = 3;

/// inputs -> hidden (rectified) -> three shares.
pub(super) struct Network {
    inputs: usize,
    layer: usize,
    /// `[input][hidden]`.
    up: Vec<f32>,
    up_bias: Vec<f32>,
    /// `[hidden][class]`.
    out: Vec<f32>,
    out_bias: Vec<f32>,
}

impl Network {
    /// The network, and the four thresholds that stand with it.
    ///
    /// File: the magic; inputs, hidden, classes and layer as u32; four thresholds as f32; then the weights and biases of both
    /// layers as f16. All little-endian.
    pub fn parse(bytes: &[u8]) -> Result<(Self, [f32; 4]), ReaderError> {
        let rest = bytes.strip_prefix(MAGIC).ok_or(ReaderError("it is no such file"))?;
        let (head, body) = rest.split_at_checked(32).ok_or(ReaderError("it is cut short"))?;
        let mut fields = head.chunks_exact(4).map(|field| [field[0], field[1], field[2], field[3]]);
        let mut number = || fields.next().unwrap_or_default();
        let [inputs, hidden, classes, layer] =
            [number(), number(), number(), number()].map(|field| u32::from_le_bytes(field) as usize);
        let thresholds = [number(), number(), number(), number()].map(f32::from_le_bytes);
        if classes != CLASSES || inputs > 1 << 16 || !(1..=1 << 12).contains(&hidden) {
            return Err(ReaderError("it has another shape"));
        }
        let sizes = [inputs * hidden, hidden, hidden * CLASSES, CLASSES];
        if body.len() != 2 * sizes.iter().sum::<usize>() {
            return Err(ReaderError("it has another length than its shape asks for"));
        }
        let mut values = body.chunks_exact(2).map(|pair| f16::from_le_bytes([pair[0], pair[1]]).to_f32());
        let [up, up_bias, out, out_bias] = sizes.map(|size| values.by_ref().take(size).collect::<Vec<f32>>());
        let finite = [&up, &up_bias, &out, &out_bias].iter().all(|part| part.iter().all(|x| x.is_finite()));
        if !finite || !thresholds.iter().all(|share| (0.0..=1.0).contains(share)) {
            return Err(ReaderError("it holds what is no number"));
        }
        Ok((Self { inputs, layer, up, up_bias, out, out_bias }, thresholds))
    }

    pub fn inputs(&self) -> usize {
        self.inputs
    }

    pub fn layer(&self) -> usize {
        self.layer
    }

    /// Softmax of the two layers.
    pub fn shares(&self, input: &[f32]) -> [f32; CLASSES] {
        let mut hidden = self.up_bias.clone();
        for (value, weights) in input.iter().zip(self.up.chunks_exact(hidden.len())) {
            // Most features of a word are nought.
            if *value != 0.0 {
                hidden.iter_mut().zip(weights).for_each(|(sum, weight)| *sum += value * weight);
            }
        }
        let mut scores = [self.out_bias[0], self.out_bias[1], self.out_bias[2]];
        for (value, weights) in hidden.iter().zip(self.out.chunks_exact(CLASSES)) {
            scores.iter_mut().zip(weights).for_each(|(sum, weight)| *sum += value.max(0.0) * weight);
        }
        let most = scores.iter().copied().fold(f32::MIN, f32::max);
        let powers = scores.map(|score| (score - most).exp());
        let total: f32 = powers.iter().sum();
        powers.map(|power| power / total)
    }
}
