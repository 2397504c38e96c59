//! What the server hands to every page and server function of one request.

use crate::error::AppError;
use axum::http::header::{ACCEPT, COOKIE, HeaderName, HeaderValue};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use control::sign_in::{HALF_SESSION_LIFE, HalfSession, Presence, Subject};
use control::{Actor, Client, Control};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;
use model::Problem;
use model::session::SessionOrigin;
use tower_sessions::cookie::time::Duration;
use tower_sessions::{Expiry, Session};

/// The name of a session's value that says who it is for: a [`control::sign_in::Subject`].
pub const SESSION_SUBJECT: &str = "subject";

/// The name of a session's value that says where it was begun: a [`model::session::SessionOrigin`].
pub const SESSION_ORIGIN: &str = "origin";

/// The name of a session's value that says whose second step is awaited: a [`control::sign_in::HalfSession`].
pub const SESSION_HALF: &str = "half";

/// The name of a session's value that says what a test sign-in brought: a [`model::sso::TestedSignIn`].
pub const SESSION_TEST: &str = "sso_test";

/// The request's surroundings. The server provides it as context.
#[derive(Clone)]
pub struct Edge {
    /// The operations.
    pub control: Control,
    /// Who is signed in, as loaded for this request.
    pub presence: Option<Presence>,
    /// The session.
    pub session: Session,
    /// Where the call comes from.
    pub client: Client,
    /// The configured base URL, without a slash at its end.
    pub base_url: String,
    /// Whether browsers keep our session cookie at that URL: over https, or on loopback.
    pub keeps_cookies: bool,
    /// The request's id: finds it in the log, and stands on every failure that a person sees.
    pub correlation_id: String,
}

impl Edge {
    /// The edge of the request being answered.
    pub fn current() -> Result<Self, AppError> {
        use_context().ok_or_else(|| {
            let problem = Problem::new(500, "internal_error", "Something went wrong on our side");
            AppError(Box::new(problem.detail("Try again.")))
        })
    }

    /// Who is signed in and may act.
    pub fn actor(&self) -> Result<&Actor, AppError> {
        self.present()?.actor().map_err(|error| self.refuse(&error))
    }

    /// Who is signed in, also who has to enrol a second factor before they may act: for what one does with one's own
    /// session and second factor, and for nothing else.
    pub fn person(&self) -> Result<&Actor, AppError> {
        Ok(self.present()?.person())
    }

    fn present(&self) -> Result<&Presence, AppError> {
        self.presence.as_ref().ok_or_else(|| self.refuse(&control::Error::Unauthenticated))
    }

    /// A failed call, with its HTTP status where the call came over HTTP (and not from a page being rendered).
    pub fn refuse(&self, error: &control::Error) -> AppError {
        self.refuse_with(error.to_problem(&self.correlation_id))
    }

    /// The session can't be read or written.
    pub fn session_failed(&self, _: tower_sessions::session::Error) -> AppError {
        let mut problem = Problem::new(500, "internal_error", "Something went wrong on our side")
            .detail("Try again; if it stays, look for the correlation id in the server's log.");
        problem.correlation_id = Some(self.correlation_id.clone());
        self.refuse_with(problem)
    }

    /// A failed call with this problem.
    pub fn refuse_with(&self, problem: Problem) -> AppError {
        let is_call = use_context::<Parts>().is_some_and(|parts| parts.uri.path().starts_with("/api/"));
        // A form sent without JavaScript is sent back to its page by the status already set.
        if is_call && !is_plain_form() {
            set_status(problem.status);
        }
        AppError(Box::new(problem))
    }
}

/// Whether the browser itself sent the form: it wants a page back, not an answer.
pub fn is_plain_form() -> bool {
    let accepts = |parts: Parts| {
        parts
            .headers
            .get(ACCEPT)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|a| a.contains("text/html"))
    };
    use_context::<Parts>().is_some_and(accepts)
}

/// The value of a cookie of the request.
pub fn cookie(name: &str) -> Option<String> {
    let parts = use_context::<Parts>()?;
    let all = parts.headers.get(COOKIE)?.to_str().ok()?;
    let pairs = all.split(';').filter_map(|pair| pair.trim().split_once('='));
    pairs.into_iter().find(|(key, _)| *key == name).map(|(_, value)| value.to_owned())
}

/// Sets the status of the answer.
pub fn set_status(status: u16) {
    if let (Some(response), Ok(status)) = (use_context::<ResponseOptions>(), StatusCode::from_u16(status)) {
        response.set_status(status);
    }
}

/// Sets a header of the answer.
pub fn set_header(name: HeaderName, value: &str) {
    if let (Some(response), Ok(value)) = (use_context::<ResponseOptions>(), HeaderValue::from_str(value)) {
        response.insert_header(name, value);
    }
}

/// Sends the browser to a path of this site.
pub fn see_other(path: &str) {
    set_status(303);
    set_header(header::LOCATION, path);
}

/// For answers that hold a secret.
pub fn no_store() {
    set_header(header::CACHE_CONTROL, "no-store");
}

impl Edge {
    /// A new session id with who it is for: nothing of the session before lives on under the id that somebody else may
    /// know.
    pub async fn renew_session(&self, subject: &Subject) -> Result<(), tower_sessions::session::Error> {
        self.empty_session().await?;
        let ip = self.client.ip.map(|ip| ip.to_string());
        let origin = SessionOrigin { ip, user_agent: self.client.user_agent.clone() };
        self.session.insert(SESSION_ORIGIN, origin).await?;
        self.session.insert(SESSION_SUBJECT, subject).await
    }

    /// A new session that opens nothing but the second step, for a few minutes.
    pub async fn wait_for_second_step(
        &self,
        half: &HalfSession,
    ) -> Result<(), tower_sessions::session::Error> {
        self.empty_session().await?;
        let life = HALF_SESSION_LIFE.try_into().unwrap_or(Duration::MINUTE);
        self.session.set_expiry(Some(Expiry::OnInactivity(life)));
        self.session.insert(SESSION_HALF, half).await
    }

    async fn empty_session(&self) -> Result<(), tower_sessions::session::Error> {
        self.session.clear().await;
        self.session.cycle_id().await
    }
}
