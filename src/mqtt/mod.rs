//! The message broker (MQTT 5): events out of the outbox, devices' tickets in, sensors for the house, drafting for helper boxes.
//! The only module that names rumqttc. Everything sent is written to the egress ledger first.

mod desk_offer;
mod device_ticket;
mod devices;
mod discovery;
mod drafting;
mod helper_worker;
mod helpers;
mod link;
mod publisher;
mod sensors;
mod tls;
mod topics;

pub use desk_offer::{OfferSettings, OfferingChat};
pub use devices::Devices;
pub use discovery::discovery_messages;
pub use helper_worker::HelperWorker;
pub use link::{Link, LinkSettings, Outgoing, PublishError, Received, Will};
pub use publisher::Publisher;
pub use sensors::{BoxHealth, Sensors};
pub use tls::{TlsError, client_config};
pub use topics::{OFFLINE, ONLINE, Topics};
