//! The command line: one file a subcommand. Parses and prints; decides nothing.

pub mod ask;
pub mod backup;
mod bar;
pub mod channels;
pub mod check_config;
pub mod decisions;
mod demo;
pub mod doctor;
pub mod egress;
pub mod eval;
pub mod healthcheck;
pub mod init;
pub mod knowledge;
pub mod manual;
pub mod mcp;
pub mod models;
pub mod openapi;
pub mod privacy;
pub mod relay;
pub mod report;
pub mod serve;
pub mod tls;
pub mod worker;

use crate::config::{Config, LoadOptions, Loaded, load};
use anyhow::Context;
use clap::{Parser, Subcommand};
use std::{path::PathBuf, process::ExitCode};

/// An AI support employee in one binary: answers customers from your own documents, on your own box.
#[derive(Debug, Parser)]
#[command(
    name = "frontdesk",
    version,
    propagate_version = true,
    after_help = "Examples:\n  \
    frontdesk init --demo            set up the demo company in this folder\n  \
    frontdesk serve                  answer customers\n  \
    frontdesk ask \"How do I export my data?\"\n\n\
    Settings come from frontdesk.toml, then FRONTDESK__SECTION__KEY in the environment, then flags."
)]
pub struct Cli {
    /// Settings file; `frontdesk.toml` in this folder when left out.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Sets one setting, for example `--set server.listen=0.0.0.0:8080`. May be repeated.
    #[arg(long = "set", global = true, value_name = "KEY=VALUE", value_parser = key_value)]
    settings: Vec<(String, String)>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Answer customers: the web form, the queue and the models.
    Serve(serve::ServeArguments),
    /// Draft for another box that shares a message broker with this machine.
    Worker(worker::WorkerArguments),
    /// Let providers reach a box behind a router.
    #[command(subcommand)]
    Relay(relay::RelayCommand),
    /// Set up this box: write a settings file, get the models, load documents.
    Init(init::InitArguments),
    /// Models: which there are, and getting their files onto this box.
    #[command(subcommand)]
    Models(models::ModelsCommand),
    /// The company's documents that answers are taken from.
    #[command(subcommand)]
    Knowledge(knowledge::KnowledgeCommand),
    /// Answer one question here and now, with its sources.
    Ask(ask::AskArguments),
    /// The ways customers reach the box: set them up, see how they stand, try them out.
    #[command(subcommand)]
    Channels(channels::ChannelsCommand),
    /// Put decisions right, and see what was put right.
    #[command(subcommand)]
    Decisions(decisions::DecisionsCommand),
    /// Measure decisions, search, answers and redaction on labelled sets.
    #[command(subcommand)]
    Eval(eval::EvalCommand),
    /// Copy the store to one verified file, while the box serves.
    Backup(backup::BackupArguments),
    /// Put a backup in the store's place, after checking it; the store that was there is kept.
    Restore(backup::RestoreArguments),
    /// The box's own certificate for HTTPS on the LAN.
    #[command(subcommand)]
    Tls(tls::TlsCommand),
    /// Print what the support desk did, as the daily report does.
    Report(report::ReportArguments),
    /// What is kept of a person: a copy for them, or its end.
    #[command(subcommand)]
    Privacy(privacy::PrivacyCommand),
    /// What left this box, and whether the record of it is whole.
    #[command(subcommand)]
    Egress(egress::EgressCommand),
    /// Serve the tools to an assistant on this machine, over standard input and output.
    Mcp(mcp::McpArguments),
    /// Find what is wrong with this set-up, in plain words.
    Doctor(doctor::DoctorArguments),
    /// Print completions for a shell.
    Completions(manual::CompletionsArguments),
    /// Write manual pages.
    Manual(manual::ManualArguments),
    /// Describe the console's interface (OpenAPI 3.1).
    Openapi(openapi::OpenapiArguments),
    /// Explain the settings in force, secrets masked, and say what is wrong with them.
    CheckConfig(check_config::CheckConfigArguments),
    /// Ask a running Frontdesk whether it is ready; ends with status 0 when it is.
    Healthcheck(healthcheck::HealthcheckArguments),
}

fn key_value(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("write it as key=value, for example company.name=Acme")?;
    if key.split('.').count() < 2 {
        return Err(format!("{key:?} names no setting; keys look like company.name"));
    }
    Ok((key.trim().to_owned(), value.trim().to_owned()))
}

/// `frontdesk … | head` closes our output early: that ends the program quietly, as every other tool does.
fn end_quietly_when_nobody_reads() {
    /// What a shell reports of a program that a closed pipe ended: 128 and the signal's number.
    const CLOSED_PIPE: i32 = 141;
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let text = panic.payload_as_str().unwrap_or_default();
        if text.starts_with("failed printing to") && text.contains("Broken pipe") {
            std::process::exit(CLOSED_PIPE);
        }
        report(panic);
    }));
}

/// Runs a command; errors go to standard error in one chain of plain sentences.
pub fn run(cli: Cli) -> ExitCode {
    end_quietly_when_nobody_reads();
    match dispatch(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let chain: Vec<String> = error.chain().map(ToString::to_string).collect();
            #[expect(clippy::print_stderr, reason = "this is the command line")]
            {
                eprintln!("error: {}", without_repeats(&chain).join(": "));
            }
            ExitCode::FAILURE
        }
    }
}

/// Causes that the text before them already holds are not said twice.
fn without_repeats(chain: &[String]) -> Vec<&str> {
    let mut said: Vec<&str> = Vec::new();
    for text in chain {
        if !said.iter().any(|before| before.contains(text.as_str())) {
            said.push(text);
        }
    }
    said
}

fn dispatch(cli: Cli) -> anyhow::Result<()> {
    let options = LoadOptions { file: cli.config.clone(), flags: cli.settings.clone() };
    match cli.command {
        Command::Init(arguments) => init::run(&arguments, &options),
        Command::CheckConfig(arguments) => check_config::run(&arguments, &options),
        Command::Healthcheck(arguments) => healthcheck::run(&arguments, &options),
        Command::Serve(arguments) => serve::run(arguments, options),
        Command::Worker(arguments) => worker::run(arguments, options),
        Command::Relay(command) => relay::run(command, options),
        Command::Models(command) => models::run(&command, &models_settings(&settings(&options)?)),
        Command::Knowledge(command) => knowledge::run(&command, &settings(&options)?),
        Command::Ask(arguments) => ask::run(&arguments, &settings(&options)?),
        Command::Channels(command) => channels::run(&command, settings(&options)?, &options),
        Command::Decisions(command) => decisions::run(&command, &settings(&options)?),
        Command::Backup(arguments) => backup::back_up(&arguments, &settings(&options)?),
        Command::Restore(arguments) => backup::restore(&arguments, &settings(&options)?),
        Command::Tls(command) => tls::run(&command, &settings(&options)?),
        Command::Report(arguments) => report::run(&arguments, &settings(&options)?),
        Command::Privacy(command) => privacy::run(&command, &settings(&options)?),
        Command::Mcp(arguments) => mcp::run(&arguments, settings(&options)?),
        Command::Doctor(_) => doctor::run(&options),
        Command::Completions(arguments) => {
            manual::completions(&arguments);
            Ok(())
        }
        Command::Manual(arguments) => manual::manual(&arguments),
        Command::Openapi(arguments) => openapi::run(&arguments),
        Command::Egress(command) => egress::run(&command, &settings(&options)?),
        Command::Eval(command) => eval::run(&command, &settings(&options)?),
    }
}

/// The settings, with logging started: quietly, unless a level was set.
fn settings(options: &LoadOptions) -> anyhow::Result<Config> {
    let Loaded { mut config, .. } = load(options)?;
    if config.log.level == "info" {
        "warn".clone_into(&mut config.log.level);
    }
    crate::telemetry::start(&config.log)?;
    Ok(config)
}

/// What the models' commands need of the settings.
fn models_settings(config: &Config) -> models::ModelsSettings {
    models::ModelsSettings {
        directory: config.models.directory.clone(),
        catalog_file: config.models.catalog_file.clone(),
        network: crate::app::network_settings(config),
        departures: Some(crate::app::recorded_downloads(config)),
    }
}

/// A runtime for commands that do one thing.
fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .context("no runtime could be started")
}
