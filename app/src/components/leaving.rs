//! Taking somebody out of a tenant: what that takes from them is told before.

use crate::components::form_dialog::RemoveDialog;
use crate::components::reason::Reason;
use crate::components::table::total;
use crate::components::toast::use_toasts;
use crate::editing::Removing;
use crate::format::counted;
use crate::server_fns::keys::list_keys;
use crate::server_fns::memberships::EndMembership;
use leptos::prelude::*;
use leptos::task::spawn_local;
use model::id::RoleName;
use model::key::{KeyFilter, KeySort};
use model::membership::EndedMembership;
use model::{PageRequest, TenantId, Total, UserId};

/// Who leaves what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaver {
    /// Who.
    pub user_id: UserId,
    /// What they are called.
    pub name: String,
    /// What they leave.
    pub tenant_id: TenantId,
    /// What it is called.
    pub tenant_name: String,
    /// The roles that they have there.
    pub roles: Vec<RoleName>,
}

/// The question's state. Outside of what reloads.
#[derive(Clone, Copy, Default)]
pub struct Leaving {
    asking: Removing<Leaver, EndedMembership, EndMembership>,
    reason: RwSignal<String>,
    /// Their keys there that aren't revoked; `None` while that isn't known.
    keys: RwSignal<Option<Total>>,
}

impl Leaving {
    /// Asks whether they are to leave.
    pub fn ask(self, leaver: Leaver) {
        let filter = KeyFilter {
            owner_id: Some(leaver.user_id.clone()),
            tenant_id: Some(leaver.tenant_id.clone()),
            ..KeyFilter::default()
        };
        self.keys.set(None);
        self.reason.set(String::new());
        self.asking.ask(leaver.clone());
        spawn_local(async move {
            let one = PageRequest { cursor: None, limit: 1 };
            let found = list_keys(filter, KeySort::default(), one).await;
            let still = self.asking.target().with_untracked(|target| target.as_ref() == Some(&leaver));
            if let (Ok(found), true) = (found, still) {
                self.keys.set(Some(found.data.total));
            }
        });
    }

    fn call(self, leaver: &Leaver) -> EndMembership {
        EndMembership {
            user_id: leaver.user_id.clone(),
            tenant_id: leaver.tenant_id.clone(),
            reason: Some(self.reason.get_untracked().trim().to_owned()).filter(|reason| !reason.is_empty()),
        }
    }
}

/// The question.
#[component]
pub fn LeavingDialog(
    /// Its state.
    leaving: Leaving,
    /// Called when somebody left.
    #[prop(into)]
    on_left: Callback<()>,
) -> impl IntoView {
    let toasts = use_toasts();
    let Leaving { asking, reason, keys } = leaving;
    let (target, problem) = (asking.target(), asking.problem());
    asking.on_removed(move |ended| {
        let revoked = counted(ended.keys_revoked, "key", "keys");
        toasts.show(format!(
            "Removed from {}, {revoked} revoked. {}.",
            ended.tenant_id,
            ended.receipt.sentence()
        ));
        on_left.run(());
    });
    let title = Signal::derive(move || {
        target.with(|target| {
            target
                .as_ref()
                .map(|leaver| format!("Remove {} from {}", leaver.name, leaver.tenant_name))
                .unwrap_or_default()
        })
    });
    let meaning = move || {
        let roles =
            target.with(|target| target.as_ref().map(|leaver| leaver.roles.clone()).unwrap_or_default());
        consequences(keys.get(), &roles)
    };
    view! {
        <RemoveDialog
            handle=asking.dialog()
            id="end-membership"
            title
            verb="Remove from tenant"
            problem
            pending=asking.pending()
            on_confirm=move |()| asking.confirm(|leaver| leaving.call(leaver))
        >
            <p>{meaning}</p>
            <Reason id="leave-reason" stays="in the audit log and with the revoked keys" problem value=reason />
        </RemoveDialog>
    }
}

fn consequences(keys: Option<Total>, roles: &[RoleName]) -> String {
    let keys = match keys {
        Some(Total { count: 0, .. }) => "They have no keys here.".to_owned(),
        Some(keys) => {
            let keys = total(keys, "key", "keys");
            format!("Their {keys} here will be revoked for good; requests that run are cut at once.")
        }
        None => "Their keys here will be revoked for good; requests that run are cut at once.".to_owned(),
    };
    let roles: Vec<_> = roles.iter().map(RoleName::as_str).collect();
    let roles = match roles[..] {
        [] => String::new(),
        _ => format!(" They lose their roles here: {}.", roles.join(", ")),
    };
    format!("{keys}{roles} Adding them again brings neither back.")
}
