//! The drawer of one row: who, what, and what it changed.

use super::table::{ResultBadge, target_name};
use crate::components::drawer::{Drawer, Fact};
use crate::components::when::WhenExact;
use crate::query::{Query, use_goto};
use crate::viewer::Dated;
use leptos::either::{Either, EitherOf3};
use leptos::prelude::*;
use model::audit::{AuditChange, AuditDetail, AuditFact, AuditRow};

/// The drawer.
#[component]
pub fn AuditDrawer(
    /// The row.
    detail: Dated<AuditDetail>,
) -> impl IntoView {
    let goto = use_goto();
    let close = Signal::derive(move || goto.href(|query| query.with("row", None)));
    let Dated { now, data: AuditDetail { row, changes, facts, hash } } = detail;
    let by_actor = Query::default().with("q", Some(&row.actor_id)).href("/admin/audit");
    let by_ip = row.ip.clone().map(|ip| {
        let href = Query::default().with("ip", Some(&ip)).href("/admin/audit");
        view! { <a href=href>{ip}</a> }
    });
    let ip = by_ip.map_or_else(|| Either::Right("none: not over the network"), Either::Left);
    let target = view! { <Target row=row.clone() /> };
    let tenant = row.tenant_id.as_ref().map_or_else(|| "none".to_owned(), ToString::to_string);
    let chain = match hash {
        Some(hash) => Either::Left(view! { <code class="hash">{hash}</code> }),
        None => Either::Right("none: the row is from before the chain"),
    };
    view! {
        <Drawer title=row.action.clone() close>
            <p>
                <ResultBadge result=row.result />
            </p>
            <dl>
                <Fact name="Time">
                    <WhenExact at=row.at now />
                </Fact>
                <Fact name="Actor">
                    {row.actor.clone()} <span class="sub"><code>{row.actor_id.clone()}</code></span>
                    <span class="sub"><a href=by_actor>"Everything by this actor"</a></span>
                </Fact>
                {target}
                <Fact name="Tenant">{tenant}</Fact>
                <Fact name="IP">{ip}</Fact>
                <Facts facts />
            </dl>
            <h3>"Changes"</h3>
            <Changes changes />
            <h3>"Chain"</h3>
            <dl>
                <Fact name="Row">{row.seq}</Fact>
                <Fact name="Hash">{chain}</Fact>
            </dl>
        </Drawer>
    }
}

#[component]
fn Target(row: AuditRow) -> impl IntoView {
    let name = target_name(&row);
    let named = match page_of(&row.target_type, &row.target_id, &row.target_name) {
        Some(href) => Either::Left(view! { <a href=href>{name}</a> }),
        None => Either::Right(name),
    };
    let history = (!row.target_id.is_empty()).then(|| {
        let href = Query::default()
            .with("target_type", Some(&row.target_type))
            .with("target_id", Some(&row.target_id))
            .href("/admin/audit");
        view! {
            <span class="sub">
                <code>{row.target_id.clone()}</code>
            </span>
            <span class="sub">
                <a href=href>"Everything about this object"</a>
            </span>
        }
    });
    let kind = row.target_type.replace('_', " ");
    view! {
        <Fact name="Target">{named} <span class="sub">{kind}</span> {history}</Fact>
    }
}

/// The page that shows an object, if there is one. It may be gone: then that page says so.
fn page_of(kind: &str, id: &str, name: &str) -> Option<String> {
    let (path, part) = match kind {
        // Its drawer is opened by its name.
        "identity_provider" => return Some(Query::default().with("provider", Some(name)).href("/admin/sso")),
        "scim_client" => {
            let open = Query::default().with("tab", Some("scim")).with("client", Some(id));
            return Some(open.href("/admin/sso"));
        }
        "role_mapping" => return Some(Query::default().with("tab", Some("mapping")).href("/admin/sso")),
        "access_rule" => ("/admin/access-rules", "rule"),
        "key" => ("/admin/api-keys", "key"),
        "management_key" => ("/admin/management-keys", "key"),
        "model" => ("/admin/models", "model"),
        "provider" => ("/admin/providers", "provider"),
        "membership" | "user" => ("/admin/users", "user"),
        _ => return None,
    };
    (!id.is_empty()).then(|| Query::default().with(part, Some(id)).href(path))
}

#[component]
fn Facts(facts: Vec<AuditFact>) -> impl IntoView {
    facts
        .into_iter()
        .map(|AuditFact { name, value }| {
            view! {
                <dt class="field">{name}</dt>
                <dd>{value}</dd>
            }
        })
        .collect_view()
}

/// Field by field, before and after side by side.
#[component]
fn Changes(changes: Vec<AuditChange>) -> impl IntoView {
    if changes.is_empty() {
        return Either::Left(view! { <p class="sub">"No field was changed."</p> });
    }
    let side = |value: Option<String>, class: &'static str| match value {
        None => EitherOf3::A(view! { <td class="none">"nothing"</td> }),
        Some(text) if text.is_empty() => EitherOf3::B(view! { <td class="none">"empty"</td> }),
        Some(text) => EitherOf3::C(view! { <td class=class>{text}</td> }),
    };
    let rows = changes
        .into_iter()
        .map(|AuditChange { field, before, after }| {
            view! {
                <tr>
                    <th scope="row">{field}</th>
                    {side(before, "before")}
                    {side(after, "after")}
                </tr>
            }
        })
        .collect_view();
    Either::Right(view! {
        <div class="table-wrap">
            <table class="figures changes">
                <caption class="hidden">"Fields that this action changed"</caption>
                <thead>
                    <tr>
                        <th scope="col">"Field"</th>
                        <th scope="col">"Before"</th>
                        <th scope="col">"After"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_have_pages() {
        assert_eq!(page_of("key", "a b", "").as_deref(), Some("/admin/api-keys?key=a%20b"));
        assert_eq!(page_of("key", "", ""), None);
        assert_eq!(page_of("link", "setup", ""), None);
        assert_eq!(
            page_of("identity_provider", "idp_1", "okta").as_deref(),
            Some("/admin/sso?provider=okta")
        );
    }
}
