//! `/users`, with what is below it, and `/memberships`.

use super::{Assign, Needs, Operation, Read, Resource, Write, delete, get, patch, post, put};
use crate::admin_api::assignments::Assignments;
use crate::admin_api::body::Reason;
use crate::admin_api::many_users::Results;
use crate::admin_api::users::Account;
use model::membership::{EndedMembership, Membership, NewMembership};
use model::offboard::{OffboardInventory, Offboarded};
use model::role::{Assignment, NewAssignment, RoleName, RoleOfUser};
use model::session::{EndedSessions, SessionView};
use model::user::{
    AccountChange, AccountLink, Activity, NewUser, OffboardMany, StatusOfMany, SwitchedUser, User,
    UserSource, UserStatus,
};
use model::{TenantId, UserId};
use serde_json::json;

const READ: Needs = (Resource::Users, Read);
const WRITE: Needs = (Resource::Users, Write);
const ASSIGN: Needs = (Resource::Roles, Assign);
const LAST: [&str; 1] = ["last_super_admin"];
const OWN_SESSIONS: &str = "Of one's own, everybody may, with their dashboard session.";

pub(super) fn users() -> Vec<Operation> {
    let new = json!({ "name": "Dev Eloper", "email": "dev@example.com", "organization_unit": "Payments" });
    vec![
        filtered(get("/users", "list_users", READ, "Lists accounts"))
            .sorted(
                &["name", "email", "role", "organization_unit", "status", "created_at", "last_sign_in_at"],
                "Order; `-` turns it round. `name` when left out.",
            )
            .paged()
            .lists::<User>(),
        filtered(get("/users/export", "export_users", READ, "Exports accounts, in the order of creation"))
            .says("Is a row of the audit log, written before the first byte. Cells that begin like a formula get an apostrophe.")
            .plain("format", "`csv`, also when left out.", json!({ "type": "string", "enum": ["csv"] }))
            .streams(&["text/csv"]),
        post("/users/bulk/status", "set_status_of_users", WRITE, "Sets many accounts Active or Inactive")
            .says("Each by the same rules as one alone; 200 whatever became of each.")
            .takes::<StatusOfMany>(json!({ "ids": ["usr_8fK2mQ4xR7tB1nZ3"], "status": "inactive", "reason": "project ended" }))
            .gives::<Results>(),
        post("/users/bulk/offboard", "offboard_users", WRITE, "Offboards many people")
            .says("Each by the same rules as one alone; 200 whatever became of each.")
            .takes::<OffboardMany>(json!({ "ids": ["usr_8fK2mQ4xR7tB1nZ3"], "reason": "left the company" }))
            .gives::<Results>(),
        post("/users", "create_user", WRITE, "Makes an account without a password")
            .says("An invitation lets them set one.")
            .takes::<NewUser>(new)
            .makes::<User>(),
        get("/users/{id}", "read_user", READ, "Reads an account and what it did in sum").gives::<Account>(),
        patch("/users/{id}", "change_user", WRITE, "Changes an account")
            .says("Inactive: its sessions end, its keys are refused and their running requests cut; Active: they work again.")
            .takes::<AccountChange>(json!({ "status": "inactive", "reason": "on leave" }))
            .gives::<SwitchedUser>()
            .conflicts(&LAST),
        get("/users/{id}/activity", "list_activity", READ, "Lists what somebody did, newest first")
            .paged()
            .lists::<Activity>(),
        post("/users/{id}/invite", "invite_user", WRITE, "Makes a link that sets the first password")
            .says("It works once, for 24 hours, and replaces the one before.")
            .makes::<AccountLink>()
            .gives_secret()
            .conflicts(&["has_password", "not_local", "user_inactive"]),
        post("/users/{id}/reset-link", "reset_password", WRITE, "Makes a link that sets a new password")
            .says("It works once, for 24 hours, and replaces the one before.")
            .makes::<AccountLink>()
            .gives_secret()
            .conflicts(&["not_local", "user_inactive"]),
        delete("/users/{id}/second-factor", "reset_second_factor", WRITE, "Takes a second factor away")
            .says("Ends the account's sessions. One's own goes on the page Profile.")
            .gives::<EndedSessions>()
            .conflicts(&["own_second_factor"]),
        get("/users/{id}/sessions", "list_sessions", READ, "Lists the sessions that are under way")
            .says(OWN_SESSIONS)
            .lists::<SessionView>(),
        delete("/users/{id}/sessions", "end_sessions", WRITE, "Ends all sessions")
            .says(OWN_SESSIONS)
            .gives::<EndedSessions>(),
        delete("/users/{id}/sessions/{session_id}", "end_session", WRITE, "Ends a session")
            .says(OWN_SESSIONS)
            .gives::<EndedSessions>(),
        get("/users/{id}/offboard", "preview_offboarding", WRITE, "Says what offboarding would do")
            .gives::<OffboardInventory>(),
        post("/users/{id}/offboard", "offboard_user", WRITE, "Takes away all that somebody has")
            .says("Revokes their keys and management keys, ends sessions and links, sets the account Inactive; all of it or nothing.")
            .may_take::<Reason>(json!({ "reason": "left the company" }))
            .gives::<Offboarded>()
            .conflicts(&LAST),
    ]
}

/// The filters of list and export.
fn filtered(operation: Operation) -> Operation {
    operation
        .searched("Name or e-mail address.")
        .filter::<RoleName>("role", "With this global role.")
        .filter::<UserStatus>("status", "With this status.")
        .filter::<UserSource>("source", "From this source.")
        .filter::<TenantId>("tenant_id", "Members of this tenant.")
        .days("unseen_days", "Not signed in for more than so many days; never counts from creation.")
}

/// Who has which role.
pub(super) fn access() -> Vec<Operation> {
    vec![
        put("/users/{id}/role", "set_role", ASSIGN, "Gives another global role")
            .takes::<RoleOfUser>(json!({ "role": "billing_admin", "reason": "new job" }))
            .gives::<User>()
            .conflicts(&LAST),
        get(
            "/users/{id}/assignments",
            "list_assignments",
            READ,
            "Lists somebody's roles, the global one first",
        )
        .gives::<Assignments>(),
        post("/users/{id}/assignments", "assign_role", ASSIGN, "Gives a role for a tenant")
            .takes::<NewAssignment>(json!({ "tenant_id": "default", "role": "billing_admin" }))
            .makes::<Assignment>(),
        delete(
            "/users/{id}/assignments/{tenant_id}/{role}",
            "unassign_role",
            ASSIGN,
            "Takes a role for a tenant away",
        ),
    ]
}

pub(super) fn memberships() -> Vec<Operation> {
    const READ: Needs = (Resource::Memberships, Read);
    const WRITE: Needs = (Resource::Memberships, Write);
    vec![
        get("/memberships", "list_memberships", READ, "Lists who belongs to which tenant")
            .filter::<UserId>("user_id", "Of this person.")
            .filter::<TenantId>("tenant_id", "In this tenant.")
            .paged()
            .lists::<Membership>(),
        post("/memberships", "add_member", WRITE, "Lets somebody join a tenant")
            .takes::<NewMembership>(json!({ "user_id": "usr_8fK2mQ4xR7tB1nZ3", "tenant_id": "default" }))
            .makes::<Membership>(),
        delete(
            "/memberships/{user_id}/{tenant_id}",
            "end_membership",
            WRITE,
            "Takes somebody out of a tenant",
        )
        .says("Their keys there are revoked, their roles there end.")
        .may_take::<Reason>(json!({ "reason": "changed teams" }))
        .gives::<EndedMembership>(),
    ]
}
