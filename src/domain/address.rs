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

/// The text is no usable address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a valid address")]
pub struct InvalidAddress;

#[cfg(test)]
mod tests {
    use super::normalise_email;
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
}
