use super::*;
use crate::{
    knowledge::{Searcher, memory_index::MemoryIndex},
    ports::model::ModelInfo,
};
use async_trait::async_trait;
use jiff::Timestamp;
use std::{fs, path::Path, sync::Mutex};

struct FixedClock;

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH
    }
}

/// Counts letters; remembers what it was asked.
struct LetterEmbedder {
    state: Mutex<ModelState>,
    asked: Mutex<Vec<String>>,
}

impl LetterEmbedder {
    fn named(id: &str) -> Arc<Self> {
        let embedder = Self { state: Mutex::new(ModelState::Loading), asked: Mutex::default() };
        embedder.become_ready(id);
        Arc::new(embedder)
    }

    fn become_ready(&self, id: &str) {
        let info =
            ModelInfo { id: id.into(), architecture: "bert".into(), context_tokens: 256, file_bytes: 0 };
        *self.state.lock().unwrap() = ModelState::Ready(info);
    }

    fn taken(&self) -> Vec<String> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }
}

#[async_trait]
impl Embedder for LetterEmbedder {
    fn state(&self) -> ModelState {
        self.state.lock().unwrap().clone()
    }

    fn dimensions(&self) -> usize {
        26
    }

    async fn embed(&self, texts: Vec<String>) -> Result<Vec<Vec<f32>>, ModelError> {
        let vector = |text: &String| {
            let mut counts = vec![0.0_f32; 26];
            for letter in text.bytes().filter(u8::is_ascii_lowercase) {
                counts[usize::from(letter - b'a')] += 1.0;
            }
            let norm = counts.iter().map(|count| count * count).sum::<f32>().sqrt().max(1e-9);
            counts.iter().map(|count| count / norm).collect()
        };
        let vectors = texts.iter().map(vector).collect();
        self.asked.lock().unwrap().extend(texts);
        Ok(vectors)
    }
}

fn indexer(index: &Arc<MemoryIndex>, embedder: Option<&Arc<LetterEmbedder>>) -> Indexer {
    let embedder = embedder.map(|embedder| -> Arc<dyn Embedder> { embedder.clone() });
    Indexer::new(index.clone(), embedder, Arc::new(FixedClock))
}

async fn add(indexer: &Indexer, folder: &Path) -> Vec<(String, DocumentOutcome)> {
    let report = indexer.add(&[folder.to_owned()], &NoProgress).await.unwrap();
    report.documents.into_iter().map(|line| (line.title, line.outcome)).collect()
}

fn indexed(added: usize, kept: usize, removed: usize) -> DocumentOutcome {
    DocumentOutcome::Indexed(IndexChange { added, kept, removed })
}

const PAY: &str = "# Pay\n\n## By card\n\nEnter the card.\n\n## By invoice\n\nAsk for one.\n";

#[tokio::test]
async fn only_what_changed_is_embedded_and_what_vanished_is_removed() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::write(path("pay.md"), PAY).unwrap();
    fs::write(path("rest.md"), "# Rest\n\nSleep well.\n").unwrap();
    let (index, embedder) = (Arc::new(MemoryIndex::default()), LetterEmbedder::named("one"));
    let indexer = indexer(&index, Some(&embedder));
    assert_eq!(
        add(&indexer, folder.path()).await,
        [("Pay".into(), indexed(2, 0, 0)), ("Rest".into(), indexed(1, 0, 0))]
    );
    assert_eq!(embedder.taken().len(), 3);

    fs::write(path("pay.md"), PAY.replace("Ask for one.", "Write to us.")).unwrap();
    fs::remove_file(path("rest.md")).unwrap();
    let outcome = add(&indexer, folder.path()).await;
    assert_eq!(outcome, [("Rest".into(), DocumentOutcome::Removed), ("Pay".into(), indexed(1, 1, 1))]);
    assert_eq!(embedder.taken(), ["Pay - By invoice\nWrite to us."]);

    assert_eq!(add(&indexer, folder.path()).await, [("Pay".into(), DocumentOutcome::Unchanged)]);
    assert!(embedder.taken().is_empty());
    assert_eq!(index.documents().await.unwrap().len(), 1);
}

#[tokio::test]
async fn an_unreadable_file_keeps_its_earlier_content() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pay.md");
    fs::write(&path, PAY).unwrap();
    let index = Arc::new(MemoryIndex::default());
    let indexer = indexer(&index, None);
    add(&indexer, folder.path()).await;
    fs::write(&path, b"\0\0").unwrap();
    let report = indexer.add(&[folder.path().to_owned()], &NoProgress).await.unwrap();
    assert_eq!((report.documents.len(), report.problems.len()), (0, 1));
    let report = indexer.add(&[folder.path().join("gone")], &NoProgress).await.unwrap();
    assert_eq!((report.documents.len(), report.problems.len()), (0, 1));
    assert_eq!(index.documents().await.unwrap()[0].passages, 2);
}

#[tokio::test]
async fn vectors_come_later_when_the_model_does() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("pay.md"), format!("---\nurl: https://a.example/pay\n---\n{PAY}")).unwrap();
    let (index, embedder) = (Arc::new(MemoryIndex::default()), LetterEmbedder::named("one"));
    *embedder.state.lock().unwrap() = ModelState::Loading;
    let indexer = indexer(&index, Some(&embedder));
    let report = indexer.add(&[folder.path().to_owned()], &NoProgress).await.unwrap();
    assert_eq!(report.without_vector, 2);
    assert_eq!(indexer.reembed_missing(&NoProgress).await.unwrap(), ReembedReport::default());
    let by_words =
        Searcher::new(index.clone(), Some(embedder.clone())).search("card", None, 5).await.unwrap();
    assert_eq!((by_words[0].passage.heading(), by_words[0].similarity), ("By card", None));

    embedder.become_ready("one");
    let filled = ReembedReport { documents: 1, passages: 2 };
    assert_eq!(indexer.reembed_missing(&NoProgress).await.unwrap(), filled);
    assert_eq!(indexer.reembed_missing(&NoProgress).await.unwrap(), ReembedReport::default());
    // Another model's vectors are of no use to this one.
    embedder.become_ready("two");
    assert_eq!(indexer.reembed_missing(&NoProgress).await.unwrap(), filled);
    let found = Searcher::new(index.clone(), Some(embedder)).search("card", None, 5).await.unwrap();
    assert!(found[0].similarity.is_some());
    assert_eq!(found[0].passage.url, "https://a.example/pay#by-card");
    assert_eq!(index.documents().await.unwrap()[0].slug, "pay");
}

#[tokio::test]
async fn documents_of_one_name_get_their_own_addresses_and_keep_them() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    for name in ["a", "b"] {
        fs::create_dir(path(name)).unwrap();
        fs::write(path(name).join("faq.md"), format!("# {name}\n\ntext {name}\n")).unwrap();
    }
    let index = Arc::new(MemoryIndex::default());
    let indexer = indexer(&index, None);
    add(&indexer, folder.path()).await;
    fs::remove_dir_all(path("a")).unwrap();
    fs::write(path("b").join("faq.md"), "# b\n\nnew text\n").unwrap();
    add(&indexer, folder.path()).await;
    let documents = index.documents().await.unwrap();
    assert_eq!(documents.iter().map(|document| document.slug.as_str()).collect::<Vec<_>>(), ["faq-2"]);
    let found = Searcher::new(index, None).search("new text", None, 1).await.unwrap();
    assert_eq!(found[0].passage.url, "/help/faq-2#b");
}

#[tokio::test]
async fn an_upload_is_indexed_by_its_name() {
    let index = Arc::new(MemoryIndex::default());
    let indexer = indexer(&index, None);
    let report = indexer.add_bytes("upload:1", "Our Hours.txt", b"Open all day.".to_vec()).await.unwrap();
    assert_eq!(report.documents[0].title, "Our Hours");
    let report = indexer.add_bytes("upload:2", "x.pdf", b"text".to_vec()).await.unwrap();
    assert_eq!(
        report.problems[0].to_string(),
        "x.pdf: this kind of file is not read; use .md, .txt or .html"
    );
    assert!(indexer.remove("upload:1").await.unwrap());
    assert!(!indexer.remove("upload:1").await.unwrap());
}
