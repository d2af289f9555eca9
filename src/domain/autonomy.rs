//! How far the assistant goes by itself, by channel and intent.

use super::{channel::Channel, decision::SecondDecision, ticket::text_enum, triage::Intent};
use serde::{Deserialize, Serialize};
use std::str::FromStr;

text_enum!(
    /// How far the assistant goes by itself.
    AutonomyLevel {
        /// A person answers; the draft is there to help.
        Off => "off",
        /// Every draft waits for approval.
        Draft => "draft",
        /// Confidence decides.
        Auto => "auto",
    }
);

/// One setting: a whole channel (no intent) or an intent on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AutonomyEntry {
    pub channel: Channel,
    #[serde(default)]
    pub intent: Option<Intent>,
    pub level: AutonomyLevel,
}

/// The level in force: the intent's own entry, else the channel's, else `auto`.
pub fn level(entries: &[AutonomyEntry], channel: Channel, intent: Intent) -> AutonomyLevel {
    let named = |wanted: Option<Intent>| {
        entries
            .iter()
            .find(|entry| entry.channel == channel && entry.intent == wanted)
            .map(|entry| entry.level)
    };
    named(Some(intent)).or_else(|| named(None)).unwrap_or(AutonomyLevel::Auto)
}

/// The second decision under a level: it only ever makes it more careful.
pub fn restrain(decision: SecondDecision, level: AutonomyLevel) -> SecondDecision {
    match (level, decision) {
        (AutonomyLevel::Auto, decision) => decision,
        (AutonomyLevel::Off, _) | (AutonomyLevel::Draft, SecondDecision::HardCase) => {
            SecondDecision::HardCase
        }
        (AutonomyLevel::Draft, _) => SecondDecision::HoldForApproval,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::nothing_said(Channel::Whatsapp, Intent::HowTo, AutonomyLevel::Auto)]
    #[case::the_channel(Channel::Email, Intent::HowTo, AutonomyLevel::Draft)]
    #[case::the_intent_wins(Channel::Email, Intent::BillingInquiry, AutonomyLevel::Off)]
    #[case::other_channels_are_untouched(Channel::Web, Intent::BillingInquiry, AutonomyLevel::Auto)]
    fn the_nearest_entry_holds(
        #[case] channel: Channel,
        #[case] intent: Intent,
        #[case] expected: AutonomyLevel,
    ) {
        let entries = [
            AutonomyEntry { channel: Channel::Email, intent: None, level: AutonomyLevel::Draft },
            AutonomyEntry {
                channel: Channel::Email,
                intent: Some(Intent::BillingInquiry),
                level: AutonomyLevel::Off,
            },
        ];
        assert_eq!(level(&entries, channel, intent), expected);
    }

    #[rstest]
    #[case(SecondDecision::Send, AutonomyLevel::Auto, SecondDecision::Send)]
    #[case(SecondDecision::Send, AutonomyLevel::Draft, SecondDecision::HoldForApproval)]
    #[case(SecondDecision::SendAndFlag, AutonomyLevel::Draft, SecondDecision::HoldForApproval)]
    #[case(SecondDecision::HardCase, AutonomyLevel::Draft, SecondDecision::HardCase)]
    #[case(SecondDecision::Send, AutonomyLevel::Off, SecondDecision::HardCase)]
    #[case(SecondDecision::HoldForApproval, AutonomyLevel::Off, SecondDecision::HardCase)]
    fn a_level_only_makes_it_more_careful(
        #[case] decision: SecondDecision,
        #[case] level: AutonomyLevel,
        #[case] expected: SecondDecision,
    ) {
        assert_eq!(restrain(decision, level), expected);
    }
}
