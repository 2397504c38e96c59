//! The drawer of one tenant: its record, its figures, its people, and what can be done with it.

use super::TenantWork;
use super::members::MemberList;
use super::table::{TenantBadge, figure};
use crate::components::drawer::{Drawer, Fact};
use crate::components::history::HistoryLink;
use crate::components::when::WhenExact;
use crate::format::usd;
use crate::query::{Query, use_goto};
use crate::server_fns::tenants::TenantDetail;
use crate::viewer::Dated;
use leptos::prelude::*;
use model::TenantId;
use model::tenant::{TenantStatus, TenantView};

/// The drawer.
#[component]
pub fn TenantDrawer(
    /// The tenant.
    detail: Dated<TenantDetail>,
    /// Its dialogs.
    work: TenantWork,
    /// Whether the viewer may change it.
    may_write: bool,
    /// Whether the viewer takes people in and out.
    may_add: bool,
    /// Called when its people changed.
    #[prop(into)]
    on_changed: Callback<()>,
) -> impl IntoView {
    let goto = use_goto();
    let close = Signal::derive(move || goto.href(|query| query.with("slug", None)));
    let Dated { now, data: TenantDetail { tenant: view, members } } = detail;
    let tenant = view.tenant.clone();
    let scope = Query::default().with("tenant", Some(tenant.id.as_str()));
    let history = tenant.id.to_string();
    let tags = if tenant.self_service_tags.is_empty() {
        "none: only operators give tags".to_owned()
    } else {
        tenant.self_service_tags.join(", ")
    };
    let buttons = may_write.then(|| view! { <Buttons tenant=view.clone() work /> });
    let people = members.map(|members| {
        let tenant = view.clone();
        view! {
            <h3>"Members"</h3>
            <MemberList tenant members work=work.members may_add on_changed />
        }
    });
    let locked = tenant.suspension_locked.then(|| {
        view! {
            <Fact name="Activated by">
                "the installation's operators"
                <span class="sub">"It was suspended from above: its own administrators can't let it work again."</span>
            </Fact>
        }
    });
    view! {
        <Drawer title=tenant.name.clone() close>
            <p>
                <TenantBadge status=tenant.status />
            </p>
            <dl>
                <Fact name="Slug">
                    <code>{tenant.id.to_string()}</code>
                </Fact>
                <Fact name="Created">
                    <WhenExact at=tenant.created_at now />
                </Fact>
                <Fact name="Members">{figure(view.members)}</Fact>
                <Fact name="Active keys">{figure(view.active_keys)}</Fact>
                <Fact name="Spend this month">{view.month_cost_usd.map_or_else(|| "not shown".to_owned(), usd)}</Fact>
                <Fact name="Self-service tags">{tags}</Fact>
                {locked}
            </dl>
            <p class="links">
                <a class="btn" href=scope.href("/admin/api-keys")>
                    "API keys"
                </a>
                <a class="btn" href=scope.href("/admin/access-rules")>
                    "Access rules"
                </a>
                <a class="btn" href=scope.href("/admin/dashboard")>
                    "Dashboard"
                </a>
            </p>
            {people}
            <HistoryLink kind="tenant" id=history />
            {buttons}
        </Drawer>
    }
}

#[component]
fn Buttons(tenant: TenantView, work: TenantWork) -> impl IntoView {
    let suspends = tenant.tenant.status == TenantStatus::Active;
    let can_go = tenant.tenant.id != TenantId::default_tenant();
    let view = StoredValue::new(tenant);
    let record = move || view.with_value(|view| view.tenant.clone());
    let delete = can_go.then(|| {
        view! {
            <button class="btn danger" type="button" on:click=move |_| work.deleting.ask(record())>
                "Delete"
            </button>
        }
    });
    view! {
        <div class="actions with-scripts">
            <button class="btn" type="button" on:click=move |_| work.editor.edit(record())>
                "Edit"
            </button>
            <button
                class="btn"
                class:danger=suspends
                type="button"
                on:click=move |_| work.switching.ask(view.get_value())
            >
                {if suspends { "Suspend" } else { "Activate" }}
            </button>
            {delete}
        </div>
    }
}
