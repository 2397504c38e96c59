//! The real clock, the real randomness and the real scheduler: the only place that asks the operating system for any.

use model::Timestamp;
use model::time::{Clock, Entropy};
use std::time::{SystemTime, UNIX_EPOCH};

/// The system's clock.
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is where the clock that is handed in comes from")]
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    }
}

/// The operating system's random bytes.
pub(crate) struct OsEntropy;

impl Entropy for OsEntropy {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is where the randomness that is handed in comes from"
    )]
    fn fill(&self, bytes: &mut [u8]) {
        if getrandom::fill(bytes).is_err() {
            // Without randomness no key is safe: better no process than a guessable one.
            std::process::abort();
        }
    }
}

/// How far the control runtime's threads stand back: on a full core they get a tenth of what the data threads get.
const NICE: i32 = 10;

/// Lets the data plane's threads go before the calling one, and before those that it starts: rendering a page or writing
/// the ledger delays no request.
pub(crate) fn step_back() {
    // On Linux this is about the thread, and every thread inherits it; elsewhere it would be about the whole process.
    // Where it isn't allowed everything works as well, but for the order.
    #[cfg(target_os = "linux")]
    let _ = rustix::process::setpriority_process(None, NICE);
}
