//! What a proven customer said on another channel before, and how a reply refers to it.

use super::{channel::Channel, triage::Intent};
use jiff::{Timestamp, civil::DateTime};

/// So many topics are named.
pub const MAX_TOPICS: usize = 3;

/// The last word of the same proven customer on another channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EarlierContact {
    pub channel: Channel,
    pub at: Timestamp,
    /// What it was about, newest first, each once.
    pub intents: Vec<Intent>,
}

/// One sentence that refers to it. Both times are the company's local ones.
pub fn mention(contact: &EarlierContact, at: DateTime, now: DateTime) -> String {
    let what = match contact.channel {
        Channel::Email => "your mail",
        Channel::Whatsapp => "your WhatsApp message",
        Channel::Web => "your request on our website",
    };
    let topics: Vec<&str> =
        contact.intents.iter().filter_map(|intent| topic(*intent)).take(MAX_TOPICS).collect();
    let about = match topics.as_slice() {
        [] => String::new(),
        [one] => format!(" about {one}"),
        [others @ .., last] => format!(" about {} and {last}", others.join(", ")),
    };
    format!("This follows on from {what} {}{about}.", when(at, now))
}

fn when(at: DateTime, now: DateTime) -> String {
    if at.date() == now.date() {
        return match at.hour() {
            0..=11 => "this morning",
            12..=17 => "this afternoon",
            _ => "this evening",
        }
        .to_owned();
    }
    if at.date().tomorrow().is_ok_and(|next| next == now.date()) {
        return "yesterday".to_owned();
    }
    at.strftime("of %-d %B").to_string()
}

/// An intent in words that fit after "about".
fn topic(intent: Intent) -> Option<&'static str> {
    Some(match intent {
        Intent::HowTo => "how something is done",
        Intent::PasswordReset => "your password",
        Intent::IntegrationIssue => "an integration",
        Intent::SyncProblem => "syncing",
        Intent::BillingInquiry => "billing",
        Intent::BugReport => "a fault",
        Intent::FeatureRequest => "a wish",
        Intent::DataConcern => "your data",
        Intent::NotificationIssue => "notifications",
        Intent::MobileIssue => "the mobile app",
        Intent::Feedback => "your feedback",
        Intent::General => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(Channel::Email, "2026-03-02T08:10", &[Intent::DataConcern], "This follows on from your mail this morning about your data.")]
    #[case(Channel::Whatsapp, "2026-03-02T12:00", &[Intent::General], "This follows on from your WhatsApp message this afternoon.")]
    #[case(Channel::Web, "2026-03-01T23:59", &[], "This follows on from your request on our website yesterday.")]
    #[case(
        Channel::Email,
        "2026-02-27T09:00",
        &[Intent::BillingInquiry, Intent::General, Intent::SyncProblem, Intent::BugReport, Intent::Feedback],
        "This follows on from your mail of 27 February about billing, syncing and a fault."
    )]
    fn the_earlier_contact_is_named(
        #[case] channel: Channel,
        #[case] at: &str,
        #[case] intents: &[Intent],
        #[case] expected: &str,
    ) {
        let contact = EarlierContact { channel, at: Timestamp::UNIX_EPOCH, intents: intents.to_vec() };
        let now = "2026-03-02T19:30".parse().expect("a time");
        assert_eq!(mention(&contact, at.parse().expect("a time"), now), expected);
    }
}
