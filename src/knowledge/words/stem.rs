//! A light stemmer: forms of one word meet, nothing more. Made for English; words of other languages mostly stay.

/// Endings taken off a long word, longest first, with what replaces them.
const ENDINGS: [(&str, &str); 14] = [
    ("izations", "ize"),
    ("ization", "ize"),
    ("ations", ""),
    ("ation", ""),
    ("ments", ""),
    ("ment", ""),
    ("ally", "al"),
    ("ions", ""),
    ("ion", ""),
    ("ings", ""),
    ("ing", ""),
    ("ed", ""),
    ("ly", ""),
    ("ers", ""),
];

/// The stem of a folded word (see [`super::all_words`]).
pub fn light_stem(word: &str) -> String {
    if word.len() <= 3 || !word.is_ascii() || word.bytes().any(|byte| byte.is_ascii_digit()) {
        return word.to_owned();
    }
    let singular = singular(word);
    let shortened = ENDINGS.iter().find_map(|(ending, replacement)| {
        let rest = singular.strip_suffix(ending)?;
        let has_vowel = rest.contains(['a', 'e', 'i', 'o', 'u', 'y']);
        let ion_follows_s_or_t = !ending.starts_with("ion") || rest.ends_with(['s', 't']);
        (rest.len() >= 3 && has_vowel && ion_follows_s_or_t).then(|| format!("{rest}{replacement}"))
    });
    let mut stem = shortened.unwrap_or(singular);
    undouble(&mut stem);
    if stem.len() > 3 && stem.ends_with('e') {
        stem.pop();
    }
    // `company` and `companies` meet; `pay` stays.
    if stem.ends_with('y') && !stem[..stem.len() - 1].ends_with(['a', 'e', 'i', 'o', 'u']) {
        stem.pop();
        stem.push('i');
    }
    stem
}

fn singular(word: &str) -> String {
    if let Some(rest) = word.strip_suffix("ies").filter(|rest| rest.len() >= 2) {
        return format!("{rest}y");
    }
    if let Some(rest) = word.strip_suffix("es")
        && (rest.ends_with("ch") || rest.ends_with("sh") || rest.ends_with(['s', 'x', 'z']))
    {
        return rest.to_owned();
    }
    match word.strip_suffix('s') {
        Some(rest) if !rest.ends_with(['s', 'u', 'i']) => rest.to_owned(),
        _ => word.to_owned(),
    }
}

/// `stopped` is `stop`, `cancelled` is `cancel`.
fn undouble(stem: &mut String) {
    let bytes = stem.as_bytes();
    if let [.., before, last] = bytes
        && before == last
        && stem.len() > 3
        && !matches!(last, b'a' | b'e' | b'i' | b'o' | b'u' | b's' | b'z')
    {
        stem.pop();
    }
}
