//! From logits to the next token: greedy, or by temperature and nucleus with a seed. Pure but for its own random state.

use rand::{Rng, SeedableRng, rngs::StdRng};

/// Tokens whose logit is this far below the best after dividing by the temperature weigh under 1e-13 together with
/// nothing; leaving them out spares sorting a whole vocabulary.
const NEGLIGIBLE_BELOW: f32 = 30.0;

/// Chooses one answer's tokens.
#[derive(Debug)]
pub struct Sampler {
    temperature: f32,
    top_p: f32,
    random: StdRng,
    candidates: Vec<(u32, f32)>,
}

impl Sampler {
    /// A temperature of 0 (or below, or not a number) is greedy; `top_p` outside (0, 1] takes all tokens.
    pub fn new(temperature: f32, top_p: f32, seed: u64) -> Self {
        Self {
            temperature: if temperature.is_finite() { temperature } else { 0.0 },
            top_p: if top_p > 0.0 && top_p <= 1.0 { top_p } else { 1.0 },
            random: StdRng::seed_from_u64(seed),
            candidates: Vec::new(),
        }
    }

    /// The next token for one row of logits; `None` when no logit is a number, which means the network is broken.
    pub fn sample(&mut self, logits: &[f32]) -> Option<u32> {
        let (best, highest) = best_of(logits)?;
        if self.temperature <= 0.0 || highest == f32::INFINITY {
            return Some(best);
        }
        let floor = NEGLIGIBLE_BELOW.mul_add(-self.temperature, highest);
        self.candidates.clear();
        let kept = (0u32..).zip(logits).filter(|(_, logit)| **logit >= floor);
        let weigh = |(id, logit): (u32, &f32)| (id, ((logit - highest) / self.temperature).exp());
        self.candidates.extend(kept.map(weigh));
        // Ties by id, so that the same seed gives the same text whatever the sort does.
        self.candidates.sort_unstable_by(|one, other| other.1.total_cmp(&one.1).then(one.0.cmp(&other.0)));
        let total: f32 = self.candidates.iter().map(|(_, weight)| weight).sum();
        let mut nucleus = 0.0;
        let mut taken = 0;
        for (_, weight) in &self.candidates {
            nucleus += weight;
            taken += 1;
            if nucleus >= self.top_p * total {
                break;
            }
        }
        let mut left = self.random.random::<f32>() * nucleus;
        for &(id, weight) in &self.candidates[..taken] {
            left -= weight;
            if left < 0.0 {
                return Some(id);
            }
        }
        self.candidates[..taken].last().map(|(id, _)| *id)
    }

    /// As [`Self::sample`], among the tokens that are allowed.
    pub fn sample_among(&mut self, logits: &[f32], allowed: impl Fn(u32) -> bool) -> Option<u32> {
        let kept = |(id, logit): (u32, &f32)| if allowed(id) { *logit } else { f32::NEG_INFINITY };
        let masked: Vec<f32> = (0u32..).zip(logits).map(kept).collect();
        self.sample(&masked)
    }
}

/// The first of the highest logits.
fn best_of(logits: &[f32]) -> Option<(u32, f32)> {
    let mut best = None;
    let mut highest = f32::NEG_INFINITY;
    for (id, &logit) in (0u32..).zip(logits) {
        if logit > highest {
            (best, highest) = (Some(id), logit);
        }
    }
    best.map(|id| (id, highest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn greedy_takes_the_first_of_the_highest_and_ignores_what_is_no_number() {
        let mut sampler = Sampler::new(0.0, 1.0, 7);
        assert_eq!(sampler.sample(&[0.1, 3.0, f32::NAN, 3.0]), Some(1));
        assert_eq!(sampler.sample(&[f32::NAN, f32::NAN]), None);
        assert_eq!(sampler.sample(&[]), None);
    }

    #[test]
    fn the_same_seed_gives_the_same_tokens_and_another_seed_others() {
        let logits: Vec<f32> = (0..100u8).map(|id| f32::from(id % 10)).collect();
        let draw = |seed| {
            let mut sampler = Sampler::new(1.0, 1.0, seed);
            (0..50).map(|_| sampler.sample(&logits).unwrap()).collect::<Vec<_>>()
        };
        assert_eq!(draw(3), draw(3));
        assert_ne!(draw(3), draw(4));
    }

    #[test]
    fn frequencies_follow_the_probabilities() {
        // exp(ln 3) : exp(0) = 3 : 1
        let logits = [3.0_f32.ln(), 0.0];
        let mut sampler = Sampler::new(1.0, 1.0, 11);
        let zeros = (0..4000).filter(|_| sampler.sample(&logits) == Some(0)).count();
        assert!((2880..3120).contains(&zeros), "expected about 3000 of 4000, got {zeros}");
    }

    proptest! {
        /// A token outside the nucleus is never drawn, whatever the seed.
        #[test]
        fn the_nucleus_is_kept(seed: u64, top_p in 0.05f32..1.0) {
            let probabilities = [0.5f32, 0.25, 0.15, 0.07, 0.03];
            let logits: Vec<f32> = probabilities.iter().map(|p| p.ln()).collect();
            let mut sum = 0.0;
            let allowed = probabilities.iter().take_while(|p| { let before = sum; sum += *p; before < top_p - 1e-5 }).count();
            let mut sampler = Sampler::new(1.0, top_p, seed);
            for _ in 0..20 {
                prop_assert!((sampler.sample(&logits).unwrap() as usize) < allowed + 1);
            }
        }
    }
}
