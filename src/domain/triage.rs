//! What is known of a message before any answer is thought of.

use super::{escalation::EscalationAssessment, sentiment::Sentiment, ticket::text_enum};
use serde::{Deserialize, Serialize};
use std::str::FromStr;

text_enum!(
    /// What kind of message it is.
    MessageKind {
        Request => "request", Greeting => "greeting", Thanks => "thanks", EmojiOnly => "emoji_only",
        Empty => "empty", Spam => "spam", AutomaticMail => "automatic_mail",
    }
);
text_enum!(
    /// What the customer wants.
    Intent {
        HowTo => "how_to", PasswordReset => "password_reset", IntegrationIssue => "integration_issue",
        SyncProblem => "sync_problem", BillingInquiry => "billing_inquiry", BugReport => "bug_report",
        FeatureRequest => "feature_request", DataConcern => "data_concern", NotificationIssue => "notification_issue",
        MobileIssue => "mobile_issue", Feedback => "feedback", General => "general",
    }
);

/// Whether a text tries to instruct the assistant instead of asking it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct InjectionScreen {
    /// 0..1.
    pub score: f32,
    pub flagged: bool,
    pub evidence: Vec<String>,
}

/// Everything triage found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Triage {
    pub kind: MessageKind,
    /// ISO 639-1, `None` when too short to tell.
    pub language: Option<String>,
    /// Whether the assistant can answer in that language.
    pub language_served: bool,
    pub sentiment: Sentiment,
    pub intent: Intent,
    pub injection: InjectionScreen,
    pub escalation: EscalationAssessment,
}

impl Triage {
    /// What a hand-over record wants to know where somebody else decided: the mood, -1..1.
    pub fn of_mood(score: f32) -> Self {
        Self {
            kind: MessageKind::Request,
            language: None,
            language_served: true,
            sentiment: Sentiment { score, confidence: 1.0 },
            intent: Intent::General,
            injection: InjectionScreen { score: 0.0, flagged: false, evidence: Vec::new() },
            escalation: EscalationAssessment::none(),
        }
    }
}

/// What triage may look at besides the words. Labels a customer chose (category, priority) are deliberately absent.
#[derive(Debug, Clone, Default)]
pub struct TriageInput<'a> {
    pub subject: Option<&'a str>,
    pub text: &'a str,
    pub plan: super::customer::Plan,
    /// Scores of this conversation's earlier customer messages, oldest first.
    pub earlier_scores: Vec<f32>,
    /// Earlier customer messages of this conversation, oldest first.
    pub earlier_texts: Vec<&'a str>,
    /// Answers of the assistant the customer has had in this conversation.
    pub answers_so_far: usize,
    /// Mail headers said it was sent by a machine.
    pub automatic_mail: bool,
}
