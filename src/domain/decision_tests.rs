use super::*;
use crate::domain::{
    draft::DraftOrigin,
    escalation::EscalationAssessment,
    sentiment::Sentiment,
    triage::{InjectionScreen, Intent},
};
use rstest::rstest;

fn triage() -> Triage {
    Triage {
        kind: MessageKind::Request,
        language: Some("en".into()),
        language_served: true,
        sentiment: Sentiment { score: 0.0, confidence: 0.5 },
        intent: Intent::HowTo,
        injection: InjectionScreen { score: 0.0, flagged: false, evidence: vec![] },
        escalation: EscalationAssessment::none(),
    }
}

fn of_kind(kind: MessageKind) -> Triage {
    Triage { kind, ..triage() }
}

fn felt(score: f32) -> Triage {
    Triage { sentiment: Sentiment { score, confidence: 1.0 }, ..triage() }
}

fn refund() -> Triage {
    Triage {
        escalation: EscalationAssessment {
            escalate: true,
            category: EscalationCategory::Billing,
            score: 1.0,
            ..EscalationAssessment::none()
        },
        ..triage()
    }
}

fn state() -> ConversationState {
    ConversationState::default()
}

fn held() -> ConversationState {
    ConversationState { held: Some("a stranger answers another's ticket".into()), ..state() }
}

fn unwanted() -> ConversationState {
    ConversationState { acknowledgements_unwanted: true, ..state() }
}

fn by_mail(traffic: AutomaticTraffic) -> ConversationState {
    ConversationState { automatic_traffic: Some(traffic), ..state() }
}

fn short(decision: &FirstDecision) -> String {
    match decision {
        FirstDecision::Ignore { .. } => "ignore".into(),
        FirstDecision::Acknowledge(what) => format!("acknowledge {what:?}"),
        FirstDecision::Escalate { category, .. } => format!("escalate {}", category.as_str()),
        FirstDecision::HandOverQuietly { category, .. } => format!("quietly {}", category.as_str()),
        FirstDecision::Draft => "draft".into(),
    }
}

#[rstest]
#[case::a_question(triage(), state(), "draft")]
#[case::a_refund_goes_to_billing(refund(), state(), "escalate billing")]
#[case::machines_are_not_answered(of_kind(MessageKind::AutomaticMail), state(), "ignore")]
#[case::a_machine_is_not_even_escalated(Triage { kind: MessageKind::AutomaticMail, ..refund() }, state(), "ignore")]
#[case::spam_closes_silently(of_kind(MessageKind::Spam), state(), "ignore")]
#[case::a_greeting_invites(of_kind(MessageKind::Greeting), state(), "acknowledge Invite")]
#[case::an_emoji_invites(of_kind(MessageKind::EmojiOnly), state(), "acknowledge Invite")]
#[case::nothing_written_invites(of_kind(MessageKind::Empty), state(), "acknowledge Invite")]
#[case::thanks_are_welcome(of_kind(MessageKind::Thanks), state(), "acknowledge YouAreWelcome")]
#[case::a_person_has_it(triage(), ConversationState { operator_has_it: true, ..state() }, "ignore")]
#[case::a_refund_while_a_person_has_it(refund(), ConversationState { operator_has_it: true, ..state() }, "ignore")]
#[case::more_while_escalated_is_added_once(triage(), ConversationState { already_escalated: true, ..state() }, "acknowledge AddedToTicket")]
#[case::and_then_quietly(triage(), ConversationState { already_escalated: true, hand_over_acknowledged: true, ..state() }, "ignore")]
#[case::a_language_not_served(Triage { language_served: false, ..triage() }, state(), "escalate general")]
#[case::an_attack_goes_to_a_person(Triage { injection: InjectionScreen { score: 1.0, flagged: true, evidence: vec![] }, ..triage() }, state(), "escalate general")]
#[case::one_angry_message_is_answered(felt(-0.9), state(), "draft")]
#[case::three_unhappy_in_a_row(felt(-0.3), ConversationState { earlier_scores: vec![-0.3, -0.4], ..state() }, "escalate general")]
#[case::a_sharp_fall(felt(-0.4), ConversationState { earlier_scores: vec![0.2], ..state() }, "escalate general")]
#[case::from_glad_to_neutral_is_no_fall(felt(0.0), ConversationState { earlier_scores: vec![0.6], ..state() }, "draft")]
#[case::no_endless_talk(triage(), ConversationState { automatic_messages: MAX_AUTOMATIC_MESSAGES, ..state() }, "escalate general")]
#[case::held_mail_goes_to_a_person_without_a_word(triage(), held(), "quietly general")]
#[case::held_mail_keeps_its_matter(refund(), held(), "quietly billing")]
#[case::a_held_bounce_goes_to_a_person(of_kind(MessageKind::AutomaticMail), held(), "quietly general")]
#[case::held_while_a_person_has_it(triage(), ConversationState { operator_has_it: true, ..held() }, "ignore")]
#[case::held_while_escalated_is_not_acknowledged(triage(), ConversationState { already_escalated: true, ..held() }, "ignore")]
#[case::no_acknowledgement_where_none_is_wanted(of_kind(MessageKind::Thanks), unwanted(), "ignore")]
#[case::no_notice_where_none_is_wanted(refund(), unwanted(), "quietly billing")]
#[case::but_answers_go_out(triage(), unwanted(), "draft")]
#[case::a_mail_is_answered(triage(), by_mail(AutomaticTraffic::default()), "draft")]
#[case::two_automatic_mails_in_a_thread(triage(), by_mail(AutomaticTraffic { in_thread: 2, ..Default::default() }), "draft")]
#[case::three_are_enough(triage(), by_mail(AutomaticTraffic { in_thread: 3, ..Default::default() }), "quietly general")]
#[case::and_a_refund_keeps_its_matter(refund(), by_mail(AutomaticTraffic { in_thread: 3, ..Default::default() }), "quietly billing")]
#[case::no_fourth_as_an_acknowledgement(triage(), ConversationState { already_escalated: true, ..by_mail(AutomaticTraffic { in_thread: 3, ..Default::default() }) }, "ignore")]
#[case::the_same_text_again_and_again(triage(), by_mail(AutomaticTraffic { same_text_in_a_day: 3, ..Default::default() }), "ignore")]
#[case::an_answer_is_still_to_be_drafted_while_the_hour_is_full(triage(), ConversationState { hour_is_full: true, ..state() }, "draft")]
#[case::a_person_is_not_waited_for(refund(), ConversationState { hour_is_full: true, ..state() }, "quietly billing")]
#[case::thanks_are_not_worth_a_wait(of_kind(MessageKind::Thanks), ConversationState { hour_is_full: true, ..state() }, "ignore")]
#[case::a_loop_ends_at_a_person_also_then(triage(), ConversationState { hour_is_full: true, ..by_mail(AutomaticTraffic { in_thread: 3, ..Default::default() }) }, "quietly general")]
#[case::spam_is_spam_first(of_kind(MessageKind::Spam), by_mail(AutomaticTraffic { in_thread: 3, ..Default::default() }), "ignore")]
fn the_first_decision(#[case] triage: Triage, #[case] state: ConversationState, #[case] expected: &str) {
    assert_eq!(short(&decide_first(&triage, &state)), expected);
}

fn draft(confidence: f32) -> Draft {
    Draft {
        body: "Click Save.".into(),
        origin: DraftOrigin::Passage,
        sources: vec![],
        sentences: vec![],
        confidence,
    }
}

#[rstest]
#[case::sure(Some(draft(0.8)), 0.0, SecondDecision::Send)]
#[case::fairly_sure(Some(draft(0.79)), 0.0, SecondDecision::SendAndFlag)]
#[case::fairly_sure_still(Some(draft(0.6)), 0.0, SecondDecision::SendAndFlag)]
#[case::unsure(Some(draft(0.59)), 0.0, SecondDecision::HoldForApproval)]
#[case::unsure_still(Some(draft(0.4)), 0.0, SecondDecision::HoldForApproval)]
#[case::lost(Some(draft(0.39)), 0.0, SecondDecision::HardCase)]
#[case::no_number(Some(draft(f32::NAN)), 0.0, SecondDecision::HardCase)]
#[case::nothing_drafted(None, 0.0, SecondDecision::HardCase)]
#[case::an_empty_draft(Some(Draft { body: " ".into(), ..draft(1.0) }), 0.0, SecondDecision::HardCase)]
#[case::sure_despite_a_doubt(Some(draft(0.9)), 0.4, SecondDecision::Send)]
#[case::a_doubt_holds_what_was_flagged(Some(draft(0.7)), 0.4, SecondDecision::HoldForApproval)]
#[case::a_doubt_makes_unsure_hard(Some(draft(0.5)), 0.4, SecondDecision::HardCase)]
fn the_second_decision(#[case] draft: Option<Draft>, #[case] doubt: f32, #[case] expected: SecondDecision) {
    let mut triage = triage();
    triage.escalation.score = doubt;
    assert_eq!(decide_second(draft.as_ref(), &triage, &Bands::default()), expected);
}

#[test]
fn a_hand_over_is_short_and_says_what_to_do() {
    let text = "I was charged twice. ".repeat(60);
    let record = hand_over(
        EscalationCategory::Billing,
        Urgency::High,
        "billing.double_charge".into(),
        &triage(),
        "Invoice",
        &text,
        vec![],
    );
    assert!(record.summary.chars().count() <= 320, "{}", record.summary);
    assert!(record.summary.starts_with("Invoice: I was charged twice."));
    assert!(!record.suggested_next_step.is_empty());
}
