//! WhatsApp's customer service window: free text for 24 hours after the customer's last message, approved templates after that.

use jiff::{SignedDuration, Timestamp};

/// A minute less than WhatsApp allows, for the way there and clocks that differ.
const OPEN_FOR: SignedDuration = SignedDuration::from_mins(24 * 60 - 1);

/// How a message may go out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    FreeText,
    Template,
    /// Not at all: a person must find another way.
    Closed,
}

/// Decides on when the customer last wrote and whether a template is set.
pub fn way(last_inbound_at: Option<Timestamp>, now: Timestamp, has_template: bool) -> Way {
    let open = last_inbound_at.is_some_and(|last| now.duration_since(last) < OPEN_FOR);
    match (open, has_template) {
        (true, _) => Way::FreeText,
        (false, true) => Way::Template,
        (false, false) => Way::Closed,
    }
}

/// A text as a template's variable: WhatsApp refuses line breaks, tabs and runs of spaces there, and more than 1024 characters.
pub fn as_variable(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(1024).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(Some(0), false, Way::FreeText)]
    #[case(Some(23 * 60), false, Way::FreeText)]
    #[case(Some(23 * 60 + 58), true, Way::FreeText)]
    #[case(Some(23 * 60 + 59), true, Way::Template)]
    #[case(Some(24 * 60), false, Way::Closed)]
    #[case(Some(-5), false, Way::FreeText)] // the provider's clock runs ahead
    #[case(None, true, Way::Template)]
    #[case(None, false, Way::Closed)]
    fn free_text_ends_after_a_day(
        #[case] minutes_ago: Option<i64>,
        #[case] template: bool,
        #[case] expected: Way,
    ) {
        let now: Timestamp = "2026-03-01T12:00:00Z".parse().expect("a time");
        let last = minutes_ago.map(|minutes| now - SignedDuration::from_mins(minutes));
        assert_eq!(way(last, now, template), expected);
    }

    #[test]
    fn a_variable_is_one_line() {
        assert_eq!(as_variable("Hi Ana!\n\n1. Open\t Settings."), "Hi Ana! 1. Open Settings.");
        assert_eq!(as_variable(&"word ".repeat(600)).chars().count(), 1024);
    }
}
