//! What can be done with an account, as buttons in its drawer.

use super::work::UserWork;
use crate::viewer::{ROLES_ASSIGN, USERS_WRITE, Viewer};
use leptos::prelude::*;
use model::user::{UserDetail, UserSource, UserStatus};

/// The buttons that the viewer has a right to; of no use where the account outranks the viewer.
#[component]
pub fn Actions(
    /// The account.
    detail: StoredValue<UserDetail>,
    /// Who looks at it.
    viewer: StoredValue<Option<Viewer>>,
    /// What the buttons open.
    work: UserWork,
    /// The account is a super_admin's, the viewer none.
    outranked: bool,
) -> impl IntoView {
    let user = move || detail.with_value(|detail| detail.user.clone());
    let account = user();
    let may_write = viewer.with_value(|viewer| viewer.as_ref().is_some_and(|viewer| viewer.may(USERS_WRITE)));
    // Where the form opens: everywhere, or the first tenant in which the viewer gives roles.
    let scope = viewer.with_value(|viewer| {
        let rights = &viewer.as_ref()?.rights;
        let in_tenant = || {
            account.tenant_ids.iter().find(|tenant| rights.may_in(ROLES_ASSIGN, tenant)).cloned().map(Some)
        };
        rights.may(ROLES_ASSIGN).then_some(None).or_else(in_tenant)
    });
    let active = account.status == UserStatus::Active;
    let verb = if active { "Deactivate" } else { "Activate" };
    // Who is Inactive gets no way in.
    let gets_links = account.source == UserSource::Local && active;
    let button = move |label, danger, ask: Callback<()>| {
        view! {
            <button
                class="btn"
                class:danger=danger
                type="button"
                disabled=outranked
                aria-describedby=outranked.then_some("outranked")
                on:click=move |_| ask.run(())
            >
                {label}
            </button>
        }
    };
    let of_account = may_write.then(|| {
        let link = gets_links
            .then(|| button("Password link", false, Callback::new(move |()| work.link.make(user()))));
        let second_factor = account.second_factor.then(|| {
            button("Reset second factor", true, Callback::new(move |()| work.second_factor.ask(user())))
        });
        view! {
            {button(verb, active, Callback::new(move |()| work.status.ask(user())))}
            {button("Offboard", true, Callback::new(move |()| work.offboard.ask(user())))}
            {link}
            {second_factor}
            {button("Edit", false, Callback::new(move |()| work.edit.ask(user())))}
        }
    });
    let of_role = scope.map(|scope| {
        let managed = move || detail.with_value(|detail| detail.managed.clone());
        let ask = move |()| work.roles.ask(user(), scope.as_ref(), managed());
        button("Edit role", false, Callback::new(ask))
    });
    let why = outranked
        .then(|| view! { <p class="sub" id="outranked">"Only a super_admin changes a super_admin."</p> });
    let any = of_account.is_some() || of_role.is_some();
    any.then(|| {
        view! {
            {why}
            <div class="actions with-scripts">
                {of_account}
                {of_role}
            </div>
        }
    })
}
