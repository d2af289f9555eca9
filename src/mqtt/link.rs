//! One connection to the broker, made again whenever it breaks. Nothing lives in it alone: what was not confirmed is the caller's to send
//! again, so every connection starts afresh.

use crate::{
    config::{BrokerAddress, Secret},
    domain::{channel_health::HealthState, ids::TicketId},
    egress::{EgressError, Gate},
    ports::{egress::Purpose, link_health::LinksHealth},
};
use rumqttc::{
    Outgoing as Sent, TlsConfiguration, Transport,
    v5::{
        AsyncClient, ConnectionError, Event, MqttOptions,
        mqttbytes::{
            QoS,
            v5::{
                ConnectProperties, ConnectReturnCode, Filter, LastWill, Packet, PubAck, PubAckReason,
                Publish, PublishProperties,
            },
        },
    },
    valid_topic,
};
use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::sync::{mpsc, oneshot, watch};
use tokio_rustls::rustls::ClientConfig;
use tokio_util::sync::CancellationToken;

/// The name under which health reports show the connection.
pub const NAME: &str = "mqtt";
/// Larger messages are not taken from the broker: a prompt of the longest context fits twice.
const MAX_INCOMING_BYTES: u32 = 256 * 1024;
/// Messages sent and not yet confirmed; the broker may allow fewer.
const MAX_IN_FLIGHT: u16 = 64;
const QUEUE: usize = 32;
const KEEP_ALIVE: Duration = Duration::from_secs(15);
const CONNECT_TIMEOUT_S: u64 = 10;
/// The broker keeps what devices send while the box is away.
const SESSION_EXPIRY_S: u32 = 24 * 60 * 60;
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
const QUEUE_FULL: Duration = Duration::from_millis(5);
const FAREWELL: Duration = Duration::from_secs(2);

/// What the broker says for us when we are gone without a word.
#[derive(Debug, Clone)]
pub struct Will {
    pub topic: String,
    /// Retained; empty removes what was retained.
    pub payload: Vec<u8>,
}

/// How to connect, and what to listen to.
#[derive(Clone)]
pub struct LinkSettings {
    pub address: BrokerAddress,
    pub client_id: String,
    pub user: String,
    pub password: Secret,
    /// `None`: without TLS.
    pub tls: Option<Arc<ClientConfig>>,
    pub will: Will,
    pub subscriptions: Vec<String>,
    /// The broker keeps this client's messages while it is away.
    pub keeps_session: bool,
    /// Messages the broker hands over before the first is confirmed.
    pub receive_at_once: u16,
}

/// A message to send.
#[derive(Debug, Clone, Default)]
pub struct Outgoing {
    pub topic: String,
    pub payload: Vec<u8>,
    pub retain: bool,
    /// For the ledger.
    pub ticket: Option<TicketId>,
    pub response_topic: Option<String>,
    pub correlation: Option<Vec<u8>>,
    /// The broker drops it when nobody took it by then.
    pub expires_after_s: Option<u32>,
}

impl Outgoing {
    /// A JSON message.
    pub fn new(topic: String, payload: impl Into<Vec<u8>>) -> Self {
        Self { topic, payload: payload.into(), ..Self::default() }
    }

    /// One that the broker keeps for those who come later.
    pub fn retained(topic: String, payload: impl Into<Vec<u8>>) -> Self {
        Self { retain: true, ..Self::new(topic, payload) }
    }
}

/// Why a message is not with the broker, or may not be.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    #[error("there is no connection to the broker")]
    NotConnected,
    #[error("the connection broke before the broker confirmed")]
    Lost,
    #[error("the broker refuses this topic ({0}): check its access list")]
    Refused(String),
    #[error("{0} is no topic to publish to")]
    BadTopic(String),
    #[error(transparent)]
    Egress(#[from] EgressError),
}

/// A message that came. Confirm it once it is dealt with; until then the broker keeps it.
pub struct Received {
    pub topic: String,
    pub payload: Vec<u8>,
    pub response_topic: Option<String>,
    pub correlation: Option<Vec<u8>>,
    publish: Publish,
    client: AsyncClient,
}

impl Received {
    /// Confirms it. A connection that broke meanwhile brings it again.
    pub async fn confirm(&self) {
        if self.client.ack(&self.publish).await.is_err() {
            tracing::debug!("a message could not be confirmed; the broker sends it again");
        }
    }
}

type Waiter = oneshot::Sender<Result<(), PublishError>>;
/// Comes when the broker confirmed a message; fails when the connection broke before.
pub type Confirmation = oneshot::Receiver<Result<(), PublishError>>;

/// The connection there is now.
struct Live {
    client: AsyncClient,
    /// Handed to the library, in its order, and not yet numbered by it.
    queued: VecDeque<Waiter>,
    /// By packet number.
    unconfirmed: HashMap<u16, Waiter>,
}

/// The connection.
pub struct Link {
    settings: LinkSettings,
    gate: Gate,
    board: Arc<dyn LinksHealth>,
    live: Mutex<Option<Live>>,
    /// Counts connections; even numbers mean none.
    connections: watch::Sender<u64>,
    incoming: mpsc::Sender<Received>,
}

impl Link {
    /// The connection, not yet made, and what will come in over it.
    pub fn new(
        settings: LinkSettings,
        gate: Gate,
        board: Arc<dyn LinksHealth>,
    ) -> (Arc<Self>, mpsc::Receiver<Received>) {
        let (incoming, received) = mpsc::channel(usize::from(settings.receive_at_once).max(1) + QUEUE);
        board.note(NAME, HealthState::Connecting, None);
        let link = Self {
            settings,
            gate,
            board,
            live: Mutex::default(),
            connections: watch::Sender::new(0),
            incoming,
        };
        (Arc::new(link), received)
    }

    fn live(&self) -> MutexGuard<'_, Option<Live>> {
        // A panic while holding this lock leaves waiters that are told that the connection broke.
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn is_connected(&self) -> bool {
        *self.connections.borrow() % 2 == 1
    }

    /// Waits for a connection; its number, another for every one.
    pub async fn connected(&self) -> u64 {
        let mut connections = self.connections.subscribe();
        let connected = connections.wait_for(|number| number % 2 == 1).await.map(|number| *number);
        match connected {
            Ok(number) => number,
            // The sender is ours.
            Err(_) => std::future::pending().await,
        }
    }

    /// Waits until the connection with this number is gone.
    pub async fn gone(&self, number: u64) {
        let mut connections = self.connections.subscribe();
        drop(connections.wait_for(|current| *current != number).await);
    }

    /// Sends a message and waits until the broker confirmed it (QoS 1).
    ///
    /// # Errors
    /// [`PublishError`]; after [`PublishError::Lost`] the broker may have it.
    pub async fn publish(&self, message: Outgoing) -> Result<(), PublishError> {
        self.hand_over(message).await?.await.unwrap_or(Err(PublishError::Lost))
    }

    /// Sends a message without waiting for the confirmation, which comes over the receiver: messages handed over one after the other
    /// arrive in that order.
    ///
    /// # Errors
    /// When it is certain that it was not sent.
    pub async fn hand_over(&self, message: Outgoing) -> Result<Confirmation, PublishError> {
        if !valid_topic(&message.topic) {
            return Err(PublishError::BadTopic(message.topic));
        }
        if !self.is_connected() {
            return Err(PublishError::NotConnected);
        }
        let content = [message.topic.as_bytes(), message.payload.as_slice()];
        self.gate.pass(Purpose::Broker, &self.destination(), message.ticket, &content).await?;
        loop {
            if let Some(confirmed) = self.try_hand_over(&message)? {
                return Ok(confirmed);
            }
            // The library's queue is full: the broker is slower than we are.
            tokio::time::sleep(QUEUE_FULL).await;
        }
    }

    /// Hands a message to the library and notes who waits for it, in one step, so that both stand in one order whoever gives up waiting.
    /// `None` while its queue is full.
    fn try_hand_over(&self, message: &Outgoing) -> Result<Option<Confirmation>, PublishError> {
        let properties = PublishProperties {
            payload_format_indicator: Some(1),
            content_type: Some("application/json".to_owned()),
            message_expiry_interval: message.expires_after_s,
            response_topic: message.response_topic.clone(),
            correlation_data: message.correlation.clone().map(Into::into),
            ..PublishProperties::default()
        };
        let mut live = self.live();
        let live = live.as_mut().ok_or(PublishError::NotConnected)?;
        let sent = live.client.try_publish_with_properties(
            &message.topic,
            QoS::AtLeastOnce,
            message.retain,
            message.payload.clone(),
            properties,
        );
        if sent.is_err() {
            return Ok(None);
        }
        let (waiter, confirmed) = oneshot::channel();
        live.queued.push_back(waiter);
        Ok(Some(confirmed))
    }

    fn destination(&self) -> String {
        format!("{}:{}", self.settings.address.host, self.settings.address.port)
    }

    /// Connects, and again whenever the connection breaks, until `stop`.
    pub async fn run(self: Arc<Self>, stop: CancellationToken) {
        let mut pause = FIRST_PAUSE;
        while !stop.is_cancelled() {
            let before = *self.connections.borrow();
            let reason = self.hold_connection(&stop).await;
            *self.live() = None;
            if self.is_connected() {
                self.connections.send_modify(|number| *number += 1);
            }
            if stop.is_cancelled() {
                return;
            }
            self.board.note(NAME, HealthState::Failing, Some(&reason));
            if *self.connections.borrow() != before {
                pause = FIRST_PAUSE;
            }
            // Many boxes lose one broker at the same moment: they come back spread out.
            let spread = pause.mul_f64(rand::random::<f64>().mul_add(0.5, 0.75));
            tokio::select! {
                () = tokio::time::sleep(spread) => {}
                () = stop.cancelled() => return,
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// One connection from its start to its end; why it ended.
    async fn hold_connection(&self, stop: &CancellationToken) -> String {
        if let Err(error) = self.gate.pass(Purpose::Broker, &self.destination(), None, &[]).await {
            return error.to_string();
        }
        let (client, mut events) = AsyncClient::new(self.options(), QUEUE);
        loop {
            let event = if self.is_connected() {
                // Never broken off midway: a packet could be lost between the library's books and the wire.
                events.poll().await
            } else {
                tokio::select! {
                    event = events.poll() => event,
                    () = stop.cancelled() => return String::new(),
                }
            };
            match event {
                Ok(event) => self.follow(event, &client),
                Err(error) => return explain(&error),
            }
        }
    }

    fn follow(&self, event: Event, client: &AsyncClient) {
        match event {
            Event::Incoming(Packet::ConnAck(_)) => self.welcome(client),
            Event::Incoming(Packet::Publish(publish)) => self.receive(publish, client),
            Event::Incoming(Packet::PubAck(confirmed)) => self.confirmed(&confirmed),
            Event::Outgoing(Sent::Publish(number)) => {
                if let Some(live) = self.live().as_mut()
                    && let Some(waiter) = live.queued.pop_front()
                {
                    live.unconfirmed.insert(number, waiter);
                }
            }
            _ => {}
        }
    }

    fn welcome(&self, client: &AsyncClient) {
        if !self.settings.subscriptions.is_empty() {
            let filters =
                self.settings.subscriptions.iter().map(|topic| Filter::new(topic, QoS::AtLeastOnce));
            // The queue is empty: nothing else was handed over yet.
            if client.try_subscribe_many(filters).is_err() {
                tracing::error!("the broker's topics could not be subscribed to");
            }
        }
        *self.live() =
            Some(Live { client: client.clone(), queued: VecDeque::new(), unconfirmed: HashMap::new() });
        self.connections.send_modify(|number| *number += 1);
        self.board.note(NAME, HealthState::Ok, None);
    }

    fn receive(&self, publish: Publish, client: &AsyncClient) {
        let properties = publish.properties.clone().unwrap_or_default();
        let received = Received {
            topic: String::from_utf8_lossy(&publish.topic).into_owned(),
            payload: publish.payload.to_vec(),
            response_topic: properties.response_topic,
            correlation: properties.correlation_data.map(|data| data.to_vec()),
            publish,
            client: client.clone(),
        };
        // What must not be lost cannot overflow: the broker hands over no more than was agreed.
        if self.incoming.try_send(received).is_err() {
            tracing::warn!("a message from the broker was dropped: too many at once");
        }
    }

    fn confirmed(&self, confirmed: &PubAck) {
        let waiter = self.live().as_mut().and_then(|live| live.unconfirmed.remove(&confirmed.pkid));
        let Some(waiter) = waiter else { return };
        let result = match confirmed.reason {
            PubAckReason::Success | PubAckReason::NoMatchingSubscribers => Ok(()),
            reason => Err(PublishError::Refused(format!("{reason:?}"))),
        };
        // Who no longer waits needs no word.
        drop(waiter.send(result));
    }

    /// Says goodbye in order: the last word, then the end of the connection. Call it before `stop`.
    pub async fn close(&self, last_word: Outgoing) {
        let farewell = async {
            if self.publish(last_word).await.is_ok() {
                let client = self.live().as_ref().map(|live| live.client.clone());
                if let Some(client) = client
                    && client.disconnect().await.is_ok()
                {
                    let number = *self.connections.borrow();
                    self.gone(number).await;
                }
            }
        };
        // A broker that does not answer is told by the last will.
        drop(tokio::time::timeout(FAREWELL, farewell).await);
    }

    fn options(&self) -> MqttOptions {
        let settings = &self.settings;
        let BrokerAddress { host, port, .. } = &settings.address;
        let mut options = MqttOptions::new(&settings.client_id, host.trim_matches(['[', ']']), *port);
        options.set_keep_alive(KEEP_ALIVE);
        options.set_connection_timeout(CONNECT_TIMEOUT_S);
        options.set_clean_start(!settings.keeps_session);
        options.set_manual_acks(true);
        options.set_outgoing_inflight_upper_limit(MAX_IN_FLIGHT);
        let mut properties = ConnectProperties::new();
        properties.max_packet_size = Some(MAX_INCOMING_BYTES);
        properties.receive_maximum = Some(settings.receive_at_once.max(1));
        properties.session_expiry_interval = settings.keeps_session.then_some(SESSION_EXPIRY_S);
        options.set_connect_properties(properties);
        let Will { topic, payload } = &settings.will;
        options.set_last_will(LastWill::new(topic, payload.clone(), QoS::AtLeastOnce, true, None));
        if !settings.user.is_empty() {
            options.set_credentials(&settings.user, settings.password.expose());
        }
        if let Some(tls) = &settings.tls {
            options.set_transport(Transport::tls_with_config(TlsConfiguration::Rustls(tls.clone())));
        }
        options
    }
}

/// The cause in plain words, with what to do, and without anything secret.
fn explain(error: &ConnectionError) -> String {
    match error {
        ConnectionError::ConnectionRefused(
            ConnectReturnCode::BadUserNamePassword | ConnectReturnCode::NotAuthorized,
        ) => "the broker refuses the user or its password: check mqtt.user and mqtt.password".to_owned(),
        ConnectionError::ConnectionRefused(code) => format!("the broker refuses the connection: {code:?}"),
        ConnectionError::Tls(error) => format!("TLS with the broker failed: {error}"),
        ConnectionError::Timeout(_) => "the broker does not answer in time".to_owned(),
        ConnectionError::Io(error) => format!("the broker cannot be reached: {error}"),
        error => format!("the connection to the broker broke: {error}"),
    }
}
