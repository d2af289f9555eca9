use super::*;
use crate::domain::ids::DocumentId;
use proptest::prelude::*;
use rstest::rstest;

fn ground() -> Ground {
    let passage = Passage {
        id: PassageId(7),
        document_id: DocumentId::new(),
        title: "Data and privacy".into(),
        section_path: vec!["Data and privacy".into(), "Export your data".into()],
        text: "Go to **Settings → Data → Export** and click **Start export**. The archive is ready within 24 hours and holds up to 1,000 files. \
               We mail a link that stays valid for seven days. Exports are not available to guests. Write to privacy@taskflow.example."
            .into(),
        url: "/help/data#export".into(),
    };
    Ground::new(&[passage], "How does Acme export its data?")
}

#[rstest]
#[case("The archive is ready within 24 hours.", None)]
#[case("It holds 1000 files and the link lives 7 days.", None)]
#[case("The archive is ready within 48 hours.", Some("number"))]
#[case("It takes ten minutes.", Some("number"))]
#[case("Go to Settings → Data → Export.", None)]
#[case("Open Settings > Data > Export and wait.", None)]
#[case("Go to Settings → Billing → Export.", Some("path"))]
#[case("Click **Start export**.", None)]
#[case("Click \"Download all\".", Some("quoted_label"))]
#[case("See https://taskflow.example/exports for more.", Some("url"))]
#[case("Write to privacy@taskflow.example.", None)]
#[case("Write to legal@taskflow.example.", Some("url"))]
#[case("You can also send it to Salesforce.", Some("name"))]
#[case("Acme can export its data.", None)]
fn literals_must_stand_in_a_passage(#[case] sentence: &str, #[case] fault: Option<&str>) {
    assert_eq!(ground().literal_fault(sentence), fault, "{sentence}");
}

#[rstest]
#[case::close_in_meaning("The file will be ready in 24 hours.", Some((1, 0.8)), true)]
#[case::far_in_meaning("Bananas ripen faster near windows.", Some((1, 0.1)), false)]
#[case::turned_around("The archive is not ready within 24 hours.", Some((2, 0.9)), false)]
#[case::words_carry_it_without_an_embedder("The archive is ready within 24 hours.", None, true)]
#[case::and_do_not("Restart the router twice a year.", None, false)]
fn meaning_must_be_carried(
    #[case] sentence: &str,
    #[case] best: Option<(usize, f32)>,
    #[case] supported: bool,
) {
    let verdict = judge(&ground(), sentence, best);
    assert_eq!(verdict.supported, supported, "{verdict:?}");
}

#[test]
fn every_sentence_of_a_passage_supports_itself() {
    let ground = ground();
    for (_, sentence) in &ground.sentences {
        assert_eq!(ground.literal_fault(sentence), None, "{sentence}");
        assert!(ground.shared_words(sentence) > 0.99, "{sentence}");
    }
}

/// A customer who follows the source must find the figure there.
#[test]
fn the_source_of_a_figure_is_a_passage_that_holds_it() {
    let passage = |id: i64, text: &str| Passage {
        id: PassageId(id),
        document_id: DocumentId::new(),
        title: "Members".into(),
        section_path: vec!["Members".into(), "Invite".into()],
        text: text.to_owned(),
        url: "/help/members#invite".into(),
    };
    let ground = Ground::new(
        &[
            passage(1, "Guests may be invited by members."),
            passage(2, "Enter up to 50 addresses, separated by commas."),
        ],
        "",
    );
    let sources = |sentence: &str| -> Vec<PassageId> {
        let possible = ground.possible_sources(sentence);
        ground.sentences.iter().zip(possible).filter(|(_, is)| *is).map(|((id, _), _)| *id).collect()
    };
    assert!(sources("You can invite 50 guests.").iter().all(|id| *id == PassageId(2)));
    assert!(sources("You can invite guests.").contains(&PassageId(1)));
    assert!(
        sources("You can invite 70 guests.").contains(&PassageId(1)),
        "no passage has it: the literal check refuses it"
    );
}

#[test]
fn all_patterns_compile() {
    assert!(
        ADDRESS.is_match("a@b.io")
            && PATH.is_match("A → B")
            && QUOTED.is_match("\"ab\"")
            && NUMBER.is_match("1")
            && NUMBER_WORD.is_match("ten")
    );
}

proptest! {
    #[test]
    fn any_sentence_is_judged(sentence in "\\PC{0,200}") {
        let _ = judge(&ground(), &sentence, None);
    }

    #[test]
    fn a_new_number_never_passes(number in 2000u32..1_000_000) {
        let sentence = format!("The archive holds {number} files.");
        prop_assert_eq!(ground().literal_fault(&sentence), Some("number"));
    }
}
