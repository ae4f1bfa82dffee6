//! The memory that all requests in flight share. Who does not fit is told to come back, before memory is taken.

use std::sync::Arc;

use pellucid_model::{Error, ErrorKind, Result};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Bytes of one permit: coarse enough for the semaphore's 32-bit requests.
const UNIT_BYTES: u64 = 1024;

/// The whole budget. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Budget {
    units: Arc<Semaphore>,
    total_units: u32,
}

/// A share of the budget; given back when dropped.
#[derive(Debug)]
pub(crate) struct Reservation {
    budget: Budget,
    held: Option<OwnedSemaphorePermit>,
    units: u32,
}

impl Budget {
    pub(crate) fn new(bytes: u64) -> Self {
        let total_units = u32::try_from((bytes / UNIT_BYTES).max(1)).unwrap_or(u32::MAX);
        let permits = usize::try_from(total_units).unwrap_or(usize::MAX).min(Semaphore::MAX_PERMITS);
        Self { units: Arc::new(Semaphore::new(permits)), total_units }
    }

    /// Starts with nothing.
    pub(crate) fn reserve(&self) -> Reservation {
        Reservation { budget: self.clone(), held: None, units: 0 }
    }

    /// Bytes in use, for `/metrics`.
    pub(crate) fn used_bytes(&self) -> u64 {
        let free = u64::try_from(self.units.available_permits()).unwrap_or(u64::MAX);
        u64::from(self.total_units).saturating_sub(free) * UNIT_BYTES
    }
}

impl Reservation {
    /// Makes the share at least `bytes` large. One request alone may always take the whole budget: refusing it for ever
    /// would be no answer.
    pub(crate) fn cover(&mut self, bytes: u64) -> Result<()> {
        let wanted = u32::try_from(bytes.div_ceil(UNIT_BYTES)).unwrap_or(u32::MAX).min(self.budget.total_units);
        let Some(missing) = wanted.checked_sub(self.units).filter(|missing| *missing > 0) else { return Ok(()) };
        let more = Arc::clone(&self.budget.units)
            .try_acquire_many_owned(missing)
            .map_err(|_| Error::new(ErrorKind::Unavailable, "too many bytes in flight, send this again later"))?;
        match &mut self.held {
            Some(held) => held.merge(more),
            none => *none = Some(more),
        }
        self.units = wanted;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_refused_and_comes_back() {
        let budget = Budget::new(10 * UNIT_BYTES);
        let mut first = budget.reserve();
        first.cover(6 * UNIT_BYTES).unwrap();
        first.cover(UNIT_BYTES).unwrap();
        let mut second = budget.reserve();
        assert_eq!(second.cover(5 * UNIT_BYTES).unwrap_err().kind, ErrorKind::Unavailable);
        assert_eq!(budget.used_bytes(), 6 * UNIT_BYTES);
        drop(first);
        second.cover(100 * UNIT_BYTES).unwrap();
        assert_eq!(budget.used_bytes(), 10 * UNIT_BYTES);
    }
}
