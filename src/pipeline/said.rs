//! What a customer said, as triage, search and models read it.

use crate::{
    domain::{message::Role, triage::TriageInput},
    ports::store::TurnContext,
};

/// What triage looks at.
pub fn triage_input<'a>(context: &'a TurnContext, text: &'a str) -> TriageInput<'a> {
    let earlier = context.earlier.iter().filter(|message| message.role == Role::Customer);
    let answers = context.earlier.iter().filter(|message| message.role == Role::Assistant).count();
    TriageInput {
        subject: Some(context.ticket.subject.as_str()),
        text,
        plan: context.plan,
        earlier_scores: context.state.earlier_scores.clone(),
        earlier_texts: earlier.map(|message| message.content.as_str()).collect(),
        answers_so_far: answers,
        automatic_mail: context.automatic_mail,
    }
}

/// What the customer wrote last before this.
pub fn said_before(context: &TurnContext) -> Option<&str> {
    let mut said = context.earlier.iter().filter(|message| message.role == Role::Customer);
    said.next_back().map(|message| message.content.as_str())
}

/// Everything the customer said since the last answer, oldest first.
pub fn customer_text(context: &TurnContext) -> String {
    context.unanswered.iter().map(|message| message.content.as_str()).collect::<Vec<_>>().join("\n\n")
}
