//! Mail in the store: threads, machines' mails, held mails, reports and files.

use super::*;
use crate::domain::{
    attachment::Attachment,
    inbound::{MailAuthentication, MailHeaders},
    mail::{DeliveryReport, ReportedStatus},
    message::DeliveryStatus,
};
use crate::ports::{attachments::Attachments, mail::MailReports, store::Reports};

const ANA: &str = "ana@example.org";
const BO: &str = "bo@example.org";

fn headers(id: &str, from: &str) -> MailHeaders {
    MailHeaders {
        message_id: id.to_owned(),
        references: Vec::new(),
        answers: Vec::new(),
        from: from.to_owned(),
        recipients: vec!["support@desk.example".to_owned()],
        reply_to: None,
        authenticated: MailAuthentication::Pass,
    }
}

fn mailed(headers: MailHeaders, text: &str) -> Inbound {
    let verified = headers.authenticated == MailAuthentication::Pass;
    let mut inbound = inbound(Channel::Email, email(&headers.from, verified), text);
    inbound.account = "support".to_owned();
    inbound.extras.mail = Some(headers);
    inbound
}

/// Ana asked with Bo in copy, and was answered: her ticket, and our reply in it.
async fn answered_mail(store: &Store) -> (Accepted, MessageId) {
    let mut first = headers("q1@example.org", ANA);
    first.recipients.push(BO.to_owned());
    let accepted = accept(store, mailed(first, "How do I export a board?")).await;
    let job = lease(store, 1).await;
    let mut outcome = answered(&job, accepted.message_id, "Open the menu.");
    if let Some(reply) = &mut outcome.reply {
        (reply.channel, reply.recipient) = (Channel::Email, Some(ANA.to_owned()));
    }
    let message = outcome.reply.as_ref().expect("a reply").message_id;
    store.commit_turn(&job, outcome, at(2)).await.expect("committed");
    let delivery = store.lease_delivery(at(3), LEASE).await.expect("read").expect("a reply");
    store.delivery_succeeded(&delivery, DeliveryStatus::Sent, &[], at(3)).await.expect("recorded");
    (accepted, message)
}

fn answering(message: MessageId, id: &str, from: &str) -> MailHeaders {
    MailHeaders { answers: vec![message], ..headers(id, from) }
}

#[tokio::test]
async fn an_answer_to_our_mail_joins_its_ticket() {
    let store = open(Kind::Memory);
    let (first, reply) = answered_mail(&store).await;
    let accepted = accept(&store, mailed(answering(reply, "q2@example.org", ANA), "It works.")).await;
    assert_eq!(accepted.ticket_id, first.ticket_id);
    assert_eq!(store.turn_context(&lease(&store, 4).await).await.expect("read").state.held, None);
}

#[tokio::test]
async fn a_thread_never_crosses_accounts() {
    let store = open(Kind::Memory);
    let (first, reply) = answered_mail(&store).await;
    let mut elsewhere = answering(reply, "q2@example.org", ANA);
    elsewhere.references.push("q1@example.org".to_owned());
    let accepted =
        accept(&store, Inbound { account: "sales".to_owned(), ..mailed(elsewhere, "Hello") }).await;
    assert_ne!(accepted.ticket_id, first.ticket_id);
}

#[tokio::test]
async fn a_new_mail_of_a_known_customer_is_a_new_matter() {
    let store = open(Kind::Memory);
    let (first, _) = answered_mail(&store).await;
    let accepted = accept(&store, mailed(headers("q2@example.org", ANA), "Something else")).await;
    assert_ne!(accepted.ticket_id, first.ticket_id);
    assert_eq!(accepted.conversation_id, first.conversation_id, "the conversation goes on");
}

#[tokio::test]
async fn somebody_copied_in_goes_to_a_person_and_hears_nothing() {
    let store = open(Kind::Memory);
    let (first, reply) = answered_mail(&store).await;
    let accepted = accept(&store, mailed(answering(reply, "b1@example.org", BO), "What did Ana ask?")).await;
    assert_eq!(accepted.ticket_id, first.ticket_id);
    let context = store.turn_context(&lease(&store, 4).await).await.expect("read");
    assert!(context.state.held.expect("held").contains("copied in"));
    let view = store.mail(accepted.message_id).await.expect("read").expect("a mail");
    assert!(view.held.is_some() && view.verified);
}

#[tokio::test]
async fn a_stranger_with_our_id_gets_a_ticket_of_their_own_that_waits_for_a_person() {
    let store = open(Kind::Memory);
    let (first, reply) = answered_mail(&store).await;
    let accepted =
        accept(&store, mailed(answering(reply, "e1@evil.example", "eve@evil.example"), "And?")).await;
    assert_ne!((accepted.ticket_id, accepted.customer_id), (first.ticket_id, first.customer_id));
    let context = store.turn_context(&lease(&store, 4).await).await.expect("read");
    assert!(context.state.held.expect("held").contains(first.reference.as_str()));
    assert_eq!(context.earlier, Vec::new());
}

#[tokio::test]
async fn a_machines_mail_is_kept_and_moves_nothing() {
    let store = open(Kind::Memory);
    let (first, reply) = answered_mail(&store).await;
    store.execute("UPDATE tickets SET status = 'resolved'").await;
    let mut away = mailed(answering(reply, "away@example.org", ANA), "I am away.");
    away.extras.automatic_mail = Some("Auto-Submitted: auto-replied".to_owned());
    let accepted = accept(&store, away).await;
    assert_eq!(accepted.ticket_id, first.ticket_id);
    let ticket = store.ticket(&first.reference).await.expect("read").expect("a ticket");
    assert_eq!((ticket.status, ticket.messages.len()), (TicketStatus::Resolved, 3));
    nothing_to_lease(&store, 5).await;
}

#[tokio::test]
async fn a_machines_mail_does_not_swallow_the_question_beside_it() {
    let store = open(Kind::Memory);
    let (first, reply) = answered_mail(&store).await;
    let question = accept(&store, mailed(answering(reply, "q2@example.org", ANA), "And as PDF?")).await;
    let job = lease(&store, 4).await;
    let mut away = mailed(answering(reply, "away@example.org", ANA), "I am away.");
    away.extras.automatic_mail = Some("Auto-Submitted: auto-replied".to_owned());
    accept(&store, away).await;
    let context = store.turn_context(&job).await.expect("read");
    assert_eq!((context.newest_message_id, context.automatic_mail), (question.message_id, false));
    let texts: Vec<&str> = context.unanswered.iter().map(|message| message.content.as_str()).collect();
    assert_eq!(texts, ["And as PDF?"]);
    store.commit_turn(&job, answered(&job, question.message_id, "Yes."), at(5)).await.expect("still current");
    assert_eq!(question.ticket_id, first.ticket_id);
}

#[tokio::test]
async fn a_reply_answers_the_customers_mail_and_not_the_machines_after_it() {
    let store = open(Kind::Memory);
    let (_, reply) = answered_mail(&store).await;
    let question = accept(&store, mailed(answering(reply, "q2@example.org", ANA), "And as PDF?")).await;
    let mut away = mailed(answering(reply, "away@example.org", ANA), "I am away.");
    away.extras.automatic_mail = Some("Auto-Submitted: auto-replied".to_owned());
    accept(&store, away).await;
    let job = lease(&store, 4).await;
    let mut outcome = answered(&job, question.message_id, "Yes.");
    outcome.reply.as_mut().expect("a reply").channel = Channel::Email;
    store.commit_turn(&job, outcome, at(5)).await.expect("committed");
    let delivery = store.lease_delivery(at(6), LEASE).await.expect("read").expect("a reply");
    assert_eq!(delivery.message.references, ["q2@example.org"]);
}

#[tokio::test]
async fn a_machines_first_mail_gets_its_turn_which_ignores_it() {
    let store = open(Kind::Memory);
    let mut news = mailed(headers("news@example.org", "news@example.org"), "News.");
    news.extras.automatic_mail = Some("has the header list-id".to_owned());
    accept(&store, news).await;
    let context = store.turn_context(&lease(&store, 1).await).await.expect("read");
    assert!(context.automatic_mail);
}

#[tokio::test]
async fn a_changed_subject_is_noted() {
    let store = open(Kind::Memory);
    let (_, reply) = answered_mail(&store).await;
    let same = Inbound {
        subject: Some("exporting a BOARD".to_owned()),
        ..mailed(answering(reply, "q2@example.org", ANA), "Hi")
    };
    let other = Inbound {
        subject: Some("My invoice".to_owned()),
        ..mailed(answering(reply, "q3@example.org", ANA), "Hi")
    };
    let (same, other) = (accept(&store, same).await, accept(&store, other).await);
    let noted = |message| {
        let store = store.store.clone();
        async move { store.mail(message).await.expect("read").expect("a mail").changed_subject }
    };
    assert_eq!(noted(same.message_id).await, None);
    assert_eq!(noted(other.message_id).await.as_deref(), Some("My invoice"));
}

#[tokio::test]
async fn the_answer_goes_where_a_proven_sender_wants_it_and_nowhere_else() {
    for (authenticated, expected) in
        [(MailAuthentication::Pass, "team@example.org"), (MailAuthentication::None, ANA)]
    {
        let store = open(Kind::Memory);
        let mail = MailHeaders {
            reply_to: Some("team@example.org".to_owned()),
            authenticated,
            ..headers("q1@example.org", ANA)
        };
        accept(&store, mailed(mail, "Hello there")).await;
        let context = store.turn_context(&lease(&store, 1).await).await.expect("read");
        assert_eq!(context.recipient.as_deref(), Some(expected));
    }
}

#[tokio::test]
async fn the_model_reads_less_than_people_see() {
    let store = open(Kind::Memory);
    let mut mail = mailed(headers("q1@example.org", ANA), "How?\n\n> quoted");
    mail.extras.model_text = Some("How?".to_owned());
    mail.extras.acknowledgements_unwanted = true;
    accept(&store, mail).await;
    let context = store.turn_context(&lease(&store, 1).await).await.expect("read");
    assert_eq!(context.unanswered[0].content, "How?");
    assert_eq!(context.ticket.messages[0].content, "How?\n\n> quoted");
    assert!(context.state.acknowledgements_unwanted);
}

#[tokio::test]
async fn automatic_traffic_is_counted_by_thread_sender_text_and_hour() {
    let store = open(Kind::Memory);
    let (_, reply) = answered_mail(&store).await;
    accept(&store, mailed(answering(reply, "q2@example.org", ANA), "Again.")).await;
    accept(&store, mailed(answering(reply, "q3@example.org", ANA), "Again.")).await;
    // Two jobs of one ticket: the first turn is overtaken, the context tells of the newest.
    let context = store.turn_context(&lease(&store, 4).await).await.expect("read");
    let traffic = context.state.automatic_traffic.expect("a mail");
    assert_eq!((traffic.in_thread, traffic.to_sender_in_a_day), (1, 1));
    for (since, sent) in [(at(0), 1), (at(3_600), 0)] {
        assert_eq!(store.automatic_mails_since(since).await.expect("read"), sent, "since {since}");
    }
    assert_eq!(traffic.same_text_in_a_day, 1);
    let by_web = accept(&store, web("cy@example.org", "Hello there")).await;
    let job = store.lease_job(at(5), LEASE).await.expect("read").expect("another conversation's job");
    assert_eq!(job.message_id, by_web.message_id);
    assert_eq!(store.turn_context(&job).await.expect("read").state.automatic_traffic, None);
}

fn report(message_id: MessageId, status: ReportedStatus, code: &str) -> DeliveryReport {
    DeliveryReport {
        message_id,
        provider_message_id: "x@desk.example".to_owned(),
        status,
        code: code.to_owned(),
    }
}

#[tokio::test]
async fn a_failed_delivery_reaches_a_person_once() {
    let store = open(Kind::Memory);
    let (first, reply) = answered_mail(&store).await;
    let delayed = report(reply, ReportedStatus::Delayed, "4.4.1");
    assert!(store.record_report(&delayed, at(10)).await.expect("recorded"));
    let status =
        |ticket: crate::domain::ticket::TicketView| (ticket.status, ticket.messages[1].delivery_status);
    let ticket = store.ticket(&first.reference).await.expect("read").expect("a ticket");
    assert_eq!(status(ticket), (TicketStatus::InProgress, Some(DeliveryStatus::Sent)));
    let failed = report(reply, ReportedStatus::Failed, "5.1.1");
    for second in [20, 30] {
        assert!(store.record_report(&failed, at(second)).await.expect("recorded"));
    }
    let ticket = store.ticket(&first.reference).await.expect("read").expect("a ticket");
    assert_eq!(status(ticket), (TicketStatus::Escalated, Some(DeliveryStatus::Failed)));
    assert_eq!(store.number("SELECT count(*) FROM escalations WHERE reason LIKE '%5.1.1%'").await, 1);
    assert_eq!(store.number("SELECT count(*) FROM deliveries WHERE error LIKE '%reported%'").await, 2);
    let foreign = report(MessageId::new(), ReportedStatus::Failed, "5.1.1");
    assert!(!store.record_report(&foreign, at(40)).await.expect("recorded"));
}

#[tokio::test]
async fn files_are_listed_and_fetched() {
    let store = open(Kind::Memory);
    let mut mail = mailed(headers("q1@example.org", ANA), "See the file.");
    let file = |name: &str, content: &[u8]| Attachment {
        name: name.to_owned(),
        media_type: "text/plain".to_owned(),
        content_id: Some("c@mail".to_owned()),
        content: content.to_vec(),
    };
    mail.extras.attachments = vec![file("a.txt", b"one"), file("b.txt", b"second")];
    mail.extras.html = Some("<p>See</p>".to_owned());
    let accepted = accept(&store, mail).await;
    let files = store.attachments(accepted.message_id).await.expect("read");
    let names: Vec<_> = files.iter().map(|file| (file.name.as_str(), file.byte_length)).collect();
    assert_eq!(names, [("a.txt", 3), ("b.txt", 6)]);
    let found = store.attachment(files[1].id).await.expect("read").expect("a file");
    assert_eq!((found.content.as_slice(), found.ticket_id), (b"second".as_slice(), accepted.ticket_id));
    assert_eq!(store.attachment(crate::domain::ids::AttachmentId::new()).await.expect("read"), None);
    let view = store.mail(accepted.message_id).await.expect("read").expect("a mail");
    assert_eq!(view.html.as_deref(), Some("<p>See</p>"));
}
