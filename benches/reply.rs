//! How long a customer waits: TaskFlow's twenty questions over HTTP against the real program, for the default model, the tiny one and
//! the passage-only answer, by stage; and how fast a submission is accepted while replies are being written.
//!
//! `cargo bench --bench reply [-- --json FILE] [-- --keep FOLDER] [-- --set KEY=VALUE] [-- MODE…]` with modes `default`, `tiny`, `passage`.
//! Needs `frontdesk models pull`. The models read the passages ahead first, which takes minutes; `--keep` keeps that for the next run.
#![allow(clippy::print_stdout, reason = "this program prints its figures")]

use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// `FRONTDESK_PROGRAM` names another program than the one built with this, as for the scripts beside it.
#[expect(clippy::disallowed_methods, reason = "as the scripts beside it do")]
fn program() -> String {
    std::env::var("FRONTDESK_PROGRAM").unwrap_or_else(|_| env!("CARGO_BIN_EXE_frontdesk").to_owned())
}

const TOKEN: &str = "a-token-for-benchmarks-0123456789";
/// Replies in flight at once.
const TOGETHER: usize = 8;
const MODES: [(&str, &[&str]); 3] = [
    ("default", &["answers.mode=model"]),
    ("tiny", &["answers.mode=model", "models.chat=smollm2-135m-instruct-q4_1"]),
    ("passage", &["answers.mode=passage", "models.chat=none"]),
];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let after = |flag: &str| arguments.iter().position(|a| a == flag).and_then(|at| arguments.get(at + 1));
    let keep = after("--keep").map(PathBuf::from);
    let more: Vec<&str> = after("--set").map(String::as_str).into_iter().collect();
    let wanted: Vec<&str> =
        arguments.iter().map(String::as_str).filter(|a| MODES.iter().any(|(mode, _)| mode == a)).collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let mut all = Vec::new();
    for (mode, settings) in MODES {
        if wanted.is_empty() || wanted.contains(&mode) {
            let settings = [settings, &more].concat();
            all.push(runtime.block_on(measure(mode, &settings, keep.as_deref())));
        }
    }
    if let Some(file) = after("--json") {
        let mut file = std::fs::File::create(file).expect("the file can be written");
        writeln!(file, "{}", serde_json::to_string_pretty(&all).expect("JSON")).expect("written");
    }
}

/// A data folder with the demo documents, and how the program is run on it.
struct Place {
    folder: PathBuf,
    settings: Vec<String>,
    /// Takes the folder away at the end, unless it is kept.
    _temporary: Option<tempfile::TempDir>,
}

struct Desk {
    child: Child,
    url: String,
    client: reqwest::Client,
}

impl Drop for Desk {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Place {
    fn with_demo_documents(mode: &str, settings: &[&str], keep: Option<&Path>) -> Self {
        let temporary = keep.is_none().then(|| tempfile::tempdir().expect("a folder"));
        let folder = temporary
            .as_ref()
            .map_or_else(|| keep.unwrap_or(Path::new(".")), |folder| folder.path())
            .join(mode);
        std::fs::create_dir_all(&folder).expect("a folder");
        let base = [
            &format!("data.directory={}", folder.display()),
            &format!("server.operator_token={TOKEN}"),
            "server.listen=127.0.0.1:0",
            "server.submissions_per_minute=100000",
            "company.product=TaskFlow",
            "log.level=warn",
        ];
        let settings = base.iter().chain(settings).map(|&setting| setting.to_owned()).collect();
        let place = Self { folder, settings, _temporary: temporary };
        let documents =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/demo/knowledge").display().to_string();
        let added = place
            .command(&["knowledge", "add", &documents])
            .stdout(Stdio::null())
            .status()
            .expect("the program starts");
        assert!(added.success(), "the demo documents are added");
        if mode != "passage" {
            let read = place.command(&["knowledge", "read-ahead"]).status().expect("the program starts");
            assert!(read.success(), "the passages are read ahead");
        }
        place
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(program());
        command.current_dir(&self.folder).args(arguments);
        for setting in &self.settings {
            command.args(["--set", setting]);
        }
        command
    }

    fn serve(&self) -> Desk {
        let mut child = self.command(&["serve"]).stdout(Stdio::piped()).spawn().expect("the program starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("output")).read_line(&mut line).expect("a line");
        let url =
            line.split_whitespace().find(|word| word.starts_with("http://")).expect("an address").to_owned();
        #[expect(clippy::disallowed_methods, reason = "this is a customer")]
        let client = reqwest::Client::new();
        Desk { child, url, client }
    }

    /// Milliseconds from the start of the process to ready, and its memory a moment after, in MiB; several times.
    async fn starts(&self) -> (Vec<f64>, Vec<f64>) {
        let (mut ready_ms, mut resident_mib) = (Vec::new(), Vec::new());
        for _ in 0..5 {
            let started = Instant::now();
            let desk = self.serve();
            desk.ready().await;
            ready_ms.push(started.elapsed().as_secs_f64() * 1000.0);
            tokio::time::sleep(Duration::from_millis(500)).await;
            resident_mib.push(desk.resident_mib());
        }
        ready_ms.sort_by(f64::total_cmp);
        resident_mib.sort_by(f64::total_cmp);
        (ready_ms, resident_mib)
    }
}

impl Desk {
    /// What the process holds in memory; 0 where the system does not say.
    fn resident_mib(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
        line.split_whitespace().next().and_then(|kib| kib.parse::<f64>().ok()).unwrap_or_default() / 1024.0
    }

    async fn ready(&self) {
        loop {
            if self
                .client
                .get(format!("{}/health/ready", self.url))
                .send()
                .await
                .is_ok_and(|response| response.status() == 200)
            {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn submit(&self, subject: &str, message: &str, number: usize) -> (Value, f64) {
        let form = json!({ "name": "Ana Li", "email": format!("p{number}@example.org"), "subject": subject, "message": message });
        let started = Instant::now();
        let response = self
            .client
            .post(format!("{}/support/submit", self.url))
            .json(&form)
            .send()
            .await
            .expect("an answer");
        let body = response.json().await.expect("JSON");
        (body, started.elapsed().as_secs_f64() * 1000.0)
    }

    /// Milliseconds from now until each kind of event first came, up to the reply.
    async fn watch(&self, submitted: &Value, started: Instant) -> BTreeMap<String, f64> {
        let text = |key: &str| submitted[key].as_str().unwrap_or_default().to_owned();
        let address = format!(
            "{}/support/ticket/{}/events?token={}",
            self.url,
            text("ticket_id"),
            text("status_token")
        );
        let mut response = self.client.get(address).send().await.expect("a stream");
        let (mut seen, mut buffer) = (BTreeMap::new(), String::new());
        while let Ok(Some(piece)) = response.chunk().await {
            buffer.push_str(&String::from_utf8_lossy(&piece));
            while let Some(end) = buffer.find("\n\n") {
                let event: String = buffer.drain(..end + 2).collect();
                let name = event.lines().find_map(|line| line.strip_prefix("event: ")).unwrap_or_default();
                let data: Value = event
                    .lines()
                    .find_map(|line| line.strip_prefix("data: "))
                    .and_then(|data| serde_json::from_str(data).ok())
                    .unwrap_or_default();
                let key = if name == "progress" { data["stage"].as_str().unwrap_or_default() } else { name };
                seen.entry(key.to_owned()).or_insert_with(|| started.elapsed().as_secs_f64() * 1000.0);
                if name == "reply" || matches!(key, "answered" | "with_a_person") {
                    seen.entry("reply".to_owned())
                        .or_insert_with(|| started.elapsed().as_secs_f64() * 1000.0);
                    return seen;
                }
            }
        }
        seen
    }
}

/// Milliseconds until so many customers, who write at once, all have their replies.
async fn together(desk: &Desk, questions: &[&Value]) -> f64 {
    let started = Instant::now();
    let replies = questions.iter().enumerate().map(|(number, question)| async move {
        let text = |key: &str| question[key].as_str().unwrap_or_default();
        let (submitted, _) = desk.submit(text("subject"), text("question"), 2000 + number).await;
        desk.watch(&submitted, started).await
    });
    futures_util::future::join_all(replies).await;
    started.elapsed().as_secs_f64() * 1000.0
}

async fn measure(mode: &str, settings: &[&str], keep: Option<&Path>) -> Value {
    let place = Place::with_demo_documents(mode, settings, keep);
    let (ready_ms, resident_mib) = place.starts().await;
    println!(
        "\n{mode}: ready {:.0} ms after the start (median of {}, slowest {:.0}), at rest {:.0} MiB",
        ready_ms[ready_ms.len() / 2],
        ready_ms.len(),
        ready_ms[ready_ms.len() - 1],
        resident_mib[resident_mib.len() / 2]
    );
    let desk = place.serve();
    desk.ready().await;
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/demo/eval/reply-questions.json");
    let questions: Vec<Value> =
        serde_json::from_str(&std::fs::read_to_string(path).expect("questions")).expect("JSON");
    let answerable: Vec<&Value> =
        questions.iter().filter(|question| question["answerable"] == true).collect();
    // One warm-up, not counted.
    let (submitted, _) = desk.submit("Warm-up", "How do I invite a colleague?", 999).await;
    desk.watch(&submitted, Instant::now()).await;
    let (mut stages, mut submits): (BTreeMap<String, Vec<f64>>, Vec<f64>) = (BTreeMap::new(), Vec::new());
    let mut one_by_one_ms = 0.0;
    for (number, question) in answerable.iter().enumerate() {
        let started = Instant::now();
        let text = |key: &str| question[key].as_str().unwrap_or_default();
        let (submitted, took) = desk.submit(text("subject"), text("question"), number).await;
        submits.push(took);
        // Another customer writes while this reply is being made.
        let busy = desk.submit("Hello", "Hello there, good morning!", 1000 + number);
        let (seen, (_, busy_ms)) = tokio::join!(desk.watch(&submitted, started), busy);
        submits.push(busy_ms);
        if number < TOGETHER {
            one_by_one_ms += seen.get("reply").copied().unwrap_or_default();
        }
        for (stage, at) in seen {
            stages.entry(stage).or_default().push(at);
        }
    }
    println!(
        "  {:16} {:>9} {:>9} {:>9}  ms since the click, {} questions",
        "stage",
        "median",
        "p95",
        "max",
        answerable.len()
    );
    let mut rows = BTreeMap::new();
    stages.insert("submit".to_owned(), submits);
    for (stage, values) in &mut stages {
        values.sort_by(f64::total_cmp);
        let at = |share: f64| values[((values.len() - 1) as f64 * share).round() as usize];
        println!("  {stage:16} {:>9.0} {:>9.0} {:>9.0}", at(0.5), at(0.95), at(1.0));
        rows.insert(
            stage.clone(),
            json!({ "count": values.len(), "median_ms": at(0.5), "p95_ms": at(0.95), "max_ms": at(1.0) }),
        );
    }
    let together_ms = together(&desk, &answerable[..TOGETHER]).await;
    let gain = one_by_one_ms / together_ms;
    println!(
        "  {TOGETHER} replies: {one_by_one_ms:.0} ms one by one, {together_ms:.0} ms together, {gain:.2} times the throughput"
    );
    json!({ "mode": mode, "stages": rows, "one_by_one_ms": one_by_one_ms, "together_ms": together_ms, "gain": gain, "ready_ms": ready_ms, "resident_mib": resident_mib })
}
