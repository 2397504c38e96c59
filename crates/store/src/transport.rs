//! Whether what is said to the database can be read on its way there.

use crate::error::Result;
use sqlx::any::AnyConnectOptions;
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use std::net::IpAddr;

/// Whether the connection to the database at `url` may go over a network in clear: PostgreSQL on another machine, with an
/// `sslmode` that does without TLS when the server offers none, or lets somebody in between say so.
pub fn may_be_in_clear(url: &str) -> Result<bool> {
    let options: AnyConnectOptions = url.parse()?;
    if options.database_url.scheme() == "sqlite" {
        return Ok(false);
    }
    let options = PgConnectOptions::try_from(&options)?;
    let here = options.get_socket().is_some() || is_here(options.get_host());
    let optional =
        matches!(options.get_ssl_mode(), PgSslMode::Disable | PgSslMode::Allow | PgSslMode::Prefer);
    Ok(!here && optional)
}

/// A socket's folder, or this machine by a name that nobody else answers to.
fn is_here(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host.starts_with('/')
        || host.eq_ignore_ascii_case("localhost")
        || address.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_machine_without_a_duty_to_encrypt() {
        for (url, in_clear) in [
            ("postgres://u:p@db.example.com/gatehouse", true),
            ("postgres://u:p@192.0.2.7/gatehouse?sslmode=prefer", true),
            ("postgres://u:p@db/gatehouse?sslmode=disable", true),
            ("postgres://u:p@db/gatehouse?sslmode=allow", true),
            ("postgres://u:p@[2001:db8::1]/gatehouse", true),
            ("postgres://u:p@localhost.example.com/gatehouse", true),
            ("postgres://u:p@localhost/gatehouse?host=192.0.2.7", true),
            ("postgres://u:p@db/gatehouse?sslmode=require", false),
            ("postgres://u:p@db/gatehouse?sslmode=verify-full", false),
            ("postgres://u:p@localhost/gatehouse", false),
            ("postgres://u:p@127.0.0.1:5433/gatehouse?sslmode=disable", false),
            ("postgres://u:p@[::1]/gatehouse", false),
            ("postgres://%2Fvar%2Frun%2Fpostgresql/gatehouse", false),
            ("postgres://u@localhost/gatehouse?host=/var/run/postgresql", false),
            ("sqlite:///var/lib/gatehouse/gatehouse.db", false),
        ] {
            assert_eq!(may_be_in_clear(url).unwrap(), in_clear, "{url}");
        }
        assert!(may_be_in_clear("postgres://db/gatehouse?sslmode=nonsense").is_err());
    }
}
