//! From what is to be said to the message that leaves.

use super::{
    plans::Say,
    turn::{Desk, TurnError},
};
use crate::{
    domain::{
        decision::Acknowledgement,
        earlier_contact,
        formatting::{FormattedReply, ReplyContext, ReplyKind, format_reply},
        ids::MessageId,
        message::Role,
        triage::Triage,
    },
    ports::store::{NewReply, TurnContext},
};

impl Desk {
    /// Formats what is to be said: the only way out there is.
    pub(super) fn reply(
        &self,
        context: &TurnContext,
        triage: &Triage,
        say: &Say,
    ) -> Result<NewReply, TurnError> {
        let kind = match say {
            Say::Answer { body, sources } => ReplyKind::Answer { body, sources },
            Say::HandOver { team, promise } => ReplyKind::HandOver { team, promise },
            Say::Held { promise } => ReplyKind::Held { promise },
            Say::Acknowledge(Acknowledgement::Invite) => ReplyKind::Invite,
            Say::Acknowledge(Acknowledgement::YouAreWelcome) => ReplyKind::YouAreWelcome,
            Say::Acknowledge(Acknowledgement::AddedToTicket) => ReplyKind::AddedToTicket,
            Say::Notice(text) => ReplyKind::Notice { text },
        };
        let earlier = context.earlier_contact.as_ref().filter(|_| !matches!(say, Say::Acknowledge(_)));
        let mention = earlier.map(|contact| {
            let local = |at: jiff::Timestamp| at.to_zoned(jiff::tz::TimeZone::system()).datetime();
            earlier_contact::mention(contact, local(contact.at), local(self.clock.now()))
        });
        let settings = self.settings.now();
        let rating_url = settings.rating_url(context.ticket.id);
        let circumstances = ReplyContext {
            channel: context.channel,
            customer_name: context.customer_name.as_deref(),
            reference: context.ticket.reference.as_str(),
            subject: &context.ticket.subject,
            sentiment: triage.sentiment.score,
            company: &settings.company,
            support_email: &settings.support_email,
            automatic: true,
            earlier_contact: mention.as_deref(),
            rating_url: rating_url.as_deref(),
        };
        let FormattedReply { subject, parts } = format_reply(&kind, &circumstances, &settings.voice)?;
        let sources = if let Say::Answer { sources, .. } = say { sources.clone() } else { Vec::new() };
        Ok(NewReply {
            message_id: MessageId::new(),
            role: Role::Assistant,
            channel: context.channel,
            recipient: context.recipient.clone(),
            subject,
            parts,
            sources,
            automatic: true,
        })
    }
}
