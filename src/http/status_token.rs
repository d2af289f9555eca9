//! The secret half of a status page's address: derived from the box's own secret, so that a replayed submission gets the same one
//! and nothing guessable or stored gives it away.

use crate::domain::ids::TicketId;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// Makes and checks status tokens.
pub struct StatusTokens {
    secret: [u8; 32],
}

impl StatusTokens {
    pub fn new(secret: [u8; 32]) -> Self {
        Self { secret }
    }

    /// The token of a ticket: 24 bytes of HMAC-SHA-256, base64url, 32 characters.
    pub fn token(&self, ticket: TicketId) -> String {
        // HMAC takes keys of any length, so this never fails.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.secret) else { return String::new() };
        mac.update(b"status-token:");
        mac.update(ticket.0.as_bytes());
        URL_SAFE_NO_PAD.encode(&mac.finalize().into_bytes()[..24])
    }

    /// The token of a rating link: the ticket's id and 18 bytes of HMAC over it.
    pub fn rating(&self, ticket: TicketId) -> String {
        format!("{}.{}", URL_SAFE_NO_PAD.encode(ticket.0.as_bytes()), self.rating_proof(ticket))
    }

    fn rating_proof(&self, ticket: TicketId) -> String {
        // HMAC takes keys of any length, so this never fails.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.secret) else { return String::new() };
        mac.update(b"rating:");
        mac.update(ticket.0.as_bytes());
        URL_SAFE_NO_PAD.encode(&mac.finalize().into_bytes()[..18])
    }

    /// Whether a rating link's second half fits its ticket; compares in constant time.
    pub fn rates(&self, ticket: TicketId, proof: &str) -> bool {
        let expected = self.rating_proof(ticket);
        !expected.is_empty() && expected.as_bytes().ct_eq(proof.as_bytes()).into()
    }

    /// Compares in constant time.
    pub fn matches(&self, ticket: TicketId, token: &str) -> bool {
        let expected = self.token(ticket);
        !expected.is_empty() && expected.as_bytes().ct_eq(token.as_bytes()).into()
    }
}

#[cfg(test)]
mod tests {
    use super::StatusTokens;
    use crate::domain::ids::TicketId;

    #[test]
    fn a_token_opens_its_own_ticket_only() {
        let (tokens, others) = (StatusTokens::new([7; 32]), StatusTokens::new([8; 32]));
        let (ticket, other) = (TicketId::new(), TicketId::new());
        let token = tokens.token(ticket);
        assert_eq!(token.len(), 32);
        assert!(tokens.matches(ticket, &token));
        assert!(
            !tokens.matches(other, &token) && !others.matches(ticket, &token) && !tokens.matches(ticket, "")
        );
        let link = tokens.rating(ticket);
        let proof = link.split_once('.').expect("two halves").1;
        assert!(tokens.rates(ticket, proof) && !tokens.rates(other, proof) && !others.rates(ticket, proof));
        assert!(!tokens.matches(ticket, proof) && !tokens.rates(ticket, ""), "a rating opens no ticket");
    }
}
