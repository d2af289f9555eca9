//! `frontdesk serve`: HTTP, workers and delivery over one store, and their orderly end.

use super::{Assistant, owner::Ownership};
use crate::{
    channels::{web::StatusPage, whatsapp},
    config::{AnswerMode, Config},
    domain::channel::Channel,
    egress::{Client, ClientSettings, Gate},
    http::{HttpState, PublicSettings, StatusTokens, live::TicketHub, rate_limit::RateLimit, router},
    knowledge::render_help_page,
    pipeline::{Courier, Desk, DeskSettings, Workers, WorkersSettings},
    ports::{
        clock::{Clock, SystemClock},
        delivery::OutboundChannel,
        store::Reports as _,
    },
};
use jiff::SignedDuration;
use std::{collections::HashMap, net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    net::TcpListener,
    sync::{Notify, Semaphore},
};
use tokio_util::sync::CancellationToken;

/// Requests under way get this long to end after a stop.
const GRACE: Duration = Duration::from_secs(5);

/// Serves until `stop` is cancelled, then ends in order: no new requests, workers give their jobs back, the store is closed.
///
/// # Errors
/// When a part cannot be built; running parts report their failures in the log and in `/health/ready`.
pub async fn serve(config: Config, listener: TcpListener, stop: CancellationToken) -> anyhow::Result<()> {
    let _ownership = Ownership::take(&config.data.directory)?;
    let assistant = Assistant::open(&config)?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let reclaimed = assistant.store.reclaim_leases(clock.now()).await?;
    if reclaimed > 0 {
        tracing::info!(reclaimed, "work that the last run left undone is taken up again");
    }
    let hub = Arc::new(TicketHub::default());
    let wake = Arc::new(Notify::new());
    let mut state = http_state(&config, &assistant, &clock, &hub, &wake).await?;
    let gate = Gate { ledger: Arc::new(assistant.store.clone()), offline: false };
    let whatsapp = open_whatsapp(&config, &assistant, gate.clone(), &clock, &wake)?;
    state.webhooks = Arc::new(whatsapp.webhooks);
    super::relaying::start(&config, gate, &clock, &state.webhooks, stop.clone())?;
    let workers = start_workers(&config, &assistant, &clock, &hub, wake, whatsapp.outbound);
    if config.answers.read_ahead && assistant.answerer.uses_model() {
        super::read_ahead::start(&assistant, stop.clone());
    }
    super::upkeep::start(&config, &assistant, stop.clone());
    let service = router(state).into_make_service_with_connect_info::<SocketAddr>();
    let server = axum::serve(listener, service).with_graceful_shutdown(stop.clone().cancelled_owned());
    let server = tokio::spawn(async move { server.await });
    stop.cancelled().await;
    // Watched pages never end by themselves: the server is not waited for longer than the grace.
    let _ = tokio::time::timeout(GRACE, server).await;
    workers.stop().await;
    assistant.store.close().await;
    tracing::info!("stopped");
    Ok(())
}

async fn http_state(
    config: &Config,
    assistant: &Assistant,
    clock: &Arc<dyn Clock>,
    hub: &Arc<TicketHub>,
    wake: &Arc<Notify>,
) -> anyhow::Result<HttpState> {
    let store = Arc::new(assistant.store.clone());
    let secret = store.instance_secret().await?;
    Ok(HttpState {
        inbox: store.clone(),
        reports: store.clone(),
        knowledge: store,
        chat: assistant.chat.clone(),
        embedder: assistant.embedder.clone(),
        corrections: Arc::new(assistant.corrections()),
        clock: clock.clone(),
        hub: hub.clone(),
        tokens: Arc::new(StatusTokens::new(secret)),
        routing: Arc::new(assistant.policies.routing.clone()),
        public: Arc::new(PublicSettings {
            company: config.company.name.clone(),
            product: config.company.product.clone(),
            support_email: config.company.support_email.clone(),
            disclosure: assistant.policies.voice.disclosure.clone(),
            privacy_note: config.company.privacy_note.clone(),
            ask_plan: config.company.ask_plan,
        }),
        server: Arc::new(config.server.clone()),
        operator_token: config.server.operator_token.clone(),
        submissions: Arc::new(RateLimit::per_minute(config.server.submissions_per_minute)),
        webhooks: Arc::default(),
        webhook_calls: Arc::new(RateLimit::per_minute(config.server.webhooks_per_minute)),
        event_streams: Arc::new(Semaphore::new(config.server.max_event_streams)),
        help: render_help_page,
        passage_only: config.answers.mode == AnswerMode::Passage,
        wake: wake.clone(),
    })
}

/// WhatsApp's ways in and out; nothing leaves unrecorded.
fn open_whatsapp(
    config: &Config,
    assistant: &Assistant,
    gate: Gate,
    clock: &Arc<dyn Clock>,
    wake: &Arc<Notify>,
) -> anyhow::Result<whatsapp::Opened> {
    let store = Arc::new(assistant.store.clone());
    let parts = whatsapp::Parts {
        inbox: store.clone(),
        reports: store.clone(),
        sent_parts: store,
        clock: clock.clone(),
        client: Client::new(gate, ClientSettings::default())?,
        wake: wake.clone(),
    };
    Ok(whatsapp::open(&config.channels.whatsapp, &config.server.public_url, parts)?)
}

fn start_workers(
    config: &Config,
    assistant: &Assistant,
    clock: &Arc<dyn Clock>,
    hub: &Arc<TicketHub>,
    wake: Arc<Notify>,
    further: impl IntoIterator<Item = Arc<dyn OutboundChannel>>,
) -> Workers {
    let store = Arc::new(assistant.store.clone());
    let web: Arc<dyn OutboundChannel> = Arc::new(StatusPage);
    let channels: HashMap<Channel, Arc<dyn OutboundChannel>> =
        std::iter::once(web).chain(further).map(|channel| (channel.channel(), channel)).collect();
    let desk = Desk {
        queue: store.clone(),
        triager: assistant.triager.clone(),
        identity: store.clone(),
        answerer: assistant.answerer.clone(),
        events: hub.clone(),
        clock: clock.clone(),
        settings: DeskSettings {
            company: config.company.name.clone(),
            support_email: config.company.support_email.clone(),
            voice: assistant.policies.voice.clone(),
            routing: assistant.policies.routing.clone(),
            channels: channels.keys().copied().collect(),
        },
    };
    let courier = Courier { queue: store, channels, events: hub.clone(), clock: clock.clone() };
    let settings = WorkersSettings {
        workers: config.pipeline.workers,
        lease: SignedDuration::from_millis(i64::try_from(config.pipeline.lease_ms).unwrap_or(i64::MAX)),
    };
    // Workers stop after the server: what it accepted last is still queued.
    Workers::start(Arc::new(desk), Arc::new(courier), settings, wake, CancellationToken::new())
}
