//! Access rules.

use crate::error::{Answer, AppError};
use crate::viewer::Dated;
use leptos::prelude::*;
use leptos::server_fn::codec::Json;
use model::access::{AccessRuleChange, AccessRuleFilter, AccessRuleView, NewAccessRule};
use model::{AccessRuleId, Page, PageRequest};

#[cfg(feature = "ssr")]
use crate::edge::Edge;
#[cfg(feature = "ssr")]
use crate::server_fns::{ONE_ROW, answer, dated, hiding};

/// A page of rules.
#[server(prefix = "/api", endpoint = "access-rules/list", input = Json)]
pub async fn list_rules(
    filter: AccessRuleFilter,
    page: PageRequest,
) -> Result<Dated<Page<AccessRuleView>>, AppError> {
    let edge = Edge::current()?;
    let (every, actor) = (AccessRuleFilter::default(), edge.actor()?);
    let listed = control::access_rules::list(&edge.control, actor, &filter, &page).await;
    let all = control::access_rules::list(&edge.control, actor, &every, &ONE_ROW);
    dated(&edge, hiding(filter != every, listed, all).await)
}

/// One rule.
#[server(prefix = "/api", endpoint = "access-rules/read", input = Json)]
pub async fn read_rule(id: AccessRuleId) -> Result<Dated<AccessRuleView>, AppError> {
    let edge = Edge::current()?;
    dated(&edge, control::access_rules::read(&edge.control, edge.actor()?, &id).await)
}

/// Makes a rule.
#[server(prefix = "/api", endpoint = "access-rules/create", input = Json)]
pub async fn create_rule(new: NewAccessRule) -> Result<Answer<AccessRuleView>, AppError> {
    let edge = Edge::current()?;
    answer(&edge, control::access_rules::create(&edge.control, edge.actor()?, new).await)
}

/// Changes a rule.
#[server(prefix = "/api", endpoint = "access-rules/change", input = Json)]
pub async fn change_rule(
    id: AccessRuleId,
    change: AccessRuleChange,
) -> Result<Answer<AccessRuleView>, AppError> {
    let edge = Edge::current()?;
    answer(&edge, control::access_rules::change(&edge.control, edge.actor()?, &id, change).await)
}

/// Removes a rule.
#[server(prefix = "/api", endpoint = "access-rules/remove", input = Json)]
pub async fn remove_rule(id: AccessRuleId) -> Result<Answer<()>, AppError> {
    let edge = Edge::current()?;
    answer(&edge, control::access_rules::remove(&edge.control, edge.actor()?, &id).await)
}
