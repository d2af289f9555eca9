//! When people are there.

use super::ticket::text_enum;
use jiff::{Timestamp, civil::Time, tz::TimeZone};
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
