//! `GET /support/config`: what the form needs to know of the company and its own limits.

use crate::{
    domain::{
        customer::Plan,
        submission::{MESSAGE_CHARS, NAME_CHARS, SUBJECT_CHARS},
        ticket::{Category, Priority},
    },
    http::state::HttpState,
};
use axum::{Json, extract::State};
use serde::Serialize;

#[derive(Serialize)]
pub struct PublicConfig {
    company: String,
    product: String,
    support_email: String,
    assistant_name: String,
    disclosure: String,
    privacy_note: Option<String>,
    categories: Vec<Choice>,
    priorities: Vec<Choice>,
    plans: Vec<Choice>,
    limits: Limits,
}

#[derive(Serialize)]
struct Choice {
    value: &'static str,
    label: &'static str,
}

#[derive(Serialize)]
struct Limits {
    name_min: usize,
    name_max: usize,
    subject_min: usize,
    subject_max: usize,
    message_min: usize,
    message_max: usize,
}

pub async fn read(State(state): State<HttpState>) -> Json<PublicConfig> {
    let public = state.public();
    let plans = if public.ask_plan { Plan::ALL.into_iter().map(plan).collect() } else { Vec::new() };
    Json(PublicConfig {
        company: public.company.clone(),
        product: public.product.clone(),
        support_email: public.support_email.clone(),
        assistant_name: format!("{} assistant", public.company),
        disclosure: public.disclosure.replace("{company}", &public.company),
        privacy_note: public.privacy_note.clone(),
        categories: Category::ALL.iter().copied().map(category).collect(),
        priorities: Priority::ALL.iter().copied().map(priority).collect(),
        plans,
        limits: Limits {
            name_min: NAME_CHARS.0,
            name_max: NAME_CHARS.1,
            subject_min: SUBJECT_CHARS.0,
            subject_max: SUBJECT_CHARS.1,
            message_min: MESSAGE_CHARS.0,
            message_max: MESSAGE_CHARS.1,
        },
    })
}

fn category(category: Category) -> Choice {
    let label = match category {
        Category::General => "General question",
        Category::Technical => "Technical problem",
        Category::Billing => "Billing",
        Category::Feedback => "Feedback",
        Category::BugReport => "Report a bug",
    };
    Choice { value: category.as_str(), label }
}

fn priority(priority: Priority) -> Choice {
    let label = match priority {
        Priority::Low => "Low",
        Priority::Medium => "Medium",
        Priority::High => "High",
        Priority::Urgent => "Urgent",
    };
    Choice { value: priority.as_str(), label }
}

fn plan(plan: Plan) -> Choice {
    let label = match plan {
        Plan::Free => "Free",
        Plan::Pro => "Pro",
        Plan::Enterprise => "Enterprise",
    };
    Choice { value: plan.as_str(), label }
}
