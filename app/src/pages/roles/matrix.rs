//! Resources × actions: what a role may do, to be read or to be ticked. The same table that the server enforces.

use crate::format::count;
use leptos::prelude::*;
use model::role::{Action, Permission, PermissionSet, Resource};

/// The table. `cell` shows one permission; pairs that mean nothing stay empty.
#[component]
pub fn Matrix<C, V>(
    /// What the table shows, for people who hear the page.
    #[prop(into)]
    caption: String,
    /// Shows one permission.
    cell: C,
) -> impl IntoView
where
    C: Fn(Permission) -> V + Copy + Send + Sync + 'static,
    V: IntoView + 'static,
{
    let label = caption.clone();
    let row = move |resource: Resource| {
        let cells = Action::ALL
            .into_iter()
            .map(|action| {
                let means = resource.actions().contains(&action);
                view! { <td>{means.then(|| cell(Permission::new(resource, action)))}</td> }
            })
            .collect_view();
        view! {
            <tr class:reserved=resource.is_reserved()>
                <th scope="row">{words(resource)} <small>{where_it_counts(resource)}</small></th>
                {cells}
            </tr>
        }
    };
    // It scrolls on small screens, so keys must reach it.
    view! {
        <div class="table-wrap" tabindex="0" role="group" aria-label=label>
            <table class="matrix">
                <caption class="hidden">{caption}</caption>
                <thead>
                    <tr>
                        <th scope="col">"Resource"</th>
                        {Action::ALL.into_iter().map(|action| view! { <th scope="col">{title(action)}</th> }).collect_view()}
                    </tr>
                </thead>
                <tbody>{Resource::ALL.into_iter().map(row).collect_view()}</tbody>
            </table>
        </div>
    }
}

/// The table of a role, to be read.
#[component]
pub fn HeldMatrix(
    /// What it may do.
    held: PermissionSet,
) -> impl IntoView {
    let cell = move |permission: Permission| {
        let (mark, word) = if held.contains(permission) { ("✓", "yes") } else { ("–", "no") };
        view! {
            <span class=word title=format!("{permission}: {}", permission.description())>
                <span aria-hidden="true">{mark}</span>
                <span class="hidden">{word}</span>
            </span>
        }
    };
    view! { <Matrix caption="Permissions" cell /> }
}

/// The table with a box for each permission.
#[component]
pub fn TickMatrix(
    /// What is given, for people who hear the page.
    caption: &'static str,
    /// What is ticked.
    ticked: RwSignal<PermissionSet>,
    /// What the viewer may give.
    held: Signal<PermissionSet>,
    /// The id of the sentence on greyed boxes.
    lacked: &'static str,
) -> impl IntoView {
    let cell = move |permission: Permission| {
        let lacks = move || !held.read().contains(permission);
        let is_ticked = move || ticked.read().contains(permission);
        // What is there already can be taken away by whoever fills the form in.
        let off = move || lacks() && !is_ticked();
        view! {
            <label class="check" title=permission.description()>
                <input
                    type="checkbox"
                    autocomplete="off"
                    prop:checked=is_ticked
                    disabled=off
                    aria-describedby=move || lacks().then_some(lacked)
                    on:change=move |event| tick(ticked, permission, event_target_checked(&event))
                />
                <span class="hidden">{permission.to_string()}</span>
            </label>
        }
    };
    view! { <Matrix caption cell /> }
}

/// Ticks or unticks a permission.
pub fn tick(set: RwSignal<PermissionSet>, permission: Permission, ticked: bool) {
    let one = PermissionSet::from_iter([permission]);
    set.update(|set| *set = if ticked { set.or(one) } else { set.without(one) });
}

/// How many there are: "all", "12", "none".
pub fn amount(set: PermissionSet) -> String {
    match set {
        PermissionSet::ALL => "all".to_owned(),
        PermissionSet::NONE => "none".to_owned(),
        some => count(u64::from(some.len())),
    }
}

/// A resource as people write it: "Access rules".
pub fn words(resource: Resource) -> String {
    match resource {
        Resource::Keys => "API keys".to_owned(),
        Resource::Sso => "SSO".to_owned(),
        Resource::Mcp => "MCP".to_owned(),
        other => {
            let mut text = other.as_str().replace('_', " ");
            text.get_mut(..1).map(str::make_ascii_uppercase);
            text
        }
    }
}

fn where_it_counts(resource: Resource) -> &'static str {
    let in_tenants = |action: &Action| Permission::new(resource, *action).in_tenants();
    if resource.is_reserved() {
        "reserved: nothing in this release"
    } else if resource.actions().iter().all(in_tenants) {
        "also for one tenant"
    } else if resource.actions().iter().any(in_tenants) {
        "assign also for one tenant"
    } else {
        "installation only"
    }
}

/// An action's name: "Read".
pub const fn title(action: Action) -> &'static str {
    match action {
        Action::Read => "Read",
        Action::Write => "Write",
        Action::Assign => "Assign",
        Action::Revoke => "Revoke",
        Action::Export => "Export",
    }
}

/// A set in as few words as it takes: `keys:*` for all of a resource.
pub fn written(set: PermissionSet) -> Vec<String> {
    if set == PermissionSet::ALL {
        return vec!["everything".to_owned()];
    }
    let of = |resource: Resource| {
        let held: Vec<_> = set.iter().filter(|permission| permission.resource == resource).collect();
        if held.len() > 1 && held.len() == resource.actions().len() {
            return vec![format!("{}:*", resource.as_str())];
        }
        held.into_iter().map(|permission| permission.to_string()).collect()
    };
    Resource::ALL.into_iter().flat_map(of).collect()
}

/// A set as tags.
#[component]
pub fn PermissionTags(
    /// Which.
    set: PermissionSet,
) -> impl IntoView {
    let tags = written(set).into_iter().map(|word| view! { <span class="tag">{word}</span> }).collect_view();
    view! { <span class="badges">{tags}</span> }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::role::BuiltInRole;

    #[test]
    fn sets_are_written_in_few_words() {
        assert_eq!(written(PermissionSet::ALL), ["everything"]);
        assert!(written(PermissionSet::NONE).is_empty());
        let model_admin = written(BuiltInRole::ModelAdmin.permissions());
        assert_eq!(model_admin, ["providers:read", "models:*", "usage:read"]);
        assert_eq!(words(Resource::AccessRules), "Access rules");
        assert_eq!(where_it_counts(Resource::Roles), "assign also for one tenant");
    }
}
