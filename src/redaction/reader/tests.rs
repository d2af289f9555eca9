//! The reader's plain parts on made-up weights, and the shipped weights with the real embedding model where that is there.

use super::*;
use crate::{
    llm::{
        embedder::{EmbedderOptions, SentenceEmbedder},
        testing::model_file,
    },
    ports::model::{Embedder, ModelState},
    redaction::{Known, Redactor},
};
use half::f16;

const WEIGHTS: &[u8] = include_bytes!("../../../assets/policy/reader/weights.bin");

fn token_states(places: &[Range<usize>], states: &[f32]) -> TokenStates {
    TokenStates {
        model: MODEL.to_owned(),
        places: places.to_vec(),
        width: states.len() / places.len(),
        states: states.to_vec(),
    }
}

/// A reader whose one hidden value is the word's own only state, minus one half: above it, a person.
fn plain_reader() -> Reader {
    let inputs = 3 + (2 * AROUND + 1) * FEATURES;
    let mut bytes = b"FDREADR1".to_vec();
    for field in [inputs, 1, 3, 4] {
        bytes.extend(u32::try_from(field).expect("small").to_le_bytes());
    }
    for threshold in [0.6_f32, 0.9, 0.6, 0.9] {
        bytes.extend(threshold.to_le_bytes());
    }
    let mut up = vec![0.0; inputs];
    up[1] = 1.0;
    let rest = [-0.5, 0.0, 10.0, -10.0, 0.0, 0.0, 0.0];
    bytes.extend(up.into_iter().chain(rest).flat_map(|value: f32| f16::from_f32(value).to_le_bytes()));
    Reader::parse(&bytes).expect("a reader")
}

/// A damaged file must stop the start with a reason, not let names out.
#[test]
fn weights_that_are_damaged_are_refused() {
    assert_eq!(Reader::parse(WEIGHTS).expect("the shipped weights").layer(), 4);
    let mut without_numbers = WEIGHTS.to_vec();
    without_numbers[40..42].copy_from_slice(&f16::NAN.to_le_bytes());
    for damaged in
        [&WEIGHTS[..WEIGHTS.len() - 2], &WEIGHTS[1..], &WEIGHTS[..20], without_numbers.as_slice(), &[]]
    {
        assert!(Reader::parse(damaged).is_err(), "{} bytes were taken", damaged.len());
    }
}

#[test]
fn a_word_has_the_mean_of_its_tokens() {
    let text = "né Ana-Li, 12";
    let words = tokens(text);
    let states = token_states(&[0..3, 4..7, 7..8, 8..10, 10..11], &[1.0, 2.0, 3.0, 7.0, 50.0]);
    let (means, pieces) = word_states(&words, &states);
    assert_eq!(pieces, [1, 3, 0], "a comma belongs to no word, and what was not read has no tokens");
    assert_eq!(means, [1.0, 4.0, 0.0]);
}

/// Words on both sides of a full stop and a new thought are not one name; words that only the weak threshold takes go with a sure one.
#[test]
fn a_name_is_a_row_of_words_with_a_sure_one_among_them() {
    let redactor = Redactor::shipped().expect("words");
    let reader = plain_reader();
    let text = "uno due; tre quattro";
    let places = [0..3, 4..7, 9..12, 13..20];
    let found = |states: [f32; 4], keep: &[&str]| {
        let states = token_states(&places, &states);
        let found = reader.find(text, &states, &redactor.words, keep);
        found.iter().map(|finding| text[finding.range.clone()].to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(found([1.0, 1.0, 1.0, 0.0], &[]), ["uno due", "tre"]);
    assert_eq!(found([1.0, 0.62, 0.0, 0.0], &[]), ["uno due"], "the second alone is not sure enough");
    assert_eq!(found([0.0, 0.62, 0.0, 0.0], &[]), [""; 0]);
    assert_eq!(found([1.0, 1.0, 0.0, 0.0], &["Due"]), ["uno"], "the company's own words stay");
    let other_width = token_states(&places[..1], &[1.0, 1.0]);
    let other_model = TokenStates { model: "another".to_owned(), ..token_states(&places, &[1.0; 4]) };
    for states in [other_width, other_model] {
        let found = reader.find(text, &states, &redactor.words, &[]);
        assert!(found.is_empty(), "another model's states say nothing: {found:?}");
    }
}

/// What the rules found keeps its kind and place; the reader's words only add to it.
#[test]
fn the_reader_takes_nothing_from_the_rules() {
    let text = "Ana Li wrote to a@b.example from 12 Elm Row";
    let finding = |kind, range| Finding { kind, range };
    let rules = vec![finding(Kind::Person, 0..3), finding(Kind::Email, 16..27)];
    let read = [finding(Kind::Person, 0..6), finding(Kind::Person, 16..27), finding(Kind::Address, 33..43)];
    assert_eq!(
        super::super::added(text, &rules, &read),
        [finding(Kind::Person, 0..6), finding(Kind::Email, 16..27), finding(Kind::Address, 33..43)]
    );
}

async fn embedder() -> Option<SentenceEmbedder> {
    let path = model_file("all-minilm-l6-v2/model.safetensors")?;
    let embedder = SentenceEmbedder::start(EmbedderOptions::mini_lm(path.parent().expect("a folder")))
        .expect("a thread");
    assert!(matches!(embedder.loaded().await, ModelState::Ready(_)));
    Some(embedder)
}

const KNOWN: Known<'_> = Known { names: &[], keep: &["TaskFlow"], custom: &[] };

/// Names that are on no list and written small, streets without a word for street: by the rules alone they would leave the box.
#[tokio::test]
async fn context_gives_away_what_no_rule_knows() {
    let Some(embedder) = embedder().await else { return };
    let redactor = Redactor::shipped().expect("words");
    for (text, expected) in [
        (
            "please tell zyanya that the parcel went to the wrong flat",
            "please tell [PERSON_1] that the parcel went to the wrong flat",
        ),
        ("pls ask bartek kowalik to call me", "pls ask [PERSON_1] to call me"),
        ("Could Thandolwethu look at my case again?", "Could [PERSON_1] look at my case again?"),
        ("we are at 12 amberley rise, second floor", "we are at [ADDRESS_1], second floor"),
        (
            "my parcel went to 48 sarkis hollow, can you redirect it?",
            "my parcel went to [ADDRESS_1], can you redirect it?",
        ),
    ] {
        let states = embedder.token_states(text.to_owned(), redactor.layer()).await.expect("states");
        assert_eq!(redactor.redact(text, KNOWN, Some(&states)).text, expected);
        assert_ne!(
            redactor.redact(text, KNOWN, None).text,
            expected,
            "the rules alone find it: no case for the reader"
        );
    }
    for plain in [
        "Where do I redeem a Gift Card?",
        "The Pro plan has 20 seats since March.",
        "order 55120 is late",
        "TaskFlow asks me to sign in on Monday.",
    ] {
        let states = embedder.token_states(plain.to_owned(), redactor.layer()).await.expect("states");
        assert_eq!(redactor.redact(plain, KNOWN, Some(&states)).text, plain);
    }
}

/// A name must not slip out because the box was busy, nor because it stands at the end of a long letter.
#[tokio::test]
async fn states_do_not_depend_on_company_and_reach_to_the_end_of_a_long_text() {
    let Some(embedder) = embedder().await else { return };
    let text = "my parcel went to zyanya";
    let alone = embedder.token_states(text.to_owned(), 4).await.expect("states");
    let other = vec!["something else entirely, and at some length".to_owned(); 3];
    let (_, beside) = tokio::join!(embedder.embed(other), embedder.token_states(text.to_owned(), 4));
    assert_eq!(beside.expect("states"), alone);
    let long = format!("{}please tell zyanya", "We waited and nobody came. ".repeat(60));
    let states = embedder.token_states(long.clone(), 4).await.expect("states");
    assert!(states.places.is_sorted_by(|one, other| one.end <= other.start), "no token counts twice");
    assert_eq!(states.places.last().map(|place| place.end), Some(long.len()), "the end was not read");
    let redactor = Redactor::shipped().expect("words");
    assert!(redactor.redact(&long, KNOWN, Some(&states)).text.ends_with("please tell [PERSON_1]"));
    assert!(embedder.token_states(text.to_owned(), 7).await.is_err(), "there is no seventh layer");
}
