//! One's own second factor.

use crate::error::{Answer, AppError};
use crate::viewer::Dated;
use leptos::prelude::*;
use leptos::server_fn::codec::Json;
use model::second_factor::{NewSecondFactor, RecoveryCodes, SecondFactorView};

#[cfg(feature = "ssr")]
use crate::edge::{Edge, no_store};
#[cfg(feature = "ssr")]
use crate::server_fns::session::renew_session;
#[cfg(feature = "ssr")]
use crate::server_fns::{answer, dated};
#[cfg(feature = "ssr")]
use control::Password;
#[cfg(feature = "ssr")]
use control::second_factor;
#[cfg(feature = "ssr")]
use std::future::ready;

/// How one's own second factor stands.
#[server(prefix = "/api", endpoint = "second-factor/read", input = Json)]
pub async fn read_second_factor() -> Result<Dated<SecondFactorView>, AppError> {
    let edge = Edge::current()?;
    dated(&edge, second_factor::read(&edge.control, edge.person()?).await)
}

/// What to tell an authenticator.
#[server(prefix = "/api", endpoint = "second-factor/begin", input = Json)]
pub async fn begin_second_factor() -> Result<Answer<NewSecondFactor>, AppError> {
    no_store();
    let edge = Edge::current()?;
    answer(&edge, ready(second_factor::begin(&edge.control, edge.person()?)).await)
}

/// Turns the second factor on.
#[server(prefix = "/api", endpoint = "second-factor/enrol", input = Json)]
pub async fn enrol_second_factor(
    ticket: String,
    current_password: String,
    code: String,
) -> Result<Answer<RecoveryCodes>, AppError> {
    no_store();
    let edge = Edge::current()?;
    let password = Password::new(current_password);
    let enrolled = second_factor::enrol(&edge.control, edge.person()?, &ticket, password, &code).await;
    if let Ok((subject, _)) = &enrolled {
        renew_session(&edge, subject).await?;
    }
    answer(&edge, enrolled.map(|(_, codes)| codes))
}

/// Makes new recovery codes.
#[server(prefix = "/api", endpoint = "second-factor/renew-recovery-codes", input = Json)]
pub async fn renew_recovery_codes(
    current_password: String,
    code: String,
) -> Result<Answer<RecoveryCodes>, AppError> {
    no_store();
    let edge = Edge::current()?;
    let password = Password::new(current_password);
    let renewed = second_factor::renew_recovery_codes(&edge.control, edge.actor()?, password, &code).await;
    if let Ok((subject, _)) = &renewed {
        renew_session(&edge, subject).await?;
    }
    answer(&edge, renewed.map(|(_, codes)| codes))
}

/// Turns the second factor off.
#[server(prefix = "/api", endpoint = "second-factor/remove", input = Json)]
pub async fn remove_second_factor(current_password: String, code: String) -> Result<Answer<()>, AppError> {
    let edge = Edge::current()?;
    let password = Password::new(current_password);
    let removed = second_factor::remove(&edge.control, edge.actor()?, password, &code).await;
    if let Ok(subject) = &removed {
        renew_session(&edge, subject).await?;
    }
    answer(&edge, removed.map(drop))
}
