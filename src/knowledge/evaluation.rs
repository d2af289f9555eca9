//! How well search finds what it should: the measures, and reading the usual three files (BEIR layout).
//! See Thakur et al., "BEIR: A Heterogeneous Benchmark for Zero-shot Evaluation of Information Retrieval Models", 2021.

use super::{chunking::Chunk, slug_of};
use crate::domain::knowledge::Passage;
use serde::Deserialize;
use std::{
    collections::{BTreeMap, HashSet},
    fs, io,
    path::Path,
};

/// A question with the identifiers that answer it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    pub id: String,
    pub text: String,
    pub relevant: HashSet<String>,
}

/// Averages over all queries, each 0..1.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct RetrievalMetrics {
    pub queries: usize,
    /// Share of queries whose first result is relevant.
    pub top_1: f64,
    /// Share of queries with a relevant result among the first five: what a drafted answer needs.
    pub hit_at_5: f64,
    /// Mean share of a query's relevant identifiers among the first five (at most five count).
    pub recall_at_5: f64,
    /// Normalised discounted cumulative gain of the first ten, binary relevance.
    pub ndcg_at_10: f64,
}

/// Averages the measures over pairs of relevant identifiers and ranked results.
pub fn metrics<'a>(
    rankings: impl IntoIterator<Item = (&'a HashSet<String>, &'a [String])>,
) -> RetrievalMetrics {
    let mut sum = RetrievalMetrics::default();
    for (relevant, ranking) in rankings {
        let ranking = without_repeats(ranking);
        let is_relevant = |id: &&&str| relevant.contains(**id);
        let found = ranking.iter().take(5).filter(is_relevant).count();
        let gain: f64 = (0..)
            .zip(ranking.iter().take(10))
            .filter(|(_, id)| relevant.contains(**id))
            .map(|(rank, _)| discount(rank))
            .sum();
        let ideal: f64 = (0..relevant.len().min(10)).map(discount).sum();
        sum.queries += 1;
        sum.top_1 += f64::from(u8::from(ranking.first().as_ref().is_some_and(is_relevant)));
        sum.hit_at_5 += f64::from(u8::from(found > 0));
        sum.recall_at_5 += found as f64 / relevant.len().clamp(1, 5) as f64;
        sum.ndcg_at_10 += if ideal > 0.0 { gain / ideal } else { 0.0 };
    }
    let count = sum.queries.max(1) as f64;
    RetrievalMetrics {
        queries: sum.queries,
        top_1: sum.top_1 / count,
        hit_at_5: sum.hit_at_5 / count,
        recall_at_5: sum.recall_at_5 / count,
        ndcg_at_10: sum.ndcg_at_10 / count,
    }
}

/// Several passages may share an identifier (a long section in parts); it counts at its first place.
fn without_repeats(ranking: &[String]) -> Vec<&str> {
    let mut seen = HashSet::new();
    ranking.iter().map(String::as_str).filter(|id| seen.insert(*id)).collect()
}

fn discount(rank: usize) -> f64 {
    1.0 / (rank as f64 + 2.0).log2()
}

/// The identifier of a passage of our own help centre: `{document}#{heading as a slug}`. Takes the document from the
/// address, the heading from the section path.
pub fn help_identifier(passage: &Passage) -> String {
    let document = passage.url.trim_start_matches("/help/").split('#').next().unwrap_or_default();
    format!("{document}#{}", slug_of(passage.heading()))
}

/// Same, before indexing.
pub fn chunk_identifier(document: &str, chunk: &Chunk) -> String {
    format!("{document}#{}", slug_of(chunk.section_path.last().map_or("", String::as_str)))
}

#[derive(Deserialize)]
struct QueryLine {
    #[serde(rename = "_id")]
    id: String,
    text: String,
}

/// A document of a `corpus.jsonl`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct CorpusLine {
    #[serde(rename = "_id")]
    pub id: String,
    #[serde(default)]
    pub title: String,
    pub text: String,
}

/// Reads `corpus.jsonl`. Blocking.
pub fn read_corpus(path: &Path) -> io::Result<Vec<CorpusLine>> {
    json_lines(path, &text_of(path)?)
}

/// Reads `queries.jsonl` and `qrels.tsv` (with a header line); queries without judgements are left out. Blocking.
pub fn read_queries(queries: &Path, judgements: &Path) -> io::Result<Vec<Query>> {
    parse_queries((queries, &text_of(queries)?), (judgements, &text_of(judgements)?))
}

/// Same, from texts; the paths are for saying where an error is.
pub fn parse_queries(queries: (&Path, &str), judgements: (&Path, &str)) -> io::Result<Vec<Query>> {
    let mut relevant: BTreeMap<String, HashSet<String>> = BTreeMap::new();
    let lines = judgements.1.lines().enumerate().skip(1);
    for (index, line) in lines.filter(|(_, line)| !line.trim().is_empty()) {
        let fields: Vec<&str> = line.split('\t').collect();
        let [query, document, score] = fields[..] else {
            return Err(bad_line(judgements.0, index, "it does not have three columns"));
        };
        let score: f64 =
            score.trim().parse().map_err(|_| bad_line(judgements.0, index, "its score is not a number"))?;
        if score > 0.0 {
            relevant.entry(query.to_owned()).or_default().insert(document.to_owned());
        }
    }
    let lines: Vec<QueryLine> = json_lines(queries.0, queries.1)?;
    Ok(lines
        .into_iter()
        .filter_map(|line| Some(Query { relevant: relevant.remove(&line.id)?, id: line.id, text: line.text }))
        .collect())
}

fn text_of(path: &Path) -> io::Result<String> {
    fs::read_to_string(path)
        .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))
}

fn json_lines<T: serde::de::DeserializeOwned>(path: &Path, text: &str) -> io::Result<Vec<T>> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(index, line)| {
            serde_json::from_str(line).map_err(|error| bad_line(path, index, &error.to_string()))
        })
        .collect()
}

fn bad_line(path: &Path, index: usize, reason: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("{}, line {}: {reason}", path.display(), index + 1))
}

#[cfg(test)]
#[path = "evaluation_tests.rs"]
mod tests;
