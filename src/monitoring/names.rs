//! Every metric's name, once: what is recorded, described and drawn by the dashboard.

/// Turns of the desk by decision.
pub const TURNS: &str = "frontdesk_turns_total";
pub const TURN_FAILURES: &str = "frontdesk_turn_failures_total";
pub const ESCALATIONS: &str = "frontdesk_escalations_total";
pub const STEP_SECONDS: &str = "frontdesk_step_seconds";
pub const SENTIMENT: &str = "frontdesk_sentiment";
pub const CONFIDENCE: &str = "frontdesk_confidence";
pub const DELIVERIES: &str = "frontdesk_deliveries_total";
pub const TOKENS: &str = "frontdesk_tokens_total";
pub const GENERATION_SECONDS: &str = "frontdesk_generation_seconds";
pub const GENERATION_FAILURES: &str = "frontdesk_generation_failures_total";
pub const ALERT: &str = "frontdesk_alert_firing";
/// Before the names of figures (`ports::monitoring::Figures`).
pub const FIGURE_PREFIX: &str = "frontdesk_";

/// Recorded where requests come in (`http::meter`).
pub const REQUESTS: &str = "frontdesk_http_requests_total";
pub const REQUEST_SECONDS: &str = "frontdesk_http_request_seconds";

/// Counters with what they count.
pub const COUNTERS: &[(&str, &str)] = &[
    (TURNS, "Messages worked on, by decision"),
    (TURN_FAILURES, "Turns that failed, by what became of the message"),
    (ESCALATIONS, "Hand-overs to a person, by category and urgency"),
    (DELIVERIES, "Attempts to deliver a reply, by channel and outcome"),
    (TOKENS, "Tokens of the local chat model, by kind"),
    (GENERATION_FAILURES, "Generations of the local chat model that failed"),
    (REQUESTS, "Requests, by route, method and status"),
];

/// Distributions with what they measure.
pub const HISTOGRAMS: &[(&str, &str)] = &[
    (STEP_SECONDS, "Time a step of a turn took"),
    (SENTIMENT, "Mood of customers' messages, -1 to 1"),
    (CONFIDENCE, "Confidence of drafts, 0 to 1"),
    (GENERATION_SECONDS, "Time of a generation, by phase"),
    (REQUEST_SECONDS, "Time until a response began, by route"),
];
