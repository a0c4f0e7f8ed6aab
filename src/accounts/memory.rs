//! The memory of password hashes: lent for a hash, kept while sign-ins follow one another.
//!
//! argon2 by itself allocates 19 MiB for a hash, and the allocator keeps what a thread gives back
//! with that thread: each of the blocking threads would hold 19 MiB for good, and fresh memory
//! costs the system more than a tenth of the hash.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use argon2::Block;
use tokio::runtime::Handle;

/// More than the 32 MiB up to which glibc keeps what is freed. What is beyond the hash's need is
/// never touched, so it is no memory, only addresses.
const BLOCKS_RESERVED: usize = 33 * 1_024;

/// As many pieces as there were hashes at once.
pub(super) struct Memory {
    kept_for: Duration,
    free: Mutex<Vec<Vec<Block>>>,
    hashes: AtomicU64,
}

impl Memory {
    /// Memory that goes back to the system after so long without a hash.
    pub(super) fn new(kept_for: Duration) -> Self {
        Self { kept_for, free: Mutex::default(), hashes: AtomicU64::new(0) }
    }

    /// Lends a piece of `blocks` KiB. Called on a blocking thread.
    pub(super) fn lend<T>(
        self: &Arc<Self>,
        blocks: usize,
        work: impl FnOnce(&mut [Block]) -> T,
    ) -> T {
        let mut piece = self.free().pop().unwrap_or_default();
        if piece.len() < blocks {
            piece = Vec::with_capacity(blocks.max(BLOCKS_RESERVED));
            piece.resize(blocks, Block::new());
        }
        let done = work(&mut piece);
        self.free().push(piece);
        self.release_later();
        done
    }

    fn free(&self) -> MutexGuard<'_, Vec<Vec<Block>>> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives everything back, unless there is another hash before long.
    fn release_later(self: &Arc<Self>) {
        let this_one = self.hashes.fetch_add(1, Ordering::Relaxed) + 1;
        let memory = Arc::clone(self);
        Handle::current().spawn(async move {
            tokio::time::sleep(memory.kept_for).await;
            if memory.hashes.load(Ordering::Relaxed) == this_one {
                memory.free().clear();
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn memory_is_lent_again_while_it_is_kept() {
        let memory = Arc::new(Memory::new(Duration::from_secs(60)));
        let first = memory.lend(8, |piece| piece.as_ptr());
        let second = memory.lend(8, |piece| (piece.as_ptr(), piece.len()));
        assert_eq!(second, (first, 8));
        assert_eq!(memory.free().len(), 1);
    }

    #[tokio::test]
    async fn memory_goes_back_when_nobody_hashes() {
        let memory = Arc::new(Memory::new(Duration::ZERO));
        memory.lend(8, |_| ());
        while !memory.free().is_empty() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
}
