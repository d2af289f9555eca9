//! The demo company's documents, as they are in the binary.

use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "assets/demo/knowledge"]
struct DemoKnowledge;

/// File names with their contents, in the order of names.
pub fn documents() -> Vec<(String, Vec<u8>)> {
    let mut documents: Vec<(String, Vec<u8>)> = DemoKnowledge::iter()
        .filter_map(|name| Some((name.to_string(), DemoKnowledge::get(&name)?.data.into_owned())))
        .collect();
    documents.sort();
    documents
}
