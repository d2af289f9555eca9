//! What a message says of who wrote it: statements that lead to a one-time code, and codes that come back. A code is dealt with here
//! and never reaches the model.

use super::{
    plans::{Plans, Say},
    turn::{Desk, TurnError},
};
use crate::{
    domain::{
        address::normalise_email,
        channel::Channel,
        customer::IdentifierKind,
        formatting::{ReplyContext, ReplyKind, format_reply},
        identity::{self, Claim, Reading, masked},
        ids::MessageId,
        message::Role,
        progress::Stage,
    },
    ports::{
        identity::{Ask, Asked, CODE_PLACE, Redeemed},
        store::{NewReply, TurnContext},
    },
};

/// What is left of the turn.
pub(super) enum Step {
    /// Nothing of identity, or dealt with on the side: the message wants its answer.
    GoOn,
    /// A code fitted: who the customer is has changed.
    Joined { text: String },
    /// The message wanted nothing else; `None`: what there is to say is on its way.
    Said { text: Option<String>, reason: &'static str },
}

impl Desk {
    /// Looks at the job's message alone: earlier ones had their own turn.
    pub(super) async fn identity_step(&self, context: &TurnContext) -> Result<Step, TurnError> {
        let Some(message) = context.unanswered.iter().find(|message| message.id == context.message_id) else {
            return Ok(Step::GoOn);
        };
        let settings = self.settings.now();
        let texts = &settings.voice.identity;
        match identity::read(&message.content) {
            Reading::Nothing => Ok(Step::GoOn),
            Reading::Claim { claim, alone } => self.ask(context, claim, alone).await,
            Reading::WantsCode { alone } => match typed_address(context) {
                Some(claim) => self.ask(context, claim, alone).await,
                None => Ok(Step::GoOn),
            },
            Reading::Code { code, bare } => {
                let now = self.clock.now();
                let tried =
                    self.identity.redeem(context.ticket.id, context.message_id, &code, bare, now).await?;
                tracing::info!(ticket = %context.ticket.reference, result = ?tried, "a one-time code came back");
                Ok(match tried {
                    Redeemed::NoneOpen => Step::GoOn,
                    Redeemed::Joined => Step::Joined { text: texts.joined.clone() },
                    Redeemed::Wrong { tries_left } => Step::Said {
                        text: Some(texts.wrong.replace("{tries}", &tries_left.to_string())),
                        reason: "a one-time code that does not fit",
                    },
                    Redeemed::Spent => Step::Said {
                        text: Some(texts.spent.clone()),
                        reason: "a one-time code that is spent",
                    },
                })
            }
        }
    }

    async fn ask(&self, context: &TurnContext, claim: Claim, alone: bool) -> Result<Step, TurnError> {
        let channel = claim.channel();
        let settings = self.settings.now();
        let is_own = context.recipient.as_deref() == Some(claim.value.as_str()) && context.channel == channel;
        if is_own || !settings.channels.contains(&channel) {
            return Ok(Step::GoOn);
        }
        let texts = &settings.voice.identity;
        let on_a_form = context.channel == Channel::Web;
        let notice = if on_a_form { &texts.code_sent_if_known } else { &texts.code_sent };
        let notice = notice.replace("{address}", &masked(&claim.value));
        let ask = Ask {
            ticket: context.ticket.id,
            message: context.message_id,
            code: self.notice(context, channel, Some(claim.value.clone()), &self.code_text(context))?,
            notice: self.notice(context, context.channel, context.recipient.clone(), &notice)?,
            claim,
        };
        let asked = self.identity.ask(ask, self.clock.now()).await?;
        tracing::info!(ticket = %context.ticket.reference, result = ?asked, "an address was claimed");
        let said = match asked {
            Asked::Unproven => return Ok(Step::GoOn),
            Asked::Sent => None,
            Asked::Known => Some(texts.known.clone()),
            Asked::TooMany => Some(texts.too_many.clone()),
        };
        Ok(if alone { Step::Said { text: said, reason: "a statement about an address" } } else { Step::GoOn })
    }

    /// Says where the code belongs, and nothing else of who asked.
    fn code_text(&self, context: &TurnContext) -> String {
        let settings = self.settings.now();
        let texts = &settings.voice.identity;
        let from = context.recipient.as_deref().map(masked).unwrap_or_default();
        let place = match context.channel {
            Channel::Web => "on the page of a request".to_owned(),
            Channel::Email => format!("by mail from {from}"),
            Channel::Whatsapp => format!("on WhatsApp by {from}"),
        };
        let text = texts.code.replace("{place}", &place);
        if context.channel == Channel::Web { text } else { format!("{text} {}", texts.answer_here) }
    }

    fn notice(
        &self,
        context: &TurnContext,
        channel: Channel,
        recipient: Option<String>,
        text: &str,
    ) -> Result<NewReply, TurnError> {
        // A stranger's address learns no name.
        let name = context.customer_name.as_deref().filter(|_| channel == context.channel);
        let settings = self.settings.now();
        let circumstances = ReplyContext {
            channel,
            customer_name: name,
            reference: context.ticket.reference.as_str(),
            subject: if channel == context.channel { &context.ticket.subject } else { "Your code" },
            sentiment: 0.0,
            company: &settings.company,
            support_email: &settings.support_email,
            automatic: true,
            earlier_contact: None,
            rating_url: None,
        };
        let formatted = format_reply(&ReplyKind::Notice { text }, &circumstances, &settings.voice)?;
        debug_assert!(
            !text.contains(CODE_PLACE) || formatted.parts.iter().any(|part| part.contains(CODE_PLACE))
        );
        Ok(NewReply {
            message_id: MessageId::new(),
            role: Role::System,
            channel,
            recipient,
            subject: formatted.subject,
            parts: formatted.parts,
            sources: Vec::new(),
            automatic: true,
        })
    }
}

/// What a message that only spoke of addresses leads to. A person who has the ticket is not talked over: then only the record stays.
pub(super) fn identity_plans(context: &TurnContext, step: Step) -> Option<Plans> {
    let (text, reason) = match step {
        Step::GoOn => return None,
        Step::Joined { text } => (Some(text), "a one-time code that fits"),
        Step::Said { text, reason } => (text, reason),
    };
    let with_a_person = context.state.operator_has_it || context.state.already_escalated;
    Some(Plans {
        decision: if context.state.operator_has_it { "ignored" } else { "acknowledged" },
        reason: reason.to_owned(),
        say: text.filter(|_| !context.state.operator_has_it).map(Say::Notice),
        draft: None,
        escalation: None,
        status: context.ticket.status,
        stage: if with_a_person { Stage::WithAPerson } else { Stage::Answered },
    })
}

/// The address typed into the form: the only one a web ticket can have checked without naming it again.
fn typed_address(context: &TurnContext) -> Option<Claim> {
    let address = context.recipient.as_deref().filter(|_| context.channel == Channel::Web)?;
    normalise_email(address).ok().map(|value| Claim { kind: IdentifierKind::Email, value })
}
