//! The topic tree: `frontdesk/<site>/v1/…`. Pure.

use crate::domain::{channel::Channel, event::EventKind};

/// What stands on the status topic, retained.
pub const ONLINE: &str = "online";
pub const OFFLINE: &str = "offline";

/// One site's topics.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topics {
    pub site: String,
    base: String,
}

impl Topics {
    pub fn new(site: &str) -> Self {
        Self { site: site.to_owned(), base: format!("frontdesk/{site}/v1") }
    }

    fn below(&self, rest: &str) -> String {
        format!("{}/{rest}", self.base)
    }

    /// Where an event goes: a customer's message to the desk's own topic and to its channel's, one event on both.
    pub fn of_event(&self, kind: EventKind, channel: Option<Channel>) -> Vec<String> {
        match kind {
            EventKind::MessageReceived => std::iter::once(self.below("tickets/incoming"))
                .chain(channel.map(|channel| self.below(&format!("channels/{channel}/inbound"))))
                .collect(),
            EventKind::EscalationRaised => vec![self.below("escalations")],
            EventKind::TurnFinished => vec![self.below("metrics")],
            EventKind::DeadLetter => vec![self.below("dead-letter")],
        }
    }

    /// `online` or `offline`, retained; the last will.
    pub fn status(&self) -> String {
        self.below("status")
    }

    /// The desk's figures, retained, for sensors.
    pub fn figures(&self) -> String {
        self.below("status/figures")
    }

    /// Devices open tickets here.
    pub fn create_ticket(&self) -> String {
        self.below("tickets/create")
    }

    /// Whether a device may be answered there: only below its own branch, else anybody could have us write anywhere.
    pub fn is_device_topic(&self, topic: &str) -> bool {
        topic.strip_prefix(&self.below("devices/")).is_some_and(|rest| !rest.is_empty())
    }

    /// Drafts on offer.
    pub fn drafting(&self) -> String {
        self.below("work/drafting")
    }

    /// The same, shared among all helper boxes: each offer reaches one of them.
    pub fn shared_drafting(&self) -> String {
        format!("$share/frontdesk-helpers/{}", self.drafting())
    }

    /// Helpers' answers.
    pub fn replies(&self) -> String {
        self.below("work/replies")
    }

    /// A helper that is there, retained; gone with its last will.
    pub fn helper(&self, id: &str) -> String {
        self.below(&format!("work/helpers/{id}"))
    }

    /// The helper a presence topic speaks of.
    pub fn helper_of<'a>(&self, topic: &'a str) -> Option<&'a str> {
        topic.strip_prefix(&self.below("work/helpers/")).filter(|id| !id.is_empty() && !id.contains('/'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tree_is_as_documented() {
        let topics = Topics::new("main");
        let of = |kind, channel| topics.of_event(kind, channel);
        assert_eq!(
            of(EventKind::MessageReceived, Some(Channel::Whatsapp)),
            ["frontdesk/main/v1/tickets/incoming", "frontdesk/main/v1/channels/whatsapp/inbound"]
        );
        assert_eq!(of(EventKind::EscalationRaised, Some(Channel::Web)), ["frontdesk/main/v1/escalations"]);
        assert_eq!(of(EventKind::TurnFinished, None), ["frontdesk/main/v1/metrics"]);
        assert_eq!(of(EventKind::DeadLetter, None), ["frontdesk/main/v1/dead-letter"]);
    }

    #[test]
    fn a_device_is_answered_only_in_its_own_branch() {
        let topics = Topics::new("main");
        assert!(topics.is_device_topic("frontdesk/main/v1/devices/kiosk-3/answers"));
        for topic in [
            "frontdesk/main/v1/status",
            "frontdesk/other/v1/devices/x",
            "frontdesk/main/v1/devices/",
            "alarm/off",
        ] {
            assert!(!topics.is_device_topic(topic), "{topic}");
        }
        assert_eq!(topics.helper_of(&topics.helper("kitchen")), Some("kitchen"));
    }
}
