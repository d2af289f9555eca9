//! Who asks, and what they may do. A handler takes [`Viewer`], [`Operator`] or [`Administrator`]; one that takes none of them has no
//! way to learn who asks, and so a forgotten check does not compile.

use super::{error::Problem, sign_in, state::HttpState};
use crate::domain::{
    ids::OperatorId,
    operator::OperatorRole,
    sign_in::{SEEN_EVERY, session_ends},
};
use axum::{
    extract::FromRequestParts,
    http::{
        HeaderMap, Method,
        header::{AUTHORIZATION, COOKIE},
        request::Parts,
    },
};
use jiff::Timestamp;
use subtle::ConstantTimeEq;
use uuid::Uuid;

/// The name the box's own token acts under.
const BOX_TOKEN_NAME: &str = "operator";
/// Sent by the console with every change. Another site's page cannot add it without asking first, and is refused then.
pub const CONSOLE_HEADER: &str = "x-frontdesk-console";

/// How somebody proved who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Via {
    Session { id: Uuid, ends_at: Timestamp },
    Token,
}

/// Whoever asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// `None` for programs.
    pub id: Option<OperatorId>,
    pub name: String,
    pub role: OperatorRole,
    pub via: Via,
}

impl Actor {
    /// The operator; programs have no account.
    ///
    /// # Errors
    /// 403 for a token.
    pub fn person(&self) -> Result<OperatorId, Problem> {
        self.id.ok_or_else(|| Problem::forbidden("forbidden", "A token has no account; sign in for this."))
    }

    pub fn session(&self) -> Option<Uuid> {
        match self.via {
            Via::Session { id, .. } => Some(id),
            Via::Token => None,
        }
    }
}

/// May read.
pub struct Viewer(pub Actor);
/// May answer customers.
pub struct Operator(pub Actor);
/// May set up the box.
pub struct Administrator(pub Actor);

macro_rules! extractor {
    ($name:ident, $role:expr) => {
        impl FromRequestParts<HttpState> for $name {
            type Rejection = Problem;

            async fn from_request_parts(parts: &mut Parts, state: &HttpState) -> Result<Self, Problem> {
                let actor = identify(parts, state).await?;
                if actor.role.includes($role) {
                    Ok(Self(actor))
                } else {
                    Err(Problem::forbidden("forbidden", "Your role does not allow this."))
                }
            }
        }
    };
}
extractor!(Viewer, OperatorRole::Viewer);
extractor!(Operator, OperatorRole::Operator);
extractor!(Administrator, OperatorRole::Administrator);

/// A program with a token; what it may do is in its role.
pub struct Program(pub Actor);

impl FromRequestParts<HttpState> for Program {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &HttpState) -> Result<Self, Problem> {
        let token = bearer(&parts.headers)
            .ok_or_else(|| Problem::unauthorised("Send a token: authorization: Bearer …"))?;
        by_token(token, state).await.map(Self)
    }
}

async fn identify(parts: &Parts, state: &HttpState) -> Result<Actor, Problem> {
    if let Some(bearer) = bearer(&parts.headers) {
        return by_token(bearer, state).await;
    }
    let Some(token) = session_cookie(&parts.headers, state.console.secure) else {
        return Err(Problem::unauthorised("Sign in, or send a token: authorization: Bearer …"));
    };
    require_console(&parts.method, &parts.headers)?;
    by_session(&token, state).await
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers.get(AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")
}

async fn by_token(given: &str, state: &HttpState) -> Result<Actor, Problem> {
    let own = &state.operator_token;
    if own.is_set() && bool::from(given.as_bytes().ct_eq(own.expose().as_bytes())) {
        return Ok(Actor {
            id: None,
            name: BOX_TOKEN_NAME.to_owned(),
            role: OperatorRole::Operator,
            via: Via::Token,
        });
    }
    let found = state.console.operators.token(sign_in::digest(given), state.clock.now()).await?;
    let token = found.ok_or_else(|| Problem::unauthorised("This token opens nothing here."))?;
    let role = token.scope.into();
    Ok(Actor { id: None, name: format!("token {}", token.name), role, via: Via::Token })
}

async fn by_session(token: &str, state: &HttpState) -> Result<Actor, Problem> {
    let now = state.clock.now();
    let found = state.console.operators.session(sign_in::digest(token)).await?;
    let session = found
        .filter(|session| session_ends(session.created_at, session.last_seen_at) > now)
        .ok_or_else(|| Problem::unauthorised("Your session is over; sign in again."))?;
    let seen_at = if now.duration_since(session.last_seen_at) >= SEEN_EVERY {
        state.console.operators.session_seen(session.session_id, now).await?;
        now
    } else {
        session.last_seen_at
    };
    Ok(Actor {
        id: Some(session.operator_id),
        name: session.name,
        role: session.role,
        via: Via::Session { id: session.session_id, ends_at: session_ends(session.created_at, seen_at) },
    })
}

/// A change must come from the console's own pages.
///
/// # Errors
/// 403 `csrf` without its header.
pub fn require_console(method: &Method, headers: &HeaderMap) -> Result<(), Problem> {
    let safe = matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS);
    let from_console = headers.get(CONSOLE_HEADER).is_some_and(|value| value.as_bytes() == b"1");
    let elsewhere = headers.get("sec-fetch-site").is_some_and(|site| site.as_bytes() == b"cross-site");
    if safe || (from_console && !elsewhere) {
        Ok(())
    } else {
        Err(Problem::forbidden("csrf", "Changes take the header x-frontdesk-console: 1."))
    }
}

/// The cookie's name. The prefix has browsers keep it to this very host.
pub fn cookie_name(secure: bool) -> &'static str {
    if secure { "__Host-frontdesk" } else { "frontdesk" }
}

fn session_cookie(headers: &HeaderMap, secure: bool) -> Option<String> {
    let name = cookie_name(secure);
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::reading(Method::GET, None, None, true)]
    #[case::another_sites_form(Method::POST, None, None, false)]
    #[case::the_console(Method::POST, Some("1"), Some("same-origin"), true)]
    #[case::a_browser_that_says_otherwise(Method::DELETE, Some("1"), Some("cross-site"), false)]
    #[case::a_wrong_value(Method::PUT, Some("yes"), None, false)]
    fn changes_come_from_the_console(
        #[case] method: Method,
        #[case] header: Option<&'static str>,
        #[case] site: Option<&'static str>,
        #[case] allowed: bool,
    ) {
        let mut headers = HeaderMap::new();
        for (name, value) in [(CONSOLE_HEADER, header), ("sec-fetch-site", site)] {
            if let Some(value) = value {
                headers.insert(name, value.parse().expect("a header"));
            }
        }
        assert_eq!(require_console(&method, &headers).is_ok(), allowed);
    }

    #[rstest]
    #[case(false, "a=b; frontdesk=abc; c=d", Some("abc"))]
    #[case(true, "frontdesk=abc; __Host-frontdesk=def", Some("def"))]
    #[case(true, "frontdesk=abc", None)]
    fn only_the_cookie_of_this_kind_counts(
        #[case] secure: bool,
        #[case] cookies: &str,
        #[case] expected: Option<&str>,
    ) {
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, cookies.parse().expect("a header"));
        assert_eq!(session_cookie(&headers, secure).as_deref(), expected);
    }
}
