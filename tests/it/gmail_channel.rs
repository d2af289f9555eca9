//! Gmail's API and signing in, against a stand-in with Google's recorded shapes: what it must survive, and say.

use crate::{
    email_channel::{QUESTION, header, health, knowing_box, mail, set},
    support::{
        TestBox,
        google::{Fault, Google},
        mail_servers::{MailServers, PASSWORD},
        proxy::{Habit, Proxy},
    },
};
use serde_json::json;
use std::{
    io::{BufRead, BufReader, Write},
    process::Stdio,
};

/// A box with one Gmail mailbox, nobody signed in yet.
pub fn gmail_box(google: &Google) -> TestBox {
    let mut test_box = knowing_box();
    for (key, value) in [
        ("transport", "gmail"),
        ("sign_in", "google"),
        ("address", "support@gmail.test"),
        ("sends_per_minute", "0"),
        ("oauth.client_id", "client"),
        ("oauth.client_secret", "client-secret-for-tests"),
        ("oauth.token_url", &format!("{}/token", google.url)),
        ("oauth.authorize_url", &format!("{}/authorize", google.url)),
        ("gmail.api_url", &google.url),
        ("gmail.pubsub_url", &google.url),
        ("gmail.keys_url", &format!("{}/certs", google.url)),
        ("gmail.poll_seconds", "1"),
        ("gmail.timeout_ms", "1500"),
    ] {
        test_box = set(test_box, key, value);
    }
    test_box
}

/// What an operator does at the terminal: reads the address, agrees, pastes back.
pub fn sign_in(test_box: &TestBox, further: &[&str]) -> String {
    let arguments = [&["channels", "connect", "gmail"], further].concat();
    let mut child = test_box
        .command(&arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut output = BufReader::new(child.stdout.take().expect("output"));
    let mut said = String::new();
    let state = loop {
        let mut line = String::new();
        assert!(output.read_line(&mut line).expect("a line") > 0, "no address was shown: {said}");
        said.push_str(&line);
        if let Ok(url) = reqwest::Url::parse(line.trim()) {
            break url.query_pairs().find(|(key, _)| key == "state").expect("a state").1.into_owned();
        }
    };
    let pasted = format!("http://127.0.0.1:1/frontdesk?state={state}&code=the-code&scope=mail\n");
    child.stdin.take().expect("input").write_all(pasted.as_bytes()).expect("pasted");
    let ended = child.wait_with_output().expect("it ends");
    assert!(ended.status.success(), "{said} {}", String::from_utf8_lossy(&ended.stderr));
    said
}

pub fn gmail_mail(id: &str) -> String {
    mail("ana@example.org", "support@gmail.test", id, &format!("Export {id}"), QUESTION).replace('\n', "\r\n")
}

/// Signs in, answers what waits over several pages, each in its thread and once, and goes on from there after a restart.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mails_are_answered_in_their_threads_and_a_restart_repeats_nothing() {
    let google = Google::start(0).await;
    let test_box = gmail_box(&google);
    for number in 0..3 {
        google.arrive(
            &gmail_mail(&format!("old{number}@example.org")).replace("ana@", &format!("ana{number}@")),
        );
    }
    tokio::task::block_in_place(|| sign_in(&test_box, &[]));
    let server = test_box.serve();
    google.wait_for_sent(3).await;
    for number in 3..8 {
        google.arrive(
            &gmail_mail(&format!("new{number}@example.org")).replace("ana@", &format!("ana{number}@")),
        );
    }
    let sent = google.wait_for_sent(8).await;
    assert!(server.terminate().success());
    let looks = google.world().calls_of("history");
    let _server = test_box.serve();
    google.until(|world| world.calls_of("history") > looks + 1).await;
    assert_eq!(google.world().sent().len(), 8, "nothing is answered again");
    let incoming: Vec<_> =
        google.world().mails.iter().filter(|mail| mail.label == "INBOX").cloned().collect();
    for mail in incoming {
        let id = header(&mail.raw, "Message-ID");
        let answers: Vec<_> = sent.iter().filter(|answer| header(&answer.raw, "In-Reply-To") == id).collect();
        assert_eq!(answers.len(), 1, "{id}");
        assert_eq!(answers[0].thread, mail.thread, "in Gmail's own thread");
    }
}

/// Every passing fault costs time, never a mail, and never an answer twice.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn passing_faults_lose_and_repeat_nothing() {
    let google = Google::start(0).await;
    let test_box = gmail_box(&google);
    tokio::task::block_in_place(|| sign_in(&test_box, &[]));
    let server = test_box.serve();
    google.until(|world| world.calls_of("history") > 0).await;
    google.world().faults.extend([
        ("history", Fault::Status(401)),
        ("history", Fault::Limited),
        ("history", Fault::Status(503)),
        ("history", Fault::SilentAfter),
        ("messages/mail", Fault::Status(500)),
        ("messages/send", Fault::Limited),
        // Taken or not, Gmail does not say: its search does.
        ("messages/send", Fault::Status(503)),
        ("messages/send", Fault::SilentAfter),
    ]);
    google.arrive(&gmail_mail("faulty@example.org"));
    google.until(|world| world.faults.is_empty() && !world.sent().is_empty()).await;
    tokio::task::block_in_place(|| server.log.wait_for("a mail whose answer was lost had been taken"));
    assert_eq!(google.world().sent().len(), 1);
    assert!(google.world().tokens_given >= 3, "the refused token was renewed");
}

/// Google keeps a week of history: after a longer pause mails are found by their date.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_history_is_made_up_for() {
    let google = Google::start(0).await;
    let test_box = gmail_box(&google);
    tokio::task::block_in_place(|| sign_in(&test_box, &[]));
    let server = test_box.serve();
    google.arrive(&gmail_mail("before@example.org"));
    google.wait_for_sent(1).await;
    assert!(server.terminate().success());
    google.arrive(&gmail_mail("meanwhile@example.org").replace("ana@", "bea@"));
    let floor = google.world().history;
    google.world().history_floor = floor;
    let _server = test_box.serve();
    let sent = google.wait_for_sent(2).await;
    let mut answered: Vec<String> = sent.iter().map(|mail| header(&mail.raw, "In-Reply-To")).collect();
    answered.sort();
    assert_eq!(answered, ["<before@example.org>", "<meanwhile@example.org>"]);
}

/// A sign-in that was taken back is told and not tried again and again; a new one is taken up without a restart.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_ended_sign_in_asks_for_a_new_one() {
    let google = Google::start(0).await;
    let test_box = gmail_box(&google);
    tokio::task::block_in_place(|| sign_in(&test_box, &[]));
    google.world().sign_ins.clear();
    let asked = google.world().calls_of("token");
    let server = test_box.serve();
    let line = tokio::task::block_in_place(|| server.log.wait_for("a channel fails"));
    assert!(line.contains("sign in again") && line.contains("frontdesk channels connect gmail"), "{line}");
    assert_eq!(health(&server, "receiving").await["status"], "failing");
    let list = test_box.run(&["channels", "list"]).expect("listed");
    assert!(list.contains("failing") && list.contains("sign in again"), "{list}");
    google.arrive(&gmail_mail("waiting@example.org"));
    assert_eq!(google.world().calls_of("token"), asked + 1, "refused once, not asked again");
    tokio::task::block_in_place(|| sign_in(&test_box, &["--no-check"]));
    google.wait_for_sent(1).await;
    assert!(!server.log.so_far().contains("client-secret-for-tests"));
}

/// A Workspace's service account needs nobody to sign in.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_account_acts_for_the_mailbox() {
    let google = Google::start(0).await;
    let test_box = gmail_box(&google);
    let made = |arguments: &str| {
        let output = std::process::Command::new("openssl")
            .args(arguments.split(' '))
            .current_dir(test_box.folder.path())
            .output();
        assert!(output.expect("openssl runs").status.success(), "{arguments}");
    };
    made("genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out private.pem");
    made("pkey -in private.pem -pubout -out public.pem");
    let read = |name: &str| std::fs::read_to_string(test_box.folder.path().join(name)).expect("readable");
    let key = json!({ "type": "service_account", "client_email": "desk@project.iam.gserviceaccount.com",
        "private_key_id": "1", "private_key": read("private.pem"), "token_uri": "https://elsewhere.example/token" });
    let file = test_box.folder.path().join("key.json");
    std::fs::write(&file, key.to_string()).expect("written");
    google.world().service_account = Some((read("public.pem").into_bytes(), "support@gmail.test".to_owned()));
    let test_box = set(test_box, "sign_in", "google_service_account");
    let test_box = set(test_box, "oauth.service_account_file", &file.display().to_string());
    let _server = test_box.serve();
    google.arrive(&gmail_mail("workspace@example.org"));
    google.wait_for_sent(1).await;
}

/// What Google forbids is told with what to check.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_forbidden_mailbox_says_what_to_check() {
    let google = Google::start(0).await;
    let test_box = gmail_box(&google);
    tokio::task::block_in_place(|| sign_in(&test_box, &["--no-check"]));
    google.world().faults.extend([("profile", Fault::Status(403))]);
    let server = test_box.serve();
    let line = tokio::task::block_in_place(|| server.log.wait_for("a channel fails"));
    assert!(line.contains("Gmail API is switched on"), "{line}");
}

/// Where nothing can reach the box, announcements are pulled, and the watch behind them is kept up.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn announcements_are_pulled_and_acknowledged() {
    let google = Google::start(0).await;
    let test_box = gmail_box(&google);
    let test_box = set(test_box, "gmail.topic", "projects/p/topics/t");
    let test_box =
        set(set(test_box, "gmail.subscription", "projects/p/subscriptions/s"), "gmail.poll_seconds", "3600");
    tokio::task::block_in_place(|| sign_in(&test_box, &[]));
    let _server = test_box.serve();
    google.until(|world| world.calls_of(":pull") > 0).await;
    assert_eq!(google.world().calls_of("watch"), 1);
    google.arrive(&gmail_mail("pulled@example.org"));
    google.world().announcements.push("ack-1".to_owned());
    google.wait_for_sent(1).await;
    google.until(|world| world.acknowledged == ["ack-1"]).await;
    assert_eq!(google.world().calls_of("watch"), 1, "renewed once a day");
}

/// Pushed announcements are believed only if Google signed them for us; Google's own library made the tokens.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_announcements_that_google_signed_for_us_are_taken() {
    let vectors: serde_json::Value =
        serde_json::from_str(include_str!("../fixtures/gmail/tokens.json")).expect("vectors");
    let google = Google::start(0).await;
    let test_box = gmail_box(&google);
    let test_box = set(test_box, "gmail.push_audience", vectors["audience"].as_str().expect("text"));
    let test_box = set(test_box, "gmail.push_service_account", vectors["signer"].as_str().expect("text"));
    let test_box = set(test_box, "gmail.poll_seconds", "3600");
    tokio::task::block_in_place(|| sign_in(&test_box, &[]));
    let server = test_box.serve();
    google.until(|world| world.calls_of("history") + world.calls_of("profile") > 1).await;
    tokio::task::block_in_place(|| server.log.wait_for("a channel works"));
    google.arrive(&gmail_mail("pushed@example.org"));
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    let data = STANDARD.encode(json!({ "emailAddress": "support@gmail.test", "historyId": 1 }).to_string());
    let body = json!({ "message": { "data": data, "messageId": "1" }, "subscription": "projects/p/subscriptions/s" });
    let push = async |token: Option<&str>, body: &serde_json::Value| {
        let mut request = server.client.post(format!("{}/webhooks/gmail", server.url)).json(body);
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        request.send().await.expect("an answer").status().as_u16()
    };
    let tokens = vectors["tokens"].as_object().expect("tokens");
    for (name, token) in tokens.iter().filter(|(name, _)| *name != "good") {
        assert_eq!(push(token.as_str(), &body).await, 403, "{name}");
    }
    assert_eq!(push(None, &body).await, 403);
    assert!(google.world().sent().is_empty(), "nothing unproven sets anything off");
    let good = tokens["good"].as_str();
    assert_eq!(push(good, &json!({ "message": {} })).await, 200);
    assert_eq!(push(good, &json!({ "something": "else" })).await, 400);
    assert_eq!(push(good, &body).await, 200);
    google.wait_for_sent(1).await;
    assert_eq!(google.world().calls_of("certs"), 1, "Google's keys are kept");
}

/// A Microsoft 365 mailbox: a code typed elsewhere, then IMAP and SMTP by token, checked by a real Dovecot.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_device_code_opens_a_mailbox_by_token() {
    let servers = MailServers::shared();
    let microsoft = Google::start(servers.introspection).await;
    microsoft.world().pending = 1;
    let test_box = m365_box(&servers, &microsoft);
    let said =
        tokio::task::block_in_place(|| test_box.run(&["channels", "connect", "m365"])).expect("connected");
    assert!(said.contains("ABCD-EFGH") && said.contains("can be read and sent from"), "{said}");
    let server = test_box.serve();
    servers.send(
        "hal@local.test",
        "m365@local.test",
        &mail("hal@local.test", "m365@local.test", "1@hal.test", "Export", QUESTION),
    );
    let replies = tokio::task::block_in_place(|| servers.wait_for_mails("hal", "", 1));
    assert_eq!(header(&replies[0], "In-Reply-To"), "<1@hal.test>");
    tokio::task::block_in_place(|| servers.wait_for_mails("m365", "Sent", 1));
    drop(server);
    a_token_that_ends_early_is_renewed_at_once(&servers, &microsoft, test_box);
}

/// A provider may end a token before its time (a changed password, a policy). That must not cost minutes; an account that lets no
/// token in must not be knocked at again and again. Part of the test above, for one port of the introspection is all there is.
fn a_token_that_ends_early_is_renewed_at_once(servers: &MailServers, microsoft: &Google, test_box: TestBox) {
    let wire = Proxy::to(servers.imaps, Habit::Faithful);
    let test_box = set(test_box, "imap.port", &wire.port.to_string());
    let server = test_box.serve();
    tokio::task::block_in_place(|| server.log.wait_for("a channel works"));
    // What the box holds is worth nothing from here on; it finds out when it has to connect anew.
    microsoft.world().tokens_given += 1;
    wire.cut(true);
    tokio::task::block_in_place(|| server.log.wait_for("a channel fails"));
    servers.send(
        "ida@local.test",
        "m365@local.test",
        &mail("ida@local.test", "m365@local.test", "1@ida.test", "Export", QUESTION),
    );
    wire.cut(false);
    tokio::task::block_in_place(|| servers.wait_for_mails("ida", "", 1));
    // The copy among the sent mails signs in as well.
    tokio::task::block_in_place(|| servers.wait_for_mails("m365", "Sent", 2));

    // No token is good: one more is asked for, and then there is a pause and a reason.
    microsoft.world().locked_out = true;
    let before = microsoft.world().tokens_given;
    wire.cut(true);
    wire.cut(false);
    let line = tokio::task::block_in_place(|| server.log.wait_for("also with a new token"));
    assert!(line.contains("a channel fails"), "{line}");
    let given = microsoft.world().tokens_given;
    assert_eq!(given, before + 1, "a new token is tried once");
}

/// A box with a Microsoft 365 mailbox, nobody signed in yet.
fn m365_box(servers: &MailServers, microsoft: &Google) -> TestBox {
    let authority = servers.certificate_authority().display().to_string();
    let mut test_box = knowing_box();
    for (key, value) in [
        ("sign_in", "microsoft"),
        ("address", "m365@local.test"),
        ("certificate_authority_file", authority.as_str()),
        ("oauth.client_id", "client"),
        ("oauth.token_url", &format!("{}/token", microsoft.url)),
        ("oauth.device_url", &format!("{}/devicecode", microsoft.url)),
        ("imap.host", "localhost"),
        ("imap.port", &servers.imaps.to_string()),
        ("smtp.host", "localhost"),
        ("smtp.port", &servers.submission.to_string()),
    ] {
        test_box = set(test_box, key, value);
    }
    test_box
}

/// An operator sets up a plain mailbox at the terminal and tries it out; a wrong password leaves the settings alone.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plain_mailbox_is_connected_and_tried_out() {
    let servers = MailServers::shared();
    let test_box = knowing_box();
    let settings = test_box.folder.path().join("frontdesk.toml");
    let authority = servers.certificate_authority().display().to_string();
    let (imap, smtp) = (servers.imaps.to_string(), servers.submission.to_string());
    let connect = |password: &str| {
        let file = test_box.folder.path().join("password.txt");
        std::fs::write(&file, password).expect("written");
        let file = file.display().to_string();
        test_box.run(&[
            "channels",
            "connect",
            "imap",
            "--address",
            "desk@local.test",
            "--imap-host",
            "localhost",
            "--imap-port",
            &imap,
            "--smtp-host",
            "localhost",
            "--smtp-port",
            &smtp,
            "--password-file",
            &file,
            "--certificate-authority-file",
            &authority,
        ])
    };
    let error = tokio::task::block_in_place(|| connect("wrong")).expect_err("refused");
    assert!(error.contains("password") && !settings.exists(), "{error}");
    let said = tokio::task::block_in_place(|| connect(PASSWORD)).expect("connected");
    assert!(said.contains("can be read and sent from"), "{said}");
    let written = std::fs::read_to_string(&settings).expect("settings");
    assert!(
        written.contains("[channels.email.mailboxes.support]") && !written.contains(PASSWORD),
        "{written}"
    );
    let said = tokio::task::block_in_place(|| test_box.run(&["channels", "test"])).expect("round trip");
    assert!(said.contains("works both ways"), "{said}");
    let list = test_box.run(&["channels", "list", "--json"]).expect("listed");
    assert!(list.contains("desk@local.test"), "{list}");
}
