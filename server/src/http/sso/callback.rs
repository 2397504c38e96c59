//! `GET /login/sso/{name}/callback`: back from the provider, with a code or without.

use super::{cookie, refused, see_other, told};
use app::edge::{Edge, SESSION_TEST};
use app::query::Query;
use app::viewer::home_of;
use axum::Extension;
use axum::extract::{Path, RawQuery};
use axum::http::HeaderMap;
use axum::response::Response;
use control::Error;
use control::sign_in::{FirstStep, Presence};
use control::sso::{Finished, Returned, finish};
use model::sso::SignInRefusal;

pub(super) async fn callback(
    Extension(edge): Extension<Edge>,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let Ok(name) = name.parse() else { return told(SignInRefusal::NotOffered.as_str()) };
    let returned = Returned {
        cookie: cookie::read(&headers),
        query: &query.unwrap_or_default(),
        actor: edge.presence.as_ref().map(Presence::person),
        base_url: &edge.base_url,
        client: &edge.client,
    };
    let finished = finish(&edge.control, &name, returned).await;
    // Another attempt of this browser may be under way: its cookie isn't this one's.
    let over = !matches!(finished, Err(Error::SignInRefused(SignInRefusal::AttemptOver)));
    let mut response = match finished {
        Ok(finished) => go_on(&edge, finished).await,
        Err(error) => refused(&error, &edge.correlation_id),
    };
    if over {
        cookie::forget(response.headers_mut());
    }
    response
}

async fn go_on(edge: &Edge, finished: Finished) -> Response {
    let (kept, to) = match finished {
        Finished::SignedIn { step: FirstStep::SignedIn(signed_in), next } => {
            let to = next.unwrap_or_else(|| home_of(&signed_in.rights).to_owned());
            (edge.renew_session(&signed_in.subject).await, to)
        }
        Finished::SignedIn { step: FirstStep::HalfWay(half), next } => {
            let to = Query::default().with("next", next.as_deref()).href("/login/second-step");
            (edge.wait_for_second_step(&half).await, to)
        }
        Finished::Tested(tested) => {
            let to = Query::default().with("tested", Some(tested.provider.as_str())).href("/admin/sso");
            (edge.session.insert(SESSION_TEST, tested).await, to)
        }
        Finished::Confirmed { subject, next } => {
            let to = next.unwrap_or_else(|| "/console/profile".to_owned());
            (edge.renew_session(&subject).await, to)
        }
    };
    match kept {
        Ok(()) => see_other(&to),
        Err(error) => {
            tracing::error!(%error, correlation_id = edge.correlation_id, "the session can't be written");
            told("failed")
        }
    }
}
