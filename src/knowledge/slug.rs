//! Names of headings and documents in addresses. One rule for the help page, the passages and the measuring sets.

use std::collections::HashMap;

/// The address form of a heading: lower case, every run of other characters than letters and digits one `-`,
/// none at the ends. Letters of any script stay. Empty when the heading has no letter or digit.
pub fn slug_of(heading: &str) -> String {
    let mut slug = String::with_capacity(heading.len());
    for character in heading.chars() {
        if character.is_alphanumeric() {
            slug.extend(character.to_lowercase().filter(|lower| lower.is_alphanumeric()));
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.truncate(slug.trim_end_matches('-').len());
    slug
}

/// Gives every heading of one document its own anchor: the second `export` becomes `export-2`.
#[derive(Debug, Default)]
pub struct Anchors {
    uses: HashMap<String, usize>,
}

impl Anchors {
    /// The anchor of the next heading of the document.
    pub fn next(&mut self, heading: &str) -> String {
        let mut base = slug_of(heading);
        if base.is_empty() {
            "section".clone_into(&mut base);
        }
        let mut candidate = base.clone();
        loop {
            let count = self.uses.entry(candidate.clone()).or_insert(0);
            *count += 1;
            if *count == 1 {
                return candidate;
            }
            let number = self.uses.entry(base.clone()).or_insert(1);
            *number = (*number).max(2);
            candidate = format!("{base}-{number}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("What happens when a payment fails", "what-happens-when-a-payment-fails")]
    #[case("Change your password or e-mail address", "change-your-password-or-e-mail-address")]
    #[case("  Single sign-on (SSO)! ", "single-sign-on-sso")]
    #[case("¿Cómo exporto?", "cómo-exporto")]
    #[case("???", "")]
    #[case("İstanbul", "istanbul")]
    fn a_heading_has_one_address(#[case] heading: &str, #[case] expected: &str) {
        assert_eq!(slug_of(heading), expected);
    }

    #[test]
    fn equal_headings_get_their_own_anchors() {
        let mut anchors = Anchors::default();
        let given: Vec<String> = ["Export", "Export", "Export 2", "export", "!!!"]
            .iter()
            .map(|heading| anchors.next(heading))
            .collect();
        assert_eq!(given, ["export", "export-2", "export-2-2", "export-3", "section"]);
    }
}
