//! Home Assistant's discovery: retained messages that describe this box's sensors. Pure.

use super::topics::{OFFLINE, ONLINE, Topics};
use serde_json::{Value, json};

/// What is shown: key in the figures, name, icon, whether it is a number.
const SENSORS: [(&str, &str, &str, bool); 5] = [
    ("open_tickets", "Open tickets", "mdi:ticket-outline", true),
    ("waiting", "Waiting for an answer", "mdi:timer-sand", true),
    ("escalations", "Open escalations", "mdi:account-alert", true),
    ("dead_letters", "Dead letters", "mdi:email-off-outline", true),
    ("health", "Health", "mdi:heart-pulse", false),
];

/// Topic and payload of every sensor.
pub fn discovery_messages(topics: &Topics, prefix: &str) -> Vec<(String, Value)> {
    let site = &topics.site;
    let device = json!({
        "identifiers": [format!("frontdesk_{site}")],
        "name": format!("Frontdesk {site}"),
        "manufacturer": "Frontdesk",
        "sw_version": env!("CARGO_PKG_VERSION"),
    });
    let describe = |(key, name, icon, number): (&str, &str, &str, bool)| {
        let id = format!("frontdesk_{site}_{key}");
        let mut sensor = json!({
            "name": name,
            "unique_id": id,
            "object_id": id,
            "icon": icon,
            "state_topic": topics.figures(),
            "value_template": format!("{{{{ value_json.{key} }}}}"),
            "availability_topic": topics.status(),
            "payload_available": ONLINE,
            "payload_not_available": OFFLINE,
            "device": device,
        });
        if number {
            sensor["state_class"] = "measurement".into();
        }
        (format!("{prefix}/sensor/{id}/config"), sensor)
    };
    SENSORS.into_iter().map(describe).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mqtt::sensors::figures_message;
    use crate::ports::event_outbox::DeskFigures;

    #[test]
    fn every_sensor_reads_a_figure_that_is_published() {
        let figures = figures_message(DeskFigures::default(), "ready", jiff::Timestamp::UNIX_EPOCH);
        let schema: Value =
            serde_json::from_str(include_str!("../../assets/events/status-figures.json")).expect("a schema");
        let names =
            |object: &Value| object.as_object().expect("an object").keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&figures), names(&schema["properties"]), "the figures are as documented");
        let messages = discovery_messages(&Topics::new("main"), "homeassistant");
        assert_eq!(messages[0].0, "homeassistant/sensor/frontdesk_main_open_tickets/config");
        for (topic, sensor) in messages {
            let template = sensor["value_template"].as_str().expect("a template");
            let key = template.trim_start_matches("{{ value_json.").trim_end_matches(" }}");
            assert!(figures.get(key).is_some(), "{topic} reads {key}, which nobody publishes");
        }
    }
}
