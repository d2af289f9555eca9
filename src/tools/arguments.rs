//! What each tool takes, typed once: the same types are read from a call and described as JSON Schema.

use super::{Tool, ToolError};
use crate::domain::{
    escalation::{EscalationCategory, Urgency},
    ids::MessageId,
    ticket::{Category, Priority},
};
use rmcp::schemars::{self, JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value};

/// Largest call, in bytes of JSON.
pub const CALL_BYTES: usize = 64 * 1024;

/// Finds passages of the company's documents.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SearchKnowledgeBase {
    /// What to look for, as a customer would ask it.
    #[schemars(length(min = 1, max = 500))]
    pub query: String,
    /// How many passages at most, 1 to 10; 5 when left out.
    #[schemars(range(min = 1, max = 10))]
    pub max_results: Option<usize>,
    /// Only passages whose document or section has this in its name.
    #[schemars(length(max = 100))]
    pub category: Option<String>,
}

/// Opens a ticket.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateTicket {
    /// The customer's email address. Left out inside a conversation, whose customer is known.
    #[schemars(length(max = 254))]
    pub email: Option<String>,
    /// The customer's name. Left out inside a conversation.
    #[schemars(length(max = 255))]
    pub name: Option<String>,
    #[schemars(length(min = 3, max = 500))]
    pub subject: String,
    /// What the customer wants, in the customer's words.
    #[schemars(length(min = 10, max = 5000))]
    pub issue: String,
    #[serde(default)]
    #[schemars(schema_with = "priorities")]
    pub priority: Option<Priority>,
    #[serde(default)]
    #[schemars(schema_with = "categories")]
    pub category: Option<Category>,
    /// The same key and arguments open one ticket, however often they are sent.
    #[schemars(length(min = 1, max = 128))]
    pub idempotency_key: Option<String>,
}

/// Shows what is known of a customer.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GetCustomerHistory {
    /// A customer's id, email address or phone number (+49…), or a ticket's reference. Left out inside a conversation, whose
    /// customer is known.
    #[schemars(length(max = 320))]
    pub customer: Option<String>,
}

/// Hands a ticket to a person.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EscalateToHuman {
    /// The ticket's reference (TF-20261122-7QK2). Left out inside a conversation.
    pub ticket: Option<String>,
    /// Why a person is needed, for that person.
    #[schemars(length(min = 1, max = 500))]
    pub reason: String,
    #[serde(default)]
    #[schemars(schema_with = "escalation_categories")]
    pub category: Option<EscalationCategory>,
    #[serde(default)]
    #[schemars(schema_with = "urgencies")]
    pub urgency: Option<Urgency>,
    /// What happened so far, for that person.
    #[schemars(length(max = 2000))]
    pub context_summary: Option<String>,
    #[schemars(length(min = 1, max = 128))]
    pub idempotency_key: Option<String>,
}

/// Answers a customer.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SendResponse {
    /// The ticket's reference. Left out inside a conversation.
    pub ticket: Option<String>,
    /// The answer itself. Greeting, reference, sign-off and the note that an AI wrote it are added.
    #[schemars(length(min = 1, max = 10000))]
    pub message: String,
    /// The newest customer message you have read; a newer one refuses the answer (`draft_void`).
    #[schemars(with = "Option<String>")]
    pub seen_message_id: Option<MessageId>,
    #[schemars(length(min = 1, max = 128))]
    pub idempotency_key: Option<String>,
}

/// Reads the mood of a text.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AnalyzeSentiment {
    #[schemars(length(min = 1, max = 10000))]
    pub text: String,
}

/// A call that was read and fits its tool.
#[derive(Debug, Clone, PartialEq)]
pub enum ToolCall {
    SearchKnowledgeBase(SearchKnowledgeBase),
    CreateTicket(CreateTicket),
    GetCustomerHistory(GetCustomerHistory),
    EscalateToHuman(EscalateToHuman),
    SendResponse(SendResponse),
    AnalyzeSentiment(AnalyzeSentiment),
}

impl ToolCall {
    /// Reads a call as a model or a program wrote it. Unknown names and fields are refused, not ignored.
    ///
    /// # Errors
    /// [`ToolError::Unknown`] or [`ToolError::Arguments`].
    pub fn read(name: &str, arguments: Map<String, Value>) -> Result<Self, ToolError> {
        let tool = Tool::named(name).ok_or_else(|| ToolError::Unknown(name.chars().take(60).collect()))?;
        let arguments = Value::Object(arguments);
        if arguments.to_string().len() > CALL_BYTES {
            return Err(ToolError::Arguments(format!("more than {CALL_BYTES} bytes")));
        }
        Ok(match tool {
            Tool::SearchKnowledgeBase => Self::SearchKnowledgeBase(read(arguments)?),
            Tool::CreateTicket => Self::CreateTicket(read(arguments)?),
            Tool::GetCustomerHistory => Self::GetCustomerHistory(read(arguments)?),
            Tool::EscalateToHuman => Self::EscalateToHuman(read(arguments)?),
            Tool::SendResponse => Self::SendResponse(read(arguments)?),
            Tool::AnalyzeSentiment => Self::AnalyzeSentiment(read(arguments)?),
        })
    }

    pub fn tool(&self) -> Tool {
        match self {
            Self::SearchKnowledgeBase(_) => Tool::SearchKnowledgeBase,
            Self::CreateTicket(_) => Tool::CreateTicket,
            Self::GetCustomerHistory(_) => Tool::GetCustomerHistory,
            Self::EscalateToHuman(_) => Tool::EscalateToHuman,
            Self::SendResponse(_) => Tool::SendResponse,
            Self::AnalyzeSentiment(_) => Tool::AnalyzeSentiment,
        }
    }
}

fn read<T: DeserializeOwned>(arguments: Value) -> Result<T, ToolError> {
    serde_json::from_value(arguments).map_err(|error| ToolError::Arguments(error.to_string()))
}

/// A text within its limits, without surrounding space.
///
/// # Errors
/// [`ToolError::Arguments`] that names the field.
pub fn text<'a>(field: &str, value: &'a str, least: usize, most: usize) -> Result<&'a str, ToolError> {
    let value = value.trim();
    let count = value.chars().count();
    if count < least || count > most {
        return Err(ToolError::Arguments(format!("{field} has {least} to {most} characters, not {count}")));
    }
    if value.contains('\0') {
        return Err(ToolError::Arguments(format!("{field} holds a character that cannot be stored")));
    }
    Ok(value)
}

/// The JSON Schema of a tool's arguments.
pub fn schema(tool: Tool) -> Map<String, Value> {
    let schema = match tool {
        Tool::SearchKnowledgeBase => schemars::schema_for!(SearchKnowledgeBase),
        Tool::CreateTicket => schemars::schema_for!(CreateTicket),
        Tool::GetCustomerHistory => schemars::schema_for!(GetCustomerHistory),
        Tool::EscalateToHuman => schemars::schema_for!(EscalateToHuman),
        Tool::SendResponse => schemars::schema_for!(SendResponse),
        Tool::AnalyzeSentiment => schemars::schema_for!(AnalyzeSentiment),
    };
    match schema.to_value() {
        Value::Object(object) => object,
        // A struct's schema is always an object.
        _ => Map::new(),
    }
}

fn one_of(names: Vec<&str>) -> Schema {
    json_schema!({ "type": "string", "enum": names })
}

fn priorities(_: &mut SchemaGenerator) -> Schema {
    one_of(Priority::ALL.iter().map(|value| value.as_str()).collect())
}

fn categories(_: &mut SchemaGenerator) -> Schema {
    one_of(Category::ALL.iter().map(|value| value.as_str()).collect())
}

fn escalation_categories(_: &mut SchemaGenerator) -> Schema {
    one_of(EscalationCategory::ALL.iter().map(|value| value.as_str()).collect())
}

fn urgencies(_: &mut SchemaGenerator) -> Schema {
    one_of(Urgency::ALL.iter().map(|value| value.as_str()).collect())
}
