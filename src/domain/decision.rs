//! What happens to a message: two pure decisions, one before anything is drafted and one after.

use super::{
    confidence::{Band, Bands},
    draft::Draft,
    escalation::{EscalationCategory, HandOver, Urgency},
    loop_guard::{self, AutomaticTraffic},
    sentiment::read_trend,
    triage::{MessageKind, Triage},
};

/// What the conversation looks like when a message is decided on.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ConversationState {
    /// A person has taken over and not handed back: no automatic replies.
    pub operator_has_it: bool,
    /// The ticket waits for a person already.
    pub already_escalated: bool,
    /// The customer was already told that a person has it, since their last hand-over.
    pub hand_over_acknowledged: bool,
    /// Automatic messages sent in this ticket so far.
    pub automatic_messages: usize,
    /// Scores of earlier customer messages, oldest first.
    pub earlier_scores: Vec<f32>,
    /// Why only a person may see to what is unanswered.
    pub held: Option<String>,
    /// The customer's mail server asks for no automatic responses: acknowledgements stay away, answers do not.
    pub acknowledgements_unwanted: bool,
    /// What went out by itself lately; `None` on channels where nothing answers by itself.
    pub automatic_traffic: Option<AutomaticTraffic>,
    /// So many mails went out by themselves in the last hour that no further one may.
    pub hour_is_full: bool,
}

/// At most so many automatic messages in one ticket; then a person.
pub const MAX_AUTOMATIC_MESSAGES: usize = 12;

/// The first decision: is there anything to draft at all?
#[derive(Debug, Clone, PartialEq)]
pub enum FirstDecision {
    /// Stored, not answered.
    Ignore { reason: &'static str },
    /// A short fixed reply that claims nothing.
    Acknowledge(Acknowledgement),
    /// To a person now.
    Escalate { category: EscalationCategory, urgency: Urgency, reason: String },
    /// To a person now, and the customer is told nothing by itself.
    HandOverQuietly { category: EscalationCategory, urgency: Urgency, reason: String },
    /// While the hour is full ([`ConversationState::hour_is_full`]) this waits.
    Draft,
}

/// The fixed replies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Acknowledgement {
    /// To a greeting or an emoji: an invitation to ask.
    Invite,
    /// To a thank-you.
    YouAreWelcome,
    /// A further message while a person has the ticket: it was added.
    AddedToTicket,
}

/// Decides on triage and state alone. No chat model is asked: a stopped model never stops an escalation.
pub fn decide_first(triage: &Triage, state: &ConversationState) -> FirstDecision {
    match decide_by_matter(triage, state) {
        FirstDecision::Acknowledge(_) if state.hour_is_full => {
            FirstDecision::Ignore { reason: "very many automatic mails in an hour" }
        }
        FirstDecision::Escalate { category, urgency, reason } if state.hour_is_full => {
            FirstDecision::HandOverQuietly { category, urgency, reason }
        }
        FirstDecision::Acknowledge(_) if state.acknowledgements_unwanted => {
            FirstDecision::Ignore { reason: "the sender's server wants no acknowledgements" }
        }
        FirstDecision::Escalate { category, urgency, reason } if state.acknowledgements_unwanted => {
            FirstDecision::HandOverQuietly { category, urgency, reason }
        }
        decision => decision,
    }
}

fn decide_by_matter(triage: &Triage, state: &ConversationState) -> FirstDecision {
    let with_a_person = state.operator_has_it || state.already_escalated;
    if let Some(reason) = state.held.as_ref().filter(|_| !with_a_person) {
        return quietly(triage, reason.clone());
    }
    if triage.kind == MessageKind::AutomaticMail {
        return FirstDecision::Ignore { reason: "sent by a machine" };
    }
    if state.operator_has_it {
        return FirstDecision::Ignore { reason: "a person has taken over" };
    }
    let stop = state.automatic_traffic.as_ref().and_then(loop_guard::check);
    if state.already_escalated {
        return if state.hand_over_acknowledged || stop.is_some() || state.held.is_some() {
            FirstDecision::Ignore { reason: "waits for a person, who sees this message too" }
        } else {
            FirstDecision::Acknowledge(Acknowledgement::AddedToTicket)
        };
    }
    if triage.kind == MessageKind::Spam {
        return FirstDecision::Ignore { reason: "spam" };
    }
    match stop {
        Some(loop_guard::Stop::Silence(reason)) => return FirstDecision::Ignore { reason },
        Some(loop_guard::Stop::Person(reason)) => return quietly(triage, reason.to_owned()),
        None => {}
    }
    if triage.escalation.escalate {
        return FirstDecision::Escalate {
            category: triage.escalation.category,
            urgency: triage.escalation.urgency,
            reason: triage.escalation.reason(),
        };
    }
    if !triage.language_served {
        return escalate("the language is not served");
    }
    if triage.injection.flagged {
        return escalate("the text tries to instruct the assistant");
    }
    let scores: Vec<f32> = state.earlier_scores.iter().copied().chain([triage.sentiment.score]).collect();
    let trend = read_trend(&scores);
    if trend.three_negative_in_a_row {
        return escalate("three unhappy messages in a row");
    }
    if trend.sharp_drop && triage.sentiment.score < -0.2 {
        return escalate("the customer's mood fell sharply");
    }
    if state.automatic_messages >= MAX_AUTOMATIC_MESSAGES {
        return escalate("many automatic replies and no end");
    }
    match triage.kind {
        MessageKind::Greeting | MessageKind::EmojiOnly | MessageKind::Empty => {
            FirstDecision::Acknowledge(Acknowledgement::Invite)
        }
        MessageKind::Thanks => FirstDecision::Acknowledge(Acknowledgement::YouAreWelcome),
        MessageKind::Request | MessageKind::Spam | MessageKind::AutomaticMail => FirstDecision::Draft,
    }
}

/// A hand-over that says nothing to the customer, with what triage says of the matter.
fn quietly(triage: &Triage, reason: String) -> FirstDecision {
    let found = &triage.escalation;
    let (category, urgency) = if found.escalate {
        (found.category, found.urgency)
    } else {
        (EscalationCategory::General, Urgency::Normal)
    };
    FirstDecision::HandOverQuietly { category, urgency, reason }
}

fn escalate(reason: &str) -> FirstDecision {
    FirstDecision::Escalate {
        category: EscalationCategory::General,
        urgency: Urgency::Normal,
        reason: reason.to_owned(),
    }
}

/// How the record of a question begins that the documents do not answer.
pub const UNANSWERED: &str = "our documents do not answer it";

/// The second decision: what happens with the draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecondDecision {
    Send,
    /// Sent; a person reviews it within four hours.
    SendAndFlag,
    /// Kept until a person approves it.
    HoldForApproval,
    /// The local models cannot answer this: the hosted model if allowed, else a person.
    HardCase,
}

/// Decides on a draft. No draft at all (nothing found, nothing supported) is a hard case.
/// Likely escalation signals lower what is sent without a person: with one, only the top band goes out.
pub fn decide_second(draft: Option<&Draft>, triage: &Triage, bands: &Bands) -> SecondDecision {
    let Some(draft) = draft.filter(|draft| !draft.body.trim().is_empty()) else {
        return SecondDecision::HardCase;
    };
    let doubtful = triage.escalation.score >= 0.3;
    match bands.band(draft.confidence) {
        Band::Send => SecondDecision::Send,
        Band::SendAndFlag if doubtful => SecondDecision::HoldForApproval,
        Band::SendAndFlag => SecondDecision::SendAndFlag,
        Band::Hold if doubtful => SecondDecision::HardCase,
        Band::Hold => SecondDecision::HoldForApproval,
        Band::HardCase => SecondDecision::HardCase,
    }
}

/// The record a person gets with a hand-over.
pub fn hand_over(
    category: EscalationCategory,
    urgency: Urgency,
    reason: String,
    triage: &Triage,
    subject: &str,
    text: &str,
    attempts: Vec<String>,
) -> HandOver {
    let summary = summarise(subject, text);
    let suggested_next_step = match category {
        EscalationCategory::Billing => {
            "Check the account's charges and answer within a day; promise nothing before."
        }
        EscalationCategory::Legal => "Pass to counsel; confirm receipt only.",
        EscalationCategory::Security => "Secure the account first, then ask for details.",
        EscalationCategory::Account => "Verify ownership before changing anything.",
        EscalationCategory::Technical => "Reproduce it and look at the logs of the time named.",
        EscalationCategory::Churn => "Call the customer; find what is missing.",
        EscalationCategory::General => "Read the message and answer it.",
    };
    HandOver {
        category,
        urgency,
        reason,
        summary,
        attempts,
        sentiment: triage.sentiment,
        suggested_next_step: suggested_next_step.to_owned(),
    }
}

/// The subject and the first sentences, at most about 300 characters: what a person reads first.
fn summarise(subject: &str, text: &str) -> String {
    let body: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut summary = if subject.trim().is_empty() { String::new() } else { format!("{}: ", subject.trim()) };
    for (taken, sentence) in
        unicode_segmentation::UnicodeSegmentation::unicode_sentences(body.as_str()).enumerate()
    {
        if taken >= 3 || summary.chars().count() + sentence.chars().count() > 300 {
            if taken == 0 {
                summary.extend(sentence.chars().take(280));
                summary.push('…');
            }
            break;
        }
        summary.push_str(sentence);
    }
    summary.trim().to_owned()
}

#[cfg(test)]
#[path = "decision_tests.rs"]
mod tests;
