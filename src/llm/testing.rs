//! Where tests find real model files. A test that needs one is skipped with a printed reason when it is not there.

use std::path::PathBuf;

/// A file below the user's model folder, e.g. `all-minilm-l6-v2/model.safetensors`. `FRONTDESK_MODEL_DIR` names another.
pub fn model_file(name: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("FRONTDESK_MODEL_DIR")
        .map(PathBuf::from)
        .or_else(|| Some(directories::BaseDirs::new()?.cache_dir().join("frontdesk").join("models")))?;
    let path = folder.join(name);
    if path.is_file() {
        return Some(path);
    }
    println!("skipped: {} is not there; pull the model to run this test", path.display());
    None
}

/// A file named by an environment variable.
pub fn reference_file(variable: &str) -> Option<PathBuf> {
    let path = std::env::var_os(variable).map(PathBuf::from).filter(|path| path.is_file());
    if path.is_none() {
        println!("skipped: set {variable} to the reference file to run this test");
    }
    path
}
