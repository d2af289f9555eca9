//! A real Mosquitto on loopback: TLS, passwords and an access list, to be killed and started again; and a client to watch it with.

use super::{PATIENCE, TestBox, mail_servers::wait_for_port};
use rumqttc::v5::{
    AsyncClient, Event, MqttOptions,
    mqttbytes::{
        QoS,
        v5::{ConnectProperties, Packet, PublishProperties},
    },
};
use std::{
    collections::HashMap,
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::Mutex,
    time::Duration,
};
use tempfile::TempDir;
use tokio::sync::mpsc;

const PASSWORD: &str = "pw-for-tests";
const PROGRAM: &str = "/usr/sbin/mosquitto";
/// Who may do what. A box of the site `test`; whoever watches; a kiosk; a helper box.
const ACCESS: &str = "user box
topic readwrite frontdesk/test/v1/#
topic write homeassistant/#
user watcher
topic read #
user kiosk
topic write frontdesk/test/v1/tickets/create
topic read frontdesk/test/v1/devices/#
user helper
topic read frontdesk/test/v1/work/drafting
topic write frontdesk/test/v1/work/replies
topic write frontdesk/test/v1/work/helpers/#
";

/// The broker; ended when dropped.
pub struct Mosquitto {
    folder: TempDir,
    pub port: u16,
    pub tls_port: u16,
    process: Mutex<Option<Child>>,
}

impl Mosquitto {
    /// Set up, not started: a broker that is away.
    pub fn prepare() -> Self {
        for program in [PROGRAM, "/usr/bin/mosquitto_passwd", "/usr/bin/openssl"] {
            assert!(Path::new(program).exists(), "{program} is missing: run scripts/setup first");
        }
        let folder = tempfile::Builder::new().prefix("fdq").tempdir_in("/tmp").expect("a folder");
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).expect("permissions");
        let [port, tls_port] = quiet_ports();
        let broker = Self { folder, port, tls_port, process: Mutex::default() };
        broker.make_certificates();
        broker.write_settings();
        broker
    }

    pub fn start() -> Self {
        let broker = Self::prepare();
        broker.run();
        broker
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn certificate_authority(&self) -> PathBuf {
        self.path("ca.crt")
    }

    fn make_certificates(&self) {
        let extensions = "subjectAltName=DNS:localhost,IP:127.0.0.1\nbasicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\n";
        fs::write(self.path("extensions"), extensions).expect("written");
        let key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";
        for arguments in [
            format!("req -x509 {key} -days 2 -keyout ca.key -out ca.crt -subj /CN=test-ca -addext basicConstraints=critical,CA:TRUE"),
            format!("req {key} -keyout server.key -out server.csr -subj /CN=localhost"),
            "x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -out server.crt -extfile extensions".to_owned(),
        ] {
            self.run_tool("openssl", &arguments.split(' ').collect::<Vec<_>>());
        }
    }

    fn run_tool(&self, program: &str, arguments: &[&str]) {
        let output = Command::new(program).current_dir(self.folder.path()).args(arguments).output();
        let output = output.expect("it starts");
        assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    }

    fn write_settings(&self) {
        for (index, user) in ["box", "watcher", "kiosk", "helper"].iter().enumerate() {
            let mut arguments = vec!["-b", "passwd", user, PASSWORD];
            if index == 0 {
                arguments.insert(0, "-c");
            }
            self.run_tool("mosquitto_passwd", &arguments);
        }
        fs::write(self.path("acl"), ACCESS).expect("written");
        let folder = self.folder.path().display().to_string();
        let (port, tls_port) = (self.port, self.tls_port);
        // Saved at every change: what the broker confirmed outlives its end.
        let settings = format!(
            "user root
allow_anonymous false
password_file {folder}/passwd
acl_file {folder}/acl
persistence true
persistence_location {folder}/
autosave_on_changes true
autosave_interval 1
max_queued_messages 0
log_dest file {folder}/log
listener {port} 127.0.0.1
listener {tls_port} 127.0.0.1
cafile {folder}/ca.crt
certfile {folder}/server.crt
keyfile {folder}/server.key
"
        );
        fs::write(self.path("mosquitto.conf"), settings).expect("written");
        for name in ["passwd", "acl"] {
            fs::set_permissions(self.path(name), fs::Permissions::from_mode(0o600)).expect("permissions");
        }
    }

    /// Starts it; returns once it takes connections.
    pub fn run(&self) {
        let mut command = Command::new(PROGRAM);
        command.arg("-c").arg(self.path("mosquitto.conf"));
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
        *self.process.lock().expect("free") = Some(child);
        wait_for_port(self.port);
        wait_for_port(self.tls_port);
    }

    /// `kill -9`.
    pub fn kill(&self) {
        if let Some(mut child) = self.process.lock().expect("free").take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// A box that speaks to this broker over TLS.
    pub fn connect(&self, test_box: TestBox, user: &str) -> TestBox {
        test_box
            .set("mqtt.broker", &format!("mqtts://localhost:{}", self.tls_port))
            .set("mqtt.site", "test")
            .set("mqtt.user", user)
            .set("mqtt.password", PASSWORD)
            .set("mqtt.certificate_authority_file", &self.certificate_authority().display().to_string())
    }

    /// A client that sees what this user may see. The broker keeps its messages while it is away.
    pub async fn client(&self, user: &str, topics: &[&str]) -> Client {
        Client::connect(self.port, self.path("log"), user, topics).await
    }
}

impl Drop for Mosquitto {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Free ports below those that outgoing connections get: a broker that is away must find its ports again.
fn quiet_ports() -> [u16; 2] {
    loop {
        let candidate = 15_000 + uuid::Uuid::new_v4().as_u128() as u16 % 15_000;
        let ports = [candidate, candidate + 1];
        if ports.iter().all(|port| std::net::TcpListener::bind(("127.0.0.1", *port)).is_ok()) {
            return ports;
        }
    }
}

/// A message as it came.
#[derive(Debug, Clone)]
pub struct Message {
    pub topic: String,
    pub payload: String,
    pub retained: bool,
}

impl Message {
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.payload).unwrap_or_default()
    }
}

/// A client of the broker, which comes back when the broker does.
pub struct Client {
    requests: AsyncClient,
    messages: mpsc::UnboundedReceiver<Message>,
    broker_log: PathBuf,
    /// What came, by topic, in order.
    pub seen: HashMap<String, Vec<Message>>,
}

impl Client {
    async fn connect(port: u16, broker_log: PathBuf, user: &str, topics: &[&str]) -> Self {
        let name = format!("test-{user}-{}", uuid::Uuid::new_v4().simple());
        let mut options = MqttOptions::new(name, "127.0.0.1", port);
        options.set_credentials(user, PASSWORD);
        options.set_clean_start(false);
        let mut properties = ConnectProperties::new();
        properties.session_expiry_interval = Some(3600);
        properties.max_packet_size = Some(1024 * 1024);
        options.set_connect_properties(properties);
        let (client, mut events) = AsyncClient::new(options, 64);
        let (sender, messages) = mpsc::unbounded_channel();
        let (ready, subscribed) = tokio::sync::oneshot::channel();
        let mut ready = Some(ready);
        for topic in topics {
            client.subscribe(*topic, QoS::AtLeastOnce).await.expect("asked");
        }
        let mut missing = topics.len();
        tokio::spawn(async move {
            loop {
                match events.poll().await {
                    Ok(Event::Incoming(Packet::Publish(publish))) => {
                        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
                        let message = Message {
                            topic: text(&publish.topic),
                            payload: text(&publish.payload),
                            retained: publish.retain,
                        };
                        if sender.send(message).is_err() {
                            return;
                        }
                    }
                    Ok(Event::Incoming(Packet::SubAck(_))) => missing = missing.saturating_sub(1),
                    Ok(_) => {}
                    Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
                }
                if missing == 0
                    && let Some(ready) = ready.take()
                {
                    let _ = ready.send(());
                }
            }
        });
        tokio::time::timeout(PATIENCE, subscribed).await.expect("the broker answers").expect("subscribed");
        Self { requests: client, messages, broker_log, seen: HashMap::new() }
    }

    pub async fn publish(&self, topic: &str, payload: &str, response_topic: Option<&str>) {
        let properties = PublishProperties {
            response_topic: response_topic.map(str::to_owned),
            ..PublishProperties::default()
        };
        let payload = payload.to_owned();
        let sent =
            self.requests.publish_with_properties(topic, QoS::AtLeastOnce, false, payload, properties).await;
        sent.expect("handed over");
    }

    /// Waits for a message that fits, keeping all others as seen.
    pub async fn wait_for(&mut self, what: &str, fits: impl Fn(&Message) -> bool) -> Message {
        let wait = async {
            loop {
                let message = self.messages.recv().await.expect("the client lives");
                self.seen.entry(message.topic.clone()).or_default().push(message.clone());
                if fits(&message) {
                    return message;
                }
            }
        };
        if let Ok(message) = tokio::time::timeout(PATIENCE, wait).await {
            return message;
        }
        panic!("{what} never came; seen on {:?}; {}", self.seen.keys(), self.broker_says())
    }

    /// The broker's log, without its saving.
    fn broker_says(&self) -> String {
        let log = fs::read_to_string(&self.broker_log).unwrap_or_default();
        log.lines().filter(|line| !line.contains("Saving")).collect::<Vec<_>>().join("\n")
    }

    /// What came on a topic so far, without waiting.
    pub fn on(&self, topic: &str) -> &[Message] {
        self.seen.get(topic).map_or(&[], Vec::as_slice)
    }
}
