//! The measuring programs behind `frontdesk eval`: read labelled rows, run what is measured, score. Labels are never
//! inputs of what is measured. Deterministic: the same files give the same figures, times excepted.
//! Knows `domain`, `ports`, `knowledge`, `pipeline`; prints nothing.

mod answers;
mod calibration;
mod injection;
mod retrieval;
mod rows;
mod sentiment;
mod statistics;
mod tickets;

pub use answers::{AnswerRow, AnsweredRow, AnswersReport, evaluate_answers};
pub use calibration::{Example, Reliability, cross_validated, fit};
pub use injection::{InjectionReport, evaluate_injection};
pub use retrieval::{QueryOutcome, RetrievalMiss, RetrievalReport};
pub use rows::{InjectionRow, RowError, SentimentRow, TicketRow, parse_rows};
pub use sentiment::{SentimentReport, evaluate_sentiment};
pub use statistics::{Interval, cluster_bootstrap, median, percentile, wilson};
pub use tickets::{GroupScore, TicketReport, evaluate_tickets};
