//! How much one caller has running at a time: nobody's requests stand in everybody else's way to the database.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Requests of one caller that run; more wait.
const MOST: usize = 8;
/// How long they wait.
const PATIENCE: Duration = Duration::from_secs(10);

/// The callers that have something running, by their stable id.
#[derive(Clone)]
pub(crate) struct Turns {
    running: Arc<Mutex<HashMap<String, Arc<Semaphore>>>>,
    patience: Duration,
}

impl Default for Turns {
    fn default() -> Self {
        Self { running: Arc::default(), patience: PATIENCE }
    }
}

/// One request's turn; over when it is dropped.
pub(crate) struct Turn {
    turns: Turns,
    caller: String,
    permit: Option<OwnedSemaphorePermit>,
}

impl Turns {
    /// Waits for the caller's turn; `None`: too long.
    pub(super) async fn take(&self, caller: String) -> Option<Turn> {
        let semaphore = {
            let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(running.entry(caller.clone()).or_insert_with(|| Arc::new(Semaphore::new(MOST))))
        };
        // Made before waiting: who gives up while they wait is forgotten as well.
        let mut turn = Turn { turns: self.clone(), caller, permit: None };
        let permit = tokio::time::timeout(self.patience, semaphore.acquire_owned()).await;
        turn.permit = Some(permit.ok()?.ok()?);
        Some(turn)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.permit = None;
        let mut running = self.turns.running.lock().unwrap_or_else(PoisonError::into_inner);
        // The map's own, and nobody else's: neither running nor waiting.
        if running.get(&self.caller).is_some_and(|semaphore| Arc::strong_count(semaphore) == 1) {
            running.remove(&self.caller);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_caller_waits_and_another_does_not() {
        let turns = Turns { patience: Duration::from_millis(50), ..Turns::default() };
        let mut running = Vec::new();
        for _ in 0..MOST {
            running.push(turns.take("anna".to_owned()).await.unwrap());
        }
        assert!(turns.take("anna".to_owned()).await.is_none(), "no turn for as long as it waits");
        assert!(turns.take("ben".to_owned()).await.is_some());
        let (next, ()) = tokio::join!(turns.take("anna".to_owned()), async { drop(running.pop()) });
        running.extend(next);
        assert_eq!(running.len(), MOST);
        drop(running);
        assert!(turns.running.lock().unwrap().is_empty(), "who has nothing running is forgotten");
    }
}
