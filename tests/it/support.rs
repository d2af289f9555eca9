//! Running the real program: a folder of its own, its settings, its process.

pub mod google;
mod lines;
pub mod mail_servers;
pub mod mosquitto;
pub mod proxy;

use serde_json::{Value, json};
use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};
use tempfile::TempDir;

pub const BINARY: &str = env!("CARGO_BIN_EXE_frontdesk");
pub const OPERATOR_TOKEN: &str = "a-token-for-tests-only-0123456789";
/// The longest a test waits for something that should take moments.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// A box of its own: a folder with settings, data and the demo company's documents.
pub struct TestBox {
    pub folder: TempDir,
    settings: Vec<(String, String)>,
}

impl TestBox {
    /// Answers from passages by words alone: no model is needed.
    pub fn without_models() -> Self {
        let test_box =
            Self::new(&[("models.chat", "none"), ("models.embedding", "none"), ("answers.mode", "passage")]);
        test_box.add_demo_knowledge();
        test_box
    }

    pub fn new(settings: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let data = folder.path().join("data").display().to_string();
        let base = [
            ("server.listen", "127.0.0.1:0"),
            ("server.operator_token", OPERATOR_TOKEN),
            ("server.submissions_per_minute", "100000"),
            ("company.name", "TaskFlow"),
            ("company.product", "TaskFlow"),
            ("company.support_email", "support@taskflow.example"),
            ("data.directory", data.as_str()),
        ];
        let settings = base
            .iter()
            .chain(settings)
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect();
        Self { folder, settings }
    }

    /// With further settings, which win.
    pub fn set(mut self, key: &str, value: &str) -> Self {
        self.settings.push((key.to_owned(), value.to_owned()));
        self
    }

    /// A command of the program with this box's settings, away from the developer's own.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(BINARY);
        command.current_dir(self.folder.path()).args(arguments);
        for (key, value) in &self.settings {
            command.arg("--set").arg(format!("{key}={value}"));
        }
        command
    }

    /// Runs a command to its end; the output when it succeeded.
    pub fn run(&self, arguments: &[&str]) -> Result<String, String> {
        let output = self.command(arguments).output().expect("the program starts");
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) }
    }

    pub fn add_demo_knowledge(&self) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/demo/knowledge");
        self.run(&["knowledge", "add", &folder.display().to_string()]).expect("the demo documents are added");
    }

    /// Numbers straight from the store's file, one a statement. The program must not be running.
    pub fn figures(&self, statements: &[&str]) -> Vec<i64> {
        let connection = rusqlite::Connection::open(self.folder.path().join("data/frontdesk.db"))
            .expect("the store opens");
        statements
            .iter()
            .map(|sql| connection.query_row(sql, [], |row| row.get(0)).expect("a number"))
            .collect()
    }

    pub fn serve(&self) -> Server {
        self.serve_stopping_at(None)
    }

    /// Serves; with a fault point, stops there for ever when the first message passes it.
    pub fn serve_stopping_at(&self, point: Option<&str>) -> Server {
        let mut command = self.command(&["serve"]);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        if let Some(point) = point {
            command.env("FRONTDESK_STOP_AT", point);
        }
        let mut child = command.spawn().expect("the program starts");
        let mut lines = BufReader::new(child.stdout.take().expect("standard output"));
        let mut line = String::new();
        lines.read_line(&mut line).expect("a line");
        let url = line.split_whitespace().find(|word| word.starts_with("http")).map(str::to_owned);
        let Some(url) = url else {
            let _ = child.kill();
            let output = child.wait_with_output().expect("ends");
            panic!("it did not start: {line} {}", String::from_utf8_lossy(&output.stderr));
        };
        let log = LogReader::new(child.stderr.take().expect("standard error"));
        // A refused upload closes its connection: no later request may be sent on it.
        let client =
            reqwest::Client::builder().pool_max_idle_per_host(0).build().expect("a client can be made");
        Server { child, url, log, client }
    }
}

/// Reads the program's log in the background, so that its pipe never fills, and lets tests wait for a line.
pub struct LogReader {
    /// A receiver alone may not be shared between threads, and tests move between them.
    lines: std::sync::Mutex<std::sync::mpsc::Receiver<String>>,
}

impl LogReader {
    pub fn new(stream: impl std::io::Read + Send + 'static) -> Self {
        let (sender, lines) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            for line in BufReader::new(stream).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        Self { lines: std::sync::Mutex::new(lines) }
    }

    /// Waits for a line that holds the text.
    pub fn wait_for(&self, text: &str) -> String {
        let end = Instant::now() + PATIENCE;
        let mut seen = Vec::new();
        let lines = self.lines.lock().expect("no reader panicked");
        while let Ok(line) = lines.recv_timeout(end.saturating_duration_since(Instant::now())) {
            if line.contains(text) {
                return line;
            }
            seen.push(line);
        }
        panic!("no line with {text:?} came; the log was:\n{}", seen.join("\n"));
    }

    /// Everything logged so far.
    pub fn so_far(&self) -> String {
        self.lines.lock().expect("no reader panicked").try_iter().collect::<Vec<_>>().join("\n")
    }
}

/// A running program; killed without ceremony when dropped.
pub struct Server {
    pub child: Child,
    pub url: String,
    pub log: LogReader,
    pub client: reqwest::Client,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a submission answered.
#[derive(Debug, Clone)]
pub struct Submitted {
    pub reference: String,
    pub token: String,
}

impl Server {
    /// `kill -9`, as a power cut would.
    pub fn kill(mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("reaped");
    }

    /// A polite stop; waits until it has ended.
    pub fn terminate(mut self) -> std::process::ExitStatus {
        let killed =
            Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().expect("kill runs");
        assert!(killed.success());
        self.child.wait().expect("reaped")
    }

    pub async fn get(&self, path: &str) -> (u16, Value) {
        read(self.client.get(format!("{}{path}", self.url)).send().await.expect("an answer")).await
    }

    pub async fn get_as_operator(&self, path: &str) -> (u16, Value) {
        read(
            self.client
                .get(format!("{}{path}", self.url))
                .bearer_auth(OPERATOR_TOKEN)
                .send()
                .await
                .expect("an answer"),
        )
        .await
    }

    /// How a connection to another system of the owner's stands, as the health report says; waits until it stands so.
    pub async fn wait_for_link(&self, name: &str, status: &str) -> Value {
        let end = Instant::now() + PATIENCE;
        loop {
            let (_, readiness) = self.get_as_operator("/health/ready").await;
            let links = readiness["links"].as_array().expect("links").clone();
            if let Some(found) = links.iter().find(|link| link["name"] == name && link["status"] == status) {
                return found.clone();
            }
            assert!(Instant::now() < end, "{name} never became {status}: {readiness}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Any method as an operator, with a body or without.
    pub async fn as_operator(&self, method: &str, path: &str, body: Option<&Value>) -> (u16, Value) {
        let method = method.parse().expect("a method");
        let mut request =
            self.client.request(method, format!("{}{path}", self.url)).bearer_auth(OPERATOR_TOKEN);
        if let Some(body) = body {
            request = request.json(body);
        }
        read(request.send().await.expect("an answer")).await
    }

    pub async fn post(&self, path: &str, body: &Value, key: Option<&str>) -> (u16, Value) {
        let mut request = self.client.post(format!("{}{path}", self.url)).json(body);
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        read(request.send().await.expect("an answer")).await
    }

    pub async fn submit(&self, form: &Value, key: Option<&str>) -> Submitted {
        let (status, body) = self.post("/support/submit", form, key).await;
        assert_eq!(status, 200, "{body}");
        let text = |name: &str| body[name].as_str().expect(name).to_owned();
        Submitted { reference: text("ticket_id"), token: text("status_token") }
    }

    pub async fn ticket(&self, submitted: &Submitted) -> Value {
        let (status, body) =
            self.get(&format!("/support/ticket/{}?token={}", submitted.reference, submitted.token)).await;
        assert_eq!(status, 200, "{body}");
        body
    }

    /// Waits until the ticket has this many replies and follows its events for that, not the clock.
    pub async fn wait_for_replies(&self, submitted: &Submitted, count: usize) -> Value {
        let end = Instant::now() + PATIENCE * 3;
        loop {
            let ticket = self.ticket(submitted).await;
            if replies(&ticket).len() >= count {
                return ticket;
            }
            assert!(Instant::now() < end, "no reply came: {ticket}");
            self.next_event(submitted).await;
        }
    }

    /// Waits for the ticket's next event, or a moment at most (an event may have passed before we watched).
    async fn next_event(&self, submitted: &Submitted) {
        let address =
            format!("{}/support/ticket/{}/events?token={}", self.url, submitted.reference, submitted.token);
        let mut response = self.client.get(address).send().await.expect("a stream");
        let reply = async {
            while let Ok(Some(piece)) = response.chunk().await {
                if String::from_utf8_lossy(&piece).contains("event: reply") {
                    break;
                }
            }
        };
        let _ = tokio::time::timeout(Duration::from_millis(300), reply).await;
    }
}

async fn read(response: reqwest::Response) -> (u16, Value) {
    let status = response.status().as_u16();
    let text = response.text().await.expect("a body");
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

/// The messages of a ticket that went to the customer.
pub fn replies(ticket: &Value) -> Vec<&Value> {
    let messages = ticket["messages"].as_array().expect("messages");
    messages.iter().filter(|message| message["role"] == "assistant").collect()
}

/// A form that the demo documents answer.
pub fn form(email: &str, subject: &str, message: &str) -> Value {
    json!({ "name": "Ana Li", "email": email, "subject": subject, "message": message, "category": "general", "priority": "medium" })
}
