//! Finds stop strings in streamed text, also when one is spread over several pieces. Never lets a part of one out.

/// Watches one answer.
#[derive(Debug)]
pub(super) struct StopScanner {
    stops: Vec<String>,
    held: String,
}

/// What may be shown after a piece.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Scanned {
    /// Show this (may be empty) and go on.
    Continue(String),
    /// Show this and end: a stop string came.
    Stopped(String),
}

impl StopScanner {
    /// Empty stop strings are ignored: they would end every answer at once.
    pub fn new(stops: &[String]) -> Self {
        let stops = stops.iter().filter(|stop| !stop.is_empty()).cloned().collect();
        Self { stops, held: String::new() }
    }

    /// Takes the next piece.
    pub fn push(&mut self, piece: &str) -> Scanned {
        if self.stops.is_empty() {
            return Scanned::Continue(piece.to_owned());
        }
        self.held.push_str(piece);
        if let Some(at) = self.stops.iter().filter_map(|stop| self.held.find(stop)).min() {
            self.held.truncate(at);
            return Scanned::Stopped(std::mem::take(&mut self.held));
        }
        let keep_from = self.held.len() - self.longest_open_end();
        let kept = self.held.split_off(keep_from);
        Scanned::Continue(std::mem::replace(&mut self.held, kept))
    }

    /// What is still held when the answer ends otherwise.
    pub fn finish(self) -> String {
        self.held
    }

    /// Length in bytes of the longest end of the held text that begins a stop string.
    fn longest_open_end(&self) -> usize {
        let longest_stop = self.stops.iter().map(String::len).max().unwrap_or(0);
        self.held
            .char_indices()
            .map(|(at, _)| &self.held[at..])
            .find(|end| end.len() < longest_stop && self.stops.iter().any(|stop| stop.starts_with(end)))
            .map_or(0, str::len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn run(stops: &[&str], pieces: &[&str]) -> (String, bool) {
        let stops: Vec<String> = stops.iter().map(ToString::to_string).collect();
        let mut scanner = StopScanner::new(&stops);
        let mut shown = String::new();
        for piece in pieces {
            match scanner.push(piece) {
                Scanned::Continue(text) => shown.push_str(&text),
                Scanned::Stopped(text) => return (shown + &text, true),
            }
        }
        (shown + &scanner.finish(), false)
    }

    #[rstest::rstest]
    #[case(&["\nUser:"], &["Hello", "\nUs", "er", ": hi"], "Hello", true)]
    #[case(&["\nUser:"], &["a\nUse", "d b"], "a\nUsed b", false)]
    #[case(&["END", "N"], &["a", "EN", "D"], "aE", true)]
    #[case(&["aab"], &["aa", "ab!"], "a", true)]
    #[case(&["", "x"], &["plain"], "plain", false)]
    #[case(&["é!"], &["caf", "é", "?"], "café?", false)]
    fn a_stop_string_over_pieces_never_shows(
        #[case] stops: &[&str],
        #[case] pieces: &[&str],
        #[case] shown: &str,
        #[case] stopped: bool,
    ) {
        assert_eq!(run(stops, pieces), (shown.to_owned(), stopped));
    }

    proptest! {
        /// However the text is cut into pieces, the shown text is what stands before the first stop string.
        #[test]
        fn cutting_does_not_matter(text in "[abé]{0,24}", stop in "[abé]{1,4}", cuts in proptest::collection::vec(1usize..4, 24)) {
            let characters: Vec<char> = text.chars().collect();
            let mut pieces: Vec<String> = Vec::new();
            let mut rest = characters.as_slice();
            for cut in cuts {
                let (piece, left) = rest.split_at(cut.min(rest.len()));
                pieces.push(piece.iter().collect());
                rest = left;
            }
            pieces.push(rest.iter().collect());
            let pieces: Vec<&str> = pieces.iter().map(String::as_str).collect();
            let (shown, stopped) = run(&[&stop], &pieces);
            let expected = text.find(&stop).map_or((text.as_str(), false), |at| (&text[..at], true));
            prop_assert_eq!((shown.as_str(), stopped), expected);
        }
    }
}
