//! The interface's description as it goes out: what the derives cannot know is put in, so that types made from it are exact.

use serde_json::{Value, json};
use std::collections::BTreeSet;
use utoipa::openapi::OpenApi;

/// Texts that are one of a few: schema, field, values.
pub const CHOICES: &[(&str, &str, &[&str])] = &[
    ("Row", "draft", &["held", "flagged"]),
    ("SearchHit", "matched", &["message", "subject", "customer"]),
    ("ThreadMessage", "delivery", &["pending", "sent", "delivered", "read", "failed", "cancelled"]),
    ("DraftView", "state", &["sent", "flagged", "held", "unused", "approved", "rejected", "superseded"]),
    ("DraftView", "origin", &["model", "passage", "hosted"]),
    ("TriedDraft", "origin", &["model", "passage", "hosted"]),
    ("DecisionView", "decision", &["sent", "flagged", "held", "escalated", "acknowledged", "ignored"]),
    ("EscalationView", "origin", &["decision", "approval", "feedback", "operator", "failure"]),
    ("First", "decision", &["ignore", "acknowledge", "escalate", "draft"]),
    ("Second", "decision", &["send", "send_and_flag", "hold", "person"]),
    ("Me", "via", &["session", "token"]),
    ("Policy", "answer_mode", &["model", "passage"]),
    ("ReportColumn", "unit", &["text", "count", "seconds", "minutes", "share", "score"]),
    ("DeadLetterBody", "kind", &["job", "delivery"]),
    ("Replay", "kind", &["job", "delivery"]),
    ("Connection", "direction", &["receiving", "sending"]),
];

/// Every operation gets a name of its own; answers always hold all their fields; closed lists are closed.
///
/// # Errors
/// When the description cannot be written as JSON.
pub fn finish(description: &OpenApi) -> Result<Value, serde_json::Error> {
    let mut whole = serde_json::to_value(description)?;
    let mut asked = BTreeSet::new();
    for (path, methods) in whole["paths"].as_object_mut().into_iter().flatten() {
        for (method, operation) in methods.as_object_mut().into_iter().flatten() {
            operation["operationId"] = json!(operation_name(method, path));
            references(&operation["requestBody"], &mut asked);
        }
    }
    let schemas = &mut whole["components"]["schemas"];
    reach(schemas, &mut asked);
    for (name, schema) in schemas.as_object_mut().into_iter().flatten() {
        if !asked.contains(name) {
            require_all(schema);
        }
    }
    for (schema, field, values) in CHOICES {
        close(&mut schemas[*schema], field, values);
    }
    Ok(whole)
}

/// `get_conversations_reference`.
fn operation_name(method: &str, path: &str) -> String {
    let words =
        path.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty() && *word != "api");
    std::iter::once(method).chain(words).collect::<Vec<_>>().join("_")
}

/// The schemas that a part names.
fn references(part: &Value, found: &mut BTreeSet<String>) {
    match part {
        Value::Object(fields) => {
            for (name, value) in fields {
                match value.as_str().filter(|_| name == "$ref").and_then(|text| text.rsplit('/').next()) {
                    Some(schema) => drop(found.insert(schema.to_owned())),
                    None => references(value, found),
                }
            }
        }
        Value::Array(items) => {
            for item in items {
                references(item, found);
            }
        }
        _ => {}
    }
}

/// Adds what the found ones name in turn.
fn reach(schemas: &Value, found: &mut BTreeSet<String>) {
    let mut open: Vec<String> = found.iter().cloned().collect();
    while let Some(name) = open.pop() {
        let mut named = BTreeSet::new();
        references(&schemas[name.as_str()], &mut named);
        open.extend(named.into_iter().filter(|name| found.insert(name.clone())));
    }
}

/// serde leaves out no field of an answer: what is not there is null. Lists hold copies of their items' schemas.
fn require_all(schema: &mut Value) {
    if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
        let names: Vec<&String> = properties.keys().collect();
        schema["required"] = json!(names);
    }
    match schema {
        Value::Object(fields) => fields.values_mut().for_each(require_all),
        Value::Array(items) => items.iter_mut().for_each(require_all),
        _ => {}
    }
}

fn close(schema: &mut Value, field: &str, values: &[&str]) {
    if let Some(property) = schema.get_mut("properties").and_then(|properties| properties.get_mut(field)) {
        let is_nullable = property["type"].is_array();
        property["enum"] =
            values.iter().map(|value| json!(value)).chain(is_nullable.then_some(Value::Null)).collect();
    }
    if let Some(parts) = schema.get_mut("allOf").and_then(Value::as_array_mut) {
        for part in parts {
            close(part, field, values);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_closed_list_names_a_field_that_is_there() {
        let description = super::super::description().expect("a description");
        for (schema, field, _) in CHOICES {
            let text = description["components"]["schemas"][schema].to_string();
            assert!(
                text.contains(&format!("\"{field}\":{{")) && text.contains("\"enum\":["),
                "{schema}.{field}: {text}"
            );
        }
    }

    #[test]
    fn no_two_operations_share_a_name() {
        let description = super::super::description().expect("a description");
        let mut names = BTreeSet::new();
        for methods in description["paths"].as_object().expect("paths").values() {
            for operation in methods.as_object().expect("methods").values() {
                let name = operation["operationId"].as_str().expect("a name");
                assert!(names.insert(name.to_owned()), "{name} twice");
            }
        }
    }

    #[test]
    fn values_stand_as_they_are_sent() {
        let description = super::super::description().expect("a description");
        let schemas = &description["components"]["schemas"];
        assert_eq!(schemas["AutonomyLevel"]["enum"], json!(["off", "draft", "auto"]));
        assert_eq!(schemas["Row"]["properties"]["draft"]["enum"], json!(["held", "flagged", null]));
        assert!(schemas["Row"]["required"].as_array().expect("a list").contains(&json!("snoozed_until")));
    }
}
