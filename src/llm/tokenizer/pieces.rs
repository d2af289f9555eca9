//! Token ids back to text, piece by piece. A piece ends only where a character ends.

use super::vocabulary::{Spelling, TokenKind, Vocabulary};
use std::sync::Arc;

/// The bytes of every token, in one block.
#[derive(Debug)]
pub struct PieceTable {
    bytes: Vec<u8>,
    /// Where each token's bytes start; one more entry than tokens.
    starts: Vec<u32>,
    longest: usize,
}

impl PieceTable {
    pub(super) fn new(vocabulary: &Vocabulary) -> Self {
        let stand_ins = stand_in_bytes();
        let mut table = Self { bytes: Vec::new(), starts: vec![0], longest: 1 };
        for entry in &vocabulary.entries {
            let before = table.bytes.len();
            match entry.kind {
                TokenKind::Control | TokenKind::Unused => {}
                TokenKind::Markup | TokenKind::WholeText => {
                    table.bytes.extend(entry.spelling.replace('▁', " ").bytes());
                }
                TokenKind::Byte => table.bytes.extend(raw_byte(&entry.spelling)),
                TokenKind::Text if vocabulary.spelling == Spelling::SentencePiece => {
                    table.bytes.extend(entry.spelling.replace('▁', " ").bytes());
                }
                TokenKind::Text => push_byte_level(&mut table.bytes, &entry.spelling, &stand_ins),
            }
            table.longest = table.longest.max(table.bytes.len() - before);
            // 4 GiB of token spellings cannot come from a file that passed the reader's limits.
            table.starts.push(u32::try_from(table.bytes.len()).unwrap_or(u32::MAX));
        }
        table
    }

    /// The bytes of a token; none for control tokens and for ids outside the vocabulary.
    pub fn bytes_of(&self, id: u32) -> &[u8] {
        let index = id as usize;
        match (self.starts.get(index), self.starts.get(index + 1)) {
            (Some(&start), Some(&end)) => self.bytes.get(start as usize..end as usize).unwrap_or(&[]),
            _ => &[],
        }
    }

    /// Length of the longest token in bytes: a text of n bytes has at least n / this many tokens.
    pub fn longest_bytes(&self) -> usize {
        self.longest
    }
}

fn push_byte_level(bytes: &mut Vec<u8>, spelling: &str, stand_ins: &[Option<u8>; 512]) {
    for character in spelling.chars() {
        match stand_ins.get(character as usize).copied().flatten() {
            Some(byte) => bytes.push(byte),
            // Not a stand-in: the vocabulary spells this token as plain text.
            None => bytes.extend(character.encode_utf8(&mut [0; 4]).bytes()),
        }
    }
}

fn raw_byte(spelling: &str) -> Option<u8> {
    let digits = spelling.strip_prefix("<0x")?.strip_suffix('>')?;
    u8::from_str_radix(digits, 16).ok()
}

/// GPT-2's table from stand-in characters to bytes (openai/gpt-2, `encoder.py`): printable Latin-1 characters stand
/// for themselves, the other bytes take the code points from 256 on.
fn stand_in_bytes() -> [Option<u8>; 512] {
    let mut table = [None; 512];
    let mut next = 256;
    for byte in 0..=255u8 {
        let itself = matches!(byte, b'!'..=b'~' | 0xA1..=0xAC | 0xAE..=0xFF);
        if itself {
            table[usize::from(byte)] = Some(byte);
        } else {
            table[next] = Some(byte);
            next += 1;
        }
    }
    table
}

/// Turns a stream of ids into text. Bytes wait until their character is complete.
#[derive(Debug)]
pub struct Detokenizer {
    pieces: Arc<PieceTable>,
    waiting: Vec<u8>,
}

impl Detokenizer {
    pub fn new(pieces: Arc<PieceTable>) -> Self {
        Self { pieces, waiting: Vec::new() }
    }

    /// Adds a token and returns the characters that are now complete; bytes that can never become a character
    /// turn into U+FFFD. A character still incomplete when generation ends is dropped with the detokenizer.
    pub fn push(&mut self, id: u32) -> String {
        self.waiting.extend_from_slice(self.pieces.bytes_of(id));
        let mut text = String::new();
        let mut used = 0;
        for chunk in self.waiting.utf8_chunks() {
            text.push_str(chunk.valid());
            used += chunk.valid().len();
            let invalid = chunk.invalid();
            if used + invalid.len() == self.waiting.len() && could_complete(invalid) {
                break;
            }
            if !invalid.is_empty() {
                text.push(char::REPLACEMENT_CHARACTER);
                used += invalid.len();
            }
        }
        self.waiting.drain(..used);
        text
    }
}

/// Whether these bytes are the beginning of a character that more bytes could finish.
fn could_complete(bytes: &[u8]) -> bool {
    matches!(std::str::from_utf8(bytes), Err(error) if error.error_len().is_none())
}
