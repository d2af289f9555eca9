//! When to stop answering by itself: two machines that answer each other never tire.

/// Automatic messages in one thread; then a person.
pub const MAX_IN_THREAD: usize = 3;
/// Automatic messages to one address in 24 hours, over all its threads.
pub const MAX_TO_SENDER_IN_A_DAY: usize = 10;
/// So many times the same text of one sender in 24 hours is a machine's doing.
pub const MAX_SAME_TEXT_IN_A_DAY: usize = 3;

/// What was sent without a person's approval (answers and acknowledgements alike), and what came, when a mail is decided on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AutomaticTraffic {
    /// Automatic messages in this thread.
    pub in_thread: usize,
    /// Automatic messages to this sender in the 24 hours before.
    pub to_sender_in_a_day: usize,
    /// Earlier mails of this sender with this very text in the 24 hours before.
    pub same_text_in_a_day: usize,
}

/// What happens instead of an automatic reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// A person takes it.
    Person(&'static str),
    /// Nothing: a person has it already from the times before.
    Silence(&'static str),
}

/// Whether a further automatic reply has to be stopped.
pub fn check(traffic: &AutomaticTraffic) -> Option<Stop> {
    if traffic.same_text_in_a_day >= MAX_SAME_TEXT_IN_A_DAY {
        return Some(Stop::Silence("the same text came again and again"));
    }
    if traffic.same_text_in_a_day + 1 == MAX_SAME_TEXT_IN_A_DAY {
        return Some(Stop::Person("the same text came several times"));
    }
    if traffic.in_thread >= MAX_IN_THREAD {
        return Some(Stop::Person("three automatic replies and no end"));
    }
    if traffic.to_sender_in_a_day >= MAX_TO_SENDER_IN_A_DAY {
        return Some(Stop::Person("many automatic replies to one address in a day"));
    }
    None
}

/// Whether the hour's automatic mails are used up. What would be answered then waits: a person who got it instead would get a storm,
/// and machines that write from another address each time, whom no other limit stops, are slowed down to `limit` an hour.
pub fn hour_is_full(sent_in_the_hour: usize, limit: usize) -> bool {
    sent_in_the_hour >= limit
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    const NONE: AutomaticTraffic =
        AutomaticTraffic { in_thread: 0, to_sender_in_a_day: 0, same_text_in_a_day: 0 };

    #[rstest]
    #[case::a_first_mail(NONE, "go on")]
    #[case::two_replies(AutomaticTraffic { in_thread: 2, ..NONE }, "go on")]
    #[case::three_replies(AutomaticTraffic { in_thread: 3, ..NONE }, "person")]
    #[case::a_busy_customer(AutomaticTraffic { to_sender_in_a_day: 9, ..NONE }, "go on")]
    #[case::too_busy(AutomaticTraffic { to_sender_in_a_day: 10, ..NONE }, "person")]
    #[case::sent_twice(AutomaticTraffic { same_text_in_a_day: 1, ..NONE }, "go on")]
    #[case::the_third_time_a_person_looks(AutomaticTraffic { same_text_in_a_day: 2, ..NONE }, "person")]
    #[case::and_then_it_is_only_kept(AutomaticTraffic { same_text_in_a_day: 3, in_thread: 3, ..NONE }, "silence")]
    fn loops_end_at_a_person(#[case] traffic: AutomaticTraffic, #[case] expected: &str) {
        let found = match check(&traffic) {
            None => "go on",
            Some(Stop::Person(_)) => "person",
            Some(Stop::Silence(_)) => "silence",
        };
        assert_eq!(found, expected);
    }

    #[rstest]
    #[case::a_quiet_hour(0, 600, false)]
    #[case::a_busy_hour(299, 300, false)]
    #[case::a_storm(300, 300, true)]
    #[case::more_than_allowed_after_the_setting_was_lowered(400, 300, true)]
    #[case::five_hundred_that_waited(500, 600, false)]
    #[case::a_storm_by_default(600, 600, true)]
    fn an_hour_holds_so_many_and_the_rest_waits(
        #[case] sent: usize,
        #[case] limit: usize,
        #[case] full: bool,
    ) {
        assert_eq!(hour_is_full(sent, limit), full);
    }
}
