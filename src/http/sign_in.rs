//! Passwords, tokens and second steps: what needs secrets, kept in one place. Hashing runs on threads of its own, few at once.

use super::error::Problem;
use crate::ports::operators::SecretHash;
use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use std::sync::LazyLock;
use tokio::sync::Semaphore;
use totp_rs::{Builder, Secret, Totp};

/// 19 MiB, two passes, one lane: OWASP's choice for a small box.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
/// Shown in authenticator apps.
const ISSUER: &str = "Frontdesk";
/// Letters of recovery codes: none that are taken for another.
const CODE_LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz234567890";
const RECOVERY_CODES: usize = 10;

/// The hash of no password: checking it takes as long as checking a real one.
static DECOY: LazyLock<String> = LazyLock::new(|| hash_now(&random_token()).unwrap_or_default());

fn hasher() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, None).unwrap_or_default();
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

fn hash_now(password: &str) -> Option<String> {
    let hash: PasswordHash = hasher().hash_password(password.as_bytes()).ok()?;
    Some(hash.to_string())
}

fn matches_now(password: &str, hash: &str) -> bool {
    PasswordHash::new(hash).is_ok_and(|hash| hasher().verify_password(password.as_bytes(), &hash).is_ok())
}

/// Hashes a password.
///
/// # Errors
/// 500 when hashing fails.
pub async fn hash_password(permits: &Semaphore, password: String) -> Result<String, Problem> {
    let _permit = permits.acquire().await.map_err(|_| Problem::internal())?;
    let hashed = tokio::task::spawn_blocking(move || hash_now(&password)).await;
    hashed.ok().flatten().ok_or_else(Problem::internal)
}

/// Whether the password is the one of this hash. Without a hash it takes as long and says no.
///
/// # Errors
/// 500 when the thread fails.
pub async fn password_matches(
    permits: &Semaphore,
    password: String,
    hash: Option<String>,
) -> Result<bool, Problem> {
    let _permit = permits.acquire().await.map_err(|_| Problem::internal())?;
    let checked = tokio::task::spawn_blocking(move || {
        let known = hash.is_some();
        matches_now(&password, &hash.unwrap_or_else(|| DECOY.clone())) && known
    });
    checked.await.map_err(|_| Problem::internal())
}

/// 256 random bits, base64url.
pub fn random_token() -> String {
    URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>())
}

/// What is kept of a token or code. They are long and random: one round of SHA-256 is enough.
pub fn digest(secret: &str) -> SecretHash {
    Sha256::digest(secret.as_bytes()).into()
}

/// A new second step's secret, base32.
pub fn new_totp_secret() -> String {
    Secret::generate().to_base32()
}

/// The second step of an account.
///
/// # Errors
/// 500 when the stored secret cannot be used.
pub fn totp(secret: &str, name: &str) -> Result<Totp, Problem> {
    let secret = Secret::try_from_base32(secret).map_err(|_| Problem::internal())?;
    Builder::new()
        .with_secret(secret)
        .with_account_name(name.replace(':', "-"))
        .with_issuer(Some(ISSUER))
        .build()
        .map_err(|_| Problem::internal())
}

/// The step whose code this is, if it is one of now, a moment ago or a moment ahead.
///
/// # Errors
/// 500 when the stored secret cannot be used.
pub fn totp_step(secret: &str, name: &str, code: &str, now: Timestamp) -> Result<Option<i64>, Problem> {
    let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    if code.len() != 6 || !code.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(None);
    }
    let seconds = u64::try_from(now.as_second()).unwrap_or_default();
    let step = totp(secret, name)?.check(&code, seconds);
    Ok(step.and_then(|step| i64::try_from(step).ok()))
}

/// Ten new recovery codes and what is kept of them.
pub fn new_recovery_codes() -> (Vec<String>, Vec<SecretHash>) {
    let code = || {
        let letters: Vec<char> = rand::random::<[u8; 10]>()
            .iter()
            .map(|byte| char::from(CODE_LETTERS[usize::from(byte % 32)]))
            .collect();
        let (first, second) = letters.split_at(5);
        format!("{}-{}", first.iter().collect::<String>(), second.iter().collect::<String>())
    };
    let codes: Vec<String> = std::iter::repeat_with(code).take(RECOVERY_CODES).collect();
    let hashes = codes.iter().map(|code| recovery_digest(code)).collect();
    (codes, hashes)
}

/// What is kept of a recovery code, however it was typed.
pub fn recovery_digest(code: &str) -> SecretHash {
    let bare: String = code.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    digest(&bare)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_matches_its_own_hash_only() {
        let permits = Semaphore::new(2);
        let hash = hash_password(&permits, "quiet harbour 7".into()).await.expect("hashed");
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        let matches = |password: &str, hash: Option<String>| {
            let (permits, password) = (&permits, password.to_owned());
            async move { password_matches(permits, password, hash).await.expect("checked") }
        };
        assert!(matches("quiet harbour 7", Some(hash.clone())).await);
        assert!(!matches("quiet harbour 8", Some(hash)).await);
        assert!(!matches("quiet harbour 7", None).await);
    }

    #[test]
    fn a_code_counts_for_its_moment() {
        let secret = new_totp_secret();
        let now: Timestamp = "2026-11-24T12:00:00Z".parse().expect("a time");
        let code = totp(&secret, "kim").expect("made").generate(now.as_second() as u64).to_string();
        let step = |at: &str| totp_step(&secret, "kim", &code, at.parse().expect("a time")).expect("checked");
        assert_eq!(step("2026-11-24T12:00:10Z"), Some(now.as_second() / 30));
        assert_eq!(step("2026-11-24T12:05:00Z"), None);
        assert_eq!(totp_step(&secret, "kim", "12345", now).expect("checked"), None);
    }

    #[test]
    fn recovery_codes_differ_and_are_read_as_typed() {
        let (codes, hashes) = new_recovery_codes();
        let different: std::collections::HashSet<_> = hashes.iter().collect();
        assert_eq!((codes.len(), different.len()), (10, 10));
        assert_eq!(recovery_digest(&codes[0].to_uppercase().replace('-', " ")), hashes[0]);
    }
}
