//! Real Dovecot and Postfix on loopback, in a folder of their own, without systemd. They change users, so they need root.

use std::{
    fmt::Write as _,
    fs,
    net::{TcpListener, TcpStream},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{Arc, Mutex, PoisonError, Weak},
    time::{Duration, Instant},
};
use tempfile::TempDir;

use super::{PATIENCE, lines::Lines};

/// Every account's password.
pub const PASSWORD: &str = "pw-for-tests";
const DOMAIN: &str = "local.test";

/// The running servers; stopped when the last test lets go of them.
pub struct MailServers {
    folder: TempDir,
    pub imap: u16,
    pub imaps: u16,
    pub lmtp: u16,
    auth: u16,
    /// Takes mail for our domain from anyone, as a mail exchanger does; also from those who sign in, without TLS.
    pub smtp: u16,
    /// Takes mail after signing in, as a provider's server for sending does.
    pub submission: u16,
    /// Where Dovecot asks about tokens (RFC 7662).
    pub introspection: u16,
}

static SHARED: Mutex<Weak<MailServers>> = Mutex::new(Weak::new());

impl MailServers {
    /// The servers that all tests share; each test has mailboxes of its own.
    pub fn shared() -> Arc<Self> {
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        shared.upgrade().unwrap_or_else(|| {
            let servers = Arc::new(Self::start());
            *shared = Arc::downgrade(&servers);
            servers
        })
    }

    /// Servers for one test, to be stopped and started in it.
    pub fn start() -> Self {
        let root = Command::new("id").arg("-u").output().expect("id runs").stdout;
        assert_eq!(
            root.trim_ascii(),
            b"0",
            "the tests of mail start real Dovecot and Postfix, which need root: run them as root"
        );
        for program in ["/usr/sbin/dovecot", "/usr/sbin/postfix", "/usr/bin/openssl"] {
            assert!(Path::new(program).exists(), "{program} is missing: run scripts/setup first");
        }
        let folder = tempfile::Builder::new().prefix("fdm").tempdir_in("/tmp").expect("a folder");
        // The servers' own users have to get through.
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).expect("permissions");
        let [imap, imaps, lmtp, auth, smtp, submission, introspection] = free_ports();
        let servers = Self { folder, imap, imaps, lmtp, auth, smtp, submission, introspection };
        servers.make_certificates();
        servers.write_dovecot();
        servers.write_postfix();
        servers.start_dovecot();
        servers.start_postfix();
        servers
    }

    pub fn certificate_authority(&self) -> PathBuf {
        self.path("tls/ca.crt")
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn make_certificates(&self) {
        let tls = self.path("tls");
        fs::create_dir_all(&tls).expect("a folder");
        let extensions = "subjectAltName=DNS:localhost,IP:127.0.0.1\nbasicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\n";
        fs::write(tls.join("extensions"), extensions).expect("written");
        let key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";
        for arguments in [
            format!("req -x509 {key} -days 2 -keyout ca.key -out ca.crt -subj /CN=test-ca -addext basicConstraints=critical,CA:TRUE"),
            format!("req {key} -keyout server.key -out server.csr -subj /CN=localhost"),
            "x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -out server.crt -extfile extensions".to_owned(),
        ] {
            run(Command::new("openssl").current_dir(&tls).args(arguments.split(' ')));
        }
        for name in ["server.key", "server.crt", "ca.crt"] {
            fs::set_permissions(tls.join(name), fs::Permissions::from_mode(0o644)).expect("permissions");
        }
    }

    fn write_dovecot(&self) {
        let folder = self.folder.path().display().to_string();
        fs::create_dir_all(self.path("dovecot")).expect("a folder");
        fs::create_dir_all(self.path("mail")).expect("a folder");
        fs::write(self.path("dovecot/tokens.ext"), format!(
            "introspection_mode = post\nintrospection_url = http://127.0.0.1:{}/introspect\nusername_attribute = email\nactive_attribute = active\nactive_value = true\nforce_introspection = yes\nclient_id = dovecot\nclient_secret = dovecot\n",
            self.introspection
        )).expect("written");
        let (imap, imaps, lmtp, auth) = (self.imap, self.imaps, self.lmtp, self.auth);
        let text = format!(
            "base_dir = {folder}/dovecot/run
state_dir = {folder}/dovecot/state
log_path = {folder}/dovecot/log
protocols = imap lmtp
listen = 127.0.0.1
ssl = yes
ssl_cert = <{folder}/tls/server.crt
ssl_key = <{folder}/tls/server.key
disable_plaintext_auth = no
auth_mechanisms = plain login xoauth2
auth_failure_delay = 0
auth_verbose = yes
mail_location = maildir:~/Maildir
first_valid_uid = 100
mail_max_userip_connections = 50
recipient_delimiter = +
lmtp_save_to_detail_mailbox = yes
namespace inbox {{
  inbox = yes
  separator = /
  mailbox Sent {{
    special_use = \\Sent
    auto = create
  }}
}}
passdb {{
  driver = static
  args = password={PASSWORD}
  mechanisms = plain login
}}
passdb {{
  driver = oauth2
  mechanisms = xoauth2
  args = {folder}/dovecot/tokens.ext
}}
userdb {{
  driver = static
  args = uid=65534 gid=65534 home={folder}/mail/%n allow_all_users=yes
}}
service imap-login {{
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp}
  }}
}}
service auth {{
  inet_listener {{
    address = 127.0.0.1
    port = {auth}
  }}
}}
"
        );
        fs::write(self.path("dovecot/dovecot.conf"), text).expect("written");
        own_by_nobody(&self.path("mail"));
    }

    fn write_postfix(&self) {
        let folder = self.folder.path().display().to_string();
        for name in ["postfix/etc", "postfix/spool", "postfix/data"] {
            fs::create_dir_all(self.path(name)).expect("a folder");
        }
        let (lmtp, auth) = (self.lmtp, self.auth);
        // The account "provider" is one whose provider files sent mails itself.
        let main = format!(
            "compatibility_level = 3.6
queue_directory = {folder}/postfix/spool
data_directory = {folder}/postfix/data
maillog_file = {folder}/postfix/maillog
maillog_file_prefixes = {folder}
myhostname = mx.{DOMAIN}
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
virtual_mailbox_domains = {DOMAIN}
virtual_transport = lmtp:inet:127.0.0.1:{lmtp}
default_transport = error:nothing leaves this machine
sender_bcc_maps = inline:{{provider@{DOMAIN}=provider+Sent@{DOMAIN}}}
recipient_delimiter = +
smtpd_relay_restrictions = permit_mynetworks, permit_sasl_authenticated, reject_unauth_destination
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:127.0.0.1:{auth}
smtpd_tls_cert_file = {folder}/tls/server.crt
smtpd_tls_key_file = {folder}/tls/server.key
smtpd_tls_security_level = may
smtpd_client_connection_count_limit = 0
smtpd_error_sleep_time = 0
alias_maps =
alias_database =
"
        );
        fs::write(self.path("postfix/etc/main.cf"), main).expect("written");
        let mut master = format!(
            "postlog unix-dgram n - n - 1 postlogd
{} inet n - n - - smtpd
{} inet n - n - - smtpd
  -o smtpd_tls_security_level=encrypt
  -o smtpd_sasl_auth_enable=yes
  -o smtpd_relay_restrictions=permit_sasl_authenticated,reject
  -o smtpd_recipient_restrictions=permit_sasl_authenticated,reject
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
anvil unix - - n - 1 anvil
proxymap unix - - n - - proxymap
",
            self.smtp, self.submission
        );
        // The bounce program insists on no limit of processes.
        for (name, limit, program) in [
            ("bounce", "0", "bounce"),
            ("defer", "0", "bounce"),
            ("trace", "0", "bounce"),
            ("error", "-", "error"),
            ("retry", "-", "error"),
            ("lmtp", "-", "lmtp"),
            ("scache", "1", "scache"),
        ] {
            writeln!(master, "{name} unix - - n - {limit} {program}").expect("written");
        }
        fs::write(self.path("postfix/etc/master.cf"), master).expect("written");
        run(Command::new("chown").args(["-R", "postfix:"]).arg(self.path("postfix/data")));
    }

    pub fn start_dovecot(&self) {
        start(Command::new("dovecot").arg("-c").arg(self.path("dovecot/dovecot.conf")));
        for port in [self.imap, self.imaps, self.lmtp, self.auth] {
            wait_for_port(port);
        }
    }

    pub fn stop_dovecot(&self) {
        let _ = Command::new("doveadm").arg("-c").arg(self.path("dovecot/dovecot.conf")).arg("stop").output();
    }

    fn start_postfix(&self) {
        start(Command::new("postfix").arg("-c").arg(self.path("postfix/etc")).arg("start"));
        for port in [self.smtp, self.submission] {
            wait_for_port(port);
        }
    }

    /// Dovecot's own log.
    pub fn dovecot_log(&self) -> String {
        fs::read_to_string(self.path("dovecot/log")).unwrap_or_default()
    }

    /// Hands a mail in from outside. `text` is the whole mail.
    pub fn send(&self, from: &str, to: &str, text: &str) {
        let mut smtp = Lines::connect(self.smtp);
        smtp.expect("220");
        for (command, code) in [
            ("EHLO client.test".to_owned(), "250"),
            (format!("MAIL FROM:<{from}>"), "250"),
            (format!("RCPT TO:<{to}>"), "250"),
            ("DATA".to_owned(), "354"),
            (format!("{}\r\n.", text.replace("\r\n", "\n").replace('\n', "\r\n")), "250"),
        ] {
            smtp.say(&command);
            smtp.expect(code);
        }
    }

    /// Puts a mail into a mailbox as it is, as if it had come long ago.
    pub fn place(&self, user: &str, name: &str, bytes: &[u8]) {
        let folder = self.path(&format!("mail/{user}/Maildir"));
        for part in ["new", "cur", "tmp"] {
            fs::create_dir_all(folder.join(part)).expect("a folder");
        }
        fs::write(folder.join("new").join(name), bytes).expect("written");
    }

    /// Makes what was placed the mailbox user's own.
    pub fn hand_over_placed(&self, user: &str) {
        own_by_nobody(&self.path(&format!("mail/{user}")));
    }

    /// The mails of a folder (empty: the inbox), in no order.
    pub fn mails(&self, user: &str, folder: &str) -> Vec<String> {
        let mut path = self.path(&format!("mail/{user}/Maildir"));
        if !folder.is_empty() {
            path = path.join(format!(".{folder}"));
        }
        let mut mails = Vec::new();
        for part in ["new", "cur"] {
            let Ok(entries) = fs::read_dir(path.join(part)) else { continue };
            for entry in entries.flatten() {
                // One that is being renamed from `new` to `cur` is met there.
                if let Ok(bytes) = fs::read(entry.path()) {
                    mails.push(String::from_utf8_lossy(&bytes).into_owned());
                }
            }
        }
        mails
    }

    /// Waits, as a mail program does, until the folder holds so many mails; returns them.
    pub fn wait_for_mails(&self, user: &str, folder: &str, count: usize) -> Vec<String> {
        let mut imap = Lines::connect(self.imap);
        imap.expect("* OK");
        imap.say(&format!("a LOGIN {user}@{DOMAIN} {PASSWORD}"));
        imap.until(|line| line.starts_with("a OK"));
        imap.say(&format!("b SELECT {}", if folder.is_empty() { "INBOX" } else { folder }));
        let mut found = 0;
        imap.until(|line| {
            found = exists(line).unwrap_or(found);
            line.starts_with("b OK")
        });
        if found < count {
            imap.say("c IDLE");
            imap.until(|line| exists(line).is_some_and(|found| found >= count));
        }
        self.mails(user, folder)
    }
}

/// `* 12 EXISTS`
fn exists(line: &str) -> Option<usize> {
    line.strip_prefix("* ")?.strip_suffix(" EXISTS")?.parse().ok()
}

impl Drop for MailServers {
    fn drop(&mut self) {
        self.stop_dovecot();
        let _ = Command::new("postfix").arg("-c").arg(self.path("postfix/etc")).arg("stop").output();
    }
}

fn own_by_nobody(path: &Path) {
    run(Command::new("chown").args(["-R", "65534:65534"]).arg(path));
}

fn run(command: &mut Command) {
    let output = command.output().expect("it starts");
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// Runs what leaves a server behind: it would hold a pipe open, so it gets none.
fn start(command: &mut Command) {
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    assert!(status.expect("it starts").success(), "{command:?}");
}

/// Ports nobody uses now; held together, so that they differ.
pub fn free_ports<const N: usize>() -> [u16; N] {
    let listeners: [TcpListener; N] =
        std::array::from_fn(|_| TcpListener::bind(("127.0.0.1", 0)).expect("a free port"));
    std::array::from_fn(|index| listeners[index].local_addr().expect("bound").port())
}

pub fn wait_for_port(port: u16) {
    let end = Instant::now() + PATIENCE;
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(Instant::now() < end, "port {port} did not open");
        std::thread::park_timeout(Duration::from_millis(20));
    }
}
