//! From bytes to text: UTF-8 with or without its mark, UTF-16 with one, otherwise Windows-1252.

/// 0x80..=0x9F in Windows-1252; bytes it does not define become U+FFFD. <https://encoding.spec.whatwg.org/#windows-1252>
const WINDOWS_1252_HIGH: [char; 32] = [
    '€', '\u{FFFD}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{FFFD}', 'Ž', '\u{FFFD}',
    '\u{FFFD}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{FFFD}', 'ž', 'Ÿ',
];

/// The text with `\n` line ends and no control characters but tab; `None` when the bytes are not text.
pub fn text_of(bytes: &[u8]) -> Option<String> {
    let text = match bytes {
        [0xFF, 0xFE, rest @ ..] => utf_16(rest, u16::from_le_bytes)?,
        [0xFE, 0xFF, rest @ ..] => utf_16(rest, u16::from_be_bytes)?,
        [0xEF, 0xBB, 0xBF, rest @ ..] => utf_8_or_windows_1252(rest)?,
        _ => utf_8_or_windows_1252(bytes)?,
    };
    Some(clean(&text))
}

fn utf_16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Option<String> {
    let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    char::decode_utf16(units).collect::<Result<String, _>>().ok()
}

fn utf_8_or_windows_1252(bytes: &[u8]) -> Option<String> {
    // No text has a zero byte; programs, pictures and archives do.
    if bytes.contains(&0) {
        return None;
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(text.to_owned()),
        Err(_) => Some(bytes.iter().map(|byte| windows_1252(*byte)).collect()),
    }
}

fn windows_1252(byte: u8) -> char {
    match byte {
        0x80..=0x9F => WINDOWS_1252_HIGH[usize::from(byte - 0x80)],
        _ => char::from(byte),
    }
}

fn clean(text: &str) -> String {
    text.replace("\r\n", "\n")
        .replace('\r', "\n")
        .chars()
        .filter(|character| matches!(character, '\n' | '\t') || !character.is_control())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(b"plain\r\ntext", Some("plain\ntext"))]
    #[case(b"\xEF\xBB\xBFmark", Some("mark"))]
    #[case(b"caf\xE9 \x80 5 \x93so\x94", Some("café € 5 “so”"))]
    #[case("café".as_bytes(), Some("café"))]
    #[case(b"\xFF\xFEh\x00i\x00", Some("hi"))]
    #[case(b"\xFE\xFF\x00h\x00i", Some("hi"))]
    #[case(b"\x7FELF\x00\x01", None)]
    #[case(b"bell\x07", Some("bell"))]
    fn bytes_become_text(#[case] bytes: &[u8], #[case] expected: Option<&str>) {
        assert_eq!(text_of(bytes).as_deref(), expected);
    }
}
