//! `GET /support/ticket/{ref}/events`: a ticket's progress as server-sent events.

use super::tickets::{Access, MessageBody, ProgressBody, open, shown};
use crate::{
    domain::{
        progress::{Stage, TicketEvent},
        ticket::TicketReference,
    },
    http::{
        error::Problem,
        extract::{Path, Query},
        state::HttpState,
    },
};
use axum::{
    extract::State,
    response::sse::{Event, KeepAlive, Sse},
};
use futures_util::{Stream, StreamExt, stream};
use serde_json::json;
use std::{convert::Infallible, time::Duration};
use tokio::sync::broadcast::{self, error::RecvError};

const HEARTBEAT: Duration = Duration::from_secs(15);

pub async fn watch(
    State(state): State<HttpState>,
    Path(reference): Path<String>,
    Query(access): Query<Access>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    let permit = state.event_streams.clone().try_acquire_owned();
    let Ok(permit) = permit else {
        return Err(Problem::unavailable("Too many pages are being watched; reload in a moment."));
    };
    let ticket = open(&state, &reference, &access).await?;
    // Watch first, read after: nothing falls between.
    let (sentences, receiver) = state.hub.subscribe(ticket.id);
    let ticket = open(&state, &reference, &access).await?;
    let mut first = vec![event("progress", &ProgressBody::new(ticket.stage, ticket.stage_at))];
    first.extend(
        sentences
            .iter()
            .enumerate()
            .map(|(index, text)| event("sentence", &json!({ "index": index, "text": text }))),
    );
    let watching = Watching { state, reference: ticket.reference, receiver, _permit: permit };
    let live = stream::unfold(watching, |mut watching| async move {
        watching.next().await.map(|events| (stream::iter(events), watching))
    })
    .flatten();
    Ok(Sse::new(stream::iter(first).chain(live).map(Ok)).keep_alive(KeepAlive::new().interval(HEARTBEAT)))
}

struct Watching {
    state: HttpState,
    reference: TicketReference,
    receiver: broadcast::Receiver<TicketEvent>,
    /// Counts this stream until it ends.
    _permit: tokio::sync::OwnedSemaphorePermit,
}

impl Watching {
    async fn next(&mut self) -> Option<Vec<Event>> {
        match self.receiver.recv().await {
            Ok(TicketEvent::Progress { stage, at }) => {
                Some(vec![event("progress", &ProgressBody::new(stage, at))])
            }
            Ok(TicketEvent::Sentence { index, text }) => {
                Some(vec![event("sentence", &json!({ "index": index, "text": text }))])
            }
            Ok(TicketEvent::Retracted) => Some(vec![event("retracted", &json!({}))]),
            Ok(TicketEvent::Status { status, assigned_to }) => {
                Some(vec![event("status", &json!({ "status": status.as_str(), "assigned_to": assigned_to }))])
            }
            // A reply, or events were missed: the store has the truth.
            Ok(TicketEvent::Reply { .. }) | Err(RecvError::Lagged(_)) => Some(self.newest_reply().await),
            Err(RecvError::Closed) => None,
        }
    }

    async fn newest_reply(&self) -> Vec<Event> {
        let Ok(Some(ticket)) = self.state.reports.ticket(&self.reference).await else {
            return vec![event("retracted", &json!({}))];
        };
        let reply =
            ticket.messages.iter().rev().find(|message| message.delivery_status.is_some() && shown(message));
        let stage = if ticket.stage == Stage::Checking { Stage::Answered } else { ticket.stage };
        let mut events = vec![event("progress", &ProgressBody::new(stage, ticket.stage_at))];
        events.extend(reply.map(|reply| event("reply", &MessageBody::from(reply))));
        events
    }
}

/// An event with a JSON body; one that cannot be written as JSON (none can be) becomes an empty one.
fn event(name: &'static str, body: &impl serde::Serialize) -> Event {
    Event::default().event(name).json_data(body).unwrap_or_default()
}
