use super::*;
use crate::{
    domain::knowledge::Passage,
    knowledge::{Indexer, memory_index::MemoryIndex},
    ports::clock::SystemClock,
};
use proptest::prelude::*;
use rstest::rstest;

const HELP: &str = "# Help\n\n## Download an invoice\n\nOpen **Billing** and select the month.\n\n\
    ## Sign in on a phone\n\nInstall the app first.\n\n## Change your language\n\nOpen your profile.\n\n\
    ## Export data\n\nAll tasks go into one file.\n";

async fn searcher(markdown: &str) -> Searcher {
    let index = Arc::new(MemoryIndex::default());
    let indexer = Indexer::new(index.clone(), None, Arc::new(SystemClock));
    indexer.add_bytes("help", "help.md", markdown.as_bytes().to_vec()).await.unwrap();
    Searcher::new(index, None)
}

#[rstest]
#[case::own_words("How do I download the invoices?", "Download an invoice")]
#[case::synonym("where is my bill", "Download an invoice")]
#[case::two_words_for_one("can't log in from mobile", "Sign in on a phone")]
#[case::forms("exporting all of it", "Export data")]
#[tokio::test]
async fn words_find_the_answer_without_a_model(#[case] question: &str, #[case] heading: &str) {
    let found = searcher(HELP).await.search(question, None, 3).await.unwrap();
    assert_eq!(found[0].passage.heading(), heading);
    assert_eq!(found[0].similarity, None);
}

#[tokio::test]
async fn coverage_is_the_share_of_words_found() {
    let searcher = searcher(HELP).await;
    let all = searcher.search("download invoice", None, 1).await.unwrap();
    assert!((all[0].word_coverage - 1.0).abs() < 1e-6);
    let some = searcher.search("download a zebra", None, 1).await.unwrap();
    assert!(some[0].word_coverage > 0.1 && some[0].word_coverage < 0.6, "{}", some[0].word_coverage);
}

#[tokio::test]
async fn what_was_said_before_counts_only_when_the_question_says_little() {
    let searcher = searcher(HELP).await;
    let before = Some("I want to download an invoice");
    let found = searcher.search("and how?", before, 1).await.unwrap();
    assert_eq!(found[0].passage.heading(), "Download an invoice");
    let found = searcher.search("change profile language settings", before, 1).await.unwrap();
    assert_eq!(found[0].passage.heading(), "Change your language");
}

#[rstest]
#[case("")]
#[case("🙂🙂")]
#[case("\" OR 1=1 -- * ( NEAR")]
#[case("??? !!!")]
#[tokio::test]
async fn strange_questions_do_no_harm(#[case] question: &str) {
    searcher(HELP).await.search(question, Some(""), 5).await.unwrap();
    searcher("# x\n\ny").await.search(&question.repeat(5_000), None, 5).await.unwrap();
}

#[tokio::test]
async fn an_answer_that_stands_twice_is_given_once_unless_a_number_differs() {
    let text = "Open the billing page, choose the plan you like best and confirm it with your password";
    let twice = format!("# H\n\n## One\n\n{text}.\n\n## Two\n\n{text}!\n");
    assert_eq!(searcher(&twice).await.search("billing plan", None, 5).await.unwrap().len(), 1);
    let differ = format!("# H\n\n## One\n\n{text} in 3 days.\n\n## Two\n\n{text} in 5 days.\n");
    assert_eq!(searcher(&differ).await.search("billing plan", None, 5).await.unwrap().len(), 2);
}

fn passage(text: &str) -> Passage {
    Passage {
        id: crate::domain::ids::PassageId(1),
        document_id: crate::domain::ids::DocumentId::new(),
        title: "Plans".into(),
        section_path: vec!["Plans".into(), "Change".into()],
        text: text.into(),
        url: "/help/plans#change".into(),
    }
}

#[test]
fn a_passage_falls_into_sentences_steps_and_rows() {
    let text = "Only the owner can do it, e.g. Anna. See **Settings. Billing** first.\nIt takes\na day.\n\n\
        1. Open it.\n2. Press\n   twice.\n\n- one\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```\ncode here\n```\n";
    let pieces: Vec<(usize, SentenceKind, String)> =
        split_sentences(text).into_iter().map(|piece| (piece.block, piece.kind, piece.text)).collect();
    let expected = [
        (0, SentenceKind::Sentence, "Only the owner can do it, e.g. Anna."),
        (0, SentenceKind::Sentence, "See **Settings. Billing** first."),
        (0, SentenceKind::Sentence, "It takes a day."),
        (1, SentenceKind::Step, "1. Open it."),
        (1, SentenceKind::Step, "2. Press\n   twice."),
        (2, SentenceKind::Bullet, "- one"),
        (3, SentenceKind::TableRow, "| a | b |"),
        (3, SentenceKind::TableRow, "| 1 | 2 |"),
        (4, SentenceKind::Code, "```\ncode here\n```"),
    ];
    assert_eq!(pieces, expected.map(|(block, kind, text)| (block, kind, text.to_owned())));
}

#[tokio::test]
async fn the_sentence_that_answers_comes_first() {
    let passage = passage("Plans are billed monthly. A refund takes five days. Ask us anything.");
    let best = best_sentences("how long does a refund take?", &passage, None).await.unwrap();
    assert_eq!((best[0].index, best[0].text.as_str()), (1, "A refund takes five days."));
    assert_eq!(best.len(), 3);
}

#[rstest]
#[case(
    "1. Open **Settings** → [Billing](https://a.example)\n2. Press `Save`",
    "Open Settings → Billing\nPress Save"
)]
#[case("| a | b |\n|---|---|\n| 1 | 2 |", "a b\n1 2")]
#[case("> quoted\n\nsnake_case stays", "quoted\nsnake_case stays")]
fn markup_is_not_meaning(#[case] markdown: &str, #[case] expected: &str) {
    assert_eq!(plain_text(markdown), expected);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn splitting_keeps_every_word(text in "([a-z]{1,4}[ .!?\n]|\n\n|- |1\\. |\\*\\*|e\\.g\\. ){0,40}") {
        let letters = |text: &str| text.chars().filter(|character| character.is_alphabetic()).collect::<String>();
        let pieces: String = split_sentences(&text).iter().map(|piece| letters(&piece.text)).collect();
        prop_assert_eq!(pieces, letters(&text));
    }
}
