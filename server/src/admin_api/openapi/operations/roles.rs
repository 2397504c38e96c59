//! `/roles`, `/permissions` and `/role-mappings`.

use super::{Needs, Operation, Read, Resource, Write, delete, get, patch, post, put};
use model::mapping::{RoleMapping, Simulation, SimulationRequest};
use model::role::{NewRole, PermissionView, Role, RoleChange, RoleView};
use serde_json::json;

const READ: Needs = (Resource::Roles, Read);
const WRITE: Needs = (Resource::Roles, Write);

pub(super) fn operations() -> Vec<Operation> {
    let new = json!({ "name": "auditor", "title": "Auditor", "permissions": ["audit:*", "keys:read"] });
    vec![
        get("/roles", "list_roles", READ, "Lists all roles, the built-in ones first").lists::<RoleView>(),
        post("/roles", "create_role", WRITE, "Makes a custom role")
            .takes::<NewRole>(new)
            .makes::<Role>()
            .conflicts(&["role_exists", "too_many_roles"]),
        get("/roles/{name}", "read_role", READ, "Reads a role and how often it is given").gives::<RoleView>(),
        patch("/roles/{name}", "change_role", WRITE, "Changes a custom role")
            .says("What is left out stays.")
            .takes::<RoleChange>(json!({ "permissions": ["audit:read"] }))
            .gives::<Role>()
            .conflicts(&["built_in_role"]),
        delete("/roles/{name}", "delete_role", WRITE, "Removes a custom role that nobody has")
            .conflicts(&["built_in_role", "role_in_use"]),
        get("/permissions", "list_permissions", READ, "Lists all permissions with what they mean")
            .lists::<PermissionView>(),
    ]
}

pub(super) fn mapping() -> Vec<Operation> {
    const READ: Needs = (Resource::Sso, Read);
    const WRITE: Needs = (Resource::Sso, Write);
    let admins = json!({ "claim": "groups", "value": "gateway-admins", "role": "super_admin" });
    let team =
        json!({ "claim": "groups", "operator": "matches", "value": "team-alpha*", "tenants": ["default"] });
    let mapping =
        json!({ "rules": [admins, team], "otherwise": { "type": "keep" }, "missing_claim": "deny" });
    let tried = json!({ "claims": "{\"groups\": [\"gateway-admins\"]}" });
    vec![
        get("/role-mappings", "read_role_mapping", READ, "Reads the role mapping").gives::<RoleMapping>(),
        put("/role-mappings", "change_role_mapping", WRITE, "Replaces the role mapping")
            .says("The first rule that holds and names a role decides it; all that hold give their tenants. It counts from the next sign-in. `would_lock_out`: your own last claims would take the right to undo it from you.")
            .takes::<RoleMapping>(mapping)
            .gives::<RoleMapping>()
            .conflicts(&["would_lock_out"]),
        post("/role-mappings/simulate", "simulate_role_mapping", READ, "Tries a mapping on claims")
            .says("Nothing is written. Without `mapping`, the saved one is tried.")
            .takes::<SimulationRequest>(tried)
            .gives::<Simulation>(),
    ]
}
