//! Figures and times as people read them. The server and the browser get the same `now`, so that both render the
//! same text and hydration agrees.

use model::Timestamp;
use model::money::Usd;
use std::time::Duration;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// `1234567` as `1,234,567`.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A length as a count.
pub fn as_count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

/// A number and its noun: `1 key`, `3 keys`.
pub fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(number), if number == 1 { one } else { many })
}

/// Money: `$214.08`; four decimals below a dollar, so that small spending is not shown as none.
pub fn usd(amount: Usd) -> String {
    let micros = amount.as_micros().unsigned_abs();
    let sign = if amount.as_micros() < 0 { "-" } else { "" };
    if micros == 0 || micros >= 1_000_000 {
        let cents = (micros + 5_000) / 10_000;
        format!("{sign}${}.{:02}", count(cents / 100), cents % 100)
    } else {
        format!("{sign}$0.{:04}", micros.div_ceil(100).min(9_999))
    }
}

/// Microseconds as `38 ms` or `1.2 s`.
pub fn latency(micros: u64) -> String {
    if micros < 1_000 {
        format!("{micros} µs")
    } else if micros < 1_000_000 {
        format!("{} ms", micros / 1_000)
    } else {
        format!("{}.{} s", micros / 1_000_000, micros % 1_000_000 / 100_000)
    }
}

/// The change against a figure before: `+12 %`. Nothing when there was nothing before.
pub fn change(now: u64, before: u64) -> Option<String> {
    if before == 0 {
        return None;
    }
    let (sign, difference) = if now >= before { ('+', now - before) } else { ('−', before - now) };
    let percent = u128::from(difference) * 100 / u128::from(before);
    Some(format!("{sign}{percent} %"))
}

/// `4 minutes ago`, `in 6 days`, `just now`.
pub fn relative(now: Timestamp, at: Timestamp) -> String {
    if at > now {
        let ahead = at.since(now);
        return if ahead.as_secs() < MINUTE {
            "in a moment".to_owned()
        } else {
            format!("in {}", span(ahead))
        };
    }
    let ago = now.since(at);
    if ago.as_secs() < MINUTE { "just now".to_owned() } else { format!("{} ago", span(ago)) }
}

/// `4 minutes`, `6 days`, `8 months`.
pub fn span(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let days = seconds / DAY;
    match () {
        () if seconds < HOUR => counted((seconds / MINUTE).max(1), "minute", "minutes"),
        () if seconds < DAY => counted(seconds / HOUR, "hour", "hours"),
        () if days < 120 => counted(days, "day", "days"),
        () if days < 730 => counted(days * 100 / 3_044, "month", "months"),
        () => counted(days / 365, "year", "years"),
    }
}

/// `2026-03-02 09:14 UTC`.
pub fn absolute(at: Timestamp) -> String {
    let text = at.to_string();
    match (text.get(..10), text.get(11..16)) {
        (Some(day), Some(minute)) => format!("{day} {minute} UTC"),
        _ => text,
    }
}

/// `2026-03-02`, the UTC day.
pub fn day(at: Timestamp) -> String {
    let text = at.to_string();
    text.get(..10).map_or_else(|| text.clone(), ToOwned::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures() {
        assert_eq!(count(0), "0");
        assert_eq!(count(999), "999");
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(usd(Usd::from_micros(0)), "$0.00");
        assert_eq!(usd(Usd::from_micros(214_084_999)), "$214.08");
        assert_eq!(usd(Usd::from_micros(1)), "$0.0001");
        assert_eq!(usd(Usd::from_micros(999_999)), "$0.9999");
        assert_eq!(change(112, 100).as_deref(), Some("+12 %"));
        assert_eq!(change(1, 0), None);
        assert_eq!(latency(1_250_000), "1.2 s");
    }

    #[test]
    fn times() {
        let now = Timestamp::parse_rfc3339("2026-11-12T10:00:00Z").unwrap();
        let ago = |seconds| relative(now, now.before(Duration::from_secs(seconds)));
        assert_eq!(ago(5), "just now");
        assert_eq!(ago(60), "1 minute ago");
        assert_eq!(ago(2 * HOUR), "2 hours ago");
        assert_eq!(ago(119 * DAY), "119 days ago");
        assert_eq!(ago(125 * DAY), "4 months ago");
        assert_eq!(ago(365 * DAY), "11 months ago");
        assert_eq!(ago(800 * DAY), "2 years ago");
        assert_eq!(relative(now, now.after(Duration::from_secs(6 * DAY))), "in 6 days");
        assert_eq!(absolute(now), "2026-11-12 10:00 UTC");
        assert_eq!(day(now), "2026-11-12");
    }
}
