//! Mail when something is broken: networks, servers, passwords, certificates, mails.

use crate::{
    email_channel::{QUESTION, header, health, mail, mail_box, set},
    support::{
        mail_servers::MailServers,
        proxy::{Habit, Proxy},
    },
};

/// A lost network and a restarted server cost time, never a mail.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cut_network_and_a_restarted_server_are_survived() {
    let servers = MailServers::start();
    let wire = Proxy::to(servers.imaps, Habit::Faithful);
    let test_box = set(mail_box(&servers, "cut"), "imap.port", &wire.port.to_string());
    let server = test_box.serve();
    tokio::task::block_in_place(|| server.log.wait_for("a channel works"));

    wire.cut(true);
    tokio::task::block_in_place(|| server.log.wait_for("a channel fails"));
    let told = health(&server, "receiving").await;
    assert_eq!(told["status"], "failing", "{told}");
    assert!(told["reason"].is_string() && told["since"].is_string(), "{told}");
    servers.send(
        "ben@local.test",
        "cut@local.test",
        &mail("ben@local.test", "cut@local.test", "1@ben.test", "Export", QUESTION),
    );
    wire.cut(false);
    tokio::task::block_in_place(|| servers.wait_for_mails("ben", "", 1));

    servers.stop_dovecot();
    tokio::task::block_in_place(|| server.log.wait_for("a channel fails"));
    servers.start_dovecot();
    servers.send(
        "ben@local.test",
        "cut@local.test",
        &mail("ben@local.test", "cut@local.test", "2@ben.test", "Export again", QUESTION),
    );
    let replies = tokio::task::block_in_place(|| servers.wait_for_mails("ben", "", 2));
    assert_eq!(replies.len(), 2, "nothing is answered twice");
    assert_eq!(health(&server, "receiving").await["status"], "ok");
}

/// Whoever tries a wrong password again and again is locked out.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_password_is_told_and_not_tried_again_at_once() {
    let servers = MailServers::shared();
    let test_box = set(mail_box(&servers, "wrong"), "password", "not-the-password");
    let server = test_box.serve();
    tokio::task::block_in_place(|| server.log.wait_for("a channel fails"));
    let told = health(&server, "receiving").await;
    assert_eq!(told["status"], "failing");
    assert!(told["reason"].as_str().is_some_and(|reason| reason.contains("password")), "{told}");
    // Whoever else reaches the page sees that something fails, not what.
    let (status, strangers) = server.get("/health/ready").await;
    let channel = &strangers["channels"][0];
    assert_eq!((status, channel["status"].as_str()), (200, Some("failing")), "{strangers}");
    for hidden in ["account", "reason", "since"] {
        assert!(channel[hidden].is_null(), "{hidden}: {strangers}");
    }
    let tries = servers
        .dovecot_log()
        .lines()
        .filter(|line| line.contains("wrong@local.test") && line.contains("Password mismatch"))
        .count();
    assert_eq!(tries, 1);
    assert!(!server.log.so_far().contains("not-the-password"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certificate_nobody_vouches_for_is_refused_and_told() {
    let servers = MailServers::shared();
    let untrusted = servers.certificate_authority().with_file_name("other.crt");
    let made = std::process::Command::new("openssl")
        .args("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -keyout /dev/null -subj /CN=other -out".split(' '))
        .arg(&untrusted)
        .output()
        .expect("openssl runs");
    assert!(made.status.success());
    let test_box =
        set(mail_box(&servers, "tls"), "certificate_authority_file", &untrusted.display().to_string());
    let server = test_box.serve();
    let line = tokio::task::block_in_place(|| server.log.wait_for("a channel fails"));
    assert!(line.contains("TLS"), "{line}");
    assert_eq!(health(&server, "receiving").await["status"], "failing");
}

/// What nobody can read must not keep those behind it waiting, and must not be lost either.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unreadable_mail_goes_to_a_person_and_the_next_is_answered() {
    let servers = MailServers::shared();
    let noise: Vec<u8> =
        (0..4096u32).map(|number| (number.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    servers.place("poison", "1790000000.1.host", &noise);
    servers.place("poison", "1790000000.2.host", b"");
    let large = mail("eva@local.test", "poison@local.test", "large@eva.test", "Large", &"x".repeat(100_000));
    servers.place("poison", "1790000001.3.host", large.as_bytes());
    let good = mail("eva@local.test", "poison@local.test", "good@eva.test", "Export", QUESTION);
    servers.place("poison", "1790000002.4.host", good.as_bytes());
    servers.hand_over_placed("poison");
    let test_box = set(mail_box(&servers, "poison"), "max_message_bytes", "70000");
    let server = test_box.serve();
    let replies = tokio::task::block_in_place(|| servers.wait_for_mails("eva", "", 1));
    assert_eq!(header(&replies[0], "In-Reply-To"), "<good@eva.test>");
    assert!(server.terminate().success());
    let figures = test_box.figures(&[
        "SELECT count(*) FROM messages WHERE direction = 'inbound' AND held IS NOT NULL AND content LIKE '%larger than this box%'",
        "SELECT count(*) FROM messages WHERE direction = 'inbound' AND held IS NOT NULL AND content LIKE '%cannot be read%'",
    ]);
    assert_eq!(figures[0], 1, "the large one lies before a person");
    assert!(figures[1] >= 1, "the noise lies before a person");
}

/// A mail whose very bytes the store does not take must neither vanish nor stop the mailbox.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_that_cannot_be_stored_is_shown_to_a_person_and_the_next_is_answered() {
    let servers = MailServers::shared();
    let test_box = mail_box(&servers, "unstorable");
    let server = test_box.serve();
    tokio::task::block_in_place(|| server.log.wait_for("a channel works"));
    rusqlite::Connection::open(test_box.folder.path().join("data/frontdesk.db"))
        .expect("the store opens")
        .execute_batch(
            "CREATE TRIGGER message_raw_refuses BEFORE INSERT ON message_raw
             WHEN instr(NEW.raw, CAST('takes no such bytes' AS BLOB)) > 0
             BEGIN SELECT RAISE(ABORT, 'no such bytes'); END",
        )
        .expect("a store that refuses some mails");
    let (from, to) = ("jan@local.test", "unstorable@local.test");
    servers.send(from, to, &mail(from, to, "bad@jan.test", "Strange", "It takes no such bytes."));
    servers.send(from, to, &mail(from, to, "good@jan.test", "Export", QUESTION));
    let replies = tokio::task::block_in_place(|| servers.wait_for_mails("jan", "", 1));
    assert_eq!(header(&replies[0], "In-Reply-To"), "<good@jan.test>");
    tokio::task::block_in_place(|| server.log.wait_for("decided"));
    assert!(server.terminate().success());
    let figures = test_box.figures(&[
        "SELECT count(*) FROM messages WHERE direction = 'inbound' AND held IS NOT NULL
           AND content LIKE '%cannot store%' AND content LIKE '%jan@local.test%Strange%bad@jan.test%unstorable@local.test%'",
        "SELECT count(*) FROM messages WHERE direction = 'inbound'",
    ]);
    assert_eq!(figures, [1, 2], "a person sees whose mail it is and where it lies");
}

/// The server has the mail, and its word on it is lost. The mailbox knows: a provider that files sent mails has it among them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_answer_is_cleared_up_from_the_sent_mails() {
    let servers = MailServers::shared();
    let wire = Proxy::to(servers.smtp, Habit::CutsAfterText);
    let test_box = unsecured(mail_box(&servers, "provider"), wire.port);
    let test_box = set(test_box, "smtp.save_sent", "false");
    let server = test_box.serve();
    servers.send(
        "fay@local.test",
        "provider@local.test",
        &mail("fay@local.test", "provider@local.test", "1@fay.test", "Export", QUESTION),
    );
    tokio::task::block_in_place(|| server.log.wait_for("a mail whose answer was lost had been taken"));
    tokio::task::block_in_place(|| server.log.wait_for("delivered"));
    assert!(server.terminate().success());
    assert_eq!(test_box.figures(&["SELECT count(*) FROM outbox WHERE state = 'done'"]), [1]);
    assert_eq!(servers.wait_for_mails("fay", "", 1).len(), 1, "one copy");
}

/// Where nothing shows what became of it, a person decides; it is not sent a second time blindly.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_answer_that_nothing_clears_up_goes_to_a_person() {
    let servers = MailServers::shared();
    let wire = Proxy::to(servers.smtp, Habit::SwallowsTheAnswer);
    let test_box = set(unsecured(mail_box(&servers, "doubt"), wire.port), "smtp.timeout_ms", "6000");
    let server = test_box.serve();
    servers.send(
        "gil@local.test",
        "doubt@local.test",
        &mail("gil@local.test", "doubt@local.test", "1@gil.test", "Export", QUESTION),
    );
    let line = tokio::task::block_in_place(|| server.log.wait_for("not delivered"));
    assert!(line.contains("unknown whether it was delivered"), "{line}");
    assert_eq!(servers.wait_for_mails("gil", "", 1).len(), 1, "one copy");
    assert!(server.terminate().success());
    let figures = test_box.figures(&[
        "SELECT count(*) FROM outbox WHERE state = 'dead' AND attempts = 1",
        "SELECT count(*) FROM escalations",
    ]);
    assert_eq!(figures[0], 1);
    assert!(figures[1] >= 1, "a person is told");
}

/// The test's wire cannot look into TLS.
fn unsecured(test_box: crate::support::TestBox, port: u16) -> crate::support::TestBox {
    set(set(test_box, "smtp.security", "none"), "smtp.port", &port.to_string())
}
