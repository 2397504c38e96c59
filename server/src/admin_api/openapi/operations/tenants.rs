//! `/tenants`.

use super::{Needs, Operation, Read, Resource, Write, delete, get, patch, post};
use crate::admin_api::body::Reason;
use model::tenant::{
    DeletedTenant, NewTenant, SwitchedTenant, Tenant, TenantChange, TenantHoldings, TenantView,
};
use serde_json::json;

const READ: Needs = (Resource::Tenants, Read);
const WRITE: Needs = (Resource::Tenants, Write);

pub(super) fn operations() -> Vec<Operation> {
    vec![
        get("/tenants", "list_tenants", READ, "Lists tenants by slug")
            .searched("A part of the name or the slug.")
            .paged()
            .lists::<TenantView>(),
        post("/tenants", "create_tenant", WRITE, "Makes a tenant; its slug is never reused")
            .takes::<NewTenant>(json!({ "id": "team-alpha", "name": "Team Alpha" }))
            .makes::<Tenant>()
            .conflicts(&["tenant_exists"]),
        get("/tenants/{id}", "read_tenant", READ, "Reads a tenant and its figures")
            .says("A figure is `null` for who may not read what it counts.")
            .gives::<TenantView>(),
        patch("/tenants/{id}", "change_tenant", WRITE, "Changes a tenant")
            .says("What is left out stays. `self_service_tags` are the tags that its people may give to their own keys.")
            .takes::<TenantChange>(json!({ "name": "Team Alpha", "self_service_tags": ["cost_center"] }))
            .gives::<Tenant>(),
        get("/tenants/{id}/holdings", "read_holdings", WRITE, "Says what deleting a tenant would take away")
            .gives::<TenantHoldings>(),
        post("/tenants/{id}/suspend", "suspend_tenant", WRITE, "Refuses a tenant's keys and cuts their requests")
            .may_take::<Reason>(json!({ "reason": "unpaid" }))
            .gives::<SwitchedTenant>(),
        post("/tenants/{id}/activate", "activate_tenant", WRITE, "Lets a tenant's keys work again")
            .may_take::<Reason>(json!({ "reason": "paid" }))
            .gives::<SwitchedTenant>(),
        delete("/tenants/{id}", "delete_tenant", WRITE, "Deletes a tenant")
            .says("Its keys are revoked and their requests cut, memberships and roles in it end, access rules about it go. Usage and audit rows stay.")
            .may_take::<Reason>(json!({ "reason": "the project has ended" }))
            .gives::<DeletedTenant>()
            .conflicts(&["default_tenant"]),
    ]
}
