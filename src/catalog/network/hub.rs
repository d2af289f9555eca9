//! The Hugging Face hub: addresses and cache layout as the hf-hub crate has them.
//!
//! The bytes go through our own client, because hf-hub 0.5 waits for an unreachable host without limit, trusts
//! only its compiled-in certificates, checks no checksum, and would keep a second copy in its own cache.

use super::address::Address;
use super::settings::NetworkSettings;
use hf_hub::{Cache, Repo, RepoType};
use secrecy::ExposeSecret;
use std::path::PathBuf;

fn repo(repository: &str, revision: &str) -> Repo {
    Repo::with_revision(repository.to_owned(), RepoType::Model, revision.to_owned())
}

/// The address of a file, with the token where there is one.
pub(in crate::catalog) fn address(
    settings: &NetworkSettings,
    repository: &str,
    revision: &str,
    file: &str,
) -> Address {
    let repo = repo(repository, revision);
    let endpoint = settings.hub_endpoint.trim_end_matches('/');
    let url = format!("{endpoint}/{}/resolve/{}/{file}", repo.url(), repo.url_revision());
    let kept = || Cache::new(settings.hub_cache.clone()?).token();
    let token = settings.hub_token.as_ref().map(|token| token.expose_secret().to_owned()).or_else(kept);
    Address::new(&url).with_token(token.as_deref())
}

/// The file in the hub's own cache on this box, where another program may have put it. Large files lie there
/// under their sha256.
pub(in crate::catalog) fn cached(
    settings: &NetworkSettings,
    repository: &str,
    revision: &str,
    file: &str,
    sha256: &str,
) -> Option<PathBuf> {
    let cache = Cache::new(settings.hub_cache.clone()?).repo(repo(repository, revision));
    let candidates = [cache.blob_path(sha256), cache.pointer_path(revision).join(file)];
    candidates.into_iter().chain(cache.get(file)).find(|path| path.is_file())
}
