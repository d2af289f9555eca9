//! The answer that needs no model: the passage's own words, whole when short, its fitting blocks when long.

use super::verify::content_words;
use crate::domain::{
    knowledge::Passage,
    text::{Block, blocks, strip_markdown, write},
};
use std::collections::HashSet;

/// A passage up to this many words is given whole.
const WHOLE_WORDS: usize = 170;

/// The body of an answer from one passage, led in by the name of the article.
pub fn passage_answer(question: &str, passage: &Passage) -> String {
    let text = strip_markdown(&passage.text);
    let all = blocks(&text);
    let body = if words(&text) <= WHOLE_WORDS { write(&all) } else { write(&fitting(question, &all)) };
    format!("From our help article “{}”:\n\n{body}", passage.heading())
}

/// The blocks that share most words with the question, in their order, up to the limit. A list stays whole with the line before it.
fn fitting(question: &str, all: &[Block]) -> Vec<Block> {
    let wanted: HashSet<String> = content_words(question).collect();
    let groups = grouped(all);
    let score = |group: &[Block]| {
        let held: HashSet<String> =
            group.iter().flat_map(|block| content_words(&block.sentences.join(" "))).collect();
        wanted.intersection(&held).count()
    };
    let mut order: Vec<usize> = (0..groups.len()).collect();
    order.sort_by_key(|&index| (std::cmp::Reverse(score(groups[index])), index));
    let (mut kept, mut used) = (Vec::new(), 0);
    for index in order {
        let size = words(&write(groups[index]));
        if kept.is_empty() || used + size <= WHOLE_WORDS {
            used += size;
            kept.push(index);
        }
    }
    kept.sort_unstable();
    kept.into_iter().flat_map(|index| groups[index].to_vec()).collect()
}

/// Blocks in groups that belong together: a list with the paragraph before it.
fn grouped(all: &[Block]) -> Vec<&[Block]> {
    let mut groups = Vec::new();
    let mut start = 0;
    for index in 1..all.len() {
        if !all[index].is_list_item() {
            groups.push(&all[start..index]);
            start = index;
        }
    }
    if start < all.len() {
        groups.push(&all[start..]);
    }
    groups
}

fn words(text: &str) -> usize {
    text.split_whitespace().count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::{DocumentId, PassageId};

    fn passage(text: &str) -> Passage {
        Passage {
            id: PassageId(1),
            document_id: DocumentId::new(),
            title: "Data".into(),
            section_path: vec!["Export your data".into()],
            text: text.into(),
            url: String::new(),
        }
    }

    #[test]
    fn a_short_passage_is_given_whole() {
        let body =
            passage_answer("export?", &passage("Do this:\n\n1. Go to **Settings**.\n2. Click `Export`."));
        assert_eq!(
            body,
            "From our help article “Export your data”:\n\nDo this:\n\n1. Go to Settings.\n2. Click Export."
        );
    }

    #[test]
    fn a_long_passage_gives_its_fitting_part_and_tears_no_list() {
        let filler = "Colours may be chosen freely by everyone who likes them. ".repeat(16);
        let text =
            format!("{filler}\n\nTo export invoices:\n\n1. Open Billing.\n2. Click Invoices.\n\n{filler}");
        let body = passage_answer("Where can I export my invoices?", &passage(&text));
        assert!(body.contains("To export invoices:\n\n1. Open Billing.\n2. Click Invoices."), "{body}");
        assert!(words(&body) <= WHOLE_WORDS + 10);
    }
}
