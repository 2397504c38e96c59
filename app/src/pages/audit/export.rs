//! Taking out what the filters show.

use super::list::AuditList;
use crate::components::allowed::Allowed;
use crate::components::download::Download;
use crate::query::Query;
use crate::viewer::AUDIT_EXPORT;
use leptos::prelude::*;
use model::Timestamp;
use model::audit::{AuditFilter, AuditResult};

/// The links, for those who may.
#[component]
pub fn Exports(
    /// What the list shows.
    list: Memo<AuditList>,
) -> impl IntoView {
    let at =
        move |format: &'static str| Signal::derive(move || list.with(|list| address(&list.filter, format)));
    view! {
        <Allowed permission=AUDIT_EXPORT>
            <div class="exports">
                <Download href=at("csv") label="Export CSV" />
                <Download href=at("jsonl") label="Export JSONL" />
            </div>
        </Allowed>
    }
}

/// The address of the export of what matches.
fn address(filter: &AuditFilter, format: &str) -> String {
    let time = |at: Option<Timestamp>| at.map(|at| at.to_string());
    [
        ("format", Some(format.to_owned())),
        ("actor", filter.actor.clone()),
        ("action", filter.action.clone()),
        ("target_type", filter.target_type.clone()),
        ("target_id", filter.target_id.clone()),
        ("result", filter.result.map(AuditResult::as_str).map(ToOwned::to_owned)),
        ("tenant_id", filter.tenant_id.as_ref().map(ToString::to_string)),
        ("ip", filter.ip.map(|ip| ip.to_string())),
        ("from", time(filter.from)),
        ("to", time(filter.to)),
    ]
    .into_iter()
    .fold(Query::default(), |query, (name, value)| query.with(name, value.as_deref()))
    .href("/admin/api/v1/audit/export")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_export_has_the_filters_of_the_list() {
        let filter = AuditFilter {
            actor: Some("ada & co".to_owned()),
            result: Some(AuditResult::Denied),
            from: Timestamp::parse_rfc3339("2026-03-18T00:00:00Z"),
            ..AuditFilter::default()
        };
        assert_eq!(
            address(&filter, "csv"),
            "/admin/api/v1/audit/export?format=csv&actor=ada%20%26%20co&result=denied&from=2026-03-18T00%3A00%3A00Z"
        );
    }
}
