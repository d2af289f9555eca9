//! People who work the console and programs that act for them: roles, names, passwords.

use super::ticket::text_enum;
use serde::{Deserialize, Serialize};
use std::str::FromStr;

text_enum!(
    /// What somebody may do. Each role may all that the one before it may.
    OperatorRole {
        /// Reads.
        Viewer => "viewer",
        /// Answers customers and works on tickets and documents.
        Operator => "operator",
        /// Sets up the box and its people.
        Administrator => "administrator",
    }
);
text_enum!(
    /// What a token may do.
    TokenScope { Read => "read", Act => "act", Admin => "admin" }
);

impl OperatorRole {
    /// Whether this role may do what takes at least the other.
    pub fn includes(self, least: Self) -> bool {
        self >= least
    }
}

impl From<TokenScope> for OperatorRole {
    fn from(scope: TokenScope) -> Self {
        match scope {
            TokenScope::Read => Self::Viewer,
            TokenScope::Act => Self::Operator,
            TokenScope::Admin => Self::Administrator,
        }
    }
}

/// Longest name of an operator, a token or a macro, in characters.
pub const NAME_CHARS: usize = 100;
/// Shortest and longest password in characters.
pub const PASSWORD_CHARS: (usize, usize) = (10, 200);

/// A name without surrounding space; the error says what is wrong with it.
pub fn check_name(name: &str) -> Result<&str, &'static str> {
    let name = name.trim();
    match name.chars().count() {
        0 => Err("Please give a name."),
        count if count > NAME_CHARS => Err("At most 100 characters."),
        _ if name.chars().any(char::is_control) => Err("It holds a character that cannot be stored."),
        _ => Ok(name),
    }
}

/// Whether a password will do. Length is what counts; the one thing everybody tries first is refused.
pub fn check_password(name: &str, password: &str) -> Result<(), &'static str> {
    let count = password.chars().count();
    if count < PASSWORD_CHARS.0 {
        Err("At least 10 characters; a few words make a good one.")
    } else if count > PASSWORD_CHARS.1 {
        Err("At most 200 characters.")
    } else if password.to_lowercase().contains(&name.trim().to_lowercase()) && name.trim().chars().count() > 3
    {
        Err("It must not hold the name.")
    } else if password.chars().all(|c| password.starts_with(c)) {
        Err("One character over and over is no password.")
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(OperatorRole::Viewer, OperatorRole::Viewer, true)]
    #[case(OperatorRole::Viewer, OperatorRole::Operator, false)]
    #[case(OperatorRole::Operator, OperatorRole::Viewer, true)]
    #[case(OperatorRole::Operator, OperatorRole::Administrator, false)]
    #[case(OperatorRole::Administrator, OperatorRole::Operator, true)]
    fn a_role_may_what_lower_ones_may(
        #[case] role: OperatorRole,
        #[case] least: OperatorRole,
        #[case] may: bool,
    ) {
        assert_eq!(role.includes(least), may);
    }

    #[rstest]
    #[case("kim", "quiet harbour 7", true)]
    #[case("kim", "short", false)]
    #[case("kimberley", "Kimberley2026", false)]
    #[case("kim", "aaaaaaaaaaaaaa", false)]
    #[case("kim", "ällgöwer-sträße", true)]
    fn passwords_are_long_and_not_the_name(#[case] name: &str, #[case] password: &str, #[case] good: bool) {
        assert_eq!(check_password(name, password).is_ok(), good);
        assert!(check_password(name, &"ab".repeat(150)).is_err());
    }

    #[rstest]
    #[case("  Ana Li ", Ok("Ana Li"))]
    #[case(" ", Err("Please give a name."))]
    #[case("a\u{0}b", Err("It holds a character that cannot be stored."))]
    fn names_are_trimmed_and_readable(#[case] name: &str, #[case] expected: Result<&str, &'static str>) {
        assert_eq!(check_name(name), expected);
    }
}
