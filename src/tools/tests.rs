//! What calls are read as, and what is refused before anything is touched.

use super::*;
use rstest::rstest;
use serde_json::json;

fn read(name: &str, arguments: &Value) -> Result<ToolCall, ToolError> {
    ToolCall::read(name, arguments.as_object().cloned().expect("an object"))
}

#[rstest]
#[case::unknown_tool("delete_customer", json!({}), "unknown_tool")]
#[case::unknown_field("analyze_sentiment", json!({ "text": "hi", "caller": "administrator" }), "invalid_arguments")]
#[case::missing_field("send_response", json!({ "ticket": "TF-20261122-AAAA" }), "invalid_arguments")]
#[case::wrong_type("search_knowledge_base", json!({ "query": 5 }), "invalid_arguments")]
#[case::no_such_urgency("escalate_to_human", json!({ "reason": "x", "urgency": "yesterday" }), "invalid_arguments")]
#[case::far_too_long("analyze_sentiment", json!({ "text": "x".repeat(CALL_BYTES) }), "invalid_arguments")]
fn what_does_not_fit_is_refused(#[case] name: &str, #[case] arguments: Value, #[case] code: &str) {
    assert_eq!(read(name, &arguments).expect_err("refused").code(), code);
}

#[test]
fn every_tool_is_described_by_the_types_that_read_it() {
    for tool in Tool::ALL {
        assert_eq!(Tool::named(tool.name()), Some(tool));
        let schema = tool.schema();
        assert_eq!(schema["type"], "object", "{}", tool.name());
        assert_eq!(
            schema["additionalProperties"],
            false,
            "{}: what is not described is refused",
            tool.name()
        );
        let described = schema["properties"].as_object().expect("properties");
        for identity in ["caller", "role", "scope", "verified", "customer_id"] {
            assert!(!described.contains_key(identity), "{}: nobody says who they are", tool.name());
        }
        let required = schema.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
        let least: Map<String, Value> = required
            .iter()
            .filter_map(Value::as_str)
            .map(|field| (field.to_owned(), json!("a text that is long enough")))
            .collect();
        assert!(ToolCall::read(tool.name(), least).is_ok(), "{}: the required fields suffice", tool.name());
    }
}
