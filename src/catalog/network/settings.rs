//! Where to look for models on the network, found from what a box already has: environment, pip.conf and .npmrc.
//!
//! The finding is pure: it is handed a way to look a variable up and a way to read a file.

use secrecy::SecretString;
use std::fmt;
use std::path::{Path, PathBuf};

/// How the outside world is reached for model files.
#[derive(Clone)]
pub struct NetworkSettings {
    /// Address of the Hugging Face hub or a mirror of it.
    pub hub_endpoint: String,
    /// Sent to the hub only; some models need it.
    pub hub_token: Option<SecretString>,
    /// The hub's own cache on this box; a file already there is copied instead of fetched.
    pub hub_cache: Option<PathBuf>,
    /// Python indexes ("simple" addresses), tried in order. May carry `user:password@`.
    pub python_indexes: Vec<String>,
    /// Address of the npm registry.
    pub npm_registry: String,
    /// Proxy for everything, such as `http://proxy.example:3128`.
    pub proxy: Option<String>,
    /// Hosts that are reached without the proxy, separated by commas.
    pub no_proxy: Option<String>,
    /// Certificates to trust besides the system's, in PEM.
    pub certificate_file: Option<PathBuf>,
    /// How long a connection may take before the next source is tried.
    pub connect_timeout_ms: u64,
    /// How long a transfer may stand still before it is taken up anew.
    pub idle_timeout_ms: u64,
    /// Pause before a broken transfer is taken up anew; doubled each time nothing came.
    pub retry_pause_ms: u64,
}

impl Default for NetworkSettings {
    fn default() -> Self {
        Self {
            hub_endpoint: "https://huggingface.co".to_owned(),
            hub_token: None,
            hub_cache: None,
            python_indexes: vec!["https://pypi.org/simple".to_owned()],
            npm_registry: "https://registry.npmjs.org".to_owned(),
            proxy: None,
            no_proxy: None,
            certificate_file: None,
            connect_timeout_ms: 3_000,
            idle_timeout_ms: 30_000,
            retry_pause_ms: 500,
        }
    }
}

/// Addresses may carry a password, so only hosts are shown.
impl fmt::Debug for NetworkSettings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hosts: Vec<String> = self.python_indexes.iter().map(|address| host_of(address)).collect();
        formatter
            .debug_struct("NetworkSettings")
            .field("hub", &host_of(&self.hub_endpoint))
            .field("python_indexes", &hosts)
            .field("npm_registry", &host_of(&self.npm_registry))
            .field("proxy", &self.proxy.as_deref().map(host_of))
            .finish_non_exhaustive()
    }
}

impl NetworkSettings {
    /// What this box is already set up for. `lookup` gives an environment variable, `read` a file's text.
    ///
    /// The Python index comes from `UV_DEFAULT_INDEX`, `UV_INDEX_URL`, `PIP_INDEX_URL`, then pip.conf; the npm
    /// registry from `NPM_CONFIG_REGISTRY`, then .npmrc; the hub from `HF_ENDPOINT`; else the public addresses.
    pub fn discover(lookup: &dyn Fn(&str) -> Option<String>, read: &dyn Fn(&Path) -> Option<String>) -> Self {
        let set = |name: &str| lookup(name).map(|v| v.trim().to_owned()).filter(|v| !v.is_empty());
        let first = |names: &[&str]| names.iter().find_map(|name| set(name));
        let home = set("HOME").map(PathBuf::from);
        let defaults = Self::default();

        let pip = pip_files(&set, home.as_deref());
        let from_pip = |key: &str| pip.iter().find_map(|path| pip_value(&read(path)?, key));
        let mut python_indexes: Vec<String> = first(&["UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL"])
            .or_else(|| from_pip("index-url"))
            .map_or_else(|| defaults.python_indexes.clone(), |address| vec![address]);
        let extra =
            first(&["UV_EXTRA_INDEX_URL", "PIP_EXTRA_INDEX_URL"]).or_else(|| from_pip("extra-index-url"));
        python_indexes.extend(extra.iter().flat_map(|list| list.split_whitespace()).map(str::to_owned));

        let npmrc = [home.as_ref().map(|home| home.join(".npmrc")), Some(PathBuf::from("/etc/npmrc"))];
        let from_npm = || npmrc.iter().flatten().find_map(|path| npm_value(&read(path)?, "registry"));

        let hub_home = set("HF_HOME").map(PathBuf::from);
        let hub_cache = hub_home
            .or_else(|| home.map(|home| home.join(".cache").join("huggingface")))
            .map(|folder| folder.join("hub"));
        Self {
            hub_endpoint: set("HF_ENDPOINT").unwrap_or(defaults.hub_endpoint),
            hub_token: set("HF_TOKEN").map(SecretString::from),
            hub_cache,
            python_indexes,
            npm_registry: first(&["NPM_CONFIG_REGISTRY", "npm_config_registry"])
                .or_else(from_npm)
                .unwrap_or(defaults.npm_registry),
            proxy: first(&[
                "HTTPS_PROXY",
                "https_proxy",
                "ALL_PROXY",
                "all_proxy",
                "HTTP_PROXY",
                "http_proxy",
            ])
            .or_else(|| from_pip("proxy")),
            no_proxy: first(&["NO_PROXY", "no_proxy"]),
            certificate_file: first(&["PIP_CERT", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"])
                .or_else(|| from_pip("cert"))
                .map(PathBuf::from),
            ..defaults
        }
    }
}

/// What an operator chose in Frontdesk's own settings. Empty values choose nothing.
#[derive(Clone, Copy, Default)]
pub struct ChosenSources<'a> {
    pub hub_url: &'a str,
    pub hub_token: &'a str,
    pub pypi_index_url: &'a str,
    pub npm_registry_url: &'a str,
}

impl NetworkSettings {
    /// Lets what the operator chose win over what was found.
    #[must_use]
    pub fn with_chosen(mut self, chosen: ChosenSources<'_>) -> Self {
        if !chosen.hub_url.is_empty() {
            chosen.hub_url.clone_into(&mut self.hub_endpoint);
        }
        if !chosen.hub_token.is_empty() {
            self.hub_token = Some(SecretString::from(chosen.hub_token));
        }
        if !chosen.pypi_index_url.is_empty() {
            self.python_indexes = vec![chosen.pypi_index_url.to_owned()];
        }
        if !chosen.npm_registry_url.is_empty() {
            chosen.npm_registry_url.clone_into(&mut self.npm_registry);
        }
        self
    }
}

/// pip's own order, the strongest first.
fn pip_files(set: &dyn Fn(&str) -> Option<String>, home: Option<&Path>) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = set("PIP_CONFIG_FILE").map(PathBuf::from).into_iter().collect();
    let user = set("XDG_CONFIG_HOME").map(PathBuf::from).or_else(|| home.map(|home| home.join(".config")));
    files.extend(user.map(|folder| folder.join("pip").join("pip.conf")));
    files.extend(home.map(|home| home.join(".pip").join("pip.conf")));
    files.push(PathBuf::from("/etc/pip.conf"));
    files
}

/// A value of pip.conf's `[global]`, `[download]` or `[install]` section. A value may go on in indented lines.
fn pip_value(text: &str, key: &str) -> Option<String> {
    let mut in_section = false;
    let mut value: Option<String> = None;
    for line in text.lines() {
        let trimmed = line.trim();
        let goes_on = line.starts_with([' ', '\t']) && !trimmed.is_empty();
        if let Some(value) = &mut value {
            if !goes_on {
                break;
            }
            if !trimmed.starts_with(['#', ';']) {
                value.push(' ');
                value.push_str(trimmed);
            }
        } else if trimmed.starts_with('[') {
            in_section = matches!(trimmed, "[global]" | "[download]" | "[install]");
        } else if in_section && !trimmed.starts_with(['#', ';']) {
            let pair = trimmed.split_once(['=', ':']);
            value = pair
                .filter(|(name, _)| name.trim().replace('_', "-").eq_ignore_ascii_case(key))
                .map(|(_, given)| given.trim().to_owned());
        }
    }
    value.map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
}

/// A `key=value` line of .npmrc.
fn npm_value(text: &str, key: &str) -> Option<String> {
    text.lines()
        .filter(|line| !line.trim_start().starts_with(['#', ';']))
        .filter_map(|line| line.split_once('='))
        .find(|(name, _)| name.trim() == key)
        .map(|(_, value)| value.trim().trim_matches('"').to_owned())
        .filter(|value| !value.is_empty())
}

/// The host of an address, for messages: never its user, password or path.
pub(super) fn host_of(address: &str) -> String {
    url::Url::parse(address)
        .ok()
        .and_then(|url| {
            let host = url.host_str()?.to_owned();
            Some(url.port().map_or_else(|| host.clone(), |port| format!("{host}:{port}")))
        })
        .unwrap_or_else(|| "an address that cannot be read".to_owned())
}

#[cfg(test)]
mod tests;
