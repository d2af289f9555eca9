//! Which ticket a mail belongs to. A subject, a ticket number or a known address alone joins nothing: anybody can write those.

use super::{ids::TicketId, inbound::MailAuthentication};

/// How a mail names a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link {
    /// By a signed id of ours, in a header or in the address it was sent to: only who had a mail of ours can name it.
    Signed,
    /// By the id of a mail that came to us: anybody who saw or guessed it can name it.
    Plain,
}

/// Who the sender is in that ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// The ticket's customer.
    Customer,
    /// Somebody a mail of the ticket was addressed to.
    Copied,
    Stranger,
}

/// A ticket a mail names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    pub ticket: TicketId,
    /// Its reference, for the operator's eyes.
    pub reference: String,
    pub link: Link,
    pub standing: Standing,
    /// The ticket has mails of the account this one came to.
    pub same_account: bool,
    /// The ticket's customer proved their address.
    pub proven: bool,
}

/// Where a mail goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Placement {
    /// Into the ticket; held (with the reason) when a person must decide what its writer may learn.
    Join { ticket: TicketId, held: Option<String> },
    /// A ticket of its own, of its own sender.
    Apart { held: Option<String> },
}

/// Places a mail. Candidates come in the order in which they are to be believed: our own ids, signed addresses, then the other ids,
/// newest first. Mail of machines is never held for its place: it is answered by nobody anyway.
pub fn place(candidates: &[Candidate], authenticated: MailAuthentication, automatic: bool) -> Placement {
    let mut held = None;
    for candidate in candidates.iter().filter(|candidate| candidate.same_account) {
        let proven = authenticated == MailAuthentication::Pass;
        let forged = authenticated == MailAuthentication::Fail;
        match (candidate.link, candidate.standing) {
            (_, Standing::Customer) if proven => return join(candidate, None),
            // Had our mail, and writes as its recipient: as good as it gets where nobody vouches for addresses.
            (Link::Signed, Standing::Customer) if !forged && !candidate.proven => return join(candidate, None),
            (_, Standing::Copied) if proven => {
                let reason = "the writer was copied in by somebody else".to_owned();
                return join(candidate, Some(reason).filter(|_| !automatic));
            }
            (Link::Signed, standing) => {
                let who = match standing {
                    Standing::Customer => "names the customer as its sender, but nobody vouches for that",
                    Standing::Copied | Standing::Stranger => "comes from somebody who is no part of it",
                };
                held = held.or_else(|| Some(format!("answers a mail of {}, but {who}", candidate.reference)));
            }
            (Link::Plain, _) => {}
        }
    }
    Placement::Apart { held: held.filter(|_| !automatic) }
}

fn join(candidate: &Candidate, held: Option<String>) -> Placement {
    Placement::Join { ticket: candidate.ticket, held }
}

#[cfg(test)]
#[path = "mail_thread_tests.rs"]
mod tests;
