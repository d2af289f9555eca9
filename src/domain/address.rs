//! Normal forms of what identifies a person: e-mail addresses (case-folded) and phone numbers (E.164).

/// An e-mail address as it is stored and compared: trimmed and lower-cased.
///
/// # Errors
/// When the text is no address by RFC 5321's everyday rules, or over 254 characters.
pub fn normalise_email(text: &str) -> Result<String, InvalidAddress> {
    let address = text.trim().to_lowercase();
    let options =
        email_address::Options::default().with_required_tld().without_domain_literal().without_display_text();
    if address.len() <= 254 && email_address::EmailAddress::parse_with_options(&address, options).is_ok() {
        Ok(address)
    } else {
        Err(InvalidAddress)
    }
}

/// A phone number in E.164 (`+491711234567`), from any spelling that starts with `+` or `00` and a country's code.
///
/// # Errors
/// When the text is no international phone number.
pub fn normalise_phone(text: &str) -> Result<String, InvalidAddress> {
    if text.len() > 60 {
        return Err(InvalidAddress);
    }
    // `+49 (0)171 …`: the zero is dialled only inside the country.
    let text = text.replace("(0)", "");
    let text = text.trim();
    let international = match (text.strip_prefix('+'), text.strip_prefix("00")) {
        (Some(rest), _) | (None, Some(rest)) => format!("+{rest}"),
        (None, None) => return Err(InvalidAddress),
    };
    let number = phonenumber::parse(None, international).map_err(|_| InvalidAddress)?;
    let written = number.format().mode(phonenumber::Mode::E164).to_string();
    // E.164 has at most 15 digits; shorter than 7 is no subscriber's number.
    if (8..=16).contains(&written.len()) { Ok(written) } else { Err(InvalidAddress) }
}

/// The text is no usable address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a valid address")]
pub struct InvalidAddress;

#[cfg(test)]
mod tests {
    use super::{normalise_email, normalise_phone};
    use rstest::rstest;

    #[rstest]
    #[case(" Ana.Li@Example.ORG ", Some("ana.li@example.org"))]
    #[case("a+b@x.io", Some("a+b@x.io"))]
    #[case("no-at-sign.example", None)]
    #[case("a@b", None)]
    #[case("a b@example.org", None)]
    #[case("Ana <ana@example.org>", None)]
    #[case("a@[127.0.0.1]", None)]
    fn one_person_one_spelling(#[case] text: &str, #[case] expected: Option<&str>) {
        assert_eq!(normalise_email(text).ok().as_deref(), expected);
    }

    #[rstest]
    #[case("+49 171 1234567", Some("+491711234567"))]
    #[case("+49 (0)171 / 1234567", Some("+491711234567"))]
    #[case("0049 171 1234567", Some("+491711234567"))]
    #[case("+1 (415) 523-8886", Some("+14155238886"))]
    #[case("+14155238886", Some("+14155238886"))]
    #[case("0171 1234567", None)]
    #[case("+49", None)]
    #[case("call me", None)]
    #[case("", None)]
    #[case("+999999999999999999999999", None)]
    fn one_telephone_one_spelling(#[case] text: &str, #[case] expected: Option<&str>) {
        assert_eq!(normalise_phone(text).ok().as_deref(), expected);
    }
}
