//! `frontdesk init`: from nothing to a box that answers. Every step that is done already is left alone, so it can be run again.
#![allow(clippy::print_stdout, reason = "this is the command line")]

use super::{
    demo, knowledge,
    models::{
        self,
        bench::{Estimate, TARGET_SECONDS, estimates, recommended},
    },
    models_settings, runtime,
};
use crate::{
    app::{Assistant, ModelPlan},
    config::{AnswerMode, Config, LoadOptions, default_data_directory, load},
};
use anyhow::{Context, bail};
use clap::Args;
use rand::RngCore;
use std::{
    fs,
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    frontdesk init                                   settings and the default models\n  \
    frontdesk init --demo                            the demo company TaskFlow\n  \
    frontdesk init --knowledge ~/help-centre         your own documents\n  \
    frontdesk init --no-models                       no download now")]
pub struct InitArguments {
    /// Set up the demo company with its documents.
    #[arg(long)]
    demo: bool,
    /// Load documents from this file or folder. May be repeated.
    #[arg(long, value_name = "PATH")]
    knowledge: Vec<PathBuf>,
    /// Do not download models.
    #[arg(long)]
    no_models: bool,
    /// The longest a typical reply may take on this box; slower ones are given in the documents' own words.
    #[arg(long, default_value_t = TARGET_SECONDS, value_name = "SECONDS")]
    reply_target: f64,
    /// Where the box keeps its data.
    #[arg(long, value_name = "FOLDER")]
    data: Option<PathBuf>,
}

/// # Errors
/// When a file cannot be written, a model cannot be had or a document cannot be read.
pub fn run(arguments: &InitArguments, options: &LoadOptions) -> anyhow::Result<()> {
    let file = options.file.clone().unwrap_or_else(|| PathBuf::from("frontdesk.toml"));
    let is_new = !file.is_file();
    if is_new {
        write_settings(arguments, &file)?;
    } else {
        println!("{} is here already and stays as it is", file.display());
    }
    let settings = || load(&LoadOptions { file: Some(file.clone()), flags: options.flags.clone() });
    let mut config = settings()?.config;
    if !arguments.no_models {
        get_models(&config)?;
        if is_new && config.answers.mode == AnswerMode::Model && config.models.chat.is_empty() {
            measure_and_choose(arguments.reply_target, &config, &file)?;
            config = settings()?.config;
        }
    }
    let mut documents = arguments.knowledge.clone();
    if arguments.demo {
        documents.push(unpack_demo(&config.data.directory)?);
    }
    if !documents.is_empty() {
        runtime()?.block_on(async {
            let assistant = Assistant::open(&config)?;
            assistant.models_loaded().await;
            let result = knowledge::add(&config, &assistant, &documents).await;
            assistant.store.close().await;
            result
        })?;
    }
    println!("\nReady. Start with:\n  frontdesk serve --config {}", file.display());
    Ok(())
}

fn write_settings(arguments: &InitArguments, file: &Path) -> anyhow::Result<()> {
    let data = arguments.data.clone().unwrap_or_else(default_data_directory);
    fs::create_dir_all(&data)
        .with_context(|| format!("the data folder {} cannot be made", data.display()))?;
    let data =
        data.canonicalize().with_context(|| format!("the data folder {} cannot be used", data.display()))?;
    let token = data.join("operator.token");
    write_token(&token)?;
    let text = settings_text(arguments.demo, &data, &token);
    if let Some(parent) = file.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        fs::create_dir_all(parent)
            .with_context(|| format!("the folder {} cannot be made", parent.display()))?;
    }
    fs::write(file, text).with_context(|| format!("{} cannot be written", file.display()))?;
    println!("wrote {} and the operators' token {}", file.display(), token.display());
    Ok(())
}

/// The operators' token, readable by the owner alone; one that is there stays.
fn write_token(path: &Path) -> anyhow::Result<()> {
    if path.exists() {
        return Ok(());
    }
    let mut bytes = [0u8; 24];
    rand::rng().fill_bytes(&mut bytes);
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .with_context(|| format!("{} cannot be written", path.display()))?;
    writeln!(file, "{}", hex::encode(bytes))?;
    Ok(())
}

fn settings_text(demo: bool, data: &Path, token: &Path) -> String {
    let (name, product, email, ask_plan) = if demo {
        ("TaskFlow", "TaskFlow", "support@taskflow.example", true)
    } else {
        ("Your company", "your product", "support@example.com", false)
    };
    include_str!("../../assets/examples/frontdesk.toml")
        .replace("{name}", name)
        .replace("{product}", product)
        .replace("{support_email}", email)
        .replace("{ask_plan}", if ask_plan { "true" } else { "false" })
        .replace("{data}", &quoted(data))
        .replace("{token}", &quoted(token))
}

/// A path as a TOML string.
fn quoted(path: &Path) -> String {
    toml::Value::String(path.display().to_string()).to_string()
}

fn get_models(config: &Config) -> anyhow::Result<()> {
    let missing = ModelPlan::new(config)?.missing();
    if missing.is_empty() {
        println!("the models are here");
        return Ok(());
    }
    let command = models::ModelsCommand::Pull { ids: missing, from: None, allow_unverified: false };
    models::run(&command, &models_settings(config)).context("the models could not be had; run init again, or `frontdesk models pull --from FOLDER` with a copy of them")
}

/// Measures the chat models that are here, and notes in the new settings which one words replies on this box, or that none does.
fn measure_and_choose(target_seconds: f64, config: &Config, file: &Path) -> anyhow::Result<()> {
    let plan = ModelPlan::new(config)?;
    println!("measuring how fast this box words replies …");
    let found = estimates(&plan.store, (config.models.threads > 0).then_some(config.models.threads))?;
    let default = plan.chat.as_deref().unwrap_or_default();
    let choice = choice(&found, default, target_seconds);
    println!("{}", choice.said);
    if let Some((line, instead)) = choice.change {
        let text = fs::read_to_string(file)?;
        fs::write(file, text.replacen(line, &instead, 1))
            .with_context(|| format!("{} cannot be written", file.display()))?;
        println!("noted in {}", file.display());
    }
    Ok(())
}

/// What to tell, and which line of the new settings to change into what.
struct Choice {
    said: String,
    change: Option<(&'static str, String)>,
}

fn choice(found: &[Estimate], default: &str, target_seconds: f64) -> Choice {
    match recommended(found, target_seconds) {
        Some(best) => Choice {
            said: format!("{} words a typical reply in {:.1} s here", best.id, best.reply_seconds),
            change: (best.id != default).then(|| ("chat = \"\"", format!("chat = {:?}", best.id))),
        },
        None => Choice {
            said: format!(
                "no chat model here words a typical reply within {target_seconds} s{}: replies will be your documents' own words",
                found
                    .iter()
                    .map(|slow| format!(" ({}: {:.0} s)", slow.id, slow.reply_seconds))
                    .collect::<String>()
            ),
            change: (!found.is_empty()).then(|| ("mode = \"model\"", "mode = \"passage\"".to_owned())),
        },
    }
}

/// Writes the demo documents beside the data, where an operator can read and change them.
fn unpack_demo(data: &Path) -> anyhow::Result<PathBuf> {
    let folder = data.join("demo-knowledge");
    fs::create_dir_all(&folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    let documents = demo::documents();
    if documents.is_empty() {
        bail!("this build carries no demo documents");
    }
    for (name, bytes) in documents {
        let path = folder.join(name);
        // One that is there may have been changed by an operator since.
        if !path.exists() {
            fs::write(&path, bytes).with_context(|| format!("{} cannot be written", path.display()))?;
        }
    }
    Ok(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_settings_init_writes_are_accepted() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("settings/frontdesk.toml");
        let arguments = InitArguments {
            demo: true,
            knowledge: vec![],
            no_models: true,
            reply_target: TARGET_SECONDS,
            data: Some(folder.path().join("da ta\"x")),
        };
        write_settings(&arguments, &file).expect("written");
        let config = load(&LoadOptions { file: Some(file), flags: vec![] }).expect("accepted").config;
        assert_eq!(config.company.name, "TaskFlow");
        assert!(config.server.operator_token.expose().len() >= 48);
    }

    /// The lines that measuring may change must stand in the template, or the choice is lost.
    #[test]
    fn a_box_too_slow_for_the_model_answers_from_the_documents() {
        let template = include_str!("../../assets/examples/frontdesk.toml");
        let found = [
            Estimate { id: "default".to_owned(), reply_seconds: 20.0, file_bytes: 1_100 },
            Estimate { id: "smaller".to_owned(), reply_seconds: 9.0, file_bytes: 400 },
        ];
        assert!(choice(&found, "default", 30.0).change.is_none(), "the default is fast enough");
        let (line, instead) = choice(&found, "default", 10.0).change.expect("the smaller one");
        assert!(template.contains(line) && instead == "chat = \"smaller\"", "{line} -> {instead}");
        let (line, instead) = choice(&found, "default", 5.0).change.expect("none");
        assert!(template.contains(line) && instead == "mode = \"passage\"", "{line} -> {instead}");
        assert!(choice(&[], "default", 5.0).change.is_none(), "models.chat may be pulled later");
    }
}
