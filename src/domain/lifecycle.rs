//! What happens to a ticket because time passes: it wakes, is found late, is resolved, is closed. Pure: the store is asked, this decides.

use super::{
    business_hours::BusinessHours,
    customer::Plan,
    sla::first_response_time,
    ticket::{TicketStatus, text_enum},
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::{str::FromStr, time::Duration};

/// How long things may lie. `None` is for ever.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rules {
    /// Our reply unanswered for so long resolves a ticket.
    pub idle_after: Option<SignedDuration>,
    /// Resolved for so long, a ticket is closed: a later reply opens another one.
    pub close_after: Option<SignedDuration>,
    /// When people are there; without, promises run around the clock.
    pub hours: Option<BusinessHours>,
}

text_enum!(
    /// How far the promise of a hand-over has been followed up, each once.
    SlaStage {
        Untold => "untold",
        /// The team was reminded that it is due soon.
        Reminded => "reminded",
        /// It was missed, and the next in line was told.
        Missed => "missed",
        /// As long again went by, and the one after was told.
        MissedAgain => "missed_again",
    }
);

/// An open hand-over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenHandOver {
    pub created_at: Timestamp,
    pub due_at: Timestamp,
    pub stage: SlaStage,
    /// A person has written to the customer since.
    pub answered: bool,
}

/// What the timers look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TicketTimes {
    pub status: TicketStatus,
    pub plan: Plan,
    pub last_message_at: Timestamp,
    /// The last word is ours.
    pub we_spoke_last: bool,
    /// The oldest customer message that nobody has answered.
    pub waiting_since: Option<Timestamp>,
    pub resolved_at: Option<Timestamp>,
    pub snoozed_until: Option<Timestamp>,
    /// A draft waits for approval.
    pub held_draft: bool,
    /// A reply has not left yet.
    pub on_its_way: bool,
    pub hand_over: Option<OpenHandOver>,
}

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// It was put aside until now.
    Wake,
    /// The promise of its hand-over is due soon, was missed, or was missed by as long again.
    FollowUp(SlaStage),
    /// Nobody answered within the plan's promise, and no person has it: one gets it.
    HandOver,
    /// The customer has not written since our reply.
    Resolve,
    Close,
}

/// A step and when it is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timer {
    pub step: Step,
    pub due_at: Timestamp,
}

/// The next thing that time does to this ticket; it is due when its time has come. Of what was slept through together, only the last
/// stage of a promise is followed up: a box that was off for a week sends one reminder and not three.
pub fn next(ticket: &TicketTimes, rules: &Rules, now: Timestamp) -> Option<Timer> {
    let steps = [
        ticket.snoozed_until.map(|due_at| Timer { step: Step::Wake, due_at }),
        follow_up(ticket, now),
        unanswered(ticket, rules),
        idle(ticket, rules),
        close(ticket, rules),
    ];
    steps.into_iter().flatten().min_by_key(|timer| timer.due_at)
}

fn follow_up(ticket: &TicketTimes, now: Timestamp) -> Option<Timer> {
    let hand_over = ticket.hand_over?;
    if is_answered(ticket, &hand_over) {
        return None;
    }
    let span = hand_over.due_at.duration_since(hand_over.created_at);
    let notice = (span / 4).min(SignedDuration::from_hours(1));
    let at = |stage, due_at| Timer { step: Step::FollowUp(stage), due_at };
    let stages = [
        (SlaStage::Reminded, earlier(hand_over.due_at, notice)),
        (SlaStage::Missed, hand_over.due_at),
        (SlaStage::MissedAgain, later(hand_over.due_at, span)),
    ];
    let mut left = stages.into_iter().filter(|(stage, _)| *stage > hand_over.stage);
    let first = left.next()?;
    let (stage, due_at) = left.take_while(|(_, due_at)| *due_at <= now).last().unwrap_or(first);
    Some(at(stage, due_at))
}

fn is_answered(ticket: &TicketTimes, hand_over: &OpenHandOver) -> bool {
    hand_over.answered && ticket.waiting_since.is_none()
}

fn unanswered(ticket: &TicketTimes, rules: &Rules) -> Option<Timer> {
    let goes_on = matches!(ticket.status, TicketStatus::Open | TicketStatus::InProgress);
    let since = ticket.waiting_since.filter(|_| goes_on && ticket.hand_over.is_none())?;
    let time = first_response_time(ticket.plan);
    let due_at = rules.hours.as_ref().map_or_else(|| later(since, time), |hours| hours.after(since, time));
    Some(Timer { step: Step::HandOver, due_at })
}

fn idle(ticket: &TicketTimes, rules: &Rules) -> Option<Timer> {
    let goes_on =
        matches!(ticket.status, TicketStatus::Open | TicketStatus::InProgress | TicketStatus::Escalated);
    let waits_for_us = ticket.waiting_since.is_some()
        || ticket.held_draft
        || ticket.on_its_way
        || ticket.snoozed_until.is_some()
        || ticket.hand_over.is_some_and(|hand_over| !is_answered(ticket, &hand_over));
    let idle_after = rules.idle_after.filter(|_| goes_on && ticket.we_spoke_last && !waits_for_us)?;
    Some(Timer { step: Step::Resolve, due_at: later(ticket.last_message_at, idle_after) })
}

fn close(ticket: &TicketTimes, rules: &Rules) -> Option<Timer> {
    let resolved_at = ticket.resolved_at.filter(|_| ticket.status == TicketStatus::Resolved)?;
    Some(Timer { step: Step::Close, due_at: later(resolved_at, rules.close_after?) })
}

fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.saturating_add(by).unwrap_or(Timestamp::MAX)
}

fn earlier(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.saturating_sub(by).unwrap_or(Timestamp::MIN)
}

/// A clock that is off by more than this against the time that truly went by was put forward or back, or the box slept.
const JUMP: SignedDuration = SignedDuration::from_mins(5);
/// After a jump, nothing is done for so long: a wrong time is often put right again within moments.
const SETTLING: Duration = Duration::from_mins(10);

/// Compares the clock with the time that went by.
#[derive(Debug, Clone, Copy, Default)]
pub struct ClockWatch {
    last: Option<(Timestamp, Duration)>,
    trusted_from: Duration,
}

impl ClockWatch {
    /// Whether the clock may be acted upon. `steady` is the time since the program started, by a clock that is never set.
    pub fn trusts(&mut self, wall: Timestamp, steady: Duration) -> bool {
        if let Some((last_wall, last_steady)) = self.last {
            let passed = SignedDuration::try_from(steady.saturating_sub(last_steady)).unwrap_or_default();
            if (wall.duration_since(last_wall) - passed).abs() > JUMP {
                self.trusted_from = steady + SETTLING;
            }
        }
        self.last = Some((wall, steady));
        steady >= self.trusted_from
    }
}

#[cfg(test)]
#[path = "lifecycle_tests.rs"]
mod tests;
