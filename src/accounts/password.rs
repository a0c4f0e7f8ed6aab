//! Passwords: argon2id at OWASP's minimum (19 MiB, t = 2, p = 1), a hash per core at once, and a
//! bounded queue before it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

use super::memory::Memory;
use super::strength::Strength;
use crate::problem::Problem;
use crate::random::Random;
use crate::secret::Secret;

/// The fewest characters of a new password.
pub const PASSWORD_CHARS_MIN: usize = 8;
/// The most; argon2 takes more, a request need not.
pub const PASSWORD_CHARS_MAX: usize = 256;
/// Characters of an address or a name that a password is compared with.
const PERSONAL_CHARS_MAX: usize = 300;
/// The length of a hash.
const OUTPUT_BYTES: usize = 32;
/// How long the memory of hashes waits for the next one.
const MEMORY_KEPT_FOR: Duration = Duration::from_secs(10);
/// Sign-ins that may wait for their turn, per core.
const WAITING_PER_CORE: usize = 16;

/// What an unknown address is checked against, so that it takes as long as a known one. Nobody
/// knows its password: it was made from random bytes that were thrown away.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$c3dpdGNocm9vbS1ub2JvZHk$\
                      XqzIYwAsCcLS9gkZzHhjWKKPm9yLUHIrKFwhU7qZKvo";

/// Hashes and checks passwords.
#[derive(Clone)]
pub struct Passwords {
    turns: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
    waiting_max: usize,
    cores: usize,
    checks: Arc<AtomicU64>,
    memory: Arc<Memory>,
}

/// Why a password could not be looked at; nothing is known about it.
#[derive(Debug, thiserror::Error)]
pub enum Unchecked {
    /// Too many wait already.
    #[error("too many passwords wait to be checked")]
    Busy,
    /// The hash function failed.
    #[error("the password could not be hashed: {0}")]
    Failed(String),
}

struct Waiting<'a>(&'a AtomicUsize);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Passwords {
    /// Room for `cores` hashes at once.
    #[must_use]
    pub fn new(cores: usize) -> Self {
        let cores = cores.max(1);
        Self {
            turns: Arc::new(Semaphore::new(cores)),
            waiting: Arc::default(),
            waiting_max: cores * WAITING_PER_CORE,
            cores,
            checks: Arc::default(),
            memory: Arc::new(Memory::new(MEMORY_KEPT_FOR)),
        }
    }

    /// Passwords looked at so far, for metrics and for tests that count them.
    #[must_use]
    pub fn checks(&self) -> u64 {
        self.checks.load(Ordering::Relaxed)
    }

    /// How many wait or are being looked at.
    #[must_use]
    pub fn in_hand(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    /// Holds all turns until the value is dropped: nothing is looked at before.
    ///
    /// # Errors
    /// See [`Unchecked`].
    pub async fn pause(&self) -> Result<impl Sized, Unchecked> {
        let all = u32::try_from(self.cores).map_err(failed)?;
        Arc::clone(&self.turns).acquire_many_owned(all).await.map_err(failed)
    }

    /// Hashes a new password, in PHC form.
    ///
    /// # Errors
    /// See [`Unchecked`].
    pub async fn hash(&self, password: Secret, random: &Random) -> Result<String, Unchecked> {
        let salt: [u8; 16] = random.bytes();
        self.take_turn(move |memory| {
            let salt = Salt::new(&salt).map_err(failed)?;
            let params = Params::new(19_456, 2, 1, Some(OUTPUT_BYTES)).map_err(failed)?;
            let hash = PasswordHash {
                algorithm: Algorithm::Argon2id.ident(),
                version: Some(Version::V0x13.into()),
                params: ParamsString::try_from(&params).map_err(failed)?,
                salt: Some(salt),
                hash: Some(hashed(&password, &salt, Version::V0x13, params, memory)?),
            };
            Ok(hash.to_string())
        })
        .await
    }

    /// Whether a password is the one behind `hash`. Without a hash the answer is no, after the
    /// same work.
    ///
    /// # Errors
    /// See [`Unchecked`].
    pub async fn verify(&self, password: Secret, hash: Option<String>) -> Result<bool, Unchecked> {
        let checks = Arc::clone(&self.checks);
        self.take_turn(move |memory| {
            checks.fetch_add(1, Ordering::Relaxed);
            let known = hash.is_some();
            let text = hash.unwrap_or_else(|| NOBODY.to_owned());
            let stored = PasswordHash::new(&text).map_err(failed)?;
            let (Some(salt), Some(expected)) = (stored.salt, stored.hash) else {
                return Err(Unchecked::Failed("a stored hash is not whole".into()));
            };
            let algorithm = Algorithm::try_from(stored.algorithm.as_str()).map_err(failed)?;
            let version = stored.version.unwrap_or(Version::V0x13.into());
            let version = Version::try_from(version).map_err(failed)?;
            if algorithm != Algorithm::Argon2id {
                return Err(Unchecked::Failed(format!("a stored hash is {algorithm}")));
            }
            let params = Params::try_from(&stored).map_err(failed)?;
            // `Output` compares in constant time.
            let fits = hashed(&password, &salt, version, params, memory)? == expected;
            Ok(known && fits)
        })
        .await
    }

    /// How hard a new password is to guess, given what may be known of its owner (address, name); `None` for one
    /// whose length rules it out already.
    ///
    /// # Errors
    /// See [`Unchecked`].
    pub async fn judge(
        &self,
        password: &Secret,
        personal: &[&str],
    ) -> Result<Option<Strength>, Unchecked> {
        if check_length(password.expose()).is_err() {
            return Ok(None);
        }
        let password = password.clone();
        let personal: Vec<String> =
            personal.iter().map(|text| text.chars().take(PERSONAL_CHARS_MAX).collect()).collect();
        self.take_turn(move |_| {
            let personal: Vec<&str> = personal.iter().map(String::as_str).collect();
            Ok(Some(Strength::of(password.expose(), &personal)))
        })
        .await
    }

    async fn take_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Arc<Memory>) -> Result<T, Unchecked> + Send + 'static,
    ) -> Result<T, Unchecked> {
        let ahead = self.waiting.fetch_add(1, Ordering::Relaxed);
        let _waiting = Waiting(&self.waiting);
        if ahead >= self.waiting_max {
            return Err(Unchecked::Busy);
        }
        let turn = Arc::clone(&self.turns).acquire_owned().await.map_err(failed)?;
        let memory = Arc::clone(&self.memory);
        let work = move || {
            // Held by the work: it goes on when whoever asked has hung up.
            let _turn = turn;
            work(&memory)
        };
        tokio::task::spawn_blocking(work).await.map_err(failed)?
    }
}

fn failed(error: impl std::fmt::Display) -> Unchecked {
    Unchecked::Failed(error.to_string())
}

fn hashed(
    password: &Secret,
    salt: &Salt,
    version: Version,
    params: Params,
    memory: &Arc<Memory>,
) -> Result<Output, Unchecked> {
    let mut bytes = [0; Output::MAX_LENGTH];
    let length = params.output_len().unwrap_or(OUTPUT_BYTES);
    let out = bytes.get_mut(..length).ok_or_else(|| failed("a hash is too long"))?;
    let blocks = params.block_count();
    let hasher = Argon2::new(Algorithm::Argon2id, version, params);
    memory
        .lend(blocks, |memory| {
            let password = password.expose().as_bytes();
            hasher.hash_password_into_with_memory(password, salt, &mut *out, memory)
        })
        .map_err(failed)?;
    Output::new(out).map_err(failed)
}

/// Checks a new password: of a length that is taken, and hard enough to guess (see [`Passwords::judge`]).
///
/// # Errors
/// The first problem found.
pub fn check_new(password: &str, strength: Option<Strength>) -> Result<(), Problem> {
    check_length(password)?;
    strength.map_or(Err(Problem::GuessablePassword), Strength::check)
}

fn check_length(password: &str) -> Result<(), Problem> {
    let length = password.chars().count();
    if password.is_empty() {
        return Err(Problem::Missing);
    }
    if length < PASSWORD_CHARS_MIN {
        return Err(Problem::TooShort { min: PASSWORD_CHARS_MIN });
    }
    if length > PASSWORD_CHARS_MAX {
        return Err(Problem::TooLong { max: PASSWORD_CHARS_MAX });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> Secret {
        Secret::new(text.to_owned())
    }

    #[tokio::test]
    async fn a_password_fits_its_own_hash_only() {
        let passwords = Passwords::new(2);
        let long = "x".repeat(63);
        let hash = passwords.hash(secret(&format!("{long}a")), &Random::seeded(1)).await.unwrap();

        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(passwords.verify(secret(&format!("{long}a")), Some(hash.clone())).await.unwrap());
        assert!(!passwords.verify(secret(&format!("{long}b")), Some(hash)).await.unwrap());
    }

    #[tokio::test]
    async fn nobody_has_a_hash_that_parses_and_fits_nothing() {
        let passwords = Passwords::new(1);
        assert!(PasswordHash::new(NOBODY).is_ok());
        assert!(!passwords.verify(secret("anything"), None).await.unwrap());
    }

    #[tokio::test]
    async fn more_than_the_queue_holds_are_turned_away() {
        let passwords = Passwords::new(1);
        passwords.waiting.store(WAITING_PER_CORE, Ordering::Relaxed);
        assert!(matches!(passwords.verify(secret("x"), None).await, Err(Unchecked::Busy)));
        assert_eq!(passwords.waiting.load(Ordering::Relaxed), WAITING_PER_CORE);
    }

    #[tokio::test]
    async fn a_new_password_is_judged_with_what_is_known_of_its_owner() {
        let passwords = Passwords::new(1);
        for (password, expected) in [
            ("", Err(Problem::Missing)),
            ("Zq7!xW", Err(Problem::TooShort { min: PASSWORD_CHARS_MIN })),
            (&"Zq7!xW".repeat(50), Err(Problem::TooLong { max: PASSWORD_CHARS_MAX })),
            ("12345678", Err(Problem::GuessablePassword)),
            ("li.chen2024", Err(Problem::PersonalPassword)),
            ("correct horse", Ok(())),
        ] {
            let strength = passwords.judge(&secret(password), &["li.chen@example.com"]).await;
            assert_eq!(check_new(password, strength.unwrap()), expected, "{password}");
        }
        assert_eq!(check_new("correct horse", None), Err(Problem::GuessablePassword));
    }
}
