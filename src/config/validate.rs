//! Faults that single keys cannot show.

use super::{Config, HostedProvider, email};

/// Every fault, each in a sentence that says what would be right.
pub fn faults(config: &Config) -> Vec<String> {
    let mut faults = Vec::new();
    let mut check = |fits: bool, fault: &str| {
        if !fits {
            faults.push(fault.to_owned());
        }
    };
    let answers = &config.answers;
    check(
        0.0 <= answers.hold_from
            && answers.hold_from <= answers.send_and_flag_from
            && answers.send_and_flag_from <= answers.send_from
            && answers.send_from <= 1.0,
        "answers.hold_from, send_and_flag_from and send_from must rise from 0 to 1",
    );
    check((16..=2048).contains(&answers.max_tokens), "answers.max_tokens must be 16 to 2048");
    check((1..=10).contains(&answers.passages), "answers.passages must be 1 to 10");
    check(config.knowledge.stale_after_days <= 36_500, "knowledge.stale_after_days must be at most 36500");
    let prefix = &config.company.ticket_prefix;
    check(
        (2..=6).contains(&prefix.len())
            && prefix.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()),
        "company.ticket_prefix must be two to six capital letters or digits",
    );
    check(!config.company.name.trim().is_empty(), "company.name must not be empty");
    let public = &config.server.public_url;
    check(
        (public.starts_with("http://") || public.starts_with("https://")) && !public.ends_with('/'),
        "server.public_url must start with http:// or https:// and end without a slash",
    );
    check(
        config.server.max_body_bytes >= 16 * 1024,
        "server.max_body_bytes must be at least 16384: a message alone may have 5,000 characters",
    );
    check(
        config.server.max_webhook_bytes >= 16 * 1024 && config.server.webhooks_per_minute >= 1,
        "server.max_webhook_bytes must be at least 16384 and server.webhooks_per_minute at least 1",
    );
    let is_origin = |origin: &String| {
        let rest = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
        rest.is_some_and(|host| !host.is_empty() && !host.contains(['/', '*', ' ']))
    };
    check(
        config.server.widget_origins.iter().all(is_origin),
        "server.widget_origins holds sites such as https://shop.example, without a path and without *",
    );
    check(config.server.sign_ins_per_minute >= 1, "server.sign_ins_per_minute must be at least 1");
    check(config.server.submissions_per_minute >= 1, "server.submissions_per_minute must be at least 1");
    let token = config.server.operator_token.expose();
    check(
        token.is_empty() || token.len() >= 16,
        "server.operator_token needs at least 16 characters; make one with `openssl rand -hex 24`",
    );
    let tls = &config.server.tls;
    check(
        tls.certificate_file.is_some() == tls.key_file.is_some(),
        "server.tls.certificate_file and server.tls.key_file belong together",
    );
    check(
        !(tls.self_made && tls.certificate_file.is_some()),
        "server.tls.self_made makes a certificate; with files of your own, leave it out",
    );
    check(
        config.server.head_timeout_ms >= 1_000 && config.server.idle_timeout_ms >= 5_000,
        "server.head_timeout_ms must be at least 1000 and server.idle_timeout_ms at least 5000",
    );
    check(
        config.server.max_connections >= 16 && config.server.max_connections_per_address >= 4,
        "server.max_connections must be at least 16 and server.max_connections_per_address at least 4",
    );
    let alerts = &config.alerts;
    let webhook = &alerts.webhook_url;
    check(
        webhook.is_empty() || webhook.starts_with("https://") || webhook.starts_with("http://"),
        "alerts.webhook_url must be a web address",
    );
    check(alerts.report_hour <= 23, "alerts.report_hour must be 0 to 23");
    check(
        alerts.mail_to.len() <= 20 && alerts.mail_to.iter().all(|address| address.contains('@')),
        "alerts.mail_to holds at most 20 mail addresses",
    );
    let is_network = |text: &String| {
        let (address, bits) = text.split_once('/').unwrap_or((text, "0"));
        let widest = match address.parse::<std::net::IpAddr>() {
            Ok(std::net::IpAddr::V4(_)) => 32,
            Ok(std::net::IpAddr::V6(_)) => 128,
            Err(_) => return false,
        };
        bits.parse::<u8>().is_ok_and(|bits| bits <= widest)
    };
    check(
        config.metrics.allow.iter().all(is_network),
        "metrics.allow holds networks such as 10.1.0.0/16 or single addresses",
    );
    let hosted = &config.hosted;
    if hosted.provider != HostedProvider::Off {
        check(!hosted.model.trim().is_empty(), "hosted.model must name the model, for example gpt-4o-mini");
        check((1..=10).contains(&hosted.max_attempts), "hosted.max_attempts must be 1 to 10");
        check((16..=4096).contains(&hosted.max_tokens), "hosted.max_tokens must be 16 to 4096");
        check((1_000..=300_000).contains(&hosted.timeout_ms), "hosted.timeout_ms must be 1000 to 300000");
        check(
            hosted.daily_cost_micros > 0 || hosted.daily_tokens > 0,
            "hosted.daily_cost_micros or hosted.daily_tokens must limit what a day costs",
        );
    }
    check(config.backup.every_hours <= 24 * 31, "backup.every_hours must be at most 744");
    check((1..=1000).contains(&config.backup.keep), "backup.keep must be 1 to 1000");
    check((1..=64).contains(&config.pipeline.workers), "pipeline.workers must be 1 to 64");
    check((1..=20).contains(&config.pipeline.max_attempts), "pipeline.max_attempts must be 1 to 20");
    check(config.pipeline.lease_ms >= 5_000, "pipeline.lease_ms must be at least 5000");
    check(config.models.context_tokens >= 1024, "models.context_tokens must be at least 1024");
    check(config.models.prompt_memory_mib <= 65_536, "models.prompt_memory_mib must be at most 65536");
    check((1..=1024).contains(&config.models.queue_length), "models.queue_length must be 1 to 1024");
    faults.extend(email::faults(&config.channels.email));
    faults.extend(config.channels.whatsapp.faults());
    faults.extend(config.relay.faults());
    faults
}
