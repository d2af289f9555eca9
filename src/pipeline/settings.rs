//! How the desk presents itself, changeable while it works.

use super::routing::Routing;
use crate::domain::{
    business_hours::BusinessHours,
    channel::Channel,
    escalation::{EscalationCategory, Route, Urgency},
    voice::Voice,
};
use jiff::Timestamp;
use std::sync::{Arc, PoisonError, RwLock};

/// How the desk presents itself.
#[derive(Debug, Clone)]
pub struct DeskSettings {
    pub company: String,
    pub support_email: String,
    pub voice: Voice,
    pub routing: Routing,
    /// The channels a message can leave by.
    pub channels: Vec<Channel>,
    /// When people are there; while nobody has set it, promises run around the clock.
    pub hours: Option<BusinessHours>,
}

impl DeskSettings {
    /// Whom a hand-over made now goes to and by when.
    pub fn route(&self, category: EscalationCategory, urgency: Urgency, now: Timestamp) -> Route {
        self.routing.route_within(category, urgency, now, self.hours.as_ref())
    }
}

/// The desk's settings as they are now: an administrator may change them while it works.
#[derive(Clone)]
pub struct LiveSettings(Arc<RwLock<Arc<DeskSettings>>>);

impl LiveSettings {
    pub fn new(settings: DeskSettings) -> Self {
        Self(Arc::new(RwLock::new(Arc::new(settings))))
    }

    pub fn now(&self) -> Arc<DeskSettings> {
        // A panic while holding this lock leaves a whole value behind.
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Holds from the next reply on.
    pub fn replace(&self, settings: DeskSettings) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(settings);
    }
}
