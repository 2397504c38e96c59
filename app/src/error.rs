//! What a server function answers when it can't do what was asked: always a [`Problem`], never an internal text.

use leptos::prelude::{FromServerFnError, ServerFnErrorErr, With};
use leptos::server_fn::codec::JsonEncoding;
use model::Problem;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A failed call. Pages show it in the region that asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppError(pub Box<Problem>);

/// The answer to a form: what came of it, or what the person has to put right. The latter is an ordinary answer
/// and not a failed call, so that a mistyped password leaves no red line in the browser's console.
pub type Answer<T> = Result<T, Problem>;

/// What a form's action ended with, however it came back: as an answer, as a failed call, or (without JavaScript) in
/// the address.
pub fn problem_of<T>(value: &Result<Answer<T>, AppError>) -> Option<&Problem> {
    match value {
        Ok(Ok(_)) => None,
        Ok(Err(problem)) => Some(problem),
        Err(AppError(problem)) => Some(problem),
    }
}

/// The same of an action's last answer, its `value()`; follows it.
pub fn problem_in<T>(value: impl With<Value = Option<Result<Answer<T>, AppError>>>) -> Option<Problem> {
    value.with(|value| value.as_ref().and_then(problem_of).cloned())
}

impl FromServerFnError for AppError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        // The texts inside these variants can hold internals: only the kind is passed on.
        let problem = match error {
            ServerFnErrorErr::Request(_) => Problem::new(503, "unreachable", "Gatehouse can't be reached")
                .detail("Check the connection and try again. Nothing was changed."),
            // Here only a call is ever read, and what can't be read is the caller's mistake.
            ServerFnErrorErr::Deserialization(_) if cfg!(feature = "ssr") => {
                Problem::new(422, "validation_failed", "Some fields can't be taken")
                    .detail("Reload the page and try again.")
            }
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) => {
                Problem::new(422, "validation_failed", "Some fields can't be taken")
                    .detail("Reload the page and try again.")
            }
            ServerFnErrorErr::Deserialization(_) | ServerFnErrorErr::Response(_) => {
                Problem::new(502, "unreadable_answer", "The answer can't be read")
                    .detail("Gatehouse was probably updated. Reload the page.")
            }
            _ => Problem::new(500, "internal_error", "Something went wrong on our side").detail("Try again."),
        };
        // Left alone, every one of these would be a 500.
        #[cfg(feature = "ssr")]
        if !crate::edge::is_plain_form() {
            crate::edge::set_status(problem.status);
        }
        Self(Box::new(problem))
    }
}

impl fmt::Display for AppError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for AppError {}
