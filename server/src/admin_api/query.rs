//! Query strings and path parts: errors name the parameter.

use super::ProblemResponse;
use axum::extract::{FromRequestParts, Path, RawQuery};
use axum::http::request::Parts;
use model::page::PageRequest;
use model::{FieldError, Problem};
use std::str::FromStr;

/// The parameters of a list: `cursor`, `limit`, `q`, `sort` and the resource's own filters. What isn't asked for by
/// the time of [`Parameters::finish`] is an error, so that a misspelt filter doesn't silently show everything.
pub(super) struct Parameters {
    pairs: Vec<(String, String)>,
    errors: Vec<FieldError>,
}

impl<S: Send + Sync> FromRequestParts<S> for Parameters {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        let RawQuery(query) = RawQuery::from_request_parts(parts, state).await?;
        let pairs = form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned().collect();
        Ok(Self { pairs, errors: Vec::new() })
    }
}

impl Parameters {
    /// Takes one parameter as text; empty is left out. Twice the same is an error.
    pub(super) fn take(&mut self, name: &'static str) -> Option<String> {
        self.given(name).filter(|value| !value.is_empty())
    }

    fn given(&mut self, name: &'static str) -> Option<String> {
        let at = self.pairs.iter().position(|(found, _)| found == name)?;
        let (_, value) = self.pairs.remove(at);
        if self.pairs.iter().any(|(found, _)| found == name) {
            self.pairs.retain(|(found, _)| found != name);
            self.errors.push(FieldError::new(name, "is there twice"));
        }
        Some(value)
    }

    /// Takes one parameter through `parse`; `must` says what it must be. Empty is an error too: a script whose variable is
    /// empty doesn't mean everything.
    pub(super) fn parse<T>(
        &mut self,
        name: &'static str,
        must: &'static str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let text = self.given(name)?;
        let parsed = parse(&text);
        if parsed.is_none() {
            self.errors.push(FieldError::new(name, must));
        }
        parsed
    }

    /// Takes `cursor` and `limit`.
    pub(super) fn page(&mut self) -> PageRequest {
        let limit = self.parse("limit", "must be from 1 to 200", |text| {
            text.parse().ok().filter(|limit| (1..=PageRequest::MAX_LIMIT).contains(limit))
        });
        PageRequest { cursor: self.take("cursor"), limit: limit.unwrap_or(PageRequest::DEFAULT_LIMIT) }
    }

    /// Whether all was good; names what is left over.
    pub(super) fn finish(mut self) -> Result<(), ProblemResponse> {
        for (name, _) in self.pairs {
            self.errors.push(FieldError::new(name, "is not a parameter of this list"));
        }
        if self.errors.is_empty() {
            return Ok(());
        }
        let mut problem = Problem::new(422, "validation_failed", "Some parameters can't be taken");
        problem.errors = self.errors;
        Err(ProblemResponse(problem))
    }
}

/// A path's id; what can't be one, down to bytes that aren't text, is answered like one that doesn't exist.
pub(super) struct PathId<T>(pub(super) T);

impl<T: FromStr, S: Send + Sync> FromRequestParts<S> for PathId<T> {
    type Rejection = ProblemResponse;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ProblemResponse> {
        let text = Path::<String>::from_request_parts(parts, state).await.ok();
        let id = text.and_then(|Path(text)| text.parse().ok());
        id.map(Self).ok_or_else(|| control::Error::NotFound.into())
    }
}

/// A path with two ids, by the same rule.
pub(super) struct PathIds<A, B>(pub(super) A, pub(super) B);

impl<A: FromStr, B: FromStr, S: Send + Sync> FromRequestParts<S> for PathIds<A, B> {
    type Rejection = ProblemResponse;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ProblemResponse> {
        let texts = Path::<(String, String)>::from_request_parts(parts, state).await.ok();
        let ids = texts.and_then(|Path((a, b))| Some(Self(a.parse().ok()?, b.parse().ok()?)));
        ids.ok_or_else(|| control::Error::NotFound.into())
    }
}

/// A path with three ids, by the same rule.
pub(super) struct PathIds3<A, B, C>(pub(super) A, pub(super) B, pub(super) C);

impl<A: FromStr, B: FromStr, C: FromStr, S: Send + Sync> FromRequestParts<S> for PathIds3<A, B, C> {
    type Rejection = ProblemResponse;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ProblemResponse> {
        let texts = Path::<(String, String, String)>::from_request_parts(parts, state).await.ok();
        let ids =
            texts.and_then(|Path((a, b, c))| Some(Self(a.parse().ok()?, b.parse().ok()?, c.parse().ok()?)));
        ids.ok_or_else(|| control::Error::NotFound.into())
    }
}
