//! Documents that come from the console: kept as files in the data folder and indexed like all others.

use crate::{
    knowledge::{DocumentReport, FileKind, IndexProgress, IndexReport, Indexer},
    ports::{
        console::{IntakeError, IntakeJob, IntakeState, IntakeWork, KnowledgeIntake},
        store::StoreError,
    },
};
use async_trait::async_trait;
use std::{
    collections::VecDeque,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use uuid::Uuid;

/// Jobs remembered.
const REMEMBERED: usize = 50;

/// Told of every step.
pub type OnProgress = Arc<dyn Fn(&IntakeJob) + Send + Sync>;

/// Takes documents in.
pub struct ConsoleIntake {
    folder: PathBuf,
    indexer: Arc<Indexer>,
    jobs: Arc<Mutex<VecDeque<IntakeJob>>>,
    told: OnProgress,
}

impl ConsoleIntake {
    pub fn new(data: &Path, indexer: Arc<Indexer>, told: OnProgress) -> Self {
        Self { folder: data.join("console-documents"), indexer, jobs: Arc::default(), told }
    }

    fn watcher(&self, id: Uuid) -> Watcher {
        Watcher { id, jobs: self.jobs.clone(), told: self.told.clone() }
    }
}

fn lock(jobs: &Mutex<VecDeque<IntakeJob>>) -> MutexGuard<'_, VecDeque<IntakeJob>> {
    // A panic while holding this lock leaves a list that is still whole.
    jobs.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A file's name without anything that leads elsewhere.
fn safe_name(name: &str) -> Option<String> {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default().trim();
    FileKind::of(Path::new(last))?;
    let (stem, extension) = last.rsplit_once('.')?;
    let kept = |c: char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
    let stem: String = stem.chars().map(|c| if kept(c) { c } else { '-' }).take(80).collect();
    let stem = stem.trim_matches([' ', '-']);
    (!stem.is_empty()).then(|| format!("{stem}.{}", extension.to_lowercase()))
}

#[async_trait]
impl KnowledgeIntake for ConsoleIntake {
    async fn start(&self, work: IntakeWork) -> Result<IntakeJob, StoreError> {
        let folder = self.folder.clone();
        let unwritable = |error: std::io::Error| StoreError::Unwritable(error.to_string());
        tokio::fs::create_dir_all(&folder).await.map_err(unwritable)?;
        let paths = match work {
            IntakeWork::Reindex => vec![folder],
            IntakeWork::Add(files) => {
                let named: Option<Vec<(PathBuf, Vec<u8>)>> = files
                    .into_iter()
                    .map(|(name, bytes)| safe_name(&name).map(|name| (folder.join(name), bytes)))
                    .collect();
                let named = named.ok_or(StoreError::Refused {
                    code: "bad_file",
                    detail: "Documents are .md, .markdown, .txt, .html or .htm files with a name.",
                })?;
                let mut paths = Vec::new();
                for (path, bytes) in named {
                    tokio::fs::write(&path, bytes).await.map_err(unwritable)?;
                    paths.push(path);
                }
                paths
            }
        };
        let job = IntakeJob {
            id: Uuid::now_v7(),
            state: IntakeState::Running,
            done: 0,
            total: paths.len(),
            current: None,
            errors: Vec::new(),
        };
        let mut jobs = lock(&self.jobs);
        jobs.push_back(job.clone());
        if jobs.len() > REMEMBERED {
            jobs.pop_front();
        }
        drop(jobs);
        let (indexer, watcher) = (self.indexer.clone(), self.watcher(job.id));
        tokio::spawn(async move {
            let result = indexer.add(&paths, &watcher).await;
            watcher.finish(result.map_err(|error| error.to_string()));
        });
        Ok(job)
    }

    fn job(&self, id: Uuid) -> Option<IntakeJob> {
        lock(&self.jobs).iter().find(|job| job.id == id).cloned()
    }

    fn owns(&self, source: &str) -> bool {
        Path::new(source).parent() == Some(self.folder.as_path())
    }

    async fn forget(&self, source: &str) -> Result<(), StoreError> {
        if !self.owns(source) {
            return Ok(());
        }
        match tokio::fs::remove_file(source).await {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(StoreError::Unwritable(error.to_string())),
        }
    }
}

/// Writes a job's progress.
struct Watcher {
    id: Uuid,
    jobs: Arc<Mutex<VecDeque<IntakeJob>>>,
    told: OnProgress,
}

impl Watcher {
    fn change(&self, change: impl FnOnce(&mut IntakeJob)) {
        let changed = {
            let mut jobs = lock(&self.jobs);
            let Some(job) = jobs.iter_mut().find(|job| job.id == self.id) else { return };
            change(job);
            job.clone()
        };
        (self.told)(&changed);
    }

    fn finish(&self, result: Result<IndexReport, String>) {
        self.change(|job| match result {
            Ok(report) => {
                job.state = IntakeState::Done;
                job.done = job.total;
                job.errors.extend(report.problems.into_iter().map(|problem| {
                    IntakeError {
                        file: problem
                            .path
                            .file_name()
                            .map(|name| name.to_string_lossy().into_owned())
                            .unwrap_or_default(),
                        message: problem.reason.to_string(),
                    }
                }));
            }
            Err(error) => {
                tracing::error!(%error, "documents from the console were not indexed");
                job.state = IntakeState::Failed;
                job.errors.push(IntakeError { file: String::new(), message: error });
            }
        });
    }
}

impl IndexProgress for Watcher {
    fn started(&self, documents: usize) {
        self.change(|job| job.total = documents);
    }

    fn document(&self, position: usize, report: &DocumentReport) {
        self.change(|job| {
            job.done = position;
            job.current = Some(report.title.clone());
        });
    }
}

#[cfg(test)]
mod tests {
    use super::safe_name;
    use rstest::rstest;

    #[rstest]
    #[case("guide.md", Some("guide.md"))]
    #[case("../../etc/passwd.TXT", Some("passwd.txt"))]
    #[case("C:\\docs\\Ä b: c?.html", Some("Ä b- c.html"))]
    #[case("../.md", None)]
    #[case("program.exe", None)]
    #[case("", None)]
    fn a_name_never_leads_elsewhere(#[case] given: &str, #[case] expected: Option<&str>) {
        assert_eq!(safe_name(given).as_deref(), expected);
    }
}
