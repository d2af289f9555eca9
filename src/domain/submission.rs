//! The web form's rules, in one place for the server (the form itself reads them from `/support/config`).

use super::{
    address::normalise_email,
    customer::Plan,
    ticket::{Category, Priority},
};

/// Character limits after trimming, both ends included.
pub const NAME_CHARS: (usize, usize) = (2, 255);
pub const SUBJECT_CHARS: (usize, usize) = (3, 500);
pub const MESSAGE_CHARS: (usize, usize) = (10, 5000);

/// A form as it came, unchecked. A field left out is empty.
#[derive(Debug, Clone, Default)]
pub struct SubmissionFields {
    pub name: String,
    pub email: String,
    pub subject: String,
    pub category: Option<String>,
    pub message: String,
    pub priority: Option<String>,
    pub plan: Option<String>,
}

/// A form that may be accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submission {
    pub name: String,
    pub email: String,
    pub subject: String,
    pub category: Category,
    pub message: String,
    pub priority: Priority,
    pub plan: Option<Plan>,
}

/// One field that must be mended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    pub field: &'static str,
    /// Stable: `required`, `too_short`, `too_long`, `invalid`.
    pub code: &'static str,
    pub message: String,
}

/// Checks every field and reports all faults at once.
///
/// # Errors
/// One [`FieldError`] a faulty field, in the form's order.
pub fn validate(fields: &SubmissionFields) -> Result<Submission, Vec<FieldError>> {
    let mut errors = Vec::new();
    let name = text(&fields.name, "name", "Your name", NAME_CHARS, &mut errors);
    let email = normalise_email(&fields.email).unwrap_or_else(|_| {
        let (code, message) = if fields.email.trim().is_empty() {
            ("required", "Enter your email address.")
        } else {
            ("invalid", "Enter an email address like name@example.com.")
        };
        errors.push(FieldError { field: "email", code, message: message.to_owned() });
        String::new()
    });
    let subject = text(&fields.subject, "subject", "The subject", SUBJECT_CHARS, &mut errors);
    let category = choice(
        fields.category.as_deref(),
        "category",
        Category::General,
        Category::ALL,
        Category::as_str,
        &mut errors,
    );
    let message = text(&fields.message, "message", "Your message", MESSAGE_CHARS, &mut errors);
    let priority = choice(
        fields.priority.as_deref(),
        "priority",
        Priority::Medium,
        Priority::ALL,
        Priority::as_str,
        &mut errors,
    );
    let plan = fields
        .plan
        .as_deref()
        .map(|plan| choice(Some(plan), "plan", Plan::Free, &Plan::ALL, Plan::as_str, &mut errors));
    if errors.is_empty() {
        Ok(Submission { name, email, subject, category, message, priority, plan })
    } else {
        Err(errors)
    }
}

fn text(
    value: &str,
    field: &'static str,
    label: &str,
    (min, max): (usize, usize),
    errors: &mut Vec<FieldError>,
) -> String {
    let value = value.trim();
    let chars = value.chars().count();
    let fault = if chars == 0 {
        Some(("required", format!("{label} is required.")))
    } else if chars < min {
        Some(("too_short", format!("{label} needs at least {min} characters.")))
    } else if chars > max {
        Some(("too_long", format!("{label} may have at most {max} characters; it has {chars}.")))
    } else if value.contains('\0') {
        Some(("invalid", format!("{label} holds a character that cannot be stored.")))
    } else {
        None
    };
    if let Some((code, message)) = fault {
        errors.push(FieldError { field, code, message });
    }
    value.to_owned()
}

fn choice<T: Copy>(
    value: Option<&str>,
    field: &'static str,
    default: T,
    all: &[T],
    name: fn(T) -> &'static str,
    errors: &mut Vec<FieldError>,
) -> T {
    let Some(value) = value else { return default };
    all.iter().copied().find(|candidate| name(*candidate) == value).unwrap_or_else(|| {
        let allowed: Vec<&str> = all.iter().map(|candidate| name(*candidate)).collect();
        errors.push(FieldError {
            field,
            code: "invalid",
            message: format!("Choose one of: {}.", allowed.join(", ")),
        });
        default
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn good() -> SubmissionFields {
        SubmissionFields {
            name: " Ana Li ".into(),
            email: "Ana@Example.org".into(),
            subject: "Export".into(),
            message: "How do I export my data?".into(),
            ..SubmissionFields::default()
        }
    }

    #[test]
    fn a_good_form_is_trimmed_normalised_and_defaulted() {
        let form = validate(&good()).expect("valid");
        assert_eq!((form.name.as_str(), form.email.as_str()), ("Ana Li", "ana@example.org"));
        assert_eq!((form.category, form.priority, form.plan), (Category::General, Priority::Medium, None));
    }

    #[rstest]
    #[case(SubmissionFields { name: "A".into(), ..good() }, "name", "too_short")]
    #[case(SubmissionFields { name: "   ".into(), ..good() }, "name", "required")]
    #[case(SubmissionFields { email: "ana".into(), ..good() }, "email", "invalid")]
    #[case(SubmissionFields { subject: "Hi".into(), ..good() }, "subject", "too_short")]
    #[case(SubmissionFields { subject: "é".repeat(501), ..good() }, "subject", "too_long")]
    #[case(SubmissionFields { message: "too short".into(), ..good() }, "message", "too_short")]
    #[case(SubmissionFields { message: "x".repeat(5001), ..good() }, "message", "too_long")]
    #[case(SubmissionFields { category: Some("sales".into()), ..good() }, "category", "invalid")]
    #[case(SubmissionFields { priority: Some("critical".into()), ..good() }, "priority", "invalid")]
    #[case(SubmissionFields { plan: Some("platinum".into()), ..good() }, "plan", "invalid")]
    fn a_bad_field_is_named(#[case] fields: SubmissionFields, #[case] field: &str, #[case] code: &str) {
        let errors = validate(&fields).expect_err("invalid");
        assert_eq!(errors.iter().map(|e| (e.field, e.code)).collect::<Vec<_>>(), [(field, code)]);
    }

    #[test]
    fn all_faults_are_reported_at_once() {
        let errors = validate(&SubmissionFields::default()).expect_err("invalid");
        assert_eq!(
            errors.iter().map(|e| e.field).collect::<Vec<_>>(),
            ["name", "email", "subject", "message"]
        );
    }
}
