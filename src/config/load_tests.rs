#![allow(clippy::result_large_err, reason = "the jail's error type is figment's, not ours to shrink")]

use super::*;
use figment::Jail;

fn in_jail(test: impl FnOnce(&mut Jail) -> figment::error::Result<()>) {
    Jail::expect_with(test);
}

#[test]
fn each_source_wins_over_the_one_before() {
    in_jail(|jail| {
        let read = |flags: &[(&str, &str)]| {
            let flags = flags.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
            load(&LoadOptions { file: None, flags }).expect("loads").config.company.name
        };
        assert_eq!(read(&[]), "Our company");
        jail.create_file("frontdesk.toml", "[company]\nname = \"File\"\n")?;
        assert_eq!(read(&[]), "File");
        jail.set_env("FRONTDESK__COMPANY__NAME", "Environment");
        assert_eq!(read(&[]), "Environment");
        assert_eq!(read(&[("company.name", "Flag")]), "Flag");
        Ok(())
    });
}

#[test]
fn a_misspelt_key_is_refused_and_named() {
    in_jail(|jail| {
        jail.create_file("frontdesk.toml", "[server]\nlissten = \"0.0.0.0:80\"\n")?;
        let error = load(&LoadOptions::default()).expect_err("refused").to_string();
        assert!(error.contains("lissten"), "{error}");
        jail.create_file("frontdesk.toml", "")?;
        jail.set_env("FRONTDESK__SERVER__LISSTEN", "0.0.0.0:80");
        let error = load(&LoadOptions::default()).expect_err("refused").to_string();
        assert!(error.contains("lissten"), "{error}");
        Ok(())
    });
}

#[test]
fn values_keep_their_types_from_every_source() {
    in_jail(|jail| {
        jail.set_env("FRONTDESK__MODELS__THREADS", "3");
        let options = LoadOptions {
            file: None,
            flags: vec![
                ("server.listen".into(), "127.0.0.1:0".into()),
                ("pipeline.workers".into(), "4".into()),
            ],
        };
        let config = load(&options).expect("loads").config;
        assert_eq!((config.models.threads, config.pipeline.workers, config.server.listen.port()), (3, 4, 0));
        Ok(())
    });
}

#[test]
fn secrets_come_from_files_and_are_never_shown() {
    in_jail(|jail| {
        jail.create_file("token", "0123456789abcdef0123\n")?;
        jail.create_file("frontdesk.toml", "[server]\noperator_token_file = \"token\"\n")?;
        let config = load(&LoadOptions::default()).expect("loads").config;
        assert_eq!(config.server.operator_token.expose(), "0123456789abcdef0123");
        assert!(!format!("{config:?}").contains("0123456789abcdef"));
        assert!(!toml::to_string(&config).expect("serialises").contains("0123456789abcdef"));
        Ok(())
    });
}

#[test]
fn faults_are_all_told_at_once() {
    in_jail(|jail| {
        jail.create_file("frontdesk.toml", "[answers]\nsend_from = 0.1\n[company]\nticket_prefix = \"lower\"\n[server]\noperator_token = \"short\"\n")?;
        let error = load(&LoadOptions::default()).expect_err("refused").to_string();
        for key in ["send_from", "ticket_prefix", "operator_token"] {
            assert!(error.contains(key), "{error}");
        }
        Ok(())
    });
}

#[test]
fn a_missing_file_says_what_to_do() {
    let error = load(&LoadOptions { file: Some("nowhere.toml".into()), flags: vec![] })
        .expect_err("refused")
        .to_string();
    assert!(error.contains("nowhere.toml") && error.contains("frontdesk init"), "{error}");
}
