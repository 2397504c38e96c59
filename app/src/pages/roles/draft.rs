//! What is typed and ticked in the form of a custom role.

use crate::form::{Reading, changed};
use leptos::prelude::*;
use model::Problem;
use model::role::{NewRole, PermissionSet, Role, RoleChange};

/// The fields.
#[derive(Clone, Copy, Default)]
pub struct RoleDraft {
    /// Its name; can't change.
    pub name: RwSignal<String>,
    /// Its name for people.
    pub title: RwSignal<String>,
    /// What it is for.
    pub description: RwSignal<String>,
    /// What it may do.
    pub permissions: RwSignal<PermissionSet>,
}

impl RoleDraft {
    /// Fills it from a role; empties it without one.
    pub fn fill(self, role: Option<&Role>) {
        self.name.set(role.map(|role| role.name.to_string()).unwrap_or_default());
        self.title.set(role.map(|role| role.title.clone()).unwrap_or_default());
        self.description.set(role.map(|role| role.description.clone()).unwrap_or_default());
        self.permissions.set(role.map(|role| role.permissions).unwrap_or_default());
    }

    /// Starts a new role with what another one may do.
    pub fn copy(self, role: &Role, permissions: PermissionSet) {
        self.fill(None);
        self.title.set(format!("{}, own", role.title));
        self.description.set(role.description.clone());
        self.permissions.set(permissions);
    }

    /// The role that is asked for.
    pub fn to_new(self) -> Result<NewRole, Problem> {
        let mut form = Reading::default();
        let name = form.required("name", &self.name.get_untracked());
        let new = name.map(|name| NewRole {
            name,
            title: self.title.get_untracked().trim().to_owned(),
            description: self.description.get_untracked().trim().to_owned(),
            permissions: self.permissions.get_untracked(),
        });
        if let Some(new) = &new {
            form.also(new.check());
        }
        form.done(new)
    }

    /// What of `before` is to change.
    pub fn to_change(self, before: &Role) -> Result<RoleChange, Problem> {
        let title = self.title.get_untracked().trim().to_owned();
        let description = self.description.get_untracked().trim().to_owned();
        let change = RoleChange {
            title: changed(&before.title, title),
            description: changed(&before.description, description),
            permissions: changed(&before.permissions, self.permissions.get_untracked()),
        };
        let mut form = Reading::default();
        form.also(change.clone().apply(&mut before.clone()));
        form.done(Some(change))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::roles::matrix::tick;
    use model::role::{Action, BuiltInRole, Permission, Resource};

    #[test]
    fn a_role_read_back_from_its_form_is_the_same() {
        let owner = Owner::new();
        owner.set();
        let role = Role { built_in: false, ..Role::from(BuiltInRole::BillingAdmin) };
        let draft = RoleDraft::default();
        draft.fill(Some(&role));
        assert_eq!(draft.to_change(&role).unwrap(), RoleChange::default());
        let export = Permission::new(Resource::Usage, Action::Export);
        tick(draft.permissions, export, true);
        let after = draft.to_change(&role).unwrap().permissions.unwrap();
        assert_eq!(after.without(role.permissions), PermissionSet::from_iter([export]));
        draft.permissions.set(PermissionSet::NONE);
        assert!(draft.to_change(&role).unwrap_err().field("permissions").is_some());
        draft.fill(None);
        let problem = draft.to_new().unwrap_err();
        assert!(problem.field("name").is_some());
        draft.copy(&role, role.permissions);
        assert_eq!(draft.name.get_untracked(), "");
    }
}
