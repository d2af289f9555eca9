//! The hosted model for hard cases: off unless the owner turns it on. What leaves is redacted, recorded first, within a budget, and
//! only where the rules let it; every failure ends at a person.

mod anthropic;
mod openai;
mod stream;

use crate::{
    config::{HostedConfig, HostedProvider},
    domain::{
        channel::Channel,
        customer::Plan,
        escalation::EscalationCategory,
        hosted::{Breaker, DailyBudget, HostedRules, Price, Spent, Usage, day_start},
        token_states::TokenStates,
    },
    egress::{Client, EgressError},
    ports::{
        clock::Clock,
        hosted::{
            HardCase, HostedAnswer, HostedCall, HostedCalls, HostedModel, HostedPayload, NoHostedAnswer,
        },
        model::{Embedder, ModelError, PromptMessage, PromptRole},
    },
    redaction::{Known, Redacted, Redactor, without_brackets},
};
use async_trait::async_trait;
use jiff::SignedDuration;
use std::{sync::Arc, time::Duration};
use tokio::sync::Mutex;
use url::Url;

/// What the model is told to say when the passages do not hold the answer.
const NO_ANSWER: &str = "NO_ANSWER";
/// Four characters are about one token; three keep a budget on the safe side.
const CHARS_PER_TOKEN: usize = 3;
/// Failures in a row after which the model is left alone, and for how long.
const BREAKER: (u32, SignedDuration) = (3, SignedDuration::from_mins(5));

/// What one provider's protocol makes of a prompt, and of its answer.
struct Completion {
    text: String,
    usage: Usage,
    response_bytes: u64,
}

/// Why one attempt failed.
#[derive(Debug)]
enum CallError {
    /// Worth another attempt, not before the given time if the provider named one.
    Again {
        reason: String,
        wait: Option<Duration>,
    },
    Final(String),
}

impl From<EgressError> for CallError {
    fn from(error: EgressError) -> Self {
        match error {
            EgressError::Unreachable { .. } | EgressError::NoAnswer { .. } => {
                Self::Again { reason: error.to_string(), wait: None }
            }
            other => Self::Final(other.to_string()),
        }
    }
}

/// A hosted model over its provider's protocol.
pub struct Hosted {
    config: HostedConfig,
    url: Url,
    rules: HostedRules,
    redactor: Redactor,
    /// Reads the message for names that no rule knows.
    embedder: Arc<dyn Embedder>,
    /// The company's own words: left in even where they look like a name.
    keep: Vec<String>,
    client: Client,
    calls: Arc<dyn HostedCalls>,
    clock: Arc<dyn Clock>,
    breaker: Mutex<Breaker>,
    /// Tokens and money of calls under way, beside what the record holds.
    reserved: Mutex<Spent>,
}

/// The settings of the hosted model cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the hosted model's settings cannot be used: {0}")]
pub struct HostedSettingsError(String);

impl Hosted {
    /// # Errors
    /// When a rule names what does not exist or the address is none.
    pub fn new(
        config: &HostedConfig,
        keep: Vec<String>,
        embedder: Arc<dyn Embedder>,
        client: Client,
        calls: Arc<dyn HostedCalls>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, HostedSettingsError> {
        let fault = |text: String| HostedSettingsError(text);
        let path = match config.provider {
            HostedProvider::Anthropic => "messages",
            HostedProvider::Openai | HostedProvider::Off => "chat/completions",
        };
        let url = format!("{}/{path}", config.base_url.trim_end_matches('/'));
        let url = Url::parse(&url).map_err(|error| fault(format!("hosted.base_url: {error}")))?;
        let redactor = Redactor::shipped().map_err(|error| fault(error.to_string()))?;
        Ok(Self {
            rules: rules(config).map_err(fault)?,
            config: config.clone(),
            url,
            redactor,
            embedder,
            keep,
            client,
            calls,
            clock,
            breaker: Mutex::new(Breaker::new(BREAKER.0, BREAKER.1)),
            reserved: Mutex::new(Spent::default()),
        })
    }

    async fn redact(&self, case: &HardCase) -> Result<Redacted, NoHostedAnswer> {
        self.rules.check(case.channel, case.plan, case.category)?;
        let states = self.read(&case.question).await?;
        let names: Vec<&str> = case.names.iter().map(String::as_str).collect();
        let keep: Vec<&str> = self.keep.iter().map(String::as_str).collect();
        let custom: Vec<&str> = self.config.redact_words.iter().map(String::as_str).collect();
        let known = Known { names: &names, keep: &keep, custom: &custom };
        let redacted = self.redactor.redact(&case.question, known, states.as_ref());
        if self.config.hold_if_unsure && !redacted.unsure.is_empty() {
            return Err(NoHostedAnswer::Unsure(redacted.unsure.len()));
        }
        Ok(redacted)
    }

    /// What the embedding model makes of the words. `None` goes by the rules alone: where no such model is wanted, or the owner lets
    /// out what was not wholly understood.
    async fn read(&self, question: &str) -> Result<Option<TokenStates>, NoHostedAnswer> {
        match self.embedder.token_states(without_brackets(question), self.redactor.layer()).await {
            Ok(states) => Ok(Some(states)),
            Err(ModelError::Absent) => Ok(None),
            Err(error) if self.config.hold_if_unsure => Err(NoHostedAnswer::Unread(error.to_string())),
            Err(error) => {
                tracing::warn!(%error, "a message was not read for names; it goes by the rules alone");
                Ok(None)
            }
        }
    }

    fn messages(case: &HardCase, redacted: &Redacted) -> Vec<PromptMessage> {
        let rules = format!(
            "{}\n\nIf the passages do not hold the answer, reply with {NO_ANSWER} alone. \
             Words in square brackets such as [PERSON_1] stand for something withheld: use them as they are.",
            case.instructions
        );
        vec![
            PromptMessage { role: PromptRole::System, content: rules },
            PromptMessage { role: PromptRole::User, content: redacted.text.clone() },
        ]
    }

    /// Takes the most a call may cost out of today's budget; give it back with [`Hosted::settle`].
    async fn reserve(&self, messages: &[PromptMessage]) -> Result<Usage, NoHostedAnswer> {
        let characters: usize = messages.iter().map(|message| message.content.chars().count()).sum();
        let most = Usage {
            prompt_tokens: characters.div_ceil(CHARS_PER_TOKEN) as u64,
            completion_tokens: u64::from(self.config.max_tokens),
        };
        let since = day_start(self.clock.now());
        let mut reserved = self.reserved.lock().await;
        let recorded = self.calls.spent_since(since).await;
        let recorded = recorded.map_err(|error| NoHostedAnswer::Failed(error.to_string()))?;
        let spent = Spent {
            cost_micros: recorded.cost_micros.saturating_add(reserved.cost_micros),
            tokens: recorded.tokens.saturating_add(reserved.tokens),
        };
        if !self.budget().allows(spent, most, self.price()) {
            return Err(NoHostedAnswer::BudgetSpent);
        }
        reserved.cost_micros += self.price().cost_micros(most);
        reserved.tokens += most.total();
        Ok(most)
    }

    async fn settle(&self, most: Usage) {
        let mut reserved = self.reserved.lock().await;
        reserved.cost_micros = reserved.cost_micros.saturating_sub(self.price().cost_micros(most));
        reserved.tokens = reserved.tokens.saturating_sub(most.total());
    }

    /// Host and port.
    fn destination(&self) -> String {
        let port = self.url.port_or_known_default().unwrap_or_default();
        format!("{}:{port}", self.url.host_str().unwrap_or_default())
    }

    fn budget(&self) -> DailyBudget {
        DailyBudget { cost_micros: self.config.daily_cost_micros, tokens: self.config.daily_tokens }
    }

    fn price(&self) -> Price {
        Price {
            prompt_micros: self.config.prompt_price_micros,
            completion_micros: self.config.completion_price_micros,
        }
    }

    /// Asks, again after failures that may pass, with growing pauses and jitter.
    async fn complete(&self, case: &HardCase, messages: &[PromptMessage]) -> Result<Completion, String> {
        let mut attempt = 0;
        loop {
            attempt += 1;
            let call = async {
                match self.config.provider {
                    HostedProvider::Anthropic => anthropic::complete(self, case, messages).await,
                    HostedProvider::Openai | HostedProvider::Off => {
                        openai::complete(self, case, messages).await
                    }
                }
            };
            let timeout = Duration::from_millis(self.config.timeout_ms);
            let result = tokio::time::timeout(timeout, call).await.unwrap_or_else(|_| {
                let reason = format!("no whole answer within {} s", timeout.as_secs());
                Err(CallError::Again { reason, wait: None })
            });
            match result {
                Ok(completion) => return Ok(completion),
                Err(CallError::Final(reason)) => return Err(reason),
                Err(CallError::Again { reason, .. }) if attempt >= self.config.max_attempts => {
                    return Err(format!("{reason} ({attempt} attempts)"));
                }
                Err(CallError::Again { wait, .. }) => {
                    let step = Duration::from_millis(500 * (1 << attempt.min(6)));
                    let jitter = step.mul_f64(0.5 + rand::random::<f64>() / 2.0);
                    tokio::time::sleep(wait.unwrap_or(jitter).min(timeout)).await;
                }
            }
        }
    }

    async fn record(
        &self,
        case: &HardCase,
        messages: &[PromptMessage],
        redacted: &Redacted,
        result: &Result<Completion, String>,
    ) {
        let request_text: Vec<&str> = messages.iter().map(|message| message.content.as_str()).collect();
        let request_text = request_text.join("\n\n");
        let usage = result.as_ref().map(|completion| completion.usage).unwrap_or_default();
        let call = HostedCall {
            ticket: case.ticket,
            destination: self.destination(),
            model: self.config.model.clone(),
            request_bytes: request_text.len() as u64,
            request_text,
            response_bytes: result.as_ref().map(|completion| completion.response_bytes).unwrap_or_default(),
            redactions: redacted.placeholders.len() as u64,
            usage,
            cost_micros: self.price().cost_micros(usage),
            outcome: match result {
                Ok(completion) if declines(&completion.text) => "not_answered",
                Ok(_) => "answered",
                Err(_) => "failed",
            },
        };
        if let Err(error) = self.calls.record_call(call, self.clock.now()).await {
            // The ledger's row was written before anything left; only the text of it is missing here.
            tracing::error!(%error, "a hosted call could not be recorded");
        }
    }
}

#[async_trait]
impl HostedModel for Hosted {
    async fn ask(&self, case: &HardCase) -> Result<HostedAnswer, NoHostedAnswer> {
        let redacted = self.redact(case).await?;
        let messages = Self::messages(case, &redacted);
        let most = self.reserve(&messages).await?;
        if !self.breaker.lock().await.permits(self.clock.now()) {
            self.settle(most).await;
            return Err(NoHostedAnswer::LeftAlone);
        }
        let result = self.complete(case, &messages).await;
        match &result {
            Ok(_) => self.breaker.lock().await.succeeded(),
            Err(reason) => {
                tracing::warn!(%reason, "the hosted model did not answer");
                self.breaker.lock().await.failed(self.clock.now());
            }
        }
        self.record(case, &messages, &redacted, &result).await;
        self.settle(most).await;
        let completion = result.map_err(NoHostedAnswer::Failed)?;
        if declines(&completion.text) {
            return Err(NoHostedAnswer::NotAnswered);
        }
        Ok(HostedAnswer { text: redacted.restore(completion.text.trim()), usage: completion.usage })
    }

    async fn preview(&self, case: &HardCase) -> Result<HostedPayload, NoHostedAnswer> {
        let redacted = self.redact(case).await?;
        let messages = Self::messages(case, &redacted);
        let body = match self.config.provider {
            HostedProvider::Anthropic => anthropic::body(self, &messages),
            HostedProvider::Openai | HostedProvider::Off => openai::body(self, &messages),
        };
        Ok(HostedPayload { destination: self.destination(), body, redactions: redacted.placeholders.len() })
    }
}

fn declines(text: &str) -> bool {
    text.trim().is_empty() || text.contains(NO_ANSWER)
}

fn rules(config: &HostedConfig) -> Result<HostedRules, String> {
    let channels = config
        .channels
        .iter()
        .map(|name| name.parse::<Channel>().map_err(|error| format!("hosted.channels: {error}")));
    let plans = config.plans.iter().map(|name| {
        name.parse::<Plan>()
            .map_err(|()| format!("hosted.plans: {name:?} is no plan; use free, pro or enterprise"))
    });
    let never = config.never_categories.iter().map(|name| {
        name.parse::<EscalationCategory>()
            .map_err(|()| format!("hosted.never_categories: {name:?} is no category"))
    });
    Ok(HostedRules {
        channels: channels.collect::<Result<_, _>>()?,
        plans: plans.collect::<Result<_, _>>()?,
        never: never.collect::<Result<_, _>>()?,
    })
}
