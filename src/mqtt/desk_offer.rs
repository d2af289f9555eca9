//! The chat model as the pipeline sees it where helper boxes draft: offered to them first, made here when none takes it.
//! The job and its lease stay in the box's store: a helper never sees a ticket, and what it says late is dropped.

use super::{
    drafting::{Offer, Reply},
    helpers::Helpers,
    link::{Link, Outgoing},
    topics::Topics,
};
use crate::ports::model::{
    ChatModel, ChatRequest, GenerationEvent, GenerationStats, ModelError, ModelInfo, ModelState,
    PromptMessage,
};
use futures_util::{
    FutureExt as _, StreamExt as _,
    stream::{self, BoxStream},
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

/// A draft is offered so often before this box makes it: a helper that dies costs one.
const MAX_OFFERS: usize = 2;
/// Without an own model this box waits so long for a helper to take a draft.
const TAKE_WITHOUT_OWN_MODEL: Duration = Duration::from_mins(1);

/// How long helpers are waited for.
#[derive(Debug, Clone, Copy)]
pub struct OfferSettings {
    /// Until one takes an offer.
    pub take_within: Duration,
    /// Between two signs of life of the one that took it.
    pub silence: Duration,
}

/// The model and the helpers beside it.
#[derive(Clone)]
pub struct OfferingChat {
    shared: Arc<Shared>,
}

struct Shared {
    local: Arc<dyn ChatModel>,
    link: Arc<Link>,
    topics: Topics,
    helpers: Arc<Helpers>,
    settings: OfferSettings,
    /// Offers under way.
    offered: AtomicUsize,
}

/// Why helpers made no draft.
enum NoDraft {
    /// None took it in time, or none could be reached.
    NotTaken,
    /// The one that took it fell silent or failed.
    Dropped(String),
}

/// Counts an offer while it is under way.
struct Slot(Arc<Shared>);

impl Drop for Slot {
    fn drop(&mut self) {
        self.0.offered.fetch_sub(1, Ordering::Relaxed);
    }
}

impl OfferingChat {
    pub fn new(local: Arc<dyn ChatModel>, link: Arc<Link>, topics: Topics, settings: OfferSettings) -> Self {
        let helpers = Arc::new(Helpers::new(topics.clone()));
        let offered = AtomicUsize::new(0);
        Self { shared: Arc::new(Shared { local, link, topics, helpers, settings, offered }) }
    }

    /// Offers that wait for a helper's answer now.
    pub fn offers_under_way(&self) -> usize {
        self.shared.offered.load(Ordering::Relaxed)
    }

    /// Where helpers' messages go.
    pub fn helpers(&self) -> Arc<Helpers> {
        self.shared.helpers.clone()
    }
}

impl Shared {
    fn has_own_model(&self) -> bool {
        matches!(self.local.state(), ModelState::Ready(_) | ModelState::Loading)
    }

    /// Takes a helper's place, if one is free. Without an own model a draft waits for one.
    fn take_slot(self: &Arc<Self>) -> Option<Slot> {
        let slots = self.helpers.slots();
        if slots == 0 || !self.link.is_connected() {
            return None;
        }
        let before = self.offered.fetch_add(1, Ordering::Relaxed);
        let slot = Slot(self.clone());
        (before < slots || !matches!(self.local.state(), ModelState::Ready(_))).then_some(slot)
    }

    /// A helper's draft.
    async fn offer(&self, request: &ChatRequest) -> Result<(String, GenerationStats), NoDraft> {
        let take_within =
            if self.has_own_model() { self.settings.take_within } else { TAKE_WITHOUT_OWN_MODEL };
        let payload = serde_json::to_vec(&Offer::new(request)).map_err(|_| NoDraft::NotTaken)?;
        let mut waiting = self.helpers.wait();
        let message = Outgoing {
            response_topic: Some(self.topics.replies()),
            correlation: Some(waiting.offer.as_bytes().to_vec()),
            expires_after_s: Some(take_within.as_secs().max(1) as u32),
            ..Outgoing::new(self.topics.drafting(), payload)
        };
        let sent = tokio::time::timeout(take_within, self.link.publish(message)).await;
        if !matches!(sent, Ok(Ok(()))) {
            return Err(NoDraft::NotTaken);
        }
        let mut taken = false;
        loop {
            let patience = if taken { self.settings.silence } else { take_within };
            let reply = tokio::select! {
                reply = tokio::time::timeout(patience, waiting.replies.recv()) => reply,
                () = self.helpers.none_left() => {
                    return Err(if taken { NoDraft::Dropped("it is gone".to_owned()) } else { NoDraft::NotTaken });
                }
            };
            match reply {
                Ok(Some(Reply::Working { .. })) => taken = true,
                Ok(Some(Reply::Done { text, figures })) => return Ok((text, figures.into())),
                Ok(Some(Reply::Failed { error })) => return Err(NoDraft::Dropped(error)),
                Err(_) if taken => return Err(NoDraft::Dropped("it fell silent".to_owned())),
                Ok(None) | Err(_) => return Err(NoDraft::NotTaken),
            }
        }
    }
}

type Events = BoxStream<'static, Result<GenerationEvent, ModelError>>;

/// Offers it, again where a helper dropped it, and in the end makes it here.
async fn draft(shared: Arc<Shared>, slot: Slot, request: ChatRequest) -> Events {
    for offer in 1..=MAX_OFFERS {
        match shared.offer(&request).await {
            Ok((text, stats)) => {
                let events = [GenerationEvent::Text(text), GenerationEvent::Done(stats)];
                return stream::iter(events.map(Ok)).boxed();
            }
            Err(NoDraft::Dropped(reason)) => {
                tracing::warn!(%reason, offer, "a helper dropped a draft");
                if shared.helpers.slots() == 0 {
                    break;
                }
            }
            Err(NoDraft::NotTaken) => {
                tracing::debug!(offer, "no helper took a draft in time");
                break;
            }
        }
    }
    drop(slot);
    match shared.local.generate(request) {
        Ok(events) => events,
        Err(error) => stream::iter([Err(error)]).boxed(),
    }
}

impl ChatModel for OfferingChat {
    /// The own model's state; where it cannot answer, the helpers'.
    fn state(&self) -> ModelState {
        let own = self.shared.local.state();
        if matches!(own, ModelState::Ready(_)) || self.shared.helpers.slots() == 0 {
            return own;
        }
        ModelState::Ready(ModelInfo {
            id: format!("{} (helpers)", self.shared.helpers.model().unwrap_or_default()),
            architecture: "helpers".to_owned(),
            context_tokens: 0,
            file_bytes: 0,
        })
    }

    fn generate(&self, request: ChatRequest) -> Result<Events, ModelError> {
        match self.shared.take_slot() {
            Some(slot) => Ok(draft(self.shared.clone(), slot, request).into_stream().flatten().boxed()),
            None => self.shared.local.generate(request),
        }
    }

    fn prepare(&self, beginnings: Vec<Vec<PromptMessage>>) -> BoxStream<'static, Result<(), ModelError>> {
        self.shared.local.prepare(beginnings)
    }
}
