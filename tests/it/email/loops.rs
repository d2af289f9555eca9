//! Machines that answer machines: two desks and five rude responders write to each other through real bytes and a real store,
//! until nothing moves any more. Never more than three automatic messages a thread; then a person.

use super::{at, mailbox, reply, triage};
use frontdesk::{
    channels::email::{
        Mailbox,
        incoming::{Incoming, read},
        outgoing::compose,
    },
    domain::{
        channel::Channel,
        decision::{FirstDecision, decide_first, hand_over},
        escalation::Route,
        ids::{EscalationId, MessageId, TicketId},
        loop_guard::{MAX_IN_THREAD, MAX_TO_SENDER_IN_A_DAY},
        message::DeliveryStatus,
        progress::Stage,
        ticket::TicketStatus,
        triage::MessageKind,
    },
    ports::store::{Inbox, Reports, TurnOutcome, WorkQueue},
    store::{Store, StoreOptions},
};
use jiff::SignedDuration;
use std::collections::BTreeMap;

/// A mail on its way: who gets it, and its bytes.
type Posted = (String, Vec<u8>);

struct Desk {
    store: Store,
    mailbox: Mailbox,
    /// Automatic mails by ticket.
    sent: BTreeMap<TicketId, usize>,
    escalated: usize,
    /// Its mails pass a server that takes their marks away.
    unmarked: bool,
}

impl Desk {
    fn new(address: &str, secret: u8, unmarked: bool) -> Self {
        let mailbox = Mailbox {
            address: address.to_owned(),
            own_addresses: vec![address.to_owned()],
            bounce_address: None,
            secret: [secret; 32],
            ..mailbox()
        };
        let store = Store::open_in_memory(StoreOptions::default()).expect("a store");
        Self { store, mailbox, sent: BTreeMap::new(), escalated: 0, unmarked }
    }

    /// Takes a mail in, does one turn on it, and hands out what leaves.
    async fn receive(&mut self, raw: &[u8], second: i64) -> Vec<Posted> {
        let Ok(Incoming::Message(inbound)) = read(raw, &self.mailbox, at(second)) else { return Vec::new() };
        self.store.accept(*inbound).await.expect("accepted");
        let lease = SignedDuration::from_secs(60);
        while let Some(job) = self.store.lease_job(at(second), lease).await.expect("a queue") {
            let context = self.store.turn_context(&job).await.expect("a context");
            let kind = if context.automatic_mail { MessageKind::AutomaticMail } else { MessageKind::Request };
            let triage = triage(kind);
            let mut outcome = TurnOutcome {
                ticket_id: job.ticket_id,
                newest_message_id: context.newest_message_id,
                triage: triage.clone(),
                draft: None,
                decision: "ignored",
                reason: String::new(),
                reply: None,
                escalation: None,
                ticket_status: context.ticket.status,
                stage: Stage::Answered,
                timings_ms: Vec::new(),
            };
            match decide_first(&triage, &context.state) {
                FirstDecision::Draft => {
                    let subject = format!("Re: {}", context.ticket.subject);
                    outcome.decision = "sent";
                    outcome.ticket_status = TicketStatus::InProgress;
                    outcome.reply =
                        Some(reply(MessageId::new(), context.recipient.clone(), &subject, "Please try again."));
                }
                FirstDecision::HandOverQuietly { category, urgency, reason } => {
                    let record = hand_over(category, urgency, reason, &triage, "", "", Vec::new());
                    let route = Route {
                        team: "Support".to_owned(),
                        mailbox: String::new(),
                        due_at: at(second + 3600),
                        promise: "soon".to_owned(),
                    };
                    outcome.decision = "escalated";
                    outcome.ticket_status = TicketStatus::Escalated;
                    outcome.stage = Stage::WithAPerson;
                    outcome.escalation = Some((EscalationId::new(), record, route));
                    self.escalated += 1;
                }
                _ => {}
            }
            self.store.commit_turn(&job, outcome, at(second)).await.expect("committed");
        }
        let mut posted = Vec::new();
        while let Some(delivery) = self.store.lease_delivery(at(second), lease).await.expect("an outbox") {
            assert_eq!(delivery.channel, Channel::Email);
            let composed = compose(&delivery.message, &self.mailbox).expect("composed");
            let ids = [composed.message_id.clone()];
            self.store.delivery_succeeded(&delivery, DeliveryStatus::Sent, &ids, at(second)).await.expect("recorded");
            *self.sent.entry(delivery.ticket_id).or_default() += 1;
            let text = String::from_utf8(composed.bytes).expect("ASCII");
            let kept = |line: &&str| !self.unmarked || !(line.starts_with("Auto-Submitted") || line.starts_with("X-Auto-Response"));
            let text = text.split("\r\n").filter(kept).collect::<Vec<_>>().join("\r\n");
            posted.push((composed.envelope_recipient, text.into_bytes()));
        }
        posted
    }

    fn most_in_a_thread(&self) -> usize {
        self.sent.values().copied().max().unwrap_or_default()
    }

    fn total(&self) -> usize {
        self.sent.values().sum()
    }
}

/// How a machine answers every mail it gets.
#[derive(Clone, Copy)]
enum Responder {
    /// Says what it is (RFC 3834).
    Polite,
    /// Answers in the thread, with another text every time.
    InTheThread,
    /// Opens a new thread every time, with the same text.
    NewThreadSameText,
    /// Opens a new thread with another text every time.
    NewThreadOtherText,
    /// Sends back all it got under another subject.
    Echo,
}

impl Responder {
    fn answer(self, from: &str, got: &[u8], number: usize) -> Vec<u8> {
        let parsed = mail_parser::MessageParser::default().parse(got).expect("a mail");
        let (id, to) = (parsed.message_id().unwrap_or_default(), "support@one.example");
        let text = parsed.body_text(0).unwrap_or_default().into_owned();
        let head = format!("From: {from}\r\nTo: {to}\r\nMessage-ID: <{number}@{}>\r\n", from.split('@').nth(1).expect("a domain"));
        let thread = format!("In-Reply-To: <{id}>\r\nReferences: <{id}>\r\n");
        let mail = match self {
            Self::Polite => format!("{head}{thread}Auto-Submitted: auto-replied\r\nSubject: Re: it\r\n\r\nI am away ({number})."),
            Self::InTheThread => format!("{head}{thread}Subject: Re: it\r\n\r\nThank you for mail {number}."),
            Self::NewThreadSameText => format!("{head}Subject: Received\r\n\r\nThank you for your mail."),
            Self::NewThreadOtherText => format!("{head}Subject: Received {number}\r\n\r\nThank you, number {number}."),
            Self::Echo => format!("{head}{thread}Subject: Case {number}\r\n\r\nCase {number}: you wrote this:\r\n{text}"),
        };
        mail.into_bytes()
    }
}

async fn run(desk: &mut Desk, responder: Responder, from: &str) -> usize {
    let first = format!("From: {from}\r\nTo: support@one.example\r\nMessage-ID: <first@x.example>\r\nSubject: it\r\n\r\nIt fails.");
    let mut post = desk.receive(first.as_bytes(), 0).await;
    let mut rounds = 0;
    while let Some((to, raw)) = post.pop() {
        assert_eq!(to, from);
        rounds += 1;
        assert!(rounds < 100, "the loop does not end");
        let answer = responder.answer(from, &raw, rounds);
        post.extend(desk.receive(&answer, i64::try_from(rounds).expect("small")).await);
    }
    rounds
}

#[tokio::test]
async fn five_rude_responders_soon_talk_to_a_person() {
    let cases = [
        (Responder::Polite, "away@polite.example", 1, 0),
        (Responder::InTheThread, "robot@thread.example", MAX_IN_THREAD, 1),
        (Responder::NewThreadSameText, "robot@same.example", 3, 1),
        (Responder::NewThreadOtherText, "robot@other.example", MAX_TO_SENDER_IN_A_DAY, 1),
        (Responder::Echo, "robot@echo.example", MAX_IN_THREAD, 1),
    ];
    for (responder, from, most, people) in cases {
        let mut desk = Desk::new("support@one.example", 1, false);
        run(&mut desk, responder, from).await;
        assert!(desk.most_in_a_thread() <= MAX_IN_THREAD, "{from}: {:?}", desk.sent);
        assert_eq!(desk.total(), most, "{from}");
        assert_eq!(desk.escalated, people, "{from}: a person");
        let waiting = desk.store.queue_figures(at(1000)).await.expect("figures");
        assert_eq!((waiting.waiting, waiting.outbox_waiting), (0, 0), "{from}: nothing moves any more");
    }
}

/// Two desks that met by accident. Their marks end it at once; where a server takes the marks away, the threads' caps do.
#[tokio::test]
async fn two_desks_do_not_talk_for_ever() {
    for (unmarked, most_each) in [(false, 1), (true, MAX_IN_THREAD)] {
        let mut one = Desk::new("support@one.example", 1, unmarked);
        let mut two = Desk::new("support@two.example", 2, unmarked);
        let first = b"From: support@two.example\r\nTo: support@one.example\r\nMessage-ID: <f@two.example>\r\nSubject: it\r\n\r\nIt fails.";
        let mut post = one.receive(first, 0).await;
        let mut rounds = 0;
        while let Some((to, raw)) = post.pop() {
            rounds += 1;
            assert!(rounds < 100, "the loop does not end");
            let desk = if to == "support@one.example" { &mut one } else { &mut two };
            let posted = desk.receive(&raw, rounds).await;
            post.extend(posted);
        }
        for desk in [&one, &two] {
            assert!(desk.most_in_a_thread() <= most_each, "{unmarked}: {:?}", desk.sent);
        }
        assert_eq!(one.escalated + two.escalated > 0, unmarked, "a person looks when the marks are gone");
    }
}
