//! Who calls a tool, and what that lets them do. Made by the server from a conversation or a token; nothing a model writes changes it.

use super::{Tool, ToolError};
use crate::domain::{ids::MessageId, operator::OperatorRole, ticket::TicketReference};

/// How far a caller reaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// A program of the company: every ticket and customer.
    Desk,
    /// A model that answers one message: that ticket alone.
    Ticket { reference: TicketReference, newest_message: MessageId },
}

/// An identity with its rights.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    name: String,
    reach: Reach,
    may_act: bool,
}

impl Caller {
    /// A program with a token. Viewers read; operators and administrators act.
    pub fn program(name: &str, role: OperatorRole) -> Self {
        Self { name: name.to_owned(), reach: Reach::Desk, may_act: role.includes(OperatorRole::Operator) }
    }

    /// The assistant in its turn on a ticket.
    pub fn assistant(reference: TicketReference, newest_message: MessageId) -> Self {
        Self {
            name: "assistant".to_owned(),
            reach: Reach::Ticket { reference, newest_message },
            may_act: true,
        }
    }

    /// The name in the audit log.
    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn reach(&self) -> &Reach {
        &self.reach
    }

    /// Whether the caller may use the tool at all.
    pub fn may_use(&self, tool: Tool) -> bool {
        self.may_act || !tool.acts()
    }

    /// # Errors
    /// `forbidden` for an acting tool without the right to act.
    pub fn require(&self, tool: Tool) -> Result<(), ToolError> {
        if self.may_use(tool) {
            Ok(())
        } else {
            Err(ToolError::Forbidden("this token may read only; acting takes the scope \"act\""))
        }
    }

    /// The ticket a call is about: the one that was named, or the caller's own.
    ///
    /// # Errors
    /// When none was named and the caller has none, when it is no reference, or when it is not the caller's.
    pub fn ticket(&self, named: Option<&str>) -> Result<TicketReference, ToolError> {
        let named: Option<TicketReference> =
            named.map(str::parse).transpose().map_err(|error: crate::domain::ticket::InvalidReference| {
                ToolError::Arguments(error.to_string())
            })?;
        match (&self.reach, named) {
            (Reach::Desk, Some(named)) => Ok(named),
            (Reach::Desk, None) => Err(ToolError::Arguments("ticket is missing".to_owned())),
            (Reach::Ticket { reference, .. }, named) => match named {
                Some(other) if other != *reference => {
                    Err(ToolError::Forbidden("this conversation reaches its own ticket only"))
                }
                _ => Ok(reference.clone()),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn assistant() -> Caller {
        Caller::assistant("TF-20261122-AAAA".parse().expect("a reference"), MessageId::new())
    }

    #[rstest]
    #[case::viewer(Caller::program("reader", OperatorRole::Viewer), 3)]
    #[case::operator(Caller::program("actor", OperatorRole::Operator), 6)]
    #[case::administrator(Caller::program("admin", OperatorRole::Administrator), 6)]
    #[case::assistant(assistant(), 6)]
    fn a_scope_opens_its_tools_and_no_other(#[case] caller: Caller, #[case] usable: usize) {
        assert_eq!(Tool::ALL.into_iter().filter(|tool| caller.may_use(*tool)).count(), usable);
        assert!(Tool::ALL.into_iter().filter(|tool| !tool.acts()).all(|tool| caller.require(tool).is_ok()));
    }

    #[rstest]
    #[case::own(None, true)]
    #[case::own_by_name(Some("TF-20261122-AAAA"), true)]
    #[case::anothers(Some("TF-20261122-BBBB"), false)]
    #[case::no_reference(Some("all of them"), false)]
    fn a_conversation_reaches_its_own_ticket_only(#[case] named: Option<&str>, #[case] allowed: bool) {
        assert_eq!(assistant().ticket(named).is_ok(), allowed);
    }

    #[test]
    fn a_program_names_the_ticket() {
        let program = Caller::program("actor", OperatorRole::Operator);
        assert!(program.ticket(None).is_err());
        assert!(program.ticket(Some("TF-20261122-BBBB")).is_ok());
    }
}
