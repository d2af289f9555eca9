//! Cutting what is too long for one passage, at borders a reader would choose.

use super::blocks::{Block, BlockKind};

/// A passage of prose longer than this is cut between paragraphs and lists.
pub const COMFORTABLE_WORDS: usize = 350;
/// Not even an answer, list or table may be longer: a prompt could not hold it.
pub const MAXIMUM_WORDS: usize = 1_000;

/// The blocks in parts of comfortable size. `is_answer`: kept whole up to [`MAXIMUM_WORDS`].
pub fn split_to_size(blocks: Vec<Block>, is_answer: bool) -> Vec<String> {
    let total: usize = blocks.iter().map(Block::words).sum();
    let limit = if is_answer { MAXIMUM_WORDS } else { COMFORTABLE_WORDS };
    if total <= limit {
        return non_empty(join(&blocks));
    }
    let parts = total.div_ceil(limit);
    let target = total.div_ceil(parts);
    let mut texts = Vec::new();
    let mut open: Vec<Block> = Vec::new();
    let mut open_words = 0;
    for group in groups_of(blocks) {
        let words: usize = group.iter().map(Block::words).sum();
        // Closing now must leave the part nearer to its share than taking the group would.
        let overshoot = (open_words + words).saturating_sub(target);
        let shortfall = target.saturating_sub(open_words);
        if open_words > 0 && (open_words + words > limit || overshoot > shortfall) {
            texts.extend(non_empty(join(&open)));
            open.clear();
            open_words = 0;
        }
        if words > MAXIMUM_WORDS {
            texts.extend(group.into_iter().flat_map(cut_oversized));
        } else {
            open_words += words;
            open.extend(group);
        }
    }
    texts.extend(non_empty(join(&open)));
    texts
}

/// Blocks as one Markdown text.
pub fn join(blocks: &[Block]) -> String {
    let texts: Vec<&str> =
        blocks.iter().map(|block| block.text.as_str()).filter(|text| !text.is_empty()).collect();
    texts.join("\n\n")
}

fn non_empty(text: String) -> Vec<String> {
    if text.trim().is_empty() { Vec::new() } else { vec![text] }
}

/// Blocks that must stay together: a label or lead-in with what it introduces, a procedure with its insertions.
fn groups_of(blocks: Vec<Block>) -> Vec<Vec<Block>> {
    let mut groups: Vec<Vec<Block>> = Vec::new();
    for block in blocks {
        let previous = groups.last().and_then(|group| group.last());
        let joins = previous.is_some_and(|previous| introduces(previous) || continues(previous, &block));
        match groups.last_mut() {
            Some(group) if joins => group.push(block),
            _ => groups.push(vec![block]),
        }
    }
    groups
}

fn introduces(block: &Block) -> bool {
    let text = block.text.trim_end();
    let label = text.starts_with("**") && text.ends_with("**") && !text.contains('\n');
    block.kind == BlockKind::Paragraph && (label || text.trim_end_matches('*').ends_with(':'))
}

fn continues(previous: &Block, block: &Block) -> bool {
    match (&previous.kind, &block.kind) {
        // Steps after an insertion go on counting.
        (_, BlockKind::List { start: Some(start) }) if *start > 1 => true,
        // An insertion between steps: a picture's or a command's lines.
        (BlockKind::List { start: Some(_) }, BlockKind::Code) => true,
        // What stands directly above a list, table or listing leads into it.
        (BlockKind::Paragraph, BlockKind::List { .. } | BlockKind::Table | BlockKind::Code) => true,
        _ => false,
    }
}

/// The last resort: items of a list, rows of a table, lines of a listing, sentences of a paragraph.
fn cut_oversized(block: Block) -> Vec<String> {
    if block.words() <= MAXIMUM_WORDS {
        return non_empty(block.text);
    }
    let pieces: Vec<String> = match block.kind {
        BlockKind::List { .. } | BlockKind::Definitions if block.items.len() > 1 => {
            block.items.iter().map(|item| format!("{item}\n")).collect()
        }
        BlockKind::Paragraph | BlockKind::Other => {
            use unicode_segmentation::UnicodeSegmentation;
            block.text.split_sentence_bounds().map(str::to_owned).collect()
        }
        _ => block.text.split_inclusive('\n').map(str::to_owned).collect(),
    };
    let mut texts = vec![String::new()];
    let mut words = 0;
    for piece in pieces.iter().flat_map(|piece| bounded(piece)) {
        let more = piece.split_whitespace().count();
        if words > 0 && words + more > MAXIMUM_WORDS {
            texts.push(String::new());
            words = 0;
        }
        words += more;
        if let Some(text) = texts.last_mut() {
            text.push_str(&piece);
        }
    }
    texts.iter().map(|text| text.trim_end().to_owned()).filter(|text| !text.trim().is_empty()).collect()
}

/// A piece that is still too long, in runs of words.
fn bounded(piece: &str) -> Vec<String> {
    if piece.split_whitespace().count() <= MAXIMUM_WORDS {
        return vec![piece.to_owned()];
    }
    let words: Vec<&str> = piece.split_whitespace().collect();
    words.chunks(MAXIMUM_WORDS).map(|run| run.join(" ") + "\n").collect()
}
