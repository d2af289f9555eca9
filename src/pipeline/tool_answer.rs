//! A hard case before anybody else gets it: the local model may search further by itself. What it wants to say is verified sentence by
//! sentence against the passages it found, like every answer.

use super::{
    answer::{Answer, Answerer, question, relevant},
    worded_answer::verify_text,
};
use crate::{
    domain::{
        draft::{Draft, DraftOrigin},
        hosted::hosted_confidence,
        knowledge::{Passage, RetrievedPassage},
    },
    ports::store::TurnContext,
    tools::{Caller, Ending, ToolTurns},
};

/// Lets the model try. The answer with its draft, or the one that was there with a note on why there is none.
pub async fn answer_with_tools(
    answerer: &Answerer,
    turns: &ToolTurns,
    context: &TurnContext,
    text: &str,
    mut before: Answer,
) -> Answer {
    match draft(answerer, turns, context, text, &before.passages).await {
        Ok((draft, steps)) => {
            before.note = Some(format!("answered with tools in {steps} steps"));
            before.draft = Some(draft);
        }
        Err(reason) => {
            before.note = Some(match before.note.take() {
                Some(note) => format!("{note}; with tools: {reason}"),
                None => format!("with tools: {reason}"),
            });
        }
    }
    before
}

async fn draft(
    answerer: &Answerer,
    turns: &ToolTurns,
    context: &TurnContext,
    text: &str,
    known: &[RetrievedPassage],
) -> Result<(Draft, usize), String> {
    let question = question(&context.ticket.subject, text, None);
    let caller = Caller::assistant(context.ticket.reference.clone(), context.newest_message_id);
    let turn = turns.run(&caller, &question).await?;
    let answer = match turn.ending {
        Ending::Answer(answer) => answer,
        Ending::Person(reason) => return Err(format!("the model asks for a person: {reason}")),
    };
    let ground = ground(answerer, known, &turn.searches).await?;
    if ground.is_empty() {
        return Err("the model found no passage to answer from".to_owned());
    }
    let worded = verify_text(answerer, &question, &ground, &answer).await?;
    let used = |passage: &&Passage| {
        worded.sentences.iter().any(|sentence| sentence.supported && sentence.passage_id == Some(passage.id))
    };
    let mut sources: Vec<_> = ground.iter().filter(used).map(Passage::source).collect();
    if sources.is_empty() {
        sources.push(ground[0].source());
    }
    let draft = Draft {
        confidence: hosted_confidence(worded.supported_share, answerer.bands().send),
        body: worded.body,
        origin: DraftOrigin::Model,
        sources,
        sentences: worded.sentences,
    };
    Ok((draft, turn.steps))
}

/// The passages of the question and of what the model searched for, each once.
async fn ground(
    answerer: &Answerer,
    known: &[RetrievedPassage],
    searches: &[String],
) -> Result<Vec<Passage>, String> {
    let mut ground = relevant(known, answerer.settings.passages);
    for search in searches {
        let found = answerer.passages("", search, None).await.map_err(|error| error.to_string())?;
        for passage in relevant(&found, answerer.settings.passages) {
            if !ground.iter().any(|other| other.id == passage.id) {
                ground.push(passage);
            }
        }
    }
    Ok(ground)
}
