//! Vectors of a passage's parts: its heading, the questions its document says it answers, and each sentence by itself and
//! under the heading. A question often meets one sentence of a passage, and the vector of the whole blurs it. Packed to
//! bytes, eight bits a number.

use super::search::{plain_text, split_sentences};

/// More sentences than this say little new, and every one costs two vectors.
const MAXIMUM_SENTENCES: usize = 48;
/// First byte of the packed form; another layout gets another.
const LAYOUT: u8 = 2;

/// The texts to embed for a passage's parts: the heading, the questions, each sentence, each sentence under the heading.
pub fn part_texts(section_path: &[String], asked: &[String], text: &str) -> Vec<String> {
    let heading = section_path.last().map_or("", String::as_str);
    let sentences: Vec<String> = split_sentences(text)
        .into_iter()
        .take(MAXIMUM_SENTENCES)
        .map(|sentence| plain_text(&sentence.text))
        .collect();
    let under_heading = sentences.iter().map(|sentence| format!("{heading}: {sentence}"));
    let heading = std::iter::once(heading.to_owned());
    heading.chain(asked.iter().cloned()).chain(sentences.clone()).chain(under_heading).collect()
}

/// Packs the vectors of [`part_texts`] in their order, of which `asked` are questions: layout, dimensions, number of questions, then
/// for each vector its scale and its numbers. `None` when they are no vectors of one model.
pub fn pack(vectors: &[Vec<f32>], asked: usize) -> Option<Vec<u8>> {
    let dimensions = u16::try_from(vectors.first()?.len()).ok().filter(|dimensions| *dimensions > 0)?;
    let mut bytes = vec![LAYOUT];
    bytes.extend(dimensions.to_le_bytes());
    bytes.push(u8::try_from(asked).ok().filter(|_| asked < vectors.len())?);
    for vector in vectors {
        let largest = vector.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
        if vector.len() != usize::from(dimensions) || !largest.is_finite() {
            return None;
        }
        let scale = if largest > 0.0 { largest / 127.0 } else { 1.0 };
        bytes.extend(scale.to_le_bytes());
        bytes.extend(vector.iter().flat_map(|value| ((value / scale).round() as i8).to_le_bytes()));
    }
    Some(bytes)
}

/// How near a question comes to a passage's parts, each a cosine similarity.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PartSimilarities {
    /// The heading or the nearest of the questions: a question is another heading for the same.
    pub heading: f32,
    /// The best sentence by itself, and the best under its heading; the heading's where there are no sentences.
    pub sentence: f32,
    pub sentence_under_heading: f32,
}

/// Compares a question's unit vector with packed parts; `None` when they are of another kind.
pub fn similarities(packed: &[u8], question: &[f32]) -> Option<PartSimilarities> {
    let Packed { size, asked, parts } = Packed::read(packed)?;
    if size != question.len() + size_of::<f32>() {
        return None;
    }
    let all: Vec<f32> = parts.chunks_exact(size).map(|part| similarity(part, question)).collect();
    let (headings, sentences) = all.split_at(asked + 1);
    let (alone, under_heading) = sentences.split_at(sentences.len() / 2);
    let heading = headings.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let best = |values: &[f32]| values.iter().copied().reduce(f32::max).unwrap_or(all[0]);
    Some(PartSimilarities { heading, sentence: best(alone), sentence_under_heading: best(under_heading) })
}

/// The vectors of the sentences by themselves, in their order; `None` when the bytes are of another kind.
pub fn sentence_vectors(packed: &[u8]) -> Option<Vec<Vec<f32>>> {
    let Packed { size, asked, parts } = Packed::read(packed)?;
    let sentences = (parts.len() / size - 1 - asked) / 2;
    Some(parts.chunks_exact(size).skip(1 + asked).take(sentences).map(unpacked).collect())
}

/// Packed vectors, checked: `parts` holds the heading, `asked` questions and the sentences, `size` bytes each.
struct Packed<'a> {
    size: usize,
    asked: usize,
    parts: &'a [u8],
}

impl<'a> Packed<'a> {
    fn read(bytes: &'a [u8]) -> Option<Self> {
        let (&layout, rest) = bytes.split_first()?;
        let (dimensions, rest) = rest.split_at_checked(2)?;
        let (&asked, parts) = rest.split_first()?;
        let dimensions = usize::from(u16::from_le_bytes(dimensions.try_into().ok()?));
        let (size, asked) = (dimensions + size_of::<f32>(), usize::from(asked));
        let fits = layout == LAYOUT && parts.len().is_multiple_of(size) && parts.len() / size > asked;
        fits.then_some(Self { size, asked, parts })
    }
}

fn unpacked(part: &[u8]) -> Vec<f32> {
    let (scale, values) = part.split_at(size_of::<f32>());
    let scale = f32::from_le_bytes([scale[0], scale[1], scale[2], scale[3]]);
    values.iter().map(|&value| f32::from(value as i8) * scale).collect()
}

fn similarity(part: &[u8], question: &[f32]) -> f32 {
    let (scale, values) = part.split_at(size_of::<f32>());
    let scale = f32::from_le_bytes([scale[0], scale[1], scale[2], scale[3]]);
    let sum: f32 = values.iter().zip(question).map(|(&value, other)| f32::from(value as i8) * other).sum();
    sum * scale
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_passage_falls_into_heading_and_sentences() {
        let path = ["Billing".to_owned(), "Refunds".to_owned()];
        let asked = ["I want my money back".to_owned()];
        let texts = part_texts(&path, &asked, "Ask **us**.\n\n1. Write an e-mail.");
        let expected = [
            "Refunds",
            "I want my money back",
            "Ask us.",
            "Write an e-mail.",
            "Refunds: Ask us.",
            "Refunds: Write an e-mail.",
        ];
        assert_eq!(texts, expected);
    }

    #[test]
    fn the_best_sentence_counts() {
        let vectors = [[1.0, 0.0], [0.0, 1.0], [0.6, 0.8], [0.8, 0.6], [0.0, -1.0]].map(Vec::from);
        let packed = pack(&vectors, 0).unwrap();
        let found = similarities(&packed, &[0.0, 1.0]).unwrap();
        assert!(found.heading.abs() < 0.01 && (found.sentence - 1.0).abs() < 0.01, "{found:?}");
        assert!((found.sentence_under_heading - 0.6).abs() < 0.01, "{found:?}");
    }

    #[test]
    fn a_question_counts_as_another_heading_and_never_as_a_sentence() {
        let vectors = [[1.0, 0.0], [0.0, 1.0], [0.6, 0.8], [0.8, 0.6]].map(Vec::from);
        let packed = pack(&vectors, 1).unwrap();
        let found = similarities(&packed, &[0.0, 1.0]).unwrap();
        assert!((found.heading - 1.0).abs() < 0.01 && (found.sentence - 0.8).abs() < 0.01, "{found:?}");
        assert_eq!(sentence_vectors(&packed).unwrap().len(), 1);
        assert_eq!(pack(&vectors, 4), None, "a passage has a heading");
    }

    #[test]
    fn the_sentences_come_back_one_by_one() {
        let vectors = [[1.0, 0.0], [0.0, 1.0], [0.6, 0.8], [0.8, 0.6], [0.0, -1.0]].map(Vec::from);
        let found = sentence_vectors(&pack(&vectors, 0).unwrap()).unwrap();
        assert_eq!(found.len(), 2);
        assert!((found[1][1] - 0.8).abs() < 0.01, "{found:?}");
        assert_eq!(sentence_vectors(&[7, 1, 0]), None);
    }

    #[test]
    fn parts_of_another_model_do_not_count() {
        let packed = pack(&[vec![1.0, 0.0]], 0).unwrap();
        assert_eq!(similarities(&packed, &[1.0, 0.0, 0.0]), None);
        assert_eq!(similarities(&[], &[1.0]), None);
        assert_eq!(pack(&[vec![1.0], vec![1.0, 0.0]], 0), None);
    }

    proptest! {
        #[test]
        fn packing_loses_next_to_nothing(values in prop::collection::vec(-1.0_f32..1.0, 8)) {
            let length = values.iter().map(|value| value * value).sum::<f32>().sqrt().max(1e-6);
            let unit: Vec<f32> = values.iter().map(|value| value / length).collect();
            let exact: f32 = unit.iter().map(|value| value * value).sum();
            let found = similarities(&pack(std::slice::from_ref(&unit), 0).unwrap(), &unit).unwrap();
            prop_assert!((found.heading - exact).abs() < 0.02);
        }

        #[test]
        fn any_bytes_are_read_without_harm(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            let _ = similarities(&bytes, &[0.5, 0.5]);
        }
    }
}
