//! `GET /login/sso/{name}?next=&purpose=`: off to the provider. `purpose=test` shows what would come, `purpose=step_up`
//! has whoever is signed in prove themselves once more.

use super::{cookie, refused, see_other, told};
use app::edge::Edge;
use app::query::safe_next;
use axum::Extension;
use axum::extract::{Path, RawQuery};
use axum::response::{IntoResponse, Response};
use control::sso::{Begun, Purpose, begin as begin_attempt};
use control::{Actor, Error};
use model::sso::SignInRefusal;

pub(super) async fn begin(
    Extension(edge): Extension<Edge>,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    if !edge.keeps_cookies {
        return told("insecure_base_url");
    }
    let Ok(name) = name.parse() else { return told(SignInRefusal::NotOffered.as_str()) };
    let query = query.unwrap_or_default();
    let value = |wanted: &str| {
        let mut pairs = form_urlencoded::parse(query.as_bytes());
        pairs.find(|(name, _)| name == wanted).map(|(_, value)| value.into_owned())
    };
    let next = value("next");
    let next = next.as_deref().and_then(safe_next);
    let purpose = match value("purpose").as_deref() {
        None | Some("sign_in") => Ok(Purpose::SignIn { next }),
        Some("test") => actor(&edge).map(Purpose::Test),
        Some("step_up") => actor(&edge).map(|actor| Purpose::StepUp { actor, next }),
        Some(_) => Err(SignInRefusal::NotOffered.into()),
    };
    let begun = match purpose {
        Ok(purpose) => begin_attempt(&edge.control, &name, purpose, &edge.base_url, &edge.client).await,
        Err(error) => Err(error),
    };
    match begun {
        Ok(Begun { url, cookie }) => {
            let mut response = see_other(&url);
            cookie::keep(response.headers_mut(), cookie.expose());
            response
        }
        Err(error @ Error::Forbidden(_)) => crate::admin_api::ProblemResponse::from(error).into_response(),
        Err(error) => refused(&error, &edge.correlation_id),
    }
}

fn actor(edge: &Edge) -> Result<&Actor, Error> {
    edge.presence.as_ref().ok_or(Error::Unauthenticated)?.actor()
}
