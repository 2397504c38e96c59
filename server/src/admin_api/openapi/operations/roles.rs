//! `/roles` and `/permissions`.

use super::{Needs, Operation, Read, Resource, Write, delete, get, patch, post};
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
