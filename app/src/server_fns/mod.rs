//! The calls behind the pages. Each translates and nothing more: the operation, with its check of permissions, its
//! audit row and its transaction, is in `control`.
#![expect(missing_docs, reason = "the macro turns parameters into fields; the functions say what they are")]

pub mod access;
pub mod audit;
pub mod catalog;
pub mod keys;
pub mod management_keys;
pub mod mapping;
pub mod memberships;
pub mod roles;
pub mod scim;
pub mod second_factor;
pub mod session;
pub mod sso;
pub mod tenants;
pub mod usage;
pub mod users;

#[cfg(feature = "ssr")]
use crate::edge::{Edge, is_plain_form};
#[cfg(feature = "ssr")]
use crate::error::{Answer, AppError};
#[cfg(feature = "ssr")]
use model::{Page, PageRequest};
#[cfg(feature = "ssr")]
use std::future::Future;

/// Turns the result of a form's operation into its answer (see [`Answer`]).
#[cfg(feature = "ssr")]
fn answer<T>(edge: &Edge, result: Result<T, control::Error>) -> Result<Answer<T>, AppError> {
    match result {
        Ok(value) => Ok(Ok(value)),
        // Without JavaScript the error travels back to the form in the address, which only a failed call does.
        Err(error) if is_plain_form() => Err(edge.refuse(&error)),
        // Who may not, and what isn't there, is told by the HTTP status: no form of ours leads there.
        Err(
            error @ (control::Error::Unauthenticated
            | control::Error::Forbidden(_)
            | control::Error::Outranked
            | control::Error::SecondFactorRequired
            | control::Error::NotFound),
        ) => Err(edge.refuse(&error)),
        Err(error) => match error.to_problem(&edge.correlation_id) {
            problem if problem.status < 500 => Ok(Err(problem)),
            problem => Err(edge.refuse_with(problem)),
        },
    }
}

/// Turns the result of a look-up.
#[cfg(feature = "ssr")]
fn found<T>(edge: &Edge, result: Result<T, control::Error>) -> Result<T, AppError> {
    result.map_err(|error| edge.refuse(&error))
}

/// Turns the result of a look-up with the present time beside it.
#[cfg(feature = "ssr")]
fn dated<T>(edge: &Edge, result: Result<T, control::Error>) -> Result<crate::viewer::Dated<T>, AppError> {
    let data = found(edge, result)?;
    Ok(crate::viewer::Dated { now: edge.control.now(), data })
}

/// A page with how many rows its filters hide: all that there are without them (`all`, read only then) but for those that
/// match.
#[cfg(feature = "ssr")]
async fn hiding<T>(
    filtered: bool,
    listed: Result<Page<T>, control::Error>,
    all: impl Future<Output = Result<Page<T>, control::Error>>,
) -> Result<Page<T>, control::Error> {
    let mut page = listed?;
    // A figure for comfort: the page is good without it.
    if filtered && let Ok(all) = all.await {
        page.hidden = all.total.without(page.total);
    }
    Ok(page)
}

/// Of a page that is read for its total alone.
#[cfg(feature = "ssr")]
const ONE_ROW: PageRequest = PageRequest { cursor: None, limit: 1 };

/// Expiries are counted from the server's time, so that a wrong clock in the browser doesn't matter.
#[cfg(feature = "ssr")]
fn in_days(edge: &Edge, days: Option<u16>) -> Option<model::Timestamp> {
    let days = days.map(|days| std::time::Duration::from_hours(24 * u64::from(days)));
    days.map(|days| edge.control.now().after(days))
}
