//! Lock-out with back-off: attempts are counted for the folded e-mail address and for the client's network, so that
//! neither case variants nor neighbouring addresses get attempts of their own.

use crate::{Client, Control, Error};
use model::Timestamp;
use model::user::fold;
use std::net::IpAddr;
use std::time::Duration;
use store::LoginBucket;

/// Attempts for one account before it locks.
const ACCOUNT_ATTEMPTS: u32 = 5;
/// Attempts from one network before it locks: many people may share it.
const NETWORK_ATTEMPTS: u32 = 50;
/// The first lock; each further attempt doubles it.
const FIRST_LOCK: Duration = Duration::from_secs(30);
/// The longest lock.
const LONGEST_LOCK: Duration = Duration::from_mins(15);
/// Quiet time after which attempts are forgotten.
const FORGET_AFTER: Duration = Duration::from_hours(1);

/// Counts this attempt before the password is looked at, or refuses it. Counting first means that a hundred parallel
/// guesses are a hundred attempts, not one.
pub(crate) async fn count_attempt(control: &Control, email: &str, client: &Client) -> Result<(), Error> {
    let _one_at_a_time = control.0.sign_in_gate.lock().await;
    let now = control.now();
    let buckets = buckets(email, client);
    let mut counted = Vec::with_capacity(buckets.len());
    for (name, allowed) in buckets {
        let failures = failures_of(control, &name, now).await?.saturating_add(1);
        counted.push((name, next(failures, allowed, now)));
    }
    for (name, bucket) in &counted {
        control.store().save_login_bucket(name, bucket).await?;
    }
    Ok(())
}

/// Counts a wrong bearer of the Admin API as an attempt of its network; refuses while that is locked, be the bearer right
/// or not, since otherwise the lock would stop no guessing.
pub(crate) async fn guess(control: &Control, client: &Client, right: bool) -> Result<(), Error> {
    let Some(name) = client.ip.map(network_bucket) else { return Ok(()) };
    let _one_at_a_time = control.0.sign_in_gate.lock().await;
    let now = control.now();
    let failures = failures_of(control, &name, now).await?;
    if !right {
        let bucket = next(failures.saturating_add(1), NETWORK_ATTEMPTS, now);
        control.store().save_login_bucket(&name, &bucket).await?;
    }
    Ok(())
}

/// The attempts in a bucket, unless it is locked.
async fn failures_of(control: &Control, name: &str, now: Timestamp) -> Result<u32, Error> {
    let bucket = control.store().login_bucket(name).await?;
    let bucket = bucket.filter(|bucket| now.since(bucket.last_failure_at) < FORGET_AFTER);
    if let Some(end) = bucket.as_ref().and_then(|bucket| bucket.locked_until)
        && end > now
    {
        let seconds = end.since(now).as_secs() + 1;
        return Err(Error::LockedOut { retry_after: u32::try_from(seconds).unwrap_or(u32::MAX) });
    }
    Ok(bucket.map_or(0, |bucket| bucket.failures))
}

/// Takes a good attempt back: all of the account's, and this one of the network's. Only this one: a good account must
/// not buy guesses at others; but a network full of people who know their passwords must not lock itself out either.
pub(crate) async fn forgive(control: &Control, email: &str, client: &Client) -> Result<(), Error> {
    let _one_at_a_time = control.0.sign_in_gate.lock().await;
    control.store().clear_login_bucket(&account_bucket(email)).await?;
    uncount_of_network(control, client).await
}

/// Takes this one attempt back, which was good but not the whole of a sign-in, as if it hadn't been made. What else
/// is counted for the account stays: who knows a password must not buy guesses at the code with it.
pub(super) async fn uncount(control: &Control, email: &str, client: &Client) -> Result<(), Error> {
    let _one_at_a_time = control.0.sign_in_gate.lock().await;
    let name = account_bucket(email);
    if let Some(mut bucket) = control.store().login_bucket(&name).await? {
        bucket.failures = bucket.failures.saturating_sub(1);
        // Nobody gets here while it is locked: the lock that there is now came with this attempt.
        bucket.locked_until = None;
        control.store().save_login_bucket(&name, &bucket).await?;
    }
    uncount_of_network(control, client).await
}

async fn uncount_of_network(control: &Control, client: &Client) -> Result<(), Error> {
    let Some(name) = client.ip.map(network_bucket) else { return Ok(()) };
    if let Some(mut bucket) = control.store().login_bucket(&name).await? {
        bucket.failures = bucket.failures.saturating_sub(1);
        if bucket.failures < NETWORK_ATTEMPTS {
            bucket.locked_until = None;
        }
        control.store().save_login_bucket(&name, &bucket).await?;
    }
    Ok(())
}

fn next(failures: u32, allowed: u32, now: Timestamp) -> LoginBucket {
    let locked_until = failures.checked_sub(allowed).map(|over| {
        let lock = FIRST_LOCK.saturating_mul(2u32.saturating_pow(over.min(10)));
        now.after(lock.min(LONGEST_LOCK))
    });
    LoginBucket { failures, last_failure_at: now, locked_until }
}

fn buckets(email: &str, client: &Client) -> Vec<(String, u32)> {
    let mut buckets = vec![(account_bucket(email), ACCOUNT_ATTEMPTS)];
    buckets.extend(client.ip.map(|ip| (network_bucket(ip), NETWORK_ATTEMPTS)));
    buckets
}

/// Hashed: what a stranger types into the e-mail field may be a password.
fn account_bucket(email: &str) -> String {
    let hash = identity::secret::hash_token(&fold(email));
    let digits: Vec<String> = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("account:{}", digits.concat())
}

fn network_bucket(ip: IpAddr) -> String {
    format!("network:{}", network(ip))
}

/// IPv4 by /24, IPv6 by /56: what one customer of a provider usually holds.
pub(crate) fn network(ip: IpAddr) -> String {
    match ip.to_canonical() {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            format!("{a}.{b}.{c}.0/24")
        }
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            format!("{a:x}:{b:x}:{c:x}:{:x}::/56", d & 0xff00)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_and_spellings_share_a_bucket() {
        assert_eq!(account_bucket(" Dev@Example.COM"), account_bucket("dev@example.com"));
        let bucket = |text: &str| network_bucket(text.parse().unwrap());
        assert_eq!(bucket("192.0.2.1"), bucket("192.0.2.200"));
        assert_eq!(bucket("::ffff:192.0.2.1"), bucket("192.0.2.200"));
        assert_eq!(bucket("2001:db8:1:2300::1"), bucket("2001:db8:1:23ff::9"));
        assert_ne!(bucket("2001:db8:1:2300::1"), bucket("2001:db8:1:2400::1"));
    }

    #[test]
    fn locks_double_up_to_a_quarter_of_an_hour() {
        let now = Timestamp::from_micros(0);
        let lock = |failures| next(failures, 5, now).locked_until.map(|end| end.since(now).as_secs());
        assert_eq!(lock(4), None);
        assert_eq!(lock(5), Some(30));
        assert_eq!(lock(6), Some(60));
        assert_eq!(lock(100), Some(900));
    }
}
