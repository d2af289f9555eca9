//! `frontdesk serve`: HTTP, workers and delivery over one store, and their orderly end.

use super::{
    Assistant,
    broker::{self, Broker, Running},
    channels::Channels,
    link_board::LinkBoard,
    owner::Ownership,
};
use crate::{
    channels::{web::StatusPage, whatsapp},
    config::{AnswerMode, Config},
    domain::channel::Channel,
    egress::{Client, ClientSettings, Gate},
    http::{
        HttpState, Limits, Network, PublicSettings, Serving, StatusTokens,
        console::{Both, ConsoleHub, ConsoleState},
        live::TicketHub,
        rate_limit::RateLimit,
        router,
    },
    knowledge::render_help_page,
    mcp::McpDesk,
    monitoring::MeteredQueue,
    pipeline::{Courier, Desk, LiveSettings, RatingLinks, Workers, WorkersSettings},
    ports::{
        clock::{Clock, SystemClock},
        delivery::OutboundChannel,
        events::TicketEvents,
        hosted::HostedModel,
        link_health::LinksHealth,
        monitoring::MetricsPage,
        store::Reports as _,
    },
    tools::ToolTurns,
};
use jiff::SignedDuration;
use std::{collections::HashMap, sync::Arc, time::Duration};
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
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let links: Arc<dyn LinksHealth> = Arc::new(LinkBoard::new(clock.clone()));
    let mut broker = None;
    let assistant = Assistant::open_with(&config, |store, chat| {
        broker = Broker::build(&config, super::hosted::gate(&config, store), links.clone())?;
        Ok(broker.as_mut().map_or(chat.clone(), |broker| broker.offer(chat, &config.mqtt)))
    })?;
    broker::announce(&config, &assistant.store, &*clock).await?;
    let reclaimed = assistant.store.reclaim_leases(clock.now()).await?;
    if reclaimed > 0 {
        tracing::info!(reclaimed, "work that the last run left undone is taken up again");
    }
    let wake = Arc::new(Notify::new());
    let secret = assistant.store.instance_secret().await?;
    let gate = super::hosted::gate(&config, &assistant.store);
    let mut channels = Channels::build(&config, &assistant.store, secret, &wake)?;
    let whatsapp = open_whatsapp(&config, &assistant, gate.clone(), &clock, &wake)?;
    channels.webhooks.extend(whatsapp.webhooks);
    channels.outbound.extend(whatsapp.outbound.into_iter().map(|channel| (channel.channel(), channel)));
    channels.outbound.insert(Channel::Web, Arc::new(StatusPage));
    let ways_out = channels.outbound.keys().copied().collect();

    let hub = Arc::new(TicketHub::default());
    let console_hub = Arc::new(ConsoleHub::new(clock.now()));
    let (desk_settings, company) =
        super::console::desk_settings(&config, &assistant, ways_out, rating_links(&config, secret)).await?;
    let hosted = super::hosted::hosted(&config, &assistant.store, &assistant.embedder, &clock)?;
    let live = desk_settings.clone();
    let console = super::console::state(&config, &assistant, &console_hub, live, company, hosted.clone());
    tokio::spawn(console_hub.clone().relay(Arc::new(assistant.store.clone()), clock.clone(), stop.clone()));

    let machine = super::monitoring::machine_figures(&config, &channels.health);
    let page = super::monitoring::page(&assistant, &clock, &machine);
    let desk = super::tools::DeskPort {
        settings: desk_settings.clone(),
        tokens: StatusTokens::new(secret),
        public_url: config.server.public_url.clone(),
        told: Some((console_hub.clone(), wake.clone())),
    };
    let mcp = Arc::new(super::tools::mcp_desk(&assistant, desk));
    let tool_turns = super::tools::tool_turns(&config, &assistant, &mcp);
    let mut state =
        http_state(&config, &assistant, &clock, &hub, console, mcp, &wake, &channels, secret, page);
    state.links = Some(links.clone());
    super::relaying::start(&config, gate.clone(), &clock, &state.webhooks, stop.clone())?;
    let outbound = std::mem::take(&mut channels.outbound);
    let events: Arc<dyn TicketEvents> = Arc::new(Both(hub, console_hub));
    super::lifecycle::start(
        &config,
        &assistant,
        desk_settings.clone(),
        clock.clone(),
        events.clone(),
        stop.clone(),
    );
    super::monitoring::start(
        &config,
        &assistant,
        &clock,
        &machine,
        outbound.get(&Channel::Email),
        stop.clone(),
    )
    .await?;
    let store = &assistant.store;
    super::notifying::start(&config, store, gate, &outbound, links.clone(), clock.clone(), stop.clone())?;
    let farewell = broker.map(|broker| {
        let (config, state, board) = (&config, state.clone(), links);
        broker.start(Running { config, store, state, board, clock: clock.clone(), wake: wake.clone() }, &stop)
    });
    let workers =
        start_workers(&config, &assistant, &clock, events, hosted, tool_turns, desk_settings, outbound, wake);
    channels.start(&stop);
    if config.answers.read_ahead && assistant.answerer.uses_model() {
        super::read_ahead::start(&assistant, stop.clone());
    }
    super::upkeep::start(&config, &assistant, stop.clone());
    super::upkeep::start_retention(&config, &assistant.store, stop.clone());
    super::backups::start(&config, &assistant.store, stop.clone());
    let serving = Serving { limits: limits(&config), tls: super::tls::server_config(&config)?, grace: GRACE };
    let server = tokio::spawn(crate::http::serve(listener, router(state), serving, stop.clone()));
    super::service::ready();
    super::service::watch(&assistant.store, stop.clone());
    stop.cancelled().await;
    super::service::stopping();
    // Watched pages never end by themselves: the server is not waited for much longer than the grace.
    let _ = tokio::time::timeout(GRACE + Duration::from_secs(1), server).await;
    workers.stop().await;
    if let Some(farewell) = farewell {
        farewell.say().await;
    }
    assistant.store.close().await;
    tracing::info!("stopped");
    Ok(())
}

fn limits(config: &Config) -> Limits {
    let server = &config.server;
    Limits {
        max_connections: server.max_connections,
        max_per_address: server.max_connections_per_address,
        head: Duration::from_millis(server.head_timeout_ms),
        idle: Duration::from_millis(server.idle_timeout_ms),
    }
}

#[expect(clippy::too_many_arguments, reason = "the parts of one state, each named at the call")]
fn http_state(
    config: &Config,
    assistant: &Assistant,
    clock: &Arc<dyn Clock>,
    hub: &Arc<TicketHub>,
    console: ConsoleState,
    mcp: Arc<McpDesk>,
    wake: &Arc<Notify>,
    channels: &Channels,
    secret: [u8; 32],
    metrics_page: Arc<dyn MetricsPage>,
) -> HttpState {
    let store = Arc::new(assistant.store.clone());
    HttpState {
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
        requests: (config.server.requests_per_minute > 0)
            .then(|| Arc::new(RateLimit::per_minute(config.server.requests_per_minute))),
        token_calls: (config.server.token_requests_per_minute > 0)
            .then(|| Arc::new(RateLimit::per_minute(config.server.token_requests_per_minute))),
        submissions: Arc::new(RateLimit::per_minute(config.server.submissions_per_minute)),
        webhooks: Arc::new(channels.webhooks.clone()),
        webhook_calls: Arc::new(RateLimit::per_minute(config.server.webhooks_per_minute)),
        event_streams: Arc::new(Semaphore::new(config.server.max_event_streams)),
        help: render_help_page,
        passage_only: config.answers.mode == AnswerMode::Passage,
        wake: wake.clone(),
        metrics_page,
        metrics_allow: Arc::new(
            config.metrics.allow.iter().filter_map(|text| Network::parse(text)).collect(),
        ),
        channels: channels.health.clone(),
        links: None,
        console: Arc::new(console),
        mcp,
    }
}

/// Links to rate an answer by; none while customers could not open them.
fn rating_links(config: &Config, secret: [u8; 32]) -> RatingLinks {
    let public = config.server.public_url.clone();
    let host = public.split_once("://").map_or("", |(_, rest)| rest);
    if ["localhost", "127.", "[::1]"].iter().any(|own| host.starts_with(own)) || host.is_empty() {
        return RatingLinks::default();
    }
    let tokens = StatusTokens::new(secret);
    RatingLinks::new(move |ticket| format!("{public}/support/rate/{}", tokens.rating(ticket)))
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

#[expect(clippy::too_many_arguments, reason = "the parts of one desk, each named at the call")]
fn start_workers(
    config: &Config,
    assistant: &Assistant,
    clock: &Arc<dyn Clock>,
    events: Arc<dyn TicketEvents>,
    hosted: Option<Arc<dyn HostedModel>>,
    tool_turns: Option<Arc<ToolTurns>>,
    settings: LiveSettings,
    channels: HashMap<Channel, Arc<dyn OutboundChannel>>,
    wake: Arc<Notify>,
) -> Workers {
    let store = Arc::new(assistant.store.clone());
    let queue = Arc::new(MeteredQueue(store.clone()));
    let desk = Desk {
        queue: queue.clone(),
        triager: assistant.triager.clone(),
        identity: store.clone(),
        answerer: assistant.answerer.clone(),
        hosted,
        tool_turns,
        events: events.clone(),
        clock: clock.clone(),
        autonomy: store.clone(),
        settings,
    };
    let courier = Courier { queue, channels, events, clock: clock.clone() };
    let settings = WorkersSettings {
        workers: config.pipeline.workers,
        lease: SignedDuration::from_millis(i64::try_from(config.pipeline.lease_ms).unwrap_or(i64::MAX)),
    };
    // Workers stop after the server: what it accepted last is still queued.
    Workers::start(Arc::new(desk), Arc::new(courier), settings, wake, CancellationToken::new())
}
