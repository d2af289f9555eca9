//! The inbox's lists, and what its filters choose from.

use super::{
    fields,
    paging::{self, Items, Page},
};
use crate::{
    domain::{escalation::EscalationCategory, ids::OperatorId, operator::OperatorRole},
    http::{error::Problem, extract::Query, operator::Viewer, state::HttpState},
    ports::console::{Counts, InboxFilter, InboxQuery, InboxSort, InboxView, LabelCount, Row, SearchHit},
};
use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// The view and what narrows it.
#[derive(Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct InboxParameters {
    /// `all`, `mine`, `unassigned`, `needs_approval`, `escalated`, `waiting`, `snoozed`, `closed` or `spam`.
    view: Option<String>,
    /// `newest` or `oldest`, by the last message.
    sort: Option<String>,
    /// 1 to 100; 50 when nothing is said.
    limit: Option<usize>,
    cursor: Option<String>,
    channel: Option<String>,
    team: Option<String>,
    assignee: Option<String>,
    /// `negative`, `neutral` or `positive`.
    sentiment: Option<String>,
    plan: Option<String>,
    language: Option<String>,
    label: Option<String>,
    /// The last message came on this day or later.
    from: Option<String>,
    /// The last message came on this day or earlier.
    to: Option<String>,
}

impl InboxParameters {
    fn filter(&self) -> Result<InboxFilter, Problem> {
        let given = |value: &Option<String>| value.clone().filter(|value| !value.is_empty());
        Ok(InboxFilter {
            channel: fields::choice("channel", self.channel.as_deref())?,
            team: given(&self.team),
            assignee: fields::choice("assignee", self.assignee.as_deref())?,
            sentiment: fields::choice("sentiment", self.sentiment.as_deref())?,
            plan: fields::choice("plan", self.plan.as_deref())?,
            language: given(&self.language),
            label: given(&self.label),
            from: paging::day("from", self.from.as_deref(), 0)?,
            until: paging::day("to", self.to.as_deref(), 1)?,
        })
    }
}

/// A page of a view. One row is one ticket.
#[utoipa::path(get, path = "/api/conversations", tag = "inbox", params(InboxParameters), responses((status = 200, body = Page<Row>)))]
pub async fn list(
    Viewer(actor): Viewer,
    State(state): State<HttpState>,
    Query(parameters): Query<InboxParameters>,
) -> Result<Json<Page<Row>>, Problem> {
    let limit = fields::limit(parameters.limit, 50, 100)?;
    let query = InboxQuery {
        view: fields::choice("view", parameters.view.as_deref())?.unwrap_or(InboxView::All),
        sort: fields::choice("sort", parameters.sort.as_deref())?.unwrap_or(InboxSort::Newest),
        filter: parameters.filter()?,
        operator: actor.id,
        after: paging::read(parameters.cursor.as_deref())?,
        limit: limit + 1,
        now: state.clock.now(),
    };
    let rows = state.console.inbox.inbox(query).await?;
    Ok(Json(Page::of(rows, limit, |row| paging::write(row.position))))
}

/// How many tickets each view holds.
#[utoipa::path(get, path = "/api/conversations/counts", tag = "inbox", responses((status = 200, body = Counts)))]
pub async fn counts(Viewer(actor): Viewer, State(state): State<HttpState>) -> Result<Json<Counts>, Problem> {
    Ok(Json(state.console.inbox.counts(actor.id, state.clock.now()).await?))
}

/// What is searched for.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SearchParameters {
    #[serde(default)]
    pub q: String,
    pub limit: Option<usize>,
}

/// Tickets by words of messages, subjects, references, names and addresses.
#[utoipa::path(get, path = "/api/search", tag = "inbox", params(SearchParameters), responses((status = 200, body = Items<SearchHit>)))]
pub async fn search(
    _viewer: Viewer,
    State(state): State<HttpState>,
    Query(parameters): Query<SearchParameters>,
) -> Result<Json<Items<SearchHit>>, Problem> {
    let limit = fields::limit(parameters.limit, 30, 100)?;
    let words = fields::words(&parameters.q)?;
    Ok(Json(Items { items: state.console.inbox.search(words, limit, state.clock.now()).await? }))
}

#[derive(Serialize, ToSchema)]
pub struct Colleague {
    id: OperatorId,
    name: String,
    role: OperatorRole,
    disabled: bool,
}

/// Who works here.
#[utoipa::path(get, path = "/api/operators", tag = "inbox", responses((status = 200, body = Items<Colleague>)))]
pub async fn operators(
    _viewer: Viewer,
    State(state): State<HttpState>,
) -> Result<Json<Items<Colleague>>, Problem> {
    let colleague = |operator: crate::ports::operators::OperatorView| Colleague {
        id: operator.id,
        name: operator.name,
        role: operator.role,
        disabled: operator.disabled,
    };
    let items = state.console.operators.operators().await?.into_iter().map(colleague).collect();
    Ok(Json(Items { items }))
}

/// Labels in use, the most frequent first.
#[utoipa::path(get, path = "/api/labels", tag = "inbox", responses((status = 200, body = Items<LabelCount>)))]
pub async fn labels(
    _viewer: Viewer,
    State(state): State<HttpState>,
) -> Result<Json<Items<LabelCount>>, Problem> {
    Ok(Json(Items { items: state.console.inbox.labels().await? }))
}

#[derive(Serialize, ToSchema)]
pub struct Team {
    name: String,
    mailbox: String,
    categories: Vec<EscalationCategory>,
}

/// The teams that hand-overs go to.
#[utoipa::path(get, path = "/api/teams", tag = "inbox", responses((status = 200, body = Items<Team>)))]
pub async fn teams(_viewer: Viewer, State(state): State<HttpState>) -> Json<Items<Team>> {
    let mut items: Vec<Team> = Vec::new();
    for category in EscalationCategory::ALL {
        let route =
            state.routing.route(*category, crate::domain::escalation::Urgency::Normal, state.clock.now());
        match items.iter_mut().find(|team| team.name == route.team) {
            Some(team) => team.categories.push(*category),
            None => {
                items.push(Team { name: route.team, mailbox: route.mailbox, categories: vec![*category] })
            }
        }
    }
    Json(Items { items })
}
