//! Taking out what the filters show.

use super::UserList;
use crate::components::allowed::Allowed;
use crate::components::download::Download;
use crate::query::Query;
use crate::viewer::USERS_READ;
use leptos::prelude::*;
use model::user::{UserFilter, UserSource, UserStatus};

/// The link, for those who may.
#[component]
pub fn Exports(
    /// What the list shows.
    list: Memo<UserList>,
) -> impl IntoView {
    let href = Signal::derive(move || list.with(|list| address(&list.filter)));
    view! {
        <Allowed permission=USERS_READ>
            <div class="exports">
                <Download href label="Export CSV" />
            </div>
        </Allowed>
    }
}

/// The address of the export of what matches.
fn address(filter: &UserFilter) -> String {
    [
        ("format", Some("csv".to_owned())),
        ("q", filter.q.clone()),
        ("role", filter.role.as_ref().map(ToString::to_string)),
        ("status", filter.status.map(UserStatus::as_str).map(ToOwned::to_owned)),
        ("source", filter.source.map(UserSource::as_str).map(ToOwned::to_owned)),
        ("tenant_id", filter.tenant_id.as_ref().map(ToString::to_string)),
        ("unseen_days", filter.unseen_days.map(|days| days.to_string())),
    ]
    .into_iter()
    .fold(Query::default(), |query, (name, value)| query.with(name, value.as_deref()))
    .href("/admin/api/v1/users/export")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_export_has_the_filters_of_the_list() {
        let address_of = |parts: &[(&str, &str)]| {
            let query =
                parts.iter().fold(Query::default(), |query, (name, value)| query.with(name, Some(value)));
            address(&UserList::from_query(&query).filter)
        };
        assert_eq!(address_of(&[]), "/admin/api/v1/users/export?format=csv");
        let all = [
            ("q", "ada & co"),
            ("role", "user_admin"),
            ("status", "inactive"),
            ("source", "scim"),
            ("tenant", "team-alpha"),
            ("unseen", "90"),
            ("sort", "-email"),
            ("cursor", "x"),
        ];
        assert_eq!(
            address_of(&all),
            "/admin/api/v1/users/export?format=csv&q=ada%20%26%20co&role=user_admin&status=inactive&source=scim\
             &tenant_id=team-alpha&unseen_days=90"
        );
    }
}
