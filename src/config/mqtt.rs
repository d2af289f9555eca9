//! Settings of the message broker: events out, devices' tickets in, helper boxes.

use super::{Secret, is_loopback};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// The broker and what goes over it. Off without an address.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct MqttConfig {
    /// `mqtts://host[:port]` or `mqtt://host[:port]`. Empty: no broker.
    pub broker: String,
    /// This box's name in topics: no other box on the broker has it.
    pub site: String,
    pub user: String,
    pub password: Secret,
    /// A file that holds the password; wins over `password`.
    pub password_file: Option<PathBuf>,
    /// An own authority's certificates (PEM), trusted beside the machine's.
    pub certificate_authority_file: Option<PathBuf>,
    /// This box's own certificate and key (PEM), where the broker asks for one.
    pub client_certificate_file: Option<PathBuf>,
    pub client_key_file: Option<PathBuf>,
    /// Without TLS, passwords and prompts cross the network readable: only where you know that nobody listens.
    pub allow_plaintext: bool,
    /// Customers' subjects and texts go along with events.
    pub include_text: bool,
    /// Devices may open tickets.
    pub accept_tickets: bool,
    /// Retained messages by which Home Assistant finds this box's sensors.
    pub home_assistant: bool,
    pub discovery_prefix: String,
    /// Drafting is offered to helper boxes (`frontdesk worker`): they see the question and the passages.
    pub helpers: bool,
    /// A draft that no helper took by then is made here.
    pub helper_take_within_ms: u64,
    /// A helper that says nothing for so long is given up.
    pub helper_silence_ms: u64,
    /// Drafts that `frontdesk worker` makes at once.
    pub worker_slots: usize,
}

impl Default for MqttConfig {
    fn default() -> Self {
        Self {
            broker: String::new(),
            site: "main".to_owned(),
            user: String::new(),
            password: Secret::default(),
            password_file: None,
            certificate_authority_file: None,
            client_certificate_file: None,
            client_key_file: None,
            allow_plaintext: false,
            include_text: false,
            accept_tickets: true,
            home_assistant: true,
            discovery_prefix: "homeassistant".to_owned(),
            helpers: false,
            helper_take_within_ms: 2_000,
            helper_silence_ms: 5_000,
            worker_slots: 2,
        }
    }
}

/// Where the broker is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrokerAddress {
    pub host: String,
    pub port: u16,
    pub tls: bool,
}

impl MqttConfig {
    /// Whether a broker is set.
    pub fn is_on(&self) -> bool {
        !self.broker.is_empty()
    }

    /// The broker's address; `None` when it is none.
    pub fn address(&self) -> Option<BrokerAddress> {
        let (tls, rest) = match self.broker.strip_prefix("mqtts://") {
            Some(rest) => (true, rest),
            None => (false, self.broker.strip_prefix("mqtt://")?),
        };
        let (host, port) = match rest.rsplit_once(':') {
            Some((host, port)) if !host.ends_with(':') => (host, port.parse().ok()?),
            _ => (rest, if tls { 8883 } else { 1883 }),
        };
        let fits = !host.is_empty() && !host.contains(['/', '@', ' ', '?', '#']) && port != 0;
        fits.then(|| BrokerAddress { host: host.to_owned(), port, tls })
    }

    /// Every fault, each in a sentence that says what would be right.
    pub fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        if !self.is_on() {
            return faults;
        }
        let name = |text: &str| {
            (1..=64).contains(&text.len())
                && text
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte))
        };
        if !name(&self.site) {
            faults.push("mqtt.site needs 1 to 64 lower-case letters, digits, - or _".to_owned());
        }
        if self.home_assistant && !name(&self.discovery_prefix) {
            faults.push("mqtt.discovery_prefix needs lower-case letters, such as homeassistant".to_owned());
        }
        match self.address() {
            None => faults.push(
                "mqtt.broker must be mqtts://host or mqtt://host, with :port where it is not 8883 or 1883, and without a user"
                    .to_owned(),
            ),
            Some(address) if !address.tls && !is_loopback(&address.host) && !self.allow_plaintext => faults.push(
                "mqtt.broker must start with mqtts:// (passwords and events would cross the network readable); mqtt.allow_plaintext overrules this"
                    .to_owned(),
            ),
            Some(_) => {}
        }
        if self.password.is_set() && self.user.is_empty() {
            faults.push("mqtt.password needs mqtt.user".to_owned());
        }
        if self.client_certificate_file.is_some() != self.client_key_file.is_some() {
            faults.push("mqtt.client_certificate_file and mqtt.client_key_file go together".to_owned());
        }
        if !(100..=60_000).contains(&self.helper_take_within_ms)
            || !(1_000..=60_000).contains(&self.helper_silence_ms)
        {
            faults.push(
                "mqtt.helper_take_within_ms must be 100 to 60000, helper_silence_ms 1000 to 60000".to_owned(),
            );
        }
        if !(1..=32).contains(&self.worker_slots) {
            faults.push("mqtt.worker_slots must be 1 to 32".to_owned());
        }
        faults
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("mqtts://broker.lan", Some(("broker.lan", 8883, true)))]
    #[case("mqtt://127.0.0.1:1884", Some(("127.0.0.1", 1884, false)))]
    #[case("mqtts://kim:pw@broker.lan", None)]
    #[case("https://broker.lan", None)]
    #[case("mqtts://broker.lan:port", None)]
    #[case("mqtts://broker.lan/topic", None)]
    fn an_address_is_read_or_refused(#[case] broker: &str, #[case] expected: Option<(&str, u16, bool)>) {
        let config = MqttConfig { broker: broker.to_owned(), ..MqttConfig::default() };
        let found = config.address();
        let found = found.as_ref().map(|address| (address.host.as_str(), address.port, address.tls));
        assert_eq!(found, expected);
        assert_eq!(config.faults().is_empty(), expected.is_some());
    }

    #[rstest]
    #[case(MqttConfig { broker: "mqtt://10.0.0.2".to_owned(), ..MqttConfig::default() }, "mqtts://")]
    #[case(MqttConfig { broker: "mqtts://b".to_owned(), site: "a/b".to_owned(), ..MqttConfig::default() }, "mqtt.site")]
    #[case(MqttConfig { broker: "mqtts://b".to_owned(), site: "#".to_owned(), ..MqttConfig::default() }, "mqtt.site")]
    #[case(MqttConfig { broker: "mqtts://b".to_owned(), client_key_file: Some("k".into()), ..MqttConfig::default() }, "go together")]
    fn what_does_not_fit_is_named(#[case] config: MqttConfig, #[case] named: &str) {
        let faults = config.faults();
        assert!(faults.len() == 1 && faults[0].contains(named), "{faults:?}");
    }
}
