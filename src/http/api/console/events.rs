//! `GET /api/events`: what happens on the desk, as server-sent events.

use crate::http::{
    console_live::{ConsoleEvent, Heard},
    error::Problem,
    operator::{Actor, Via, Viewer},
    state::HttpState,
};
use axum::{
    extract::State,
    http::HeaderMap,
    response::sse::{Event, KeepAlive, Sse},
};
use futures_util::{Stream, StreamExt, stream};
use std::{convert::Infallible, time::Duration};
use tokio::sync::{
    OwnedSemaphorePermit,
    broadcast::{Receiver, error::RecvError},
};

const HEARTBEAT: Duration = Duration::from_secs(15);

/// Live events; resumes behind `Last-Event-ID`.
#[utoipa::path(get, path = "/api/events", tag = "live",
    responses((status = 200, content_type = "text/event-stream", body = String), (status = 503)))]
pub async fn watch(
    Viewer(actor): Viewer,
    State(state): State<HttpState>,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    let Ok(permit) = state.console.streams.clone().try_acquire_owned() else {
        return Err(Problem::unavailable("Too many consoles are open; reload in a moment."));
    };
    let last = headers.get("last-event-id").and_then(|id| id.to_str().ok()).and_then(|id| id.parse().ok());
    let (missed, receiver) = state.console.hub.subscribe(last);
    let newest = state.console.hub.newest();
    let plain = |name: &'static str, data: &str| Event::default().event(name).data(data);
    let hello = format!("{{\"version\":\"{}\"}}", env!("CARGO_PKG_VERSION"));
    let mut first = vec![plain("hello", &hello).retry(Duration::from_secs(2))];
    match missed {
        Some(missed) => first.extend(missed.iter().map(written)),
        None => first.push(plain("reset", "{}").id(newest.to_string())),
    }
    let listening = Listening { actor, state, receiver, _permit: permit };
    let live = stream::unfold(listening, |mut listening| async move {
        listening.next().await.map(|event| (event, listening))
    });
    Ok(Sse::new(stream::iter(first).chain(live).map(Ok)).keep_alive(KeepAlive::new().interval(HEARTBEAT)))
}

fn written(event: &ConsoleEvent) -> Event {
    Event::default().id(event.id.to_string()).event(event.name).data(&*event.data)
}

struct Listening {
    actor: Actor,
    state: HttpState,
    receiver: Receiver<Heard>,
    /// Counts this stream until it ends.
    _permit: OwnedSemaphorePermit,
}

impl Listening {
    /// The next event; nothing more once the session is over.
    async fn next(&mut self) -> Option<Event> {
        loop {
            let heard = match self.time_left() {
                Some(left) => tokio::time::timeout(left, self.receiver.recv()).await.ok()?,
                None => self.receiver.recv().await,
            };
            match heard {
                Ok(Heard::Event(event)) => return Some(written(&event)),
                Ok(Heard::SessionEnded(session)) if Some(session) == self.actor.session() => return None,
                Ok(Heard::SessionEnded(_)) => {}
                // Too slow: what was missed is not sent, everything is to be read anew.
                Err(RecvError::Lagged(_)) => {
                    let newest = self.state.console.hub.newest().to_string();
                    return Some(Event::default().id(newest).event("reset").data("{}"));
                }
                Err(RecvError::Closed) => return None,
            }
        }
    }

    /// Until the session ends by itself; reconnecting shows whether it was used meanwhile.
    fn time_left(&self) -> Option<Duration> {
        match self.actor.via {
            Via::Session { ends_at, .. } => {
                let left = ends_at.duration_since(self.state.clock.now());
                Some(Duration::try_from(left).unwrap_or_default())
            }
            Via::Token => None,
        }
    }
}
