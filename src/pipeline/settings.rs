//! How the desk presents itself, changeable while it works.

use super::routing::Routing;
use crate::domain::{
    business_hours::BusinessHours,
    channel::Channel,
    escalation::{EscalationCategory, Route, Urgency},
    ids::TicketId,
    voice::Voice,
};
use jiff::Timestamp;
use std::{
    fmt,
    sync::{Arc, PoisonError, RwLock},
};

/// Where the customer of a ticket rates an answer. Without a public address there is none.
#[derive(Clone, Default)]
pub struct RatingLinks(Option<Arc<dyn Fn(TicketId) -> String + Send + Sync>>);

impl RatingLinks {
    pub fn new(link: impl Fn(TicketId) -> String + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(link)))
    }
}

impl fmt::Debug for RatingLinks {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("RatingLinks").field(&self.0.is_some()).finish()
    }
}

/// How the desk presents itself.
#[derive(Debug, Clone)]
pub struct DeskSettings {
    pub company: String,
    pub support_email: String,
    pub voice: Voice,
    pub routing: Routing,
    /// The channels a message can leave by.
    pub channels: Vec<Channel>,
    /// Mails that may leave by themselves in an hour; further answers wait.
    pub automatic_mails_an_hour: usize,
    /// When people are there; while nobody has set it, promises run around the clock.
    pub hours: Option<BusinessHours>,
    /// Customers are asked to rate answers.
    pub asks_rating: bool,
    pub rating_links: RatingLinks,
}

impl DeskSettings {
    /// Whom a hand-over made now goes to and by when.
    pub fn route(&self, category: EscalationCategory, urgency: Urgency, now: Timestamp) -> Route {
        self.routing.route_within(category, urgency, now, self.hours.as_ref())
    }

    /// Where the customer of a ticket rates an answer, if they are asked to.
    pub fn rating_url(&self, ticket: TicketId) -> Option<String> {
        self.rating_links.0.as_ref().filter(|_| self.asks_rating).map(|link| link(ticket))
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
