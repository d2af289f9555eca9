use super::*;
use crate::{
    knowledge::{Indexer, memory_index::MemoryIndex},
    ports::clock::SystemClock,
};

const HANDBOOK: &str = "# Handbook\n\n## Prices\n\nPro costs 12 dollars a month for each member of the team.\n\n\
    ## Export your data\n\nOpen the settings and choose the export of all tasks as a file.\n\n\
    ## Connection\n\nA slow connection makes pages load slowly, so try another network first.\n";

async fn searcher() -> Searcher {
    let index = Arc::new(MemoryIndex::default());
    let indexer = Indexer::new(index.clone(), None, Arc::new(SystemClock));
    let report = indexer.add_bytes("handbook.md", "handbook.md", HANDBOOK.into()).await.expect("indexed");
    assert!(report.problems.is_empty(), "{report:?}");
    Searcher::new(index, None)
}

#[tokio::test]
async fn a_misspelt_word_finds_its_passage() {
    let searcher = searcher().await;
    let found = searcher.search("conecttion", None, 3).await.expect("searched");
    assert_eq!(found.first().map(|hit| hit.passage.heading()), Some("Connection"), "{found:?}");
}

#[tokio::test]
async fn who_writes_does_not_count_against_a_passage() {
    let searcher = searcher().await;
    let question = "How do I export my data?";
    let plain = searcher.search(question, None, 1).await.expect("searched");
    let letter = format!("Hi Anna,\n{question}\nBest regards\nSarah Miller\nLumenworks");
    for question in [letter.as_str(), "How do I export my data for Sarah Miller?"] {
        let found = searcher.search(question, None, 1).await.expect("searched");
        assert_eq!(found[0].passage.heading(), "Export your data");
        let difference = (found[0].word_coverage - plain[0].word_coverage).abs();
        assert!(
            difference < 1e-6,
            "{question}: {} is not {}",
            found[0].word_coverage,
            plain[0].word_coverage
        );
    }
}
