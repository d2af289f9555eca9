//! Telling a team that a ticket waits for a person: the signed body a webhook gets, and the mail's words. Pure.

use super::{
    channel::Channel,
    escalation::{EscalationCategory, Urgency},
    ids::{NotificationId, TicketId},
    ticket::text_enum,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::str::FromStr;

text_enum!(
    /// How a team is told.
    NotificationWay { Webhook => "webhook", Mail => "mail" }
);

/// One note that is due.
#[derive(Debug, Clone, PartialEq)]
pub struct Notification {
    pub id: NotificationId,
    pub way: NotificationWay,
    /// The mail's recipient; empty for a webhook.
    pub recipient: String,
    /// 1 on the first try.
    pub attempt: u32,
    pub ticket_id: TicketId,
    pub escalation: Escalated,
}

/// What a note says of the hand-over.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Escalated {
    pub escalation: String,
    pub ticket: String,
    pub channel: Channel,
    pub origin: String,
    pub category: EscalationCategory,
    pub urgency: Urgency,
    pub team: String,
    pub sentiment: f64,
    pub raised_at: Timestamp,
    pub due_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
}

/// The JSON a webhook gets.
#[derive(Debug, Serialize)]
pub struct WebhookBody<'a> {
    /// The same for every attempt.
    pub notification_id: NotificationId,
    pub event: &'static str,
    pub version: u32,
    /// The ticket in the console.
    pub console_url: String,
    #[serde(flatten)]
    pub escalated: &'a Escalated,
}

/// Where an operator opens the ticket.
pub fn console_url(public_url: &str, ticket: &str) -> String {
    format!("{public_url}/console/inbox/{ticket}")
}

/// Subject and text of the mail.
pub fn mail_text(escalated: &Escalated, public_url: &str) -> (String, String) {
    let Escalated { ticket, escalation, urgency, category, team, .. } = escalated;
    let subject = format!("[{}] {escalation}: {ticket} waits for {team}", urgency.as_str());
    let mut lines = vec![
        format!("Ticket {ticket} ({}) was handed over to {team}.", escalated.channel),
        String::new(),
        format!("Matter: {}", category.as_str()),
        format!("Urgency: {}", urgency.as_str()),
        format!("Answer due: {}", escalated.due_at.strftime("%Y-%m-%d %H:%M UTC")),
    ];
    lines.extend(escalated.reason.iter().map(|reason| format!("Why: {reason}")));
    lines.extend(escalated.summary.iter().map(|summary| format!("\n{summary}")));
    lines.push(format!("\nOpen it: {}", console_url(public_url, ticket)));
    (subject, lines.join("\n"))
}

#[cfg(test)]
pub mod tests {
    use super::*;

    pub fn escalated() -> Escalated {
        Escalated {
            escalation: "ESC-0A1B2C3D".to_owned(),
            ticket: "TF-20261125-AB12".to_owned(),
            channel: Channel::Web,
            origin: "decision".to_owned(),
            category: EscalationCategory::Billing,
            urgency: Urgency::High,
            team: "Billing".to_owned(),
            sentiment: -0.5,
            raised_at: "2026-11-25T10:00:00Z".parse().expect("a time"),
            due_at: "2026-11-25T11:00:00Z".parse().expect("a time"),
            reason: None,
            summary: None,
        }
    }

    #[test]
    fn the_mail_names_the_ticket_its_time_and_the_way_there() {
        let (subject, text) = mail_text(&escalated(), "https://desk.example");
        assert_eq!(subject, "[high] ESC-0A1B2C3D: TF-20261125-AB12 waits for Billing");
        assert!(text.contains("2026-11-25 11:00 UTC"), "{text}");
        assert!(text.ends_with("https://desk.example/console/inbox/TF-20261125-AB12"), "{text}");
    }
}
