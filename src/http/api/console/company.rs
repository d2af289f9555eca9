//! `/api/company`: who answers. Holds from the next reply on.

use super::fields;
use crate::{
    domain::{address::normalise_email, channel::Channel},
    http::{
        error::Problem,
        extract::Body,
        operator::{Administrator, Viewer},
        state::HttpState,
    },
    pipeline::DeskSettings,
    ports::console::{COMPANY_SETTING, CompanySettings},
};
use axum::{Json, extract::State};

/// Who answers.
#[utoipa::path(get, path = "/api/company", tag = "settings", responses((status = 200, body = CompanySettings)))]
pub async fn read(_viewer: Viewer, State(state): State<HttpState>) -> Json<CompanySettings> {
    Json((*state.console.company.now()).clone())
}

/// Changes who answers.
#[utoipa::path(put, path = "/api/company", tag = "settings", request_body = CompanySettings,
    responses((status = 200, body = CompanySettings)))]
pub async fn change(
    Administrator(actor): Administrator,
    State(state): State<HttpState>,
    Body(company): Body<CompanySettings>,
) -> Result<Json<CompanySettings>, Problem> {
    let company = check(company)?;
    keep(&state, company.clone(), &actor.name).await?;
    Ok(Json(company))
}

/// The fields in their limits.
///
/// # Errors
/// 422 names the first field that needs mending.
pub fn check(company: CompanySettings) -> Result<CompanySettings, Problem> {
    if normalise_email(&company.support_email).is_err() {
        return Err(Problem::invalid_field("support_email", "That is no e-mail address."));
    }
    Ok(CompanySettings {
        name: fields::text("name", &company.name, 1, 100)?,
        product: fields::text("product", &company.product, 1, 100)?,
        support_email: company.support_email.trim().to_owned(),
        disclosure: fields::text("disclosure", &company.disclosure, 0, 300)?,
        sign_off: fields::text("sign_off", &company.sign_off, 0, 300)?,
        ask_rating: company.ask_rating,
    })
}

/// Keeps and applies them.
///
/// # Errors
/// When the store fails.
pub async fn keep(state: &HttpState, company: CompanySettings, actor: &str) -> Result<(), Problem> {
    let json = serde_json::to_string(&company).map_err(|_| Problem::internal())?;
    let console = &state.console;
    console.settings.set_setting(COMPANY_SETTING, json, actor, state.clock.now()).await?;
    console.desk.replace(apply(&company, &console.desk.now()));
    console.answerer.speak_for(&company.product);
    console.company.replace(company);
    Ok(())
}

/// The desk's settings with these in place of those from the file.
pub fn apply(company: &CompanySettings, desk: &DeskSettings) -> DeskSettings {
    let mut desk = desk.clone();
    desk.company.clone_from(&company.name);
    desk.support_email.clone_from(&company.support_email);
    desk.asks_rating = company.ask_rating;
    desk.voice.disclosure.clone_from(&company.disclosure);
    if let Some(email) = desk.voice.channels.get_mut(&Channel::Email) {
        email.sign_off.clone_from(&company.sign_off);
    }
    desk
}
