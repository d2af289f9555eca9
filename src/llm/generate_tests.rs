//! Answers by a scripted network whose next token depends on every token before it: a slip in bookkeeping shows.

use super::*;
use crate::llm::testing::{ScriptedDecoder, TINY_END, tiny_id, tiny_tokenizer};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

type Events = UnboundedReceiver<Result<GenerationEvent, ModelError>>;

fn request(prompt: &str, max_tokens: usize) -> (PreparedRequest, Events) {
    let tokenizer = tiny_tokenizer();
    let (sink, events) = unbounded_channel();
    let request = PreparedRequest {
        keep: false,
        prompt: tokenizer.encode_text(prompt).unwrap(),
        max_tokens,
        sampler: Sampler::new(0.0, 1.0, 0),
        constraint: None,
        detokenizer: tokenizer.detokenizer(),
        stop: Vec::new(),
        end_ids: tokenizer.end_ids().to_vec(),
        queued_at: Instant::now(),
        sink,
    };
    (request, events)
}

fn read(events: &mut Events) -> (String, Option<GenerationStats>) {
    let (mut text, mut stats) = (String::new(), None);
    while let Ok(event) = events.try_recv() {
        assert!(stats.is_none(), "an event after the last");
        match event.unwrap() {
            GenerationEvent::Text(piece) => text += &piece,
            GenerationEvent::Done(done) => stats = Some(done),
        }
    }
    (text, stats)
}

fn run_all(generator: &mut Generator<ScriptedDecoder>) {
    for _ in 0..10_000 {
        if generator.active() == 0 {
            return;
        }
        generator.step().unwrap();
    }
    panic!("generation never ended");
}

/// A letter that depends on the whole history.
fn hashing() -> ScriptedDecoder {
    let letters: Vec<u32> = ('a'..='z').map(tiny_id).collect();
    ScriptedDecoder::new(move |tokens| {
        let hash = tokens.iter().fold(7u64, |hash, token| (hash * 31 + u64::from(*token) + 1) % 1_000_003);
        if hash % 97 == 0 { TINY_END } else { letters[(hash % 26) as usize] }
    })
}

fn alone(decoder: ScriptedDecoder, prompt: &str, max_tokens: usize) -> (String, GenerationStats) {
    let mut generator = Generator::new(decoder);
    let (request, mut events) = request(prompt, max_tokens);
    generator.admit(request);
    run_all(&mut generator);
    let (text, stats) = read(&mut events);
    (text, stats.expect("no last event"))
}

#[test]
fn an_answer_ends_with_the_end_token_and_counts_its_tokens() {
    let (text, stats) = alone(ScriptedDecoder::saying("Hello é!"), "Hi\n", 50);
    assert_eq!(text, "Hello é!");
    assert_eq!((stats.prompt_tokens, stats.generated_tokens, stats.finish), (3, 9, FinishReason::Stop));
    assert_eq!(stats.cached_tokens, 0);
}

#[test]
fn an_answer_ends_with_its_budget() {
    let (text, stats) = alone(ScriptedDecoder::saying("Hello"), "Hi\n", 3);
    assert_eq!((text.as_str(), stats.generated_tokens, stats.finish), ("Hel", 3, FinishReason::Length));
    let (text, stats) = alone(ScriptedDecoder::saying("Hello"), "Hi\n", 0);
    assert_eq!((text.as_str(), stats.generated_tokens, stats.finish), ("", 0, FinishReason::Length));
}

#[test]
fn a_stop_string_ends_the_answer_and_never_shows() {
    let mut generator = Generator::new(ScriptedDecoder::saying("Yes.\nUser: no"));
    let (mut prepared, mut events) = request("Hi\n", 50);
    prepared.stop = vec![".\nUs".to_owned()];
    generator.admit(prepared);
    // The answer itself contains a line feed, after which the script starts anew; the stop string comes before that.
    run_all(&mut generator);
    let (text, stats) = read(&mut events);
    assert_eq!(text, "Yes.\nYes.\nYes.\nYes.\nYes.\nYes.\nYes.\nYes.\nYes.\nYes.\n");
    assert_eq!(stats.unwrap().finish, FinishReason::Length);
    let mut generator = Generator::new(ScriptedDecoder::saying("Yes. User: no"));
    let (mut prepared, mut events) = request("Hi\n", 50);
    prepared.stop = vec![" User:".to_owned()];
    generator.admit(prepared);
    run_all(&mut generator);
    let (text, stats) = read(&mut events);
    assert_eq!((text.as_str(), stats.unwrap().finish), ("Yes.", FinishReason::Stop));
}

/// Long prompts are read in chunks, several answers share passes, guesses are right or wrong: nothing of it changes
/// a word of any answer.
#[test]
fn company_chunks_and_guesses_do_not_change_an_answer() {
    let prompts: Vec<String> = (0..6).map(|index| "word ".repeat(1 + index * 60)).collect();
    let expected: Vec<String> = prompts.iter().map(|prompt| alone(hashing(), prompt, 40).0).collect();
    let mut pass_counts = Vec::new();
    for guessing in [false, true] {
        let mut decoder = hashing();
        if guessing {
            let oracle = hashing();
            decoder.guess = Some(Box::new(move |context| {
                let mut context = context.to_vec();
                let mut guesses = Vec::new();
                for depth in 0..7 {
                    let right = (oracle.script)(&context);
                    let wrong = context.len() % 5 == depth;
                    guesses.push(if wrong { 1 } else { right });
                    context.push(right);
                }
                guesses
            }));
        }
        let passes = std::sync::Arc::clone(&decoder.pass_tokens);
        let mut generator = Generator::new(decoder);
        let mut all_events = Vec::new();
        for prompt in &prompts {
            let (request, events) = request(prompt, 40);
            generator.admit(request);
            all_events.push(events);
            generator.step().unwrap();
        }
        run_all(&mut generator);
        for (events, expected) in all_events.iter_mut().zip(&expected) {
            assert_eq!(&read(events).0, expected, "guessing: {guessing}");
        }
        let passes = passes.lock().unwrap();
        assert!(passes.iter().any(|pass| pass.len() > 1), "the answers never shared a pass");
        assert!(passes.iter().flatten().all(|tokens| *tokens <= LONE_PROMPT_TOKENS));
        pass_counts.push(passes.len());
    }
    assert!(pass_counts[1] < pass_counts[0], "guesses saved no passes: {pass_counts:?}");
}

#[test]
fn right_guesses_save_passes() {
    let mut decoder = ScriptedDecoder::saying("a long answer that somebody foresaw word by word");
    let answer = tiny_tokenizer().encode_text("a long answer that somebody foresaw word by word").unwrap();
    let line_feed = tiny_id('\n');
    decoder.guess = Some(Box::new(move |context| {
        let said = context.iter().rev().take_while(|token| **token != line_feed).count();
        answer[said.min(answer.len())..].to_vec()
    }));
    let passes = std::sync::Arc::clone(&decoder.pass_tokens);
    let (text, stats) = alone(decoder, "Hi\n", 100);
    assert_eq!(text, "a long answer that somebody foresaw word by word");
    assert_eq!(stats.generated_tokens, 48);
    assert!(passes.lock().unwrap().len() < 12, "48 tokens took {} passes", passes.lock().unwrap().len());
}

#[test]
fn sampling_with_guesses_gives_the_same_text_as_without() {
    let sampled = |guess: bool| {
        let mut decoder = hashing();
        if guess {
            let oracle = hashing();
            decoder.guess = Some(Box::new(move |context| vec![(oracle.script)(context); 3]));
        }
        let mut generator = Generator::new(decoder);
        let (mut prepared, mut events) = request("Hi", 60);
        prepared.sampler = Sampler::new(3.0, 1.0, 5);
        generator.admit(prepared);
        run_all(&mut generator);
        read(&mut events).0
    };
    assert_eq!(sampled(false), sampled(true));
}

#[test]
fn reading_ahead_waits_for_customers_and_keeps_what_it_read() {
    let decoder = hashing();
    let passes = std::sync::Arc::clone(&decoder.pass_tokens);
    let mut generator = Generator::new(decoder);
    let beginning = "The instructions and a passage. ".repeat(8);
    let (mut ahead, mut ahead_events) = request(&beginning, 0);
    ahead.keep = true;
    let length = ahead.prompt.len();
    generator.admit(ahead);
    generator.step().unwrap();
    assert_eq!(passes.lock().unwrap().last().unwrap(), &[IDLE_PROMPT_TOKENS], "read in short steps");
    let (prepared, mut events) = request("Hi", 5);
    generator.admit(prepared);
    assert_eq!(generator.answering(), 1, "what is read ahead takes no customer's place");
    while events.is_empty() || generator.answering() > 0 {
        generator.step().unwrap();
        let read: usize = passes.lock().unwrap().iter().flatten().filter(|count| **count > 10).sum();
        assert_eq!(read, IDLE_PROMPT_TOKENS, "no step of an answer is made longer by reading ahead");
    }
    assert_eq!(read(&mut events).0, alone(hashing(), "Hi", 5).0);
    run_all(&mut generator);
    let (text, stats) = read(&mut ahead_events);
    assert_eq!((text.as_str(), stats.unwrap().prompt_tokens), ("", length));
    assert_eq!(generator.decoder.kept.len(), 1);
    assert_eq!(generator.decoder.kept[0].len(), length);
    let before = passes.lock().unwrap().len();
    let (mut again, mut again_events) = request(&beginning, 0);
    again.keep = true;
    generator.admit(again);
    assert!(read(&mut again_events).1.is_some());
    assert_eq!(passes.lock().unwrap().len(), before, "what is kept is not read again");
}

#[test]
fn a_caller_who_left_frees_the_network_at_the_next_step() {
    let mut generator = Generator::new(hashing());
    let (prepared, events) = request("Hi", 1000);
    generator.admit(prepared);
    generator.step().unwrap();
    drop(events);
    generator.step().unwrap();
    assert_eq!(generator.active(), 0);
}

#[test]
fn logits_that_are_no_numbers_are_an_error_and_not_a_word() {
    struct Broken(Vec<f32>);
    impl Decoder for Broken {
        type Sequence = usize;
        fn facts(&self) -> crate::llm::decoder::DecoderFacts {
            ScriptedDecoder::saying("").facts()
        }
        fn begin(&mut self, _: &[u32], _: usize) -> Result<usize, EngineError> {
            Ok(0)
        }
        fn length(&self, sequence: &usize) -> usize {
            *sequence
        }
        fn truncate(&mut self, sequence: &mut usize, length: usize) {
            *sequence = length;
        }
        fn run(&mut self, passes: &mut [Pass<'_, usize>]) -> Result<&[f32], EngineError> {
            *passes[0].sequence += passes[0].tokens.len();
            Ok(&self.0)
        }
    }
    let mut generator = Generator::new(Broken(vec![f32::NAN; crate::llm::testing::TINY_VOCABULARY]));
    let (prepared, mut events) = request("Hi", 10);
    generator.admit(prepared);
    generator.step().unwrap();
    assert!(
        matches!(events.try_recv().unwrap(), Err(ModelError::Failed(reason)) if reason.contains("not a number"))
    );
    assert_eq!(generator.active(), 0);
}
