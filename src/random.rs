//! Randomness that is handed in: the system's, or a repeatable stream for tests.

use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::rngs::{StdRng, SysRng};
use rand::{Rng, SeedableRng, TryRng};

/// Where random bytes come from.
#[derive(Clone)]
pub struct Random(Source);

#[derive(Clone)]
enum Source {
    System,
    Seeded(Arc<Mutex<StdRng>>),
}

impl Random {
    /// The system's generator.
    #[must_use]
    pub const fn system() -> Self {
        Self(Source::System)
    }

    /// A stream that a seed determines. For tests and sample data, never for secrets that matter.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self(Source::Seeded(Arc::new(Mutex::new(StdRng::seed_from_u64(seed)))))
    }

    /// `N` random bytes.
    ///
    /// # Panics
    /// When the system has no randomness to give: nothing safe can be done without it.
    #[must_use]
    #[expect(clippy::expect_used, reason = "without randomness no secret may be made")]
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        match &self.0 {
            Source::System => {
                SysRng.try_fill_bytes(&mut bytes).expect("the system's random generator fails");
            }
            Source::Seeded(stream) => {
                let mut stream = stream.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                stream.fill_bytes(&mut bytes);
            }
        }
        bytes
    }

    /// `2 * N` hex digits.
    #[must_use]
    pub fn hex<const N: usize>(&self) -> String {
        crate::secret::hex(&self.bytes::<N>())
    }

    /// 256 random bits as 43 characters that are safe in URLs, cookies and headers.
    #[must_use]
    pub fn token(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.bytes::<32>())
    }

    /// A random 32-bit number.
    #[must_use]
    pub fn number(&self) -> u32 {
        u32::from_le_bytes(self.bytes())
    }
}
