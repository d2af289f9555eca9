//! The operators' console: one file a resource. Every handler is described where it stands, and `GET /api/openapi.json` is put
//! together from that.

mod account;
mod actions;
mod analytics;
mod audit;
mod company;
mod conversation;
mod customers;
mod escalations;
mod events;
mod fields;
mod inbox;
mod knowledge;
mod macros;
mod paging;
mod policy;
mod presence;
mod privacy;
pub mod ratings;
mod replies;
mod rules;
mod session;
mod setup;
mod system;
mod tokens;
mod uploads;
mod users;

pub use company::apply as apply_company;

use crate::http::state::HttpState;
use axum::{Json, Router, extract::DefaultBodyLimit, routing::get};
use utoipa::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The description's head.
#[derive(OpenApi)]
#[openapi(info(
    title = "Frontdesk: the operators' console",
    description = "Sign in with a cookie (changes take the header x-frontdesk-console: 1) or send a token: authorization: Bearer …"
))]
struct Description;

/// Routes that answer at once, and those that take their time or last: the second ones are outside the request limits.
pub fn routers() -> (Router<HttpState>, Router<HttpState>) {
    let (quick, mut description) = quick().split_for_parts();
    let (lasting, lasting_description) = lasting().split_for_parts();
    description.merge(lasting_description);
    let quick = quick.route("/api/openapi.json", get(move || async move { Json(description) }));
    (quick, lasting)
}

fn quick() -> OpenApiRouter<HttpState> {
    OpenApiRouter::with_openapi(Description::openapi())
        .routes(routes!(setup::read, setup::create))
        .routes(routes!(company::read, company::change))
        .routes(routes!(session::read, session::sign_in, session::sign_out))
        .routes(routes!(account::sessions, account::end_others))
        .routes(routes!(account::end_one))
        .routes(routes!(account::password))
        .routes(routes!(account::begin_totp))
        .routes(routes!(account::confirm_totp))
        .routes(routes!(account::disable_totp))
        .routes(routes!(account::new_recovery_codes))
        .routes(routes!(inbox::list))
        .routes(routes!(inbox::counts))
        .routes(routes!(inbox::search))
        .routes(routes!(inbox::operators))
        .routes(routes!(inbox::labels))
        .routes(routes!(inbox::teams))
        .routes(routes!(conversation::read))
        .routes(routes!(conversation::raw))
        .routes(routes!(replies::approve))
        .routes(routes!(replies::reply))
        .routes(routes!(replies::undo))
        .routes(routes!(actions::discard))
        .routes(routes!(actions::take_over))
        .routes(routes!(actions::hand_back))
        .routes(routes!(actions::escalate))
        .routes(routes!(actions::assign))
        .routes(routes!(actions::labels))
        .routes(routes!(actions::snooze))
        .routes(routes!(actions::close))
        .routes(routes!(actions::reopen))
        .routes(routes!(actions::spam))
        .routes(routes!(actions::not_spam))
        .routes(routes!(actions::note))
        .routes(routes!(customers::list))
        .routes(routes!(customers::merge))
        .routes(routes!(customers::undo_merge))
        .routes(routes!(presence::put))
        .routes(routes!(escalations::list))
        .routes(routes!(escalations::resolve))
        .routes(routes!(knowledge::list))
        .routes(routes!(knowledge::read, knowledge::remove))
        .routes(routes!(knowledge::search))
        .routes(routes!(knowledge::conflicts))
        .routes(routes!(knowledge::accept_conflict))
        .routes(routes!(knowledge::gaps))
        .routes(routes!(uploads::article))
        .routes(routes!(uploads::reindex))
        .routes(routes!(uploads::job))
        .routes(routes!(analytics::report))
        .routes(routes!(users::list, users::create))
        .routes(routes!(users::change))
        .routes(routes!(tokens::list, tokens::create))
        .routes(routes!(tokens::revoke))
        .routes(routes!(macros::list, macros::create))
        .routes(routes!(macros::change, macros::remove))
        .routes(routes!(policy::read))
        .routes(routes!(rules::autonomy, rules::set_autonomy))
        .routes(routes!(rules::hours, rules::set_hours))
        .routes(routes!(audit::list))
        .routes(routes!(system::read))
        .routes(routes!(system::replay))
        .routes(routes!(ratings::list))
}

fn lasting() -> OpenApiRouter<HttpState> {
    let uploading = OpenApiRouter::new()
        .routes(routes!(uploads::upload))
        .layer(DefaultBodyLimit::max(uploads::MAX_REQUEST_BYTES));
    OpenApiRouter::new()
        .routes(routes!(events::watch))
        .routes(routes!(policy::try_out))
        .routes(routes!(privacy::export))
        .routes(routes!(privacy::erase))
        .merge(uploading)
}
