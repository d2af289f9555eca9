//! Who may be shown to a hosted model, how much may be spent on it, and when it is left alone. Pure: time comes in as a value.

use super::{channel::Channel, customer::Plan, escalation::EscalationCategory};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};

/// The owner's rules on whose messages may leave at all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HostedRules {
    pub channels: Vec<Channel>,
    pub plans: Vec<Plan>,
    /// Matters that never leave, whatever the channel and plan.
    pub never: Vec<EscalationCategory>,
}

/// Why a message stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Kept {
    #[error("messages of this channel are not shown to the hosted model")]
    Channel,
    #[error("messages of this plan are not shown to the hosted model")]
    Plan,
    #[error("matters of this kind are never shown to the hosted model")]
    Category,
}

impl HostedRules {
    /// Whether a message may be shown. `category` is what triage would hand it over as.
    ///
    /// # Errors
    /// The first rule that keeps it here.
    pub fn check(&self, channel: Channel, plan: Plan, category: EscalationCategory) -> Result<(), Kept> {
        if self.never.contains(&category) {
            return Err(Kept::Category);
        }
        if !self.channels.contains(&channel) {
            return Err(Kept::Channel);
        }
        if self.plans.contains(&plan) { Ok(()) } else { Err(Kept::Plan) }
    }
}

/// What a hosted model costs, in millionths of the money unit for a million tokens.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Price {
    pub prompt_micros: u64,
    pub completion_micros: u64,
}

impl Price {
    /// The cost of a call in millionths of the money unit, rounded up: a budget must not be outrun by rounding.
    pub fn cost_micros(self, usage: Usage) -> u64 {
        let whole = u128::from(self.prompt_micros) * u128::from(usage.prompt_tokens)
            + u128::from(self.completion_micros) * u128::from(usage.completion_tokens);
        u64::try_from(whole.div_ceil(1_000_000)).unwrap_or(u64::MAX)
    }
}

/// Tokens of one call or of a day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    pub prompt_tokens: u64,
    pub completion_tokens: u64,
}

impl Usage {
    pub fn total(self) -> u64 {
        self.prompt_tokens.saturating_add(self.completion_tokens)
    }
}

/// What a day may cost; 0 means no limit of that kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DailyBudget {
    pub cost_micros: u64,
    pub tokens: u64,
}

/// What was spent since the day began.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Spent {
    pub cost_micros: u64,
    pub tokens: u64,
}

impl DailyBudget {
    /// Whether a call of at most `most` tokens still fits.
    pub fn allows(self, spent: Spent, most: Usage, price: Price) -> bool {
        let within = |limit: u64, spent: u64, more: u64| limit == 0 || spent.saturating_add(more) <= limit;
        within(self.cost_micros, spent.cost_micros, price.cost_micros(most))
            && within(self.tokens, spent.tokens, most.total())
    }
}

/// The beginning of the day (UTC) that a budget counts from.
pub fn day_start(now: Timestamp) -> Timestamp {
    let day = now.to_zoned(TimeZone::UTC).start_of_day();
    day.map_or(now, |day| day.timestamp())
}

/// A circuit breaker: after so many failures in a row the model is left alone for a while; then one call tries it again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Breaker {
    failures: u32,
    closed_until: Option<Timestamp>,
    trying: bool,
    limit: u32,
    pause: SignedDuration,
}

impl Breaker {
    /// Opens after `limit` failures in a row, for `pause`.
    pub fn new(limit: u32, pause: SignedDuration) -> Self {
        Self { failures: 0, closed_until: None, trying: false, limit, pause }
    }

    /// Whether a call may be made now; a permitted call must be reported by [`Breaker::succeeded`] or [`Breaker::failed`].
    pub fn permits(&mut self, now: Timestamp) -> bool {
        match self.closed_until {
            None => true,
            Some(until) if now < until || self.trying => false,
            Some(_) => {
                self.trying = true;
                true
            }
        }
    }

    pub fn succeeded(&mut self) {
        (self.failures, self.closed_until, self.trying) = (0, None, false);
    }

    pub fn failed(&mut self, now: Timestamp) {
        self.failures = self.failures.saturating_add(1);
        self.trying = false;
        if self.failures >= self.limit {
            self.closed_until = Some(now.checked_add(self.pause).unwrap_or(now));
        }
    }
}

/// The confidence of an answer that a hosted model gave from our passages: it read them and says that they answer the question,
/// so what is left to doubt is what no passage supports. Never so sure that nobody looks: the reviewed band at most, whatever the
/// share, since no hosted model was calibrated on this company's questions.
pub fn hosted_confidence(supported_share: f32, send_from: f32) -> f32 {
    (supported_share * 0.75).clamp(0.0, (send_from - 0.01).max(0.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_790_000_000 + second).expect("a time")
    }

    fn rules() -> HostedRules {
        HostedRules {
            channels: vec![Channel::Web],
            plans: vec![Plan::Free, Plan::Pro],
            never: vec![EscalationCategory::Legal],
        }
    }

    #[rstest]
    #[case(Channel::Web, Plan::Free, EscalationCategory::General, Ok(()))]
    #[case(Channel::Email, Plan::Free, EscalationCategory::General, Err(Kept::Channel))]
    #[case(Channel::Web, Plan::Enterprise, EscalationCategory::General, Err(Kept::Plan))]
    #[case(Channel::Web, Plan::Free, EscalationCategory::Legal, Err(Kept::Category))]
    fn a_message_leaves_only_where_every_rule_lets_it(
        #[case] channel: Channel,
        #[case] plan: Plan,
        #[case] category: EscalationCategory,
        #[case] expected: Result<(), Kept>,
    ) {
        assert_eq!(rules().check(channel, plan, category), expected);
    }

    #[test]
    fn without_rules_nothing_leaves() {
        let kept = HostedRules::default().check(Channel::Web, Plan::Free, EscalationCategory::General);
        assert_eq!(kept, Err(Kept::Channel));
    }

    #[rstest]
    #[case(0, 0, true)]
    #[case(100, 0, true)]
    #[case(101, 0, false)]
    #[case(0, 900, true)]
    #[case(0, 901, false)]
    fn a_day_costs_no_more_than_allowed(#[case] cost: u64, #[case] tokens: u64, #[case] allowed: bool) {
        // A call of 100 tokens at one unit a million tokens costs 100 millionths.
        let price = Price { prompt_micros: 1_000_000, completion_micros: 1_000_000 };
        let most = Usage { prompt_tokens: 60, completion_tokens: 40 };
        let budget = DailyBudget { cost_micros: 200, tokens: 1000 };
        assert_eq!(budget.allows(Spent { cost_micros: cost, tokens }, most, price), allowed);
    }

    #[test]
    fn a_price_is_rounded_up() {
        let price = Price { prompt_micros: 1, completion_micros: 0 };
        assert_eq!(price.cost_micros(Usage { prompt_tokens: 1, completion_tokens: 0 }), 1);
    }

    #[test]
    fn a_failing_model_is_left_alone_and_then_tried_once() {
        let mut breaker = Breaker::new(2, SignedDuration::from_secs(60));
        assert!(breaker.permits(at(0)));
        breaker.failed(at(0));
        assert!(breaker.permits(at(1)));
        breaker.failed(at(1));
        assert!(!breaker.permits(at(2)), "open after two failures");
        assert!(breaker.permits(at(61)), "one call tries it");
        assert!(!breaker.permits(at(61)), "and only one");
        breaker.failed(at(62));
        assert!(!breaker.permits(at(100)), "open again");
        assert!(breaker.permits(at(122)));
        breaker.succeeded();
        assert!(breaker.permits(at(123)) && breaker.permits(at(123)), "closed");
    }

    #[rstest]
    #[case(1.0, 0.75)]
    #[case(0.6, 0.45)]
    fn a_hosted_answer_is_never_sent_unseen(#[case] share: f32, #[case] expected: f32) {
        assert!((hosted_confidence(share, 0.8) - expected).abs() < 1e-6);
        assert!(hosted_confidence(share, 0.5) < 0.5, "whatever the bands");
    }
}
