use super::*;
use rstest::rstest;

fn start() -> Timestamp {
    // A Monday.
    "2026-11-23T09:00:00Z".parse().expect("a time")
}

fn hours(count: i64) -> Timestamp {
    later(start(), SignedDuration::from_hours(count))
}

fn rules() -> Rules {
    Rules {
        idle_after: Some(SignedDuration::from_hours(72)),
        close_after: Some(SignedDuration::from_hours(168)),
        hours: None,
    }
}

/// Answered by us, nothing open.
fn answered() -> TicketTimes {
    TicketTimes {
        status: TicketStatus::InProgress,
        plan: Plan::Free,
        last_message_at: start(),
        we_spoke_last: true,
        waiting_since: None,
        resolved_at: None,
        snoozed_until: None,
        held_draft: false,
        on_its_way: false,
        hand_over: None,
    }
}

fn waiting(plan: Plan) -> TicketTimes {
    TicketTimes { plan, we_spoke_last: false, waiting_since: Some(start()), ..answered() }
}

fn handed_over(stage: SlaStage) -> TicketTimes {
    let hand_over = OpenHandOver { created_at: start(), due_at: hours(4), stage, answered: false };
    TicketTimes { status: TicketStatus::Escalated, hand_over: Some(hand_over), ..waiting(Plan::Pro) }
}

fn step(ticket: &TicketTimes) -> Option<(Step, Timestamp)> {
    next(ticket, &rules(), start()).map(|timer| (timer.step, timer.due_at))
}

#[test]
fn three_days_after_our_reply_a_ticket_is_resolved_and_a_week_later_closed() {
    assert_eq!(step(&answered()), Some((Step::Resolve, hours(72))));
    let resolved = TicketTimes { status: TicketStatus::Resolved, resolved_at: Some(hours(72)), ..answered() };
    assert_eq!(step(&resolved), Some((Step::Close, hours(72 + 168))));
    let closed = TicketTimes { status: TicketStatus::Closed, ..resolved };
    assert_eq!(step(&closed), None, "nothing happens to a closed ticket");
}

#[rstest]
#[case::the_customer_spoke_last(TicketTimes { we_spoke_last: false, ..answered() })]
#[case::a_draft_waits(TicketTimes { held_draft: true, ..answered() })]
#[case::the_reply_has_not_left(TicketTimes { on_its_way: true, ..answered() })]
fn what_waits_for_us_is_never_resolved_by_itself(#[case] ticket: TicketTimes) {
    assert_eq!(step(&ticket), None);
}

#[test]
fn idle_tickets_stay_where_the_owner_wants_it_so() {
    let rules = Rules { idle_after: None, close_after: None, hours: None };
    assert_eq!(next(&answered(), &rules, hours(10_000)), None);
}

#[test]
fn a_ticket_put_aside_wakes_first() {
    let asleep = TicketTimes { snoozed_until: Some(hours(200)), ..answered() };
    assert_eq!(step(&asleep), Some((Step::Wake, hours(200))), "and is not resolved in its sleep");
}

#[rstest]
#[case(Plan::Enterprise, 1)]
#[case(Plan::Pro, 4)]
#[case(Plan::Free, 24)]
fn who_waits_longer_than_their_plan_promises_gets_a_person(#[case] plan: Plan, #[case] promised: i64) {
    assert_eq!(step(&waiting(plan)), Some((Step::HandOver, hours(promised))));
}

#[test]
fn the_plans_promise_runs_in_business_hours() {
    let in_hours = Rules { hours: Some(BusinessHours::default()), ..rules() };
    let evening = TicketTimes { waiting_since: Some(hours(7)), ..waiting(Plan::Pro) };
    let timer = next(&evening, &in_hours, start()).expect("a timer");
    assert_eq!(timer.due_at, hours(27), "an hour on Monday, three on Tuesday");
}

#[rstest]
#[case::nothing_yet(SlaStage::Untold, 0, Some((SlaStage::Reminded, 3)))]
#[case::reminded(SlaStage::Reminded, 3, Some((SlaStage::Missed, 4)))]
#[case::missed(SlaStage::Missed, 5, Some((SlaStage::MissedAgain, 8)))]
#[case::nobody_is_left_to_tell(SlaStage::MissedAgain, 9, None)]
#[case::a_day_slept_through_is_one_message(SlaStage::Untold, 24, Some((SlaStage::MissedAgain, 8)))]
#[case::a_clock_put_back_repeats_nothing(SlaStage::Missed, 0, Some((SlaStage::MissedAgain, 8)))]
fn a_promise_is_followed_up_once_a_stage(
    #[case] told: SlaStage,
    #[case] now: i64,
    #[case] expected: Option<(SlaStage, i64)>,
) {
    let timer = next(&handed_over(told), &rules(), hours(now));
    let expected = expected.map(|(stage, due)| Timer { step: Step::FollowUp(stage), due_at: hours(due) });
    assert_eq!(timer, expected);
}

#[test]
fn a_promise_that_a_person_kept_is_not_followed_up_and_the_ticket_may_end() {
    let mut kept = TicketTimes { waiting_since: None, we_spoke_last: true, ..handed_over(SlaStage::Untold) };
    assert!(matches!(next(&kept, &rules(), hours(9)), Some(Timer { step: Step::FollowUp(_), .. })));
    kept.hand_over = kept.hand_over.map(|hand_over| OpenHandOver { answered: true, ..hand_over });
    assert_eq!(step(&kept), Some((Step::Resolve, hours(72))));
    kept.waiting_since = Some(hours(1));
    assert!(matches!(step(&kept), Some((Step::FollowUp(_), _))), "they wrote again and wait again");
}

#[test]
fn a_clock_that_jumped_is_not_acted_upon_until_it_has_settled() {
    let minutes = Duration::from_mins;
    let at = |hour: i64, minute: i64| later(hours(hour), SignedDuration::from_mins(minute));
    let mut watch = ClockWatch::default();
    assert!(watch.trusts(at(0, 0), minutes(0)));
    assert!(watch.trusts(at(0, 1), minutes(1)));
    assert!(!watch.trusts(at(24, 2), minutes(2)), "a day forward");
    assert!(!watch.trusts(at(0, 3), minutes(3)), "and back again");
    assert!(!watch.trusts(at(0, 12), minutes(12)));
    assert!(watch.trusts(at(0, 13), minutes(13)), "it has kept step for ten minutes");
}
