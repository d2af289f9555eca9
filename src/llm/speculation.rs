//! Guessing of the next tokens from the text so far (prompt lookup, Saxena 2023): support answers repeat the passages
//! they are built from, and checking a guess of several tokens costs hardly more than computing one. The greedy text is
//! the same with and without: a guess is kept only as far as the model itself would have gone.

use super::{
    kv_cache::Sequence,
    transformer::{Model, Workspace},
};

/// Longest run of last tokens that is looked up, and the shortest that is trusted wherever it stood.
const LONGEST_RUN: usize = 4;
const SHORTEST_RUN: usize = 2;
/// Tokens guessed after a single token that stood in the context once: right often enough to pay for a few, not for many.
const AFTER_ONE: usize = 3;

/// At most `max` tokens that followed the last time the context's last tokens stood together; empty if they never did.
pub fn propose_from_lookup(context: &[u32], max: usize) -> Vec<u32> {
    for run in (SHORTEST_RUN..=LONGEST_RUN).rev() {
        if context.len() <= run || max == 0 {
            continue;
        }
        let (before, last) = context.split_at(context.len() - run);
        // The run may overlap its own repetition, so windows go one short of the end.
        let found = (0..before.len()).rev().find(|start| context[*start..].starts_with(last));
        if let Some(start) = found {
            let from = start + run;
            return context[from..(from + max).min(context.len())].to_vec();
        }
    }
    after_a_single_token(context, max.min(AFTER_ONE))
}

/// What followed the last token where it stood before, if that was one place.
fn after_a_single_token(context: &[u32], max: usize) -> Vec<u32> {
    let Some((last, before)) = context.split_last() else { return Vec::new() };
    let mut places = before.iter().enumerate().filter(|(_, token)| *token == last).map(|(place, _)| place);
    match (places.next(), places.next()) {
        (Some(place), None) => context[place + 1..(place + 1 + max).min(context.len())].to_vec(),
        _ => Vec::new(),
    }
}

/// The largest logit's token; of equals the first.
pub fn greedy_token(logits: &[f32]) -> u32 {
    let mut best = 0;
    // Blocks first: the compiler vectorises the maximum, and the position is looked for once.
    let mut largest = f32::NEG_INFINITY;
    for (index, block) in logits.chunks(64).enumerate() {
        let most = block.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        if most > largest {
            largest = most;
            best = index * 64 + block.iter().position(|value| *value >= most).unwrap_or(0);
        }
    }
    best as u32
}

/// One greedy step: appends the last token of `context` (which the sequence does not hold yet) and as much of a guess
/// as the model agrees with; returns the tokens that follow, at least one and at most `max_guess + 1`.
///
/// # Panics
/// If the context is empty or the sequence has no room for `max_guess + 1` tokens.
pub fn greedy_step(
    model: &Model,
    work: &mut Workspace,
    sequence: &mut Sequence,
    context: &[u32],
    max_guess: usize,
) -> Vec<u32> {
    let room = sequence.capacity() - sequence.len();
    let guess = propose_from_lookup(context, max_guess.min(room.saturating_sub(1)));
    let mut input = vec![context[context.len() - 1]];
    input.extend(&guess);
    let before = sequence.len();
    let logits = model.forward(work, sequence, &input, input.len());
    let mut next = Vec::with_capacity(input.len());
    for (index, logits) in logits.chunks(model.config().vocabulary).enumerate() {
        let token = greedy_token(logits);
        next.push(token);
        if guess.get(index) != Some(&token) {
            break;
        }
    }
    // All but the last of the new tokens have been through the model.
    sequence.truncate(before + next.len());
    next
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::llm::{tiny_models::TinyModel, transformer::LoadOptions};
    use candle_core::quantized::GgmlDType;

    #[test]
    fn the_last_occurrence_of_the_longest_run_is_continued() {
        assert_eq!(propose_from_lookup(&[1, 2, 3, 9, 1, 2, 4, 1, 2], 3), [4, 1, 2]);
        assert_eq!(propose_from_lookup(&[5, 1, 2, 7, 8, 6, 1, 2, 9, 5, 1, 2], 2), [7, 8], "three match here");
        assert_eq!(propose_from_lookup(&[7, 7, 7, 7], 5), [7], "a run may overlap itself");
        assert!(propose_from_lookup(&[1, 2, 3, 4], 4).is_empty());
        assert_eq!(
            propose_from_lookup(&[8, 3, 4, 5, 6, 7, 3], 7),
            [4, 5, 6],
            "a single token, that stood once"
        );
        assert!(propose_from_lookup(&[3, 8, 3, 4, 3], 7).is_empty(), "it stood with different company");
        assert!(propose_from_lookup(&[], 4).is_empty());
        assert!(propose_from_lookup(&[1, 2, 1, 2], 0).is_empty());
    }

    #[test]
    fn the_greedy_token_is_the_first_of_the_largest() {
        let mut logits = vec![0.0; 200];
        (logits[70], logits[130]) = (2.0, 2.0);
        assert_eq!(greedy_token(&logits), 70);
        logits[199] = 3.0;
        assert_eq!(greedy_token(&logits), 199);
    }

    #[test]
    fn guessing_changes_no_token_of_the_text() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tiny.gguf");
        let tiny = TinyModel { vocabulary: 40, ..TinyModel::new("qwen2", GgmlDType::Q4K) };
        tiny.write(&path, &[]).unwrap();
        let model = Model::load(&path, &LoadOptions { threads: Some(2), instruction_set: None }).unwrap();
        let prompt: Vec<u32> = (0..30).map(|index| index % 7).collect();
        let text = |guess: usize| {
            let mut work = Workspace::new();
            let mut sequence = model.new_sequence(256);
            let mut context = prompt.clone();
            model.forward(&mut work, &mut sequence, &prompt[..prompt.len() - 1], 0);
            let mut passes = 0;
            while context.len() < 130 {
                let next = greedy_step(&model, &mut work, &mut sequence, &context, guess);
                context.extend(next);
                assert_eq!(sequence.len(), context.len() - 1, "all but the newest token are cached");
                passes += 1;
            }
            context.truncate(130);
            (context, passes)
        };
        let (plain, plain_passes) = text(0);
        let (guessed, guessed_passes) = text(6);
        assert_eq!(plain, guessed);
        assert!(guessed_passes < plain_passes, "a repeating text must be guessed: {guessed_passes} passes");
    }
}
