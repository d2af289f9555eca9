//! The policy in force, and trying a message on it: nothing is stored and nothing is sent.

use super::{fields, knowledge::Retrieved};
use crate::{
    domain::{
        autonomy::{self, AutonomyLevel},
        channel::Channel,
        customer::Plan,
        decision::{ConversationState, FirstDecision, SecondDecision, decide_first, decide_second},
        draft::{Draft, SentenceSupport},
        escalation::{EscalationCategory, Urgency},
        formatting::{ReplyContext, ReplyKind, format_reply},
        knowledge::Source,
        triage::{Triage, TriageInput},
    },
    http::{console_state::PolicyFile, error::Problem, extract::Body, operator::Viewer, state::HttpState},
    pipeline::{Answer, Silent},
    ports::console::{CompanySettings, TriageEscalation, TriageView},
};
use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

#[derive(Serialize, ToSchema)]
pub struct BandsBody {
    send: f32,
    send_and_flag: f32,
    hold: f32,
}

#[derive(Serialize, ToSchema)]
pub struct Policy {
    company: CompanySettings,
    bands: BandsBody,
    /// `model` or `passage`.
    answer_mode: &'static str,
    files: Vec<PolicyFile>,
}

/// Voice, rules, routing and confidence as they are in force.
#[utoipa::path(get, path = "/api/policy", tag = "policy", responses((status = 200, body = Policy)))]
pub async fn read(_viewer: Viewer, State(state): State<HttpState>) -> Json<Policy> {
    let console = &state.console;
    let bands = console.answerer.bands();
    Json(Policy {
        company: (*console.company.now()).clone(),
        bands: BandsBody { send: bands.send, send_and_flag: bands.send_and_flag, hold: bands.hold },
        answer_mode: if console.answerer.uses_model() { "model" } else { "passage" },
        files: console.policy_files.clone(),
    })
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TryRequest {
    text: String,
    #[serde(default)]
    subject: Option<String>,
    #[serde(default)]
    plan: Plan,
    #[serde(default)]
    channel: Option<Channel>,
}

#[derive(Serialize, ToSchema)]
pub struct First {
    /// `ignore`, `acknowledge`, `escalate` or `draft`.
    decision: &'static str,
    reason: Option<String>,
    category: Option<EscalationCategory>,
    urgency: Option<Urgency>,
}

#[derive(Serialize, ToSchema)]
pub struct TriedDraft {
    body: String,
    origin: &'static str,
    confidence: f32,
    sources: Vec<Source>,
    sentences: Vec<SentenceSupport>,
    note: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct Second {
    /// `send`, `send_and_flag`, `hold` or `person`.
    decision: &'static str,
    autonomy: AutonomyLevel,
}

#[derive(Serialize, ToSchema)]
pub struct TryResult {
    triage: TriageView,
    first: First,
    retrieval: Vec<Retrieved>,
    draft: Option<TriedDraft>,
    second: Option<Second>,
    /// As it would be sent.
    reply: Option<String>,
    timings_ms: BTreeMap<&'static str, u64>,
}

/// What would happen to this message.
#[utoipa::path(post, path = "/api/policy/try", tag = "policy", request_body = TryRequest,
    responses((status = 200, body = TryResult), (status = 503, description = "a model is still loading")))]
pub async fn try_out(
    _viewer: Viewer,
    State(state): State<HttpState>,
    Body(request): Body<TryRequest>,
) -> Result<Json<TryResult>, Problem> {
    let text = fields::text("text", &request.text, 1, 5_000)?;
    let subject = fields::text("subject", &request.subject.unwrap_or_default(), 0, 500)?;
    let channel = request.channel.unwrap_or(Channel::Web);
    let input = TriageInput {
        subject: Some(subject.as_str()).filter(|subject| !subject.is_empty()),
        text: &text,
        plan: request.plan,
        ..TriageInput::default()
    };
    let console = &state.console;
    let triage = console.triager.triage(&input).await;
    let first = decide_first(&triage, &ConversationState::default());
    let mut result = TryResult {
        triage: shown(&triage),
        first: first_body(&first),
        retrieval: Vec::new(),
        draft: None,
        second: None,
        reply: None,
        timings_ms: BTreeMap::new(),
    };
    if first == FirstDecision::Draft {
        if console.answerer.still_loading() {
            return Err(Problem::unavailable("A model is still loading. Please try again in a moment."));
        }
        let level = autonomy::level(&console.settings.autonomy().await?, channel, triage.intent);
        let answer = console.answerer.answer(&subject, &text, None, &Silent).await?;
        draft(&state, &mut result, &triage, answer, level, (channel, &subject));
    }
    Ok(Json(result))
}

fn draft(
    state: &HttpState,
    result: &mut TryResult,
    triage: &Triage,
    answer: Answer,
    level: AutonomyLevel,
    (channel, subject): (Channel, &str),
) {
    let decision = decide_second(answer.draft.as_ref(), triage, state.console.answerer.bands());
    let decision = autonomy::restrain(decision, level);
    let name = match decision {
        SecondDecision::Send => "send",
        SecondDecision::SendAndFlag => "send_and_flag",
        SecondDecision::HoldForApproval => "hold",
        SecondDecision::HardCase => "person",
    };
    result.second = Some(Second { decision: name, autonomy: level });
    result.retrieval = answer.passages.into_iter().map(Retrieved::from).collect();
    result.timings_ms = answer.timings_ms.into_iter().collect();
    if let Some(draft) = answer.draft {
        if decision != SecondDecision::HardCase {
            result.reply = formatted(state, &draft, triage, channel, subject);
        }
        result.draft = Some(TriedDraft {
            body: draft.body,
            origin: draft.origin.as_str(),
            confidence: draft.confidence,
            sources: draft.sources,
            sentences: draft.sentences,
            note: answer.note,
        });
    }
}

/// The reply under a reference that no ticket has.
fn formatted(
    state: &HttpState,
    draft: &Draft,
    triage: &Triage,
    channel: Channel,
    subject: &str,
) -> Option<String> {
    let desk = state.console.desk.now();
    let context = ReplyContext {
        channel,
        customer_name: None,
        reference: "TF-00000000-TEST",
        subject,
        sentiment: triage.sentiment.score,
        company: &desk.company,
        support_email: &desk.support_email,
        automatic: true,
        earlier_contact: None,
        rating_url: None,
    };
    let kind = ReplyKind::Answer { body: &draft.body, sources: &draft.sources };
    format_reply(&kind, &context, &desk.voice).ok().map(|reply| reply.parts.join("\n\n"))
}

fn first_body(first: &FirstDecision) -> First {
    let plain = |decision, reason: Option<String>| First { decision, reason, category: None, urgency: None };
    match first {
        FirstDecision::Ignore { reason } => plain("ignore", Some((*reason).to_owned())),
        FirstDecision::Acknowledge(_) => plain("acknowledge", None),
        FirstDecision::Draft => plain("draft", None),
        FirstDecision::Escalate { category, urgency, reason }
        | FirstDecision::HandOverQuietly { category, urgency, reason } => First {
            decision: "escalate",
            reason: Some(reason.clone()),
            category: Some(*category),
            urgency: Some(*urgency),
        },
    }
}

fn shown(triage: &Triage) -> TriageView {
    TriageView {
        kind: triage.kind,
        language: triage.language.clone(),
        language_served: triage.language_served,
        intent: triage.intent,
        sentiment: triage.sentiment,
        injection: triage.injection.clone(),
        escalation: TriageEscalation {
            score: triage.escalation.score,
            category: triage.escalation.category,
            urgency: triage.escalation.urgency,
            signals: triage.escalation.signals.clone(),
        },
    }
}
