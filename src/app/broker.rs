//! The broker's side of the box, composed: one connection, and what goes over it.

use super::{ModelPlan, hosted, link_board::LinkBoard, models, open_store};
use crate::{
    config::{Config, MqttConfig},
    domain::event::Announcements,
    egress::Gate,
    http::{HttpState, check_health},
    mqtt::{
        BoxHealth, Devices, HelperWorker, Link, LinkSettings, OFFLINE, OfferSettings, OfferingChat, Outgoing,
        Publisher, Received, Sensors, Topics, Will, client_config,
    },
    ports::{
        clock::{Clock, SystemClock},
        event_outbox::EventOutbox as _,
        link_health::LinksHealth,
        model::ChatModel,
    },
    store::Store,
};
use anyhow::{Context, bail};
use async_trait::async_trait;
use std::{sync::Arc, time::Duration};
use tokio::sync::{Notify, mpsc};
use tokio_util::sync::CancellationToken;

/// Messages of devices and helpers that may wait here before the broker holds the next back.
const RECEIVE_AT_ONCE: u16 = 64;

/// The connection, not yet made.
pub(super) struct Broker {
    link: Arc<Link>,
    incoming: mpsc::Receiver<Received>,
    topics: Topics,
    offering: Option<OfferingChat>,
}

/// What [`Broker::start`] needs of the running box.
pub(super) struct Running<'a> {
    pub config: &'a Config,
    pub store: &'a Store,
    pub state: HttpState,
    pub board: Arc<dyn LinksHealth>,
    pub clock: Arc<dyn Clock>,
    pub wake: Arc<Notify>,
}

/// Ends the connection in order.
pub(super) struct Farewell {
    link: Arc<Link>,
    topics: Topics,
    /// No further connection is made after the goodbye.
    ended: CancellationToken,
}

impl Broker {
    /// `None` when no broker is set.
    ///
    /// # Errors
    /// When a certificate or key cannot be used.
    pub(super) fn build(
        config: &Config,
        gate: Gate,
        board: Arc<dyn LinksHealth>,
    ) -> anyhow::Result<Option<Self>> {
        let mqtt = &config.mqtt;
        if !mqtt.is_on() {
            return Ok(None);
        }
        let topics = Topics::new(&mqtt.site);
        let mut subscriptions = Vec::new();
        if mqtt.accept_tickets {
            subscriptions.push(topics.create_ticket());
        }
        if mqtt.helpers {
            subscriptions.extend([topics.replies(), topics.helper("+")]);
        }
        let settings = LinkSettings {
            subscriptions,
            keeps_session: true,
            receive_at_once: RECEIVE_AT_ONCE,
            will: Will { topic: topics.status(), payload: OFFLINE.into() },
            ..link_settings(mqtt, format!("frontdesk-{}", mqtt.site))?
        };
        let (link, incoming) = Link::new(settings, gate, board);
        Ok(Some(Self { link, incoming, topics, offering: None }))
    }

    /// The chat model with helpers before it, where the owner wants them.
    pub(super) fn offer(&mut self, local: Arc<dyn ChatModel>, mqtt: &MqttConfig) -> Arc<dyn ChatModel> {
        if !mqtt.helpers {
            return local;
        }
        let settings = OfferSettings {
            take_within: Duration::from_millis(mqtt.helper_take_within_ms),
            silence: Duration::from_millis(mqtt.helper_silence_ms),
        };
        let offering = OfferingChat::new(local, self.link.clone(), self.topics.clone(), settings);
        self.offering = Some(offering.clone());
        Arc::new(offering)
    }

    /// Starts everything; ends with `stop`.
    pub(super) fn start(self, running: Running<'_>, stop: &CancellationToken) -> Farewell {
        let Self { link, incoming, topics, offering } = self;
        let outbox = Arc::new(running.store.clone());
        let mqtt = &running.config.mqtt;
        let publisher = Publisher {
            link: link.clone(),
            outbox: outbox.clone(),
            topics: topics.clone(),
            board: running.board,
            clock: running.clock.clone(),
        };
        let sensors = Sensors {
            link: link.clone(),
            outbox: outbox.clone(),
            health: Arc::new(Readiness(running.state, running.clock.clone())),
            topics: topics.clone(),
            discovery_prefix: mqtt.home_assistant.then(|| mqtt.discovery_prefix.clone()),
            clock: running.clock.clone(),
        };
        let devices = Devices {
            link: link.clone(),
            topics: topics.clone(),
            inbox: outbox.clone(),
            outbox,
            clock: running.clock,
            wake: running.wake,
        };
        tokio::spawn(publisher.run(stop.clone()));
        tokio::spawn(sensors.run(stop.clone()));
        // A session the broker kept may bring what is switched off since.
        let devices = mqtt.accept_tickets.then(|| Arc::new(devices));
        tokio::spawn(receive(incoming, devices, offering, link.clone(), stop.clone()));
        // Ends after its goodbye, not with the others.
        let ended = CancellationToken::new();
        tokio::spawn(link.clone().run(ended.clone()));
        Farewell { link, topics, ended }
    }
}

impl Farewell {
    /// Says that the box is offline and closes the connection.
    pub(super) async fn say(self) {
        self.ended.cancel();
        self.link.close(Outgoing::retained(self.topics.status(), OFFLINE)).await;
    }
}

/// Hands what comes in to whom it is for. A store that takes its time holds devices up, never helpers' answers.
async fn receive(
    mut incoming: mpsc::Receiver<Received>,
    devices: Option<Arc<Devices>>,
    offering: Option<OfferingChat>,
    link: Arc<Link>,
    stop: CancellationToken,
) {
    let helpers = offering.map(|offering| offering.helpers());
    let to_devices = devices.map(|devices| start_devices(devices, stop.clone()));
    if let Some(helpers) = helpers.clone() {
        let stop = stop.clone();
        tokio::spawn(async move {
            loop {
                let connection = link.connected().await;
                tokio::select! {
                    () = link.gone(connection) => helpers.forget(),
                    () = stop.cancelled() => return,
                }
            }
        });
    }
    loop {
        let received = tokio::select! {
            received = incoming.recv() => received,
            () = stop.cancelled() => return,
        };
        let Some(received) = received else { return };
        if helpers.as_ref().is_some_and(|helpers| helpers.receive(&received)) {
            received.confirm().await;
            continue;
        }
        match &to_devices {
            Some((topic, queue)) if received.topic == *topic => {
                if queue.send(received).await.is_err() {
                    return;
                }
            }
            _ => received.confirm().await,
        }
    }
}

/// Deals with devices' messages one after the other; their topic, and where they are handed in.
fn start_devices(devices: Arc<Devices>, stop: CancellationToken) -> (String, mpsc::Sender<Received>) {
    let (queue, mut messages) = mpsc::channel::<Received>(usize::from(RECEIVE_AT_ONCE));
    let topic = devices.topics.create_ticket();
    tokio::spawn(async move {
        while let Some(received) = messages.recv().await {
            tokio::select! {
                () = devices.receive(received) => {}
                () = stop.cancelled() => return,
            }
        }
    });
    (topic, queue)
}

/// What `/health/ready` says, for sensors.
struct Readiness(HttpState, Arc<dyn Clock>);

#[async_trait]
impl BoxHealth for Readiness {
    async fn status(&self) -> &'static str {
        check_health(&self.0, self.1.now()).await.status
    }
}

fn link_settings(mqtt: &MqttConfig, client_id: String) -> anyhow::Result<LinkSettings> {
    let address = mqtt.address().context("mqtt.broker is no address")?;
    let tls = address.tls.then(|| client_config(mqtt)).transpose()?;
    Ok(LinkSettings {
        address,
        client_id,
        user: mqtt.user.clone(),
        password: mqtt.password.clone(),
        tls,
        will: Will { topic: String::new(), payload: Vec::new() },
        subscriptions: Vec::new(),
        keeps_session: false,
        receive_at_once: 1,
    })
}

/// Says in the store what is to be told from now on.
///
/// # Errors
/// When it cannot be written.
pub(super) async fn announce(config: &Config, store: &Store, clock: &dyn Clock) -> anyhow::Result<()> {
    let (mqtt, notes) = (&config.mqtt, &config.notifications);
    let announcements = Announcements {
        events: mqtt.is_on(),
        include_text: mqtt.is_on() && mqtt.include_text,
        notes_include_text: notes.include_text,
        webhook: !notes.webhook_url.is_empty(),
        mail: notes.mail,
        mail_to: notes.mail_to.clone(),
        approvals: notes.approvals,
    };
    Ok(store.announce(announcements, clock.now()).await?)
}

/// `frontdesk worker`: drafts for a box on the broker until `stop`. Keeps nothing but the record of what left this machine.
///
/// # Errors
/// When no broker is set, or a part cannot be built.
pub async fn help(config: Config, stop: CancellationToken) -> anyhow::Result<()> {
    let mqtt = &config.mqtt;
    if !mqtt.is_on() {
        bail!("a helper box needs a broker: `frontdesk worker --broker mqtts://broker.example --site NAME`");
    }
    let store = open_store(&config, None)?;
    let chat = models::chat(&config, &ModelPlan::new(&config)?);
    let topics = Topics::new(&mqtt.site);
    let id = uuid::Uuid::new_v4().simple().to_string();
    let presence = topics.helper(&id);
    let settings = LinkSettings {
        subscriptions: vec![topics.shared_drafting()],
        receive_at_once: u16::try_from(mqtt.worker_slots).unwrap_or(1),
        will: Will { topic: presence.clone(), payload: Vec::new() },
        ..link_settings(mqtt, format!("frontdesk-helper-{id}"))?
    };
    let board = Arc::new(LinkBoard::new(Arc::new(SystemClock)));
    let (link, offers) = Link::new(settings, hosted::gate(&config, &store), board);
    let running = tokio::spawn(link.clone().run(stop.child_token()));
    let worker = HelperWorker { id, link: link.clone(), topics, chat, slots: mqtt.worker_slots };
    worker.run(offers, stop.clone()).await;
    // The run above ends at the next word of the broker; the goodbye needs it until then.
    link.close(Outgoing::retained(presence, Vec::new())).await;
    running.abort();
    store.close().await;
    Ok(())
}
