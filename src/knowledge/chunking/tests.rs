use super::*;
use proptest::prelude::*;
use rstest::rstest;
use std::collections::BTreeMap;

/// Passages as `path › heading | text` for comparing.
fn cut(markdown: &str) -> Vec<String> {
    chunk_markdown("Doc", markdown)
        .iter()
        .map(|chunk| format!("{} | {}", chunk.section_path.join(" › "), chunk.text.replace('\n', "⏎")))
        .collect()
}

fn words(count: usize) -> String {
    (0..count).map(|number| format!("w{number}")).collect::<Vec<_>>().join(" ")
}

#[test]
fn passages_follow_headings() {
    let markdown = "# Doc\n\nAll about it.\n\n## Billing\n\n### Pay\n\nBy card.\n\n1. Open\n2. Pay\n\n### Refund\n\nWrite to us.\n\n## Security\n\nSafe.\n";
    assert_eq!(
        cut(markdown),
        [
            "Doc › Billing › Pay | All about it.⏎⏎By card.⏎⏎1. Open⏎2. Pay",
            "Doc › Billing › Refund | Write to us.",
            "Doc › Security | Safe.",
        ]
    );
    let anchors: Vec<String> =
        chunk_markdown("Doc", markdown).into_iter().map(|chunk| chunk.anchor).collect();
    assert_eq!(anchors, ["pay", "refund", "security"]);
}

#[test]
fn questions_in_a_comment_belong_to_their_section_and_are_no_text() {
    let markdown = "# Doc\n\n## Pay\n\n<!-- asked: how can I  pay | do you take cards?\nbank transfer -->\n\nBy card.\n\n\
        <!-- only a remark -->\n\n## Refund\n\nWrite to us.\n";
    let chunks = chunk_markdown("Doc", markdown);
    assert_eq!(chunks[0].asked, ["how can I pay", "do you take cards?", "bank transfer"]);
    assert_eq!((chunks[0].text.as_str(), chunks[1].asked.len()), ("By card.", 0));
}

#[test]
fn an_introduction_of_twelve_words_is_a_passage() {
    let markdown = format!("## A\n\n{}\n\n### B\n\nText.\n", words(12));
    assert_eq!(cut(&markdown), [format!("Doc › A | {}", words(12)), "Doc › A › B | Text.".to_owned()]);
    let markdown = format!("## A\n\n{}\n\n### B\n\nText.\n", words(11));
    assert_eq!(cut(&markdown), [format!("Doc › A › B | {}⏎⏎Text.", words(11))]);
}

#[rstest]
#[case::labelled("## FAQ\n\n**Q: Is it free?**\n\nA: Yes.\n\n**Q2:** Can I leave?\n**A2:** Any time.\n\nAlso by mail.\n",
    &["Doc › FAQ › Is it free? | Yes.", "Doc › FAQ › Can I leave? | Any time.⏎⏎Also by mail."])]
#[case::one_line("## FAQ\n\nQ: Is it free? A: Yes.\n\nQ: Safe? A: Very.\n",
    &["Doc › FAQ › Is it free? | Yes.", "Doc › FAQ › Safe? | Very."])]
#[case::bold("## FAQ\n\n**Is it free?**\nYes.\n\n**Is it safe?**\n\n- Very.\n",
    &["Doc › FAQ › Is it free? | Yes.", "Doc › FAQ › Is it safe? | - Very."])]
#[case::one_bold_question_is_a_remark("## Pay\n\nBy card.\n\n**Need help?** Write to us.\n",
    &["Doc › Pay | By card.⏎⏎**Need help?** Write to us."])]
#[case::listed("## FAQ\n\n- **Is it free?** Yes.\n\n  - really\n- **Is it safe?** Very.\n",
    &["Doc › FAQ › Is it free? | Yes.⏎⏎- really", "Doc › FAQ › Is it safe? | Very."])]
#[case::defined("## FAQ\n\nIs it free?\n\n: Yes.\n\nIs it safe?\n\n: Very.\n",
    &["Doc › FAQ › Is it free? | Yes.", "Doc › FAQ › Is it safe? | Very."])]
#[case::details("## FAQ\n\n<details>\n<summary>Is it free?</summary>\n\nYes, **free**.\n\n</details>\n\n<details><summary><b>Safe?</b></summary>Very.</details>\n",
    &["Doc › FAQ › Is it free? | Yes, **free**.", "Doc › FAQ › Safe? | Very."])]
#[case::headings("## FAQ\n\n### Is it free?\n\nYes.\n\n### Is it safe?\n\nVery.\n",
    &["Doc › FAQ › Is it free? | Yes.", "Doc › FAQ › Is it safe? | Very."])]
fn one_question_with_its_answer_is_one_passage(#[case] markdown: &str, #[case] expected: &[&str]) {
    assert_eq!(cut(markdown), expected);
}

#[test]
fn small_sub_headings_and_steps_stay_with_their_section() {
    assert_eq!(
        cut(
            "## App\n\n### Sign in\n\nTap it.\n\n#### On Android\n\nUse Play.\n\n#### On iOS\n\nUse the Store.\n"
        ),
        ["Doc › App › Sign in | Tap it.⏎⏎**On Android**⏎⏎Use Play.⏎⏎**On iOS**⏎⏎Use the Store."]
    );
    assert_eq!(
        cut("## Move\n\n### Step 1: Pack\n\n1. Box\n\n### Step 2: Go\n\n1. Walk\n"),
        ["Doc › Move | **Step 1: Pack**⏎⏎1. Box⏎⏎**Step 2: Go**⏎⏎1. Walk"]
    );
}

#[test]
fn long_prose_is_cut_between_blocks_and_lists_stay_whole() {
    let list: Vec<String> =
        (0..60).map(|number| format!("{}. step {number} more words here", number + 1)).collect();
    let markdown = format!(
        "## A\n\n{}\n\n{}\n\nDo this:\n\n{}\n\n{}\n",
        words(150),
        words(140),
        list.join("\n"),
        words(100)
    );
    let chunks = chunk_markdown("Doc", &markdown);
    assert_eq!(chunks.len(), 3, "{chunks:#?}");
    let steps = chunks.iter().find(|chunk| chunk.text.contains("step 0 ")).unwrap();
    assert!(steps.text.starts_with("Do this:") && steps.text.contains("step 59 "), "the procedure was torn");
    assert!(chunks.iter().all(|chunk| chunk.anchor == "a" && chunk.section_path == ["Doc", "A"]));
}

#[test]
fn an_answer_is_not_cut_but_nothing_outgrows_a_prompt() {
    let paragraphs = |count: usize| (0..count).map(|_| words(100) + ".").collect::<Vec<_>>().join("\n\n");
    assert_eq!(chunk_markdown("Doc", &format!("## Why?\n\n{}", paragraphs(8))).len(), 1);
    assert!(chunk_markdown("Doc", &format!("## Why\n\n{}", paragraphs(8))).len() >= 3);
    let endless = format!("## Why?\n\n{}\n\n- {}\n", words(5_000), words(3_000));
    for chunk in chunk_markdown("Doc", &endless) {
        assert!(chunk.text.split_whitespace().count() <= 1_010, "a passage is too long");
    }
}

#[test]
fn what_answers_nothing_is_left_out() {
    let markdown = "# Doc\n\n## Contents\n\n- [Pay](#pay)\n- [Refund](#refund)\n\n---\n\n## Pay\n\n<!-- draft -->\nBy card.\n\n## Empty\n";
    assert_eq!(cut(markdown), ["Doc › Pay | By card."]);
}

#[test]
fn a_link_keeps_its_address_when_it_is_defined_elsewhere() {
    let markdown = "## Pay\n\nSee [the page][1] and [that](https://b.example).\n\n## Other\n\nText.\n\n[1]: https://a.example\n";
    assert_eq!(
        cut(markdown),
        [
            "Doc › Pay | See [the page](https://a.example) and [that](https://b.example).",
            "Doc › Other | Text."
        ]
    );
}

#[test]
fn a_table_is_one_piece() {
    let rows: Vec<String> =
        (0..90).map(|number| format!("| plan {number} | price {number} dollars |")).collect();
    let markdown = format!("## Prices\n\n{}\n\n| a | b |\n|---|---|\n{}\n", words(200), rows.join("\n"));
    let chunks = chunk_markdown("Doc", &markdown);
    assert!(chunks.iter().any(|chunk| chunk.text.contains("plan 0 ") && chunk.text.contains("plan 89 ")));
}

/// A document of random shape whose words are all different, so that every loss and doubling shows.
fn documents() -> impl Strategy<Value = String> {
    let block = prop_oneof![
        4 => (1..40_usize).prop_map(Shape::Paragraph),
        2 => (1..6_usize, 1..30_usize, any::<bool>()).prop_map(|(items, each, ordered)| Shape::List(items, each, ordered)),
        1 => (1..5_usize).prop_map(Shape::Table),
        1 => (1..5_usize).prop_map(Shape::Code),
        1 => (1..400_usize).prop_map(Shape::Paragraph),
        1 => Just(Shape::BoldQuestion),
        1 => Just(Shape::LabelledQuestion),
        1 => Just(Shape::Quote),
        4 => (1..6_usize, any::<bool>()).prop_map(|(level, asks)| Shape::Heading(level, asks)),
    ];
    proptest::collection::vec(block, 0..25).prop_map(|shapes| render(&shapes))
}

#[derive(Debug, Clone)]
enum Shape {
    Paragraph(usize),
    List(usize, usize, bool),
    Table(usize),
    Code(usize),
    BoldQuestion,
    LabelledQuestion,
    Quote,
    Heading(usize, bool),
}

fn render(shapes: &[Shape]) -> String {
    let mut next = 0;
    let mut fresh = |count: usize| {
        let words: Vec<String> = (next..next + count).map(|number| format!("u{number}x")).collect();
        next += count;
        words.join(" ")
    };
    let blocks: Vec<String> = shapes
        .iter()
        .map(|shape| match *shape {
            Shape::Paragraph(count) => format!("{}.", fresh(count)),
            Shape::List(items, each, ordered) => {
                let marker =
                    |number: usize| if ordered { format!("{}. ", number + 1) } else { "- ".to_owned() };
                (0..items).map(|number| marker(number) + &fresh(each)).collect::<Vec<_>>().join("\n")
            }
            Shape::Table(rows) => {
                let row = |words: String| format!("| {} |", words.replace(' ', " | "));
                let header = row(fresh(2));
                let body: Vec<String> = (0..rows).map(|_| row(fresh(2))).collect();
                format!("{header}\n| --- | --- |\n{}", body.join("\n"))
            }
            Shape::Code(lines) => {
                let body: Vec<String> = (0..lines).map(|_| fresh(3)).collect();
                format!("```\n{}\n```", body.join("\n"))
            }
            Shape::BoldQuestion => format!("**{}?**\n{}.", fresh(3), fresh(4)),
            Shape::LabelledQuestion => format!("**Q:** {}?\n\nA: {}.", fresh(3), fresh(4)),
            Shape::Quote => format!("> {}", fresh(5)),
            Shape::Heading(level, asks) => {
                format!("{} {}{}", "#".repeat(level), fresh(2), if asks { "?" } else { "" })
            }
        })
        .collect();
    blocks.join("\n\n")
}

fn unique_words(text: &str) -> Vec<String> {
    text.split(|character: char| !character.is_alphanumeric())
        .filter(|word| word.starts_with('u') && word.ends_with('x'))
        .map(str::to_owned)
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn no_word_is_lost_doubled_or_moved(markdown in documents()) {
        let chunks = chunk_markdown("Doc", &markdown);
        let in_text: Vec<String> = chunks.iter().flat_map(|chunk| unique_words(&chunk.text)).collect();
        let in_order: Vec<usize> = in_text.iter().map(|word| word[1..word.len() - 1].parse().unwrap()).collect();
        prop_assert!(in_order.windows(2).all(|pair| pair[0] < pair[1]), "out of order or twice: {in_order:?}");
        let mut everywhere: BTreeMap<String, usize> = BTreeMap::new();
        for word in in_text.iter().cloned().chain(chunks.iter().flat_map(|chunk| unique_words(&chunk.section_path.join(" ")))) {
            *everywhere.entry(word).or_default() += 1;
        }
        let headings: Vec<String> = markdown.lines().filter(|line| line.starts_with('#')).flat_map(unique_words).collect();
        for word in unique_words(&markdown) {
            // A heading with nothing below it answers nothing.
            prop_assert!(everywhere.contains_key(&word) || headings.contains(&word), "{word} is lost");
        }
    }

    #[test]
    fn no_markdown_makes_cutting_panic(markdown in "([#>*`|~+0-9.\\-\\[\\]()!_:=<> \n]|\n\n|Q: |A: |<details>|<summary>|</summary>|</details>|[a-zé漢?]{1,3}|    |\t|\\]: ){0,80}") {
        chunk_markdown("Doc", &markdown);
    }

    #[test]
    fn no_text_makes_cutting_panic(markdown in "\\PC{0,200}") {
        chunk_markdown("Doc", &markdown);
    }
}
