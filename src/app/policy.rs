//! The policy files: the shipped ones, or an operator's own of the same name.

use crate::{domain::voice::Voice, pipeline::Routing, ports::{model::Embedder, triage::Triager}};
use anyhow::Context;
use std::{path::Path, sync::Arc};

/// All policies, read and checked.
pub struct Policies {
    pub voice: Voice,
    pub routing: Routing,
    triage: crate::triage::PolicyFiles,
}

impl Policies {
    /// Reads the shipped files and lays an operator's own over them.
    ///
    /// # Errors
    /// When a file cannot be read or says something that is not understood; the text names the file.
    pub fn load(folder: Option<&Path>) -> anyhow::Result<Self> {
        let own = |name: &str| -> anyhow::Result<Option<String>> {
            let Some(path) = folder.map(|folder| folder.join(name)).filter(|path| path.is_file()) else { return Ok(None) };
            std::fs::read_to_string(&path).map(Some).with_context(|| format!("the policy file {} cannot be read", path.display()))
        };
        let voice = own("voice.toml")?.unwrap_or_else(|| include_str!("../../assets/policy/voice.toml").to_owned());
        let routing = own("routing.toml")?.unwrap_or_else(|| include_str!("../../assets/policy/routing.toml").to_owned());
        let mut triage = crate::triage::PolicyFiles::embedded();
        for name in crate::triage::PolicyFiles::NAMES {
            if let Some(text) = own(name)? {
                triage.replace(name, text)?;
            }
        }
        Ok(Self {
            voice: toml::from_str(&voice).context("voice.toml cannot be read")?,
            routing: Routing::parse(&routing)?,
            triage,
        })
    }

    /// The triage engine these policies make.
    ///
    /// # Errors
    /// When a rule cannot be understood.
    pub fn triager(&self, embedder: Arc<dyn Embedder>) -> anyhow::Result<Arc<dyn Triager>> {
        let _ = embedder;
        todo!()
    }
}
