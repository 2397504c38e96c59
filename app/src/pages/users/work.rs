//! What can be done with an account from its drawer, and the dialogs for it. They stand beside the list.

use super::edit::{EditUserDialog, EditWork};
use super::link::{LinkDialog, Linking};
use super::membership::{MembershipDialogs, MembershipWork};
use super::offboard::{OffboardDialog, Offboarding};
use super::roles::{RoleDialogs, RoleWork};
use super::second_factor::{ResetSecondFactorDialog, SecondFactorWork};
use super::status::{StatusDialog, StatusWork};
use crate::viewer::Viewer;
use leptos::prelude::*;

/// The state of every dialog about one account. Outside of everything that reloads.
#[derive(Clone, Copy, Default)]
pub struct UserWork {
    /// Roles.
    pub roles: RoleWork,
    /// Tenants.
    pub memberships: MembershipWork,
    /// Active or Inactive.
    pub status: StatusWork,
    /// Name, address, organization unit.
    pub edit: EditWork,
    /// Ways to a password.
    pub link: Linking,
    /// Taking the second factor away.
    pub second_factor: SecondFactorWork,
    /// Leaving for good.
    pub offboard: Offboarding,
}

/// The dialogs.
#[component]
pub fn UserDialogs(
    /// Their state.
    work: UserWork,
    /// Who works.
    viewer: Viewer,
    /// Called when an account changed: lists have to be read anew.
    #[prop(into)]
    on_changed: Callback<()>,
) -> impl IntoView {
    view! {
        <RoleDialogs work=work.roles viewer=viewer.clone() on_changed />
        <MembershipDialogs work=work.memberships viewer on_changed />
        <StatusDialog work=work.status on_changed />
        <EditUserDialog work=work.edit on_changed />
        <LinkDialog linking=work.link />
        <ResetSecondFactorDialog work=work.second_factor on_changed />
        <OffboardDialog work=work.offboard on_done=on_changed />
    }
}
