//! When people are there.

use super::ticket::text_enum;
use jiff::{SignedDuration, Timestamp, civil::Date, civil::Time, tz::TimeZone};
use serde::{Deserialize, Serialize};
use std::str::FromStr;

text_enum!(
    /// A day of the week.
    Weekday {
        Monday => "monday", Tuesday => "tuesday", Wednesday => "wednesday", Thursday => "thursday",
        Friday => "friday", Saturday => "saturday", Sunday => "sunday",
    }
);

/// Opening hours of one day; a day may occur twice (a break at noon), one that is missing is closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenHours {
    pub day: Weekday,
    /// `09:00`.
    pub from: String,
    /// `17:30`, later than `from`; `24:00` is the day's end.
    pub to: String,
}

/// The week.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BusinessHours {
    /// IANA name.
    pub time_zone: String,
    pub days: Vec<OpenHours>,
}

impl Default for BusinessHours {
    fn default() -> Self {
        let days = Weekday::ALL.iter().take(5);
        Self {
            time_zone: "UTC".to_owned(),
            days: days
                .map(|day| OpenHours { day: *day, from: "09:00".to_owned(), to: "17:00".to_owned() })
                .collect(),
        }
    }
}

/// A week that is open for a minute brings a day's promise home in less.
const LOOK_AHEAD_DAYS: usize = 1500;

/// Minutes since midnight.
fn minutes(text: &str) -> Option<u32> {
    if text == "24:00" {
        return Some(24 * 60);
    }
    let (hour, minute) = text.split_once(':')?;
    let two_digits = |part: &str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
    if !two_digits(hour) || !two_digits(minute) {
        return None;
    }
    let (hour, minute): (u32, u32) = (hour.parse().ok()?, minute.parse().ok()?);
    (hour < 24 && minute < 60).then_some(hour * 60 + minute)
}

impl BusinessHours {
    /// What is wrong with them: the field and a sentence.
    pub fn fault(&self) -> Option<(&'static str, &'static str)> {
        if TimeZone::get(&self.time_zone).is_err() {
            return Some(("time_zone", "There is no such time zone; use a name like Europe/Berlin."));
        }
        if self.days.len() > 21 {
            return Some(("days", "At most three times a day."));
        }
        let wrong = |hours: &OpenHours| match (minutes(&hours.from), minutes(&hours.to)) {
            (Some(from), Some(to)) => from >= to,
            _ => true,
        };
        self.days
            .iter()
            .any(wrong)
            .then_some(("days", "Times are written 09:00, and the end comes after the beginning."))
    }

    /// Whether people are there at this moment. An unknown time zone counts as UTC.
    pub fn open_at(&self, now: Timestamp) -> bool {
        let zone = TimeZone::get(&self.time_zone).unwrap_or(TimeZone::UTC);
        let local = now.to_zoned(zone).datetime();
        let today = Weekday::ALL.get(usize::from(local.weekday().to_monday_zero_offset().unsigned_abs()));
        let time: Time = local.time();
        let minute = u32::from(time.hour().unsigned_abs()) * 60 + u32::from(time.minute().unsigned_abs());
        self.days.iter().filter(|hours| Some(&hours.day) == today).any(|hours| {
            matches!((minutes(&hours.from), minutes(&hours.to)), (Some(from), Some(to)) if (from..to).contains(&minute))
        })
    }

    /// The moment by which people were there for `working` since `from`. A week without any hours counts every hour: a promise must
    /// not be put off for ever.
    pub fn after(&self, from: Timestamp, working: SignedDuration) -> Timestamp {
        let zone = TimeZone::get(&self.time_zone).unwrap_or(TimeZone::UTC);
        let mut day = from.to_zoned(zone.clone()).date();
        let (mut cursor, mut left) = (from, working);
        for _ in 0..LOOK_AHEAD_DAYS {
            for (opens, closes) in self.spans(day, &zone) {
                let begins = cursor.max(opens);
                if closes <= begins {
                    continue;
                }
                let span = closes.duration_since(begins);
                if left <= span {
                    return begins.saturating_add(left).unwrap_or(Timestamp::MAX);
                }
                left -= span;
                cursor = closes;
            }
            let Ok(next) = day.tomorrow() else { break };
            day = next;
        }
        from.saturating_add(working).unwrap_or(Timestamp::MAX)
    }

    /// When people come and go on one day, in order.
    fn spans(&self, day: Date, zone: &TimeZone) -> Vec<(Timestamp, Timestamp)> {
        let weekday = Weekday::ALL.get(usize::from(day.weekday().to_monday_zero_offset().unsigned_abs()));
        let moment = |minute: u32| {
            let midnight = if minute == 24 * 60 { day.tomorrow().ok()? } else { day };
            let (hour, minute) = ((minute / 60 % 24) as i8, (minute % 60) as i8);
            Some(midnight.at(hour, minute, 0, 0).to_zoned(zone.clone()).ok()?.timestamp())
        };
        let today = self.days.iter().filter(|hours| Some(&hours.day) == weekday);
        let mut spans: Vec<_> = today
            .filter_map(|hours| Some((moment(minutes(&hours.from)?)?, moment(minutes(&hours.to)?)?)))
            .collect();
        spans.sort_unstable();
        spans
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn hours(zone: &str, from: &str, to: &str) -> BusinessHours {
        let day = OpenHours { day: Weekday::Tuesday, from: from.to_owned(), to: to.to_owned() };
        BusinessHours { time_zone: zone.to_owned(), days: vec![day] }
    }

    #[rstest]
    #[case::in_utc("UTC", "2026-11-24T09:00:00Z", true)]
    #[case::at_the_end("UTC", "2026-11-24T17:00:00Z", false)]
    #[case::an_hour_on("Europe/Berlin", "2026-11-24T08:30:00Z", true)]
    #[case::monday_there_tuesday_here("America/New_York", "2026-11-24T03:00:00Z", false)]
    #[case::summer_time("Europe/Berlin", "2026-07-07T07:30:00Z", true)]
    fn open_where_the_company_is(#[case] zone: &str, #[case] now: &str, #[case] open: bool) {
        assert_eq!(hours(zone, "09:00", "17:00").open_at(now.parse().expect("a time")), open);
    }

    #[rstest]
    #[case::within_the_day("2026-11-23T10:00:00Z", 240, "2026-11-23T14:00:00Z")]
    #[case::over_night("2026-11-23T15:00:00Z", 240, "2026-11-24T11:00:00Z")]
    #[case::over_the_weekend("2026-11-27T16:30:00Z", 60, "2026-11-30T09:30:00Z")]
    #[case::from_the_middle_of_the_night("2026-11-24T02:00:00Z", 60, "2026-11-24T10:00:00Z")]
    #[case::a_day_is_three_working_days("2026-11-23T09:00:00Z", 1440, "2026-11-25T17:00:00Z")]
    #[case::to_the_minute_of_closing("2026-11-23T16:00:00Z", 60, "2026-11-23T17:00:00Z")]
    fn a_promise_runs_while_people_are_there(
        #[case] from: &str,
        #[case] working_minutes: i64,
        #[case] expected: &str,
    ) {
        let from = from.parse().expect("a time");
        let due = BusinessHours::default().after(from, SignedDuration::from_mins(working_minutes));
        assert_eq!(due.to_string(), expected);
    }

    #[rstest]
    // Clocks in Berlin go back on 25 October 2026: from 23:00 on Saturday (21:00 UTC) two hours are over at 01:00 there (23:00 UTC).
    #[case::clocks_change("Europe/Berlin", "2026-10-24T21:00:00Z", 120, "2026-10-24T23:00:00Z")]
    #[case::through_the_repeated_hour("Europe/Berlin", "2026-10-24T23:00:00Z", 240, "2026-10-25T03:00:00Z")]
    fn days_that_are_longer_count_in_full(
        #[case] zone: &str,
        #[case] from: &str,
        #[case] working_minutes: i64,
        #[case] expected: &str,
    ) {
        let whole = |day: &Weekday| OpenHours { day: *day, from: "00:00".to_owned(), to: "24:00".to_owned() };
        let always =
            BusinessHours { time_zone: zone.to_owned(), days: Weekday::ALL.iter().map(whole).collect() };
        let due = always.after(from.parse().expect("a time"), SignedDuration::from_mins(working_minutes));
        assert_eq!(due.to_string(), expected);
    }

    #[test]
    fn a_week_without_hours_puts_nothing_off() {
        let never = BusinessHours { time_zone: "UTC".to_owned(), days: Vec::new() };
        let from: Timestamp = "2026-11-23T10:00:00Z".parse().expect("a time");
        assert_eq!(never.after(from, SignedDuration::from_hours(4)).to_string(), "2026-11-23T14:00:00Z");
    }

    #[rstest]
    #[case("Nowhere/Land", "09:00", "17:00", Some("time_zone"))]
    #[case("UTC", "17:00", "09:00", Some("days"))]
    #[case("UTC", "9:00", "17:00", Some("days"))]
    #[case("UTC", "+9:00", "17:00", Some("days"))]
    #[case("UTC", "00:00", "24:00", None)]
    fn faults_are_named(
        #[case] zone: &str,
        #[case] from: &str,
        #[case] to: &str,
        #[case] field: Option<&str>,
    ) {
        assert_eq!(hours(zone, from, to).fault().map(|(field, _)| field), field);
    }
}
