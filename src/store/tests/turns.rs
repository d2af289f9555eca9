//! Turns: the newest state is answered once, nothing half-written, and a person always wins.

use super::*;
use crate::domain::{
    draft::{Draft, DraftOrigin},
    escalation::{Signal, SignalClass, SignalSource},
    message::DeliveryStatus,
    ticket::Feedback,
};
use crate::ports::store::{Reports, StoreError};
use rstest::rstest;

fn draft() -> Draft {
    Draft {
        body: "Open the menu.".to_owned(),
        origin: DraftOrigin::Model,
        sources: Vec::new(),
        sentences: Vec::new(),
        confidence: 0.5,
    }
}

/// As the pipeline holds a draft: with a record for the person who approves, and a word to the customer.
fn held(job: &LeasedJob, newest: MessageId) -> TurnOutcome {
    TurnOutcome {
        decision: "held",
        draft: Some(draft()),
        escalation: Some(hand_over("waits for approval")),
        stage: Stage::WithAPerson,
        ..answered(job, newest, "A colleague is looking at it.")
    }
}

fn ignored(job: &LeasedJob, newest: MessageId) -> TurnOutcome {
    TurnOutcome { decision: "ignored", reply: None, ..answered(job, newest, "") }
}

#[rstest]
#[tokio::test]
async fn an_answer_is_committed_whole(#[values(Kind::Memory, Kind::File)] kind: Kind) {
    let store = open(kind);
    let accepted = accept(&store, web("ana@example.org", "How do I export?")).await;
    let job = lease(&store, 1).await;
    let context = store.turn_context(&job).await.expect("context");
    assert_eq!((context.message_id, context.newest_message_id), (accepted.message_id, accepted.message_id));
    assert_eq!((context.channel, context.recipient.as_deref()), (Channel::Web, Some("ana@example.org")));
    assert_eq!((context.unanswered.len(), context.earlier.len()), (1, 0));
    assert_eq!(context.state, crate::domain::decision::ConversationState::default());

    let mut outcome = answered(&job, accepted.message_id, "Open the menu.");
    outcome.draft = Some(draft());
    outcome.triage.sentiment.score = -0.4;
    outcome.triage.escalation.signals = vec![Signal {
        name: "how_to".to_owned(),
        category: EscalationCategory::General,
        class: SignalClass::Never,
        source: SignalSource::Rule,
        weight: -0.5,
        evidence: "how do I".to_owned(),
    }];
    outcome.reply.as_mut().expect("a reply").parts =
        vec!["Hello Ana,".to_owned(), "Open the menu.".to_owned()];
    let outbox = store.commit_turn(&job, outcome, at(5)).await.expect("committed");
    assert!(outbox.is_some());

    let ticket = store.ticket(&accepted.reference).await.expect("read").expect("found");
    assert_eq!(
        (ticket.status, ticket.stage, ticket.stage_at),
        (TicketStatus::InProgress, Stage::Answered, at(5))
    );
    let [question, answer] = ticket.messages.as_slice() else { panic!("a question and an answer") };
    assert_eq!(question.sentiment, Some(-0.4));
    assert_eq!(answer.content, "Hello Ana,\n\nOpen the menu.");
    assert_eq!((answer.role, answer.delivery_status), (Role::Assistant, Some(DeliveryStatus::Pending)));
    assert_eq!(store.number("SELECT count(*) FROM triage_results WHERE decision = 'sent'").await, 1);
    assert_eq!(store.number("SELECT count(*) FROM triage_signals WHERE name = 'how_to'").await, 1);
    assert_eq!(store.number("SELECT count(*) FROM drafts WHERE state = 'sent'").await, 1);
    assert_eq!(store.number("SELECT count(*) FROM conversation_topics WHERE topic = 'how_to'").await, 1);
    assert_eq!(store.number("SELECT count(*) FROM jobs WHERE state = 'done'").await, 1);
    assert_eq!(
        store.number("SELECT count(*) FROM metrics WHERE name = 'step_ms.retrieve' AND value = 7").await,
        1
    );
    nothing_to_lease(&store, 1000).await;
}

#[rstest]
#[tokio::test]
async fn a_newer_message_voids_the_draft_and_both_are_answered_once(
    #[values(Kind::Memory, Kind::File)] kind: Kind,
) {
    let store = open(kind);
    let first = accept(&store, mail("ana@example.org", "It does not load")).await;
    let job = lease(&store, 0).await;
    let second = accept(&store, mail("ana@example.org", "The board, I mean")).await;
    let stale = answered(&job, first.message_id, "Which page?");
    assert!(matches!(store.commit_turn(&job, stale, at(1)).await, Err(StoreError::Conflict)));
    assert_eq!(store.number("SELECT count(*) FROM messages WHERE direction = 'outbound'").await, 0);
    assert_eq!(store.number("SELECT count(*) FROM triage_results").await, 0, "a conflict changes nothing");

    store.finish_void(&job, at(1)).await.expect("overtaken");
    let job = lease(&store, 1).await;
    let context = store.turn_context(&job).await.expect("context");
    let texts: Vec<&str> = context.unanswered.iter().map(|message| message.content.as_str()).collect();
    assert_eq!(texts, ["It does not load", "The board, I mean"]);
    store.commit_turn(&job, answered(&job, second.message_id, "Reload it."), at(2)).await.expect("committed");
    nothing_to_lease(&store, 1000).await;
}

#[rstest]
#[tokio::test]
async fn answering_the_newest_state_at_once_leaves_its_own_job_nothing(
    #[values(Kind::Memory, Kind::File)] kind: Kind,
) {
    let store = open(kind);
    accept(&store, mail("ana@example.org", "It does not load")).await;
    let second = accept(&store, mail("ana@example.org", "The board, I mean")).await;
    let job = lease(&store, 0).await;
    let context = store.turn_context(&job).await.expect("context");
    assert_eq!((context.unanswered.len(), context.newest_message_id), (2, second.message_id));
    store.commit_turn(&job, answered(&job, second.message_id, "Reload it."), at(2)).await.expect("committed");
    nothing_to_lease(&store, 1000).await;
}

#[rstest]
#[tokio::test]
async fn only_an_overtaken_job_may_end_in_silence(#[values(Kind::Memory, Kind::File)] kind: Kind) {
    let store = open(kind);
    accept(&store, mail("ana@example.org", "It does not load")).await;
    let job = lease(&store, 0).await;
    assert!(matches!(store.finish_void(&job, at(1)).await, Err(StoreError::Conflict)));
    accept(&store, web("ana@example.org", "Another matter")).await;
    assert!(
        matches!(store.finish_void(&job, at(1)).await, Err(StoreError::Conflict)),
        "another ticket is no answer"
    );
}

#[rstest]
#[tokio::test]
async fn a_message_of_another_ticket_voids_nothing(#[values(Kind::Memory, Kind::File)] kind: Kind) {
    let store = open(kind);
    let first = accept(&store, web("ana@example.org", "First matter")).await;
    let job = lease(&store, 0).await;
    let second = accept(&store, web("ana@example.org", "Second matter")).await;
    let context = store.turn_context(&job).await.expect("context");
    assert_eq!(context.ticket.messages.len(), 1);
    store
        .commit_turn(&job, answered(&job, first.message_id, "First answer"), at(1))
        .await
        .expect("committed");
    let job = lease(&store, 1).await;
    assert_eq!(job.message_id, second.message_id);
    let context = store.turn_context(&job).await.expect("context");
    let texts: Vec<&str> = context.unanswered.iter().map(|message| message.content.as_str()).collect();
    assert_eq!((texts, context.earlier.len()), (vec!["Second matter"], 0));
    assert_eq!(context.state.automatic_messages, 0, "counted by ticket");
}

#[rstest]
#[tokio::test]
async fn an_escalation_is_recorded_once_and_stays(#[values(Kind::Memory, Kind::File)] kind: Kind) {
    let store = open(kind);
    let first = accept(&store, mail("ana@example.org", "I want my money back")).await;
    let job = lease(&store, 0).await;
    store.commit_turn(&job, escalated(&job, first.message_id), at(1)).await.expect("committed");
    let ticket = store.ticket(&first.reference).await.expect("read").expect("found");
    assert_eq!((ticket.status, ticket.stage), (TicketStatus::Escalated, Stage::WithAPerson));
    assert_eq!(ticket.assigned_to.as_deref(), Some("Billing"));
    assert_eq!(store.number("SELECT count(*) FROM conversations WHERE status = 'escalated'").await, 1);
    assert_eq!(store.number("SELECT count(*) FROM escalations WHERE due_at > created_at").await, 1);

    let second = accept(&store, mail("ana@example.org", "Hello?")).await;
    assert_eq!(second.ticket_id, first.ticket_id);
    let job = lease(&store, 2).await;
    let context = store.turn_context(&job).await.expect("context");
    assert!(context.state.already_escalated && context.state.hand_over_acknowledged);
    let fresh = answered(&job, second.message_id, "A fresh automatic answer");
    assert!(matches!(store.commit_turn(&job, fresh, at(3)).await, Err(StoreError::Conflict)));
    let calm = TurnOutcome { ticket_status: TicketStatus::Open, ..ignored(&job, second.message_id) };
    store.commit_turn(&job, calm, at(3)).await.expect("committed");
    let ticket = store.ticket(&first.reference).await.expect("read").expect("found");
    assert_eq!(ticket.status, TicketStatus::Escalated, "no turn takes a ticket from the person it waits for");
    assert_eq!(store.number("SELECT count(*) FROM escalations").await, 1);
}

#[rstest]
#[tokio::test]
async fn an_escalated_ticket_has_a_record_or_is_refused(#[values(Kind::Memory, Kind::File)] kind: Kind) {
    let store = open(kind);
    let accepted = accept(&store, web("ana@example.org", "I want my money back")).await;
    let job = lease(&store, 0).await;
    let hollow = TurnOutcome { escalation: None, ..escalated(&job, accepted.message_id) };
    assert!(matches!(store.commit_turn(&job, hollow, at(1)).await, Err(StoreError::Failed(_))));
    store
        .commit_turn(&job, escalated(&job, accepted.message_id), at(1))
        .await
        .expect("the lease still holds");
}

#[rstest]
#[tokio::test]
async fn a_hand_over_by_another_way_voids_the_answer(#[values(Kind::Memory, Kind::File)] kind: Kind) {
    let store = open(kind);
    let accepted = accept(&store, web("ana@example.org", "How do I export?")).await;
    let job = lease(&store, 0).await;
    store
        .record_feedback(
            &accepted.reference,
            Feedback::NotHelped,
            None,
            Some(hand_over("did not help")),
            at(1),
        )
        .await
        .expect("recorded");
    let answer = answered(&job, accepted.message_id, "Open the menu.");
    assert!(matches!(store.commit_turn(&job, answer, at(2)).await, Err(StoreError::Conflict)));
    let context = store.turn_context(&job).await.expect("context");
    assert!(context.state.already_escalated && !context.state.hand_over_acknowledged);
    let acknowledged =
        TurnOutcome { decision: "acknowledged", ..answered(&job, accepted.message_id, "Added.") };
    store.commit_turn(&job, acknowledged, at(2)).await.expect("committed");
    assert_eq!(store.number("SELECT hand_over_acknowledged FROM tickets").await, 1);
}

#[rstest]
#[tokio::test]
async fn a_person_who_took_over_ends_automatic_replies(#[values(Kind::Memory, Kind::File)] kind: Kind) {
    let store = open(kind);
    let accepted = accept(&store, web("ana@example.org", "How do I export?")).await;
    let job = lease(&store, 0).await;
    store
        .execute("UPDATE tickets SET taken_over_by = 'kim', taken_over_at = 1, stage = 'with_a_person'")
        .await;
    for outcome in [
        answered(&job, accepted.message_id, "Open the menu."),
        held(&job, accepted.message_id),
        escalated(&job, accepted.message_id),
    ] {
        assert!(matches!(store.commit_turn(&job, outcome, at(2)).await, Err(StoreError::Conflict)));
    }
    assert!(store.turn_context(&job).await.expect("context").state.operator_has_it);
    store.commit_turn(&job, ignored(&job, accepted.message_id), at(2)).await.expect("committed");
    let ticket = store.ticket(&accepted.reference).await.expect("read").expect("found");
    assert_eq!(
        (ticket.status, ticket.stage),
        (TicketStatus::Open, Stage::WithAPerson),
        "as the person left it"
    );
}

#[rstest]
#[tokio::test]
async fn a_held_draft_gives_way_to_the_next_turn_and_its_question_stays_open(
    #[values(Kind::Memory, Kind::File)] kind: Kind,
) {
    let store = open(kind);
    let first = accept(&store, mail("ana@example.org", "How do I export?")).await;
    let job = lease(&store, 0).await;
    store.commit_turn(&job, held(&job, first.message_id), at(1)).await.expect("committed");
    let ticket = store.ticket(&first.reference).await.expect("read").expect("found");
    assert_eq!((ticket.status, ticket.stage), (TicketStatus::InProgress, Stage::WithAPerson));
    for decision in ["ignored", "acknowledged"] {
        let noise = accept(&store, mail("ana@example.org", "Thanks")).await;
        let job = lease(&store, 2).await;
        let outcome = TurnOutcome { decision, ..answered(&job, noise.message_id, "You are welcome.") };
        store.commit_turn(&job, outcome, at(2)).await.expect("committed");
    }
    assert_eq!(
        store.number("SELECT count(*) FROM drafts WHERE state = 'held'").await,
        1,
        "noise decides nothing"
    );
    assert_eq!(store.number("SELECT count(*) FROM escalations WHERE resolved_at IS NULL").await, 1);

    let third = accept(&store, mail("ana@example.org", "As a CSV file")).await;
    let job = lease(&store, 3).await;
    let context = store.turn_context(&job).await.expect("context");
    let texts: Vec<&str> = context.unanswered.iter().map(|message| message.content.as_str()).collect();
    assert_eq!(texts, ["How do I export?", "As a CSV file"], "what nobody answered is still to be answered");
    store.commit_turn(&job, answered(&job, third.message_id, "Like this."), at(4)).await.expect("committed");
    assert_eq!(store.number("SELECT count(*) FROM drafts WHERE state = 'superseded'").await, 1);
    assert_eq!(
        store.number("SELECT count(*) FROM escalations WHERE resolved_at IS NULL").await,
        0,
        "nothing to approve"
    );
    let ticket = store.ticket(&first.reference).await.expect("read").expect("found");
    assert_eq!((ticket.status, ticket.assigned_to), (TicketStatus::InProgress, None));
}

#[rstest]
#[case::by_the_next_turn(false)]
#[case::by_the_customer(true)]
#[tokio::test]
async fn a_hand_over_takes_the_place_of_a_held_draft(#[case] by_feedback: bool) {
    let store = open(Kind::File);
    let first = accept(&store, mail("ana@example.org", "How do I export?")).await;
    let job = lease(&store, 0).await;
    store.commit_turn(&job, held(&job, first.message_id), at(1)).await.expect("committed");
    if by_feedback {
        let record = Some(hand_over("did not help"));
        store
            .record_feedback(&first.reference, Feedback::NotHelped, None, record, at(2))
            .await
            .expect("recorded");
    } else {
        let second = accept(&store, mail("ana@example.org", "I want my money back")).await;
        let job = lease(&store, 2).await;
        store.commit_turn(&job, escalated(&job, second.message_id), at(3)).await.expect("committed");
    }
    let ticket = store.ticket(&first.reference).await.expect("read").expect("found");
    assert_eq!((ticket.status, ticket.assigned_to.as_deref()), (TicketStatus::Escalated, Some("Billing")));
    assert_eq!(store.number("SELECT count(*) FROM escalations").await, 2);
    assert_eq!(store.number("SELECT count(*) FROM escalations WHERE resolved_at IS NULL").await, 1);
}

#[rstest]
#[tokio::test]
async fn moods_follow_the_proven_sender_and_stay_in_the_ticket_of_a_typed_one(
    #[values(Kind::Memory, Kind::File)] kind: Kind,
) {
    let store = open(kind);
    for (verified, expected) in [(true, vec![-0.5, -0.6]), (false, vec![])] {
        let address = if verified { "proven@example.org" } else { "typed@example.org" };
        let message = |text: &str| inbound(Channel::Web, email(address, verified), text);
        for score in [-0.5, -0.6] {
            let accepted = accept(&store, message("Still broken")).await;
            let job = lease(&store, 0).await;
            let mut outcome = answered(&job, accepted.message_id, "Sorry.");
            outcome.triage.sentiment.score = score;
            store.commit_turn(&job, outcome, at(1)).await.expect("committed");
        }
        accept(&store, message("Still broken")).await;
        let job = lease(&store, 0).await;
        assert_eq!(store.turn_context(&job).await.expect("context").state.earlier_scores, expected);
        store.release_job(&job, at(1_000_000)).await.expect("released");
    }
    let average =
        "SELECT CAST(round(sentiment_score * 100) AS INTEGER) FROM conversations WHERE trust = 'verified'";
    assert_eq!(store.number(average).await, -55);
}

#[rstest]
#[tokio::test]
async fn figures_by_channel_are_those_of_the_turns(#[values(Kind::Memory, Kind::File)] kind: Kind) {
    let store = open(kind);
    for number in 1..=20 {
        let accepted =
            accept(&store, web(&format!("customer{number}@example.org"), "How do I export?")).await;
        let job = lease(&store, 0).await;
        let outcome = if number == 20 {
            escalated(&job, accepted.message_id)
        } else {
            answered(&job, accepted.message_id, "So.")
        };
        store.commit_turn(&job, outcome, at(number)).await.expect("committed");
    }
    let found = store.metrics(None, at(0)).await.expect("figures");
    assert_eq!(
        found.iter().map(|summary| summary.metric).collect::<Vec<_>>(),
        ["latency", "escalation_rate", "sentiment"]
    );
    let latency = &found[0];
    assert_eq!((latency.channel, latency.count), (Channel::Web, 20));
    assert_eq!((latency.minimum, latency.maximum, latency.average), (1_000.0, 20_000.0, 10_500.0));
    assert_eq!((latency.p50, latency.p95), (10_000.0, 19_000.0));
    assert!((found[1].average - 0.05).abs() < 1e-9);
    let recent = store.metrics(Some(Channel::Web), at(20)).await.expect("figures");
    assert_eq!(recent[0].count, 1, "the window is kept");
    assert!(store.metrics(Some(Channel::Email), at(0)).await.expect("figures").is_empty());
}

#[rstest]
#[tokio::test]
async fn progress_survives_a_reload(#[values(Kind::Memory, Kind::File)] kind: Kind) {
    let store = open(kind);
    let accepted = accept(&store, web("ana@example.org", "How do I export?")).await;
    for stage in Stage::ALL {
        store.set_stage(accepted.ticket_id, stage, at(7)).await.expect("set");
        let ticket = store.ticket(&accepted.reference).await.expect("read").expect("found");
        assert_eq!((ticket.stage, ticket.stage_at), (stage, at(7)));
    }
    let unknown = crate::domain::ids::TicketId::new();
    assert!(matches!(store.set_stage(unknown, Stage::Reading, at(8)).await, Err(StoreError::NotFound(_))));
}
