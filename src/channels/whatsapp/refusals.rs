//! What a provider's refusal means: worth another try, or a person's matter, in words that say what to do.

use crate::ports::delivery::DeliveryError;

/// How long to wait when a provider asks to slow down and names no time.
const SLOW_DOWN_MS: u64 = 10_000;
/// Meta lets a burst to one number through and then one message every six seconds.
const PAIR_LIMIT_MS: u64 = 6_000;

/// What Twilio's error codes mean that need more than its own message.
pub fn twilio_hint(code: i64) -> Option<&'static str> {
    Some(match code {
        20003 | 20403 => "the account SID or the token is wrong, or the account is suspended",
        21211 | 21614 | 63024 => "the number is not on WhatsApp",
        21610 => "the customer has opted out of messages from this number",
        63007 => "channels.whatsapp.twilio.from is no WhatsApp sender of this account",
        63016 => "more than 24 hours since the customer's last message: only a template may be sent",
        63032 => "WhatsApp does not deliver to this customer",
        _ => return None,
    })
}

/// What Meta's error codes mean.
pub fn meta_hint(code: i64) -> Option<&'static str> {
    Some(match code {
        0 | 190 => "the access token is wrong or has expired: set a new one and send the message again",
        3 | 10 | 200..=299 => "the access token lacks the permission whatsapp_business_messaging",
        100 => "a setting of the number is wrong, such as phone_number_id",
        131_026 => "the customer's WhatsApp cannot take it, or the number is not on WhatsApp",
        131_047 => "more than 24 hours since the customer's last message: only a template may be sent",
        131_049 => "WhatsApp held it back to keep the customer from too many messages",
        131_051 => "WhatsApp does not take this kind of message",
        131_042 => "there is something wrong with the payment method of the WhatsApp account",
        131_031 | 368 => "the WhatsApp account is locked",
        132_000..=132_999 => {
            "the template is missing, paused or does not fit: see channels.whatsapp.template"
        }
        133_010 => "the number is not registered with the Cloud API",
        _ => return None,
    })
}

/// Whether Twilio may take it later.
fn twilio_retryable(status: u16, code: i64) -> bool {
    status == 429 || status >= 500 || matches!(code, 20429 | 63018)
}

/// Whether Meta may take it later: limits and its own troubles, whatever the status says.
fn meta_retryable(status: u16, code: i64) -> bool {
    status == 429
        || status >= 500
        || matches!(code, 1 | 2 | 4 | 80_007 | 130_429 | 131_000 | 131_016 | 131_048 | 131_056 | 133_004)
}

/// A refusal by Twilio.
pub fn twilio(status: u16, retry_after_s: Option<u64>, code: i64, message: &str) -> DeliveryError {
    refusal("Twilio", status, retry_after_s, code, message, twilio_retryable(status, code), twilio_hint(code))
}

/// A refusal by Meta.
pub fn meta(status: u16, retry_after_s: Option<u64>, code: i64, message: &str) -> DeliveryError {
    let retry_after_s = retry_after_s.or((code == 131_056).then_some(PAIR_LIMIT_MS / 1000));
    refusal("Meta", status, retry_after_s, code, message, meta_retryable(status, code), meta_hint(code))
}

fn refusal(
    who: &str,
    status: u16,
    retry_after_s: Option<u64>,
    code: i64,
    message: &str,
    retryable: bool,
    hint: Option<&str>,
) -> DeliveryError {
    let words = hint.unwrap_or(message);
    let reason =
        format!("{who} answered {status}, error {code}: {}", words.chars().take(200).collect::<String>());
    if retryable {
        let limited = status == 429 || matches!(code, 20429 | 63018 | 80_007 | 130_429 | 131_048 | 131_056);
        let retry_after_ms =
            retry_after_s.map(|seconds| seconds.min(3_600) * 1000).or(limited.then_some(SLOW_DOWN_MS));
        DeliveryError::Retryable { reason, retry_after_ms }
    } else {
        DeliveryError::Permanent { reason }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[derive(Debug, PartialEq)]
    enum Kind {
        Again(Option<u64>),
        Never,
    }

    fn kind(error: &DeliveryError) -> Kind {
        match error {
            DeliveryError::Retryable { retry_after_ms, .. } => Kind::Again(*retry_after_ms),
            _ => Kind::Never,
        }
    }

    #[rstest]
    #[case(429, Some(7), 20429, Kind::Again(Some(7_000)))]
    #[case(429, None, 20429, Kind::Again(Some(10_000)))]
    #[case(503, None, 0, Kind::Again(None))]
    #[case(400, None, 63018, Kind::Again(Some(10_000)))]
    #[case(400, None, 63016, Kind::Never)]
    #[case(401, None, 20003, Kind::Never)]
    #[case(403, None, 20403, Kind::Never)]
    #[case(400, None, 21211, Kind::Never)]
    fn twilio_refusals(
        #[case] status: u16,
        #[case] after: Option<u64>,
        #[case] code: i64,
        #[case] expected: Kind,
    ) {
        let error = twilio(status, after, code, "as Twilio says");
        assert_eq!(kind(&error), expected);
        assert!(error.to_string().contains(&format!("error {code}")), "{error}");
    }

    #[rstest]
    #[case(400, None, 131_047, Kind::Never)]
    #[case(400, None, 130_429, Kind::Again(Some(10_000)))]
    #[case(400, None, 131_056, Kind::Again(Some(6_000)))]
    #[case(400, None, 131_026, Kind::Never)]
    #[case(401, None, 190, Kind::Never)]
    #[case(403, None, 10, Kind::Never)]
    #[case(400, None, 132_001, Kind::Never)]
    #[case(500, None, 131_000, Kind::Again(None))]
    #[case(429, Some(30), 80_007, Kind::Again(Some(30_000)))]
    fn meta_refusals(
        #[case] status: u16,
        #[case] after: Option<u64>,
        #[case] code: i64,
        #[case] expected: Kind,
    ) {
        let error = meta(status, after, code, "as Meta says");
        assert_eq!(kind(&error), expected);
        assert!(error.to_string().contains(&format!("error {code}")), "{error}");
    }
}
