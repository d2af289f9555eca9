//! A hard case before a person gets it: the hosted model is asked, where the owner lets it be; what it says is verified sentence by
//! sentence against our own passages like the local model's words.

use super::{
    answer::{Answer, Answerer, question, relevant},
    said::{customer_text, said_before, triage_input},
    worded_answer::verify_text,
};
use crate::{
    domain::{
        draft::{Draft, DraftOrigin},
        escalation::EscalationCategory,
        hosted::hosted_confidence,
        knowledge::{Passage, RetrievedPassage},
        triage::Triage,
    },
    ports::{
        hosted::{HardCase, HostedModel, HostedPayload, NoHostedAnswer},
        store::{StoreError, TurnContext},
        triage::Triager,
    },
};

/// Asks the hosted model. The answer with its draft, or the local one with a note on why there is none.
pub async fn ask_hosted(
    answerer: &Answerer,
    hosted: &dyn HostedModel,
    context: &TurnContext,
    triage: &Triage,
    text: &str,
    mut local: Answer,
) -> Answer {
    match draft(answerer, hosted, context, triage, text, &local).await {
        Ok(draft) => {
            local.note = Some("answered by the hosted model".to_owned());
            local.draft = Some(draft);
        }
        Err(reason) => {
            local.note = Some(match local.note.take() {
                Some(note) => format!("{note}; {reason}"),
                None => reason,
            });
        }
    }
    local
}

/// What the hosted model is shown: the case, our question and the passages it may answer from.
type Shown = (HardCase, String, Vec<Passage>);

fn shown(
    answerer: &Answerer,
    context: &TurnContext,
    triage: &Triage,
    text: &str,
    passages: &[RetrievedPassage],
) -> Result<Shown, String> {
    let ground: Vec<Passage> = relevant(passages, answerer.settings.passages);
    if ground.is_empty() {
        return Err("there is no passage that the hosted model could answer from".to_owned());
    }
    let question = question(&context.ticket.subject, text, None);
    let mut messages = answerer
        .prompts
        .answer(&answerer.speaks_for(), &ground, &question)
        .map_err(|error| error.to_string())?
        .into_iter();
    let (Some(system), Some(user)) = (messages.next(), messages.next()) else {
        return Err("the prompt is incomplete".to_owned());
    };
    let case = HardCase {
        ticket: Some(context.ticket.id),
        channel: context.channel,
        plan: context.plan,
        category: category(triage),
        names: context.customer_name.iter().cloned().collect(),
        instructions: system.content,
        question: user.content,
    };
    Ok((case, question, ground))
}

/// What would leave the box if the newest message of a ticket were a hard case, or why nothing would.
///
/// # Errors
/// When the documents cannot be read.
pub async fn preview_hosted(
    answerer: &Answerer,
    triager: &dyn Triager,
    hosted: &dyn HostedModel,
    context: &TurnContext,
) -> Result<Result<HostedPayload, String>, StoreError> {
    let text = customer_text(context);
    let triage = triager.triage(&triage_input(context, &text)).await;
    let passages = answerer.passages(&context.ticket.subject, &text, said_before(context)).await?;
    Ok(match shown(answerer, context, &triage, &text, &passages) {
        Ok((case, ..)) => hosted.preview(&case).await.map_err(|reason| reason.to_string()),
        Err(reason) => Err(reason),
    })
}

async fn draft(
    answerer: &Answerer,
    hosted: &dyn HostedModel,
    context: &TurnContext,
    triage: &Triage,
    text: &str,
    local: &Answer,
) -> Result<Draft, String> {
    let (case, question, ground) = shown(answerer, context, triage, text, &local.passages)?;
    let answer = hosted.ask(&case).await.map_err(|reason: NoHostedAnswer| reason.to_string())?;
    let worded = verify_text(answerer, &question, &ground, &answer.text).await?;
    let used = |passage: &&Passage| {
        worded.sentences.iter().any(|sentence| sentence.supported && sentence.passage_id == Some(passage.id))
    };
    let mut sources: Vec<_> = ground.iter().filter(used).map(Passage::source).collect();
    if sources.is_empty() {
        sources.push(ground[0].source());
    }
    Ok(Draft {
        confidence: hosted_confidence(worded.supported_share, answerer.bands().send),
        body: worded.body,
        origin: DraftOrigin::Hosted,
        sources,
        sentences: worded.sentences,
    })
}

/// What kind of matter it may be: what triage leans to, even where that was too little to hand it over.
fn category(triage: &Triage) -> EscalationCategory {
    let strongest = triage.escalation.signals.iter().find(|signal| signal.weight > 0.0);
    strongest.map_or(triage.escalation.category, |signal| signal.category)
}
