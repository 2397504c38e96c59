//! Roles, and who gives and takes them.

use crate::support::{Bench, PASSWORD};
use control::{Actor, Error, roles, users};
use identity::password::Password;
use model::UserId;
use model::role::{
    AccessChange, BuiltInRole, NewAssignment, NewRole, Permission, PermissionSet, RoleChange, RoleName,
    RoleOfUser,
};
use serde_json::{Value, json};

fn id(actor: &Actor) -> UserId {
    actor.user().unwrap().id.clone()
}

fn name(text: &str) -> RoleName {
    text.parse().unwrap()
}

fn permission(text: &str) -> Permission {
    text.parse().unwrap()
}

fn set(permissions: &[&str]) -> PermissionSet {
    permissions.iter().map(|text| permission(text)).collect()
}

fn new(role: &str, permissions: &[&str]) -> NewRole {
    let permissions = set(permissions);
    NewRole { name: name(role), title: "Support".to_owned(), description: String::new(), permissions }
}

fn to(role: &str) -> RoleOfUser {
    RoleOfUser { role: name(role), reason: Some("because".to_owned()) }
}

fn at(tenant: &str, role: &str) -> NewAssignment {
    NewAssignment { tenant_id: tenant.parse().unwrap(), role: name(role) }
}

/// Asserts that exactly this permission was missing.
#[track_caller]
fn lacks<T: std::fmt::Debug>(result: Result<T, Error>, missing: &str) {
    assert!(matches!(&result, Err(Error::Forbidden(lacked)) if lacked.to_string() == missing), "{result:?}");
}

#[tokio::test]
async fn custom_roles_are_made_changed_and_deleted() {
    let bench = Bench::new().await;
    let admin = bench.admin().await;
    let dev = bench.account("dev@example.com", BuiltInRole::User).await;
    let helper = bench.account("helper@example.com", BuiltInRole::UserAdmin).await;
    let control = &bench.control;
    lacks(roles::list(control, &dev).await, "roles:read");
    lacks(roles::read(control, &dev, &name("user")).await, "roles:read");
    lacks(roles::permissions(&dev), "roles:read");
    lacks(roles::create(control, &helper, new("support", &["keys:read"])).await, "roles:write");
    lacks(roles::change(control, &helper, &name("support"), RoleChange::default()).await, "roles:write");
    lacks(roles::remove(control, &helper, &name("support")).await, "roles:write");

    let fields = |result: Result<_, Error>| -> Vec<String> {
        let Err(Error::Invalid(errors)) = result else { return Vec::new() };
        errors.iter().map(|error| error.field.to_string()).collect()
    };
    assert_eq!(fields(roles::create(control, &admin, new("user_admin", &[])).await), ["name", "permissions"]);
    let made = roles::create(control, &admin, new("support", &["keys:read", "usage:read"])).await.unwrap();
    let again = roles::create(control, &admin, new("support", &["keys:read"])).await;
    assert!(matches!(again, Err(Error::Conflict { code: "role_exists", .. })));
    assert_eq!(bench.detail("role.create").await["after"], json!(made));
    assert_eq!(roles::permissions(&helper).unwrap().len(), 36);

    let dev = bench.set_role(&dev, "support").await;
    assert!(dev.may(permission("keys:read")) && !dev.may(permission("keys:revoke")));
    let listed = roles::list(control, &helper).await.unwrap();
    let names: Vec<_> = listed.iter().map(|view| (view.role.name.as_str(), view.uses.users)).collect();
    assert_eq!(names[..2], [("super_admin", 1), ("model_admin", 0)]);
    assert_eq!(names[7..], [("support", 1)]);
    let in_use = roles::remove(control, &admin, &made.name).await;
    assert!(
        matches!(&in_use, Err(Error::Conflict { code: "role_in_use", detail }) if detail.contains("1 accounts"))
    );

    // A change counts from the next request, which loads the rights anew.
    let change = RoleChange { permissions: Some(set(&["keys:revoke"])), ..RoleChange::default() };
    roles::change(control, &admin, &made.name, change.clone()).await.unwrap();
    let dev = bench.again(&dev).await;
    assert!(dev.may(permission("keys:revoke")) && !dev.may(permission("keys:read")));
    let detail = bench.detail("role.update").await;
    assert_eq!(detail["after"], json!({ "permissions": ["keys:revoke"] }));
    let rows = bench.audit().await.len();
    roles::change(control, &admin, &made.name, change).await.unwrap();
    assert_eq!(bench.audit().await.len(), rows, "a change that changes nothing");
    let built_in = roles::change(control, &admin, &name("user"), RoleChange::default()).await;
    assert!(matches!(built_in, Err(Error::Conflict { code: "built_in_role", .. })));
    let unknown = roles::change(control, &admin, &name("nothing"), RoleChange::default()).await;
    assert!(matches!(unknown, Err(Error::NotFound)));

    bench.set_role(&dev, "user").await;
    roles::remove(control, &admin, &made.name).await.unwrap();
    assert!(matches!(roles::read(control, &admin, &made.name).await, Err(Error::NotFound)));
    assert!(matches!(roles::remove(control, &admin, &made.name).await, Err(Error::NotFound)));
}

#[tokio::test]
async fn nobody_gives_a_permission_that_they_lack() {
    let bench = Bench::new().await;
    let admin = bench.admin().await;
    let control = &bench.control;
    bench.role("people", &["roles:read", "roles:write", "roles:assign", "keys:read", "users:*"]).await;
    bench.role("viewer", &["keys:read"]).await;
    bench.role("keeper", &["settings:write"]).await;
    let dev = id(&bench.account("dev@example.com", BuiltInRole::User).await);
    let modeller = id(&bench.account("models@example.com", BuiltInRole::ModelAdmin).await);
    let people = bench.account("people@example.com", BuiltInRole::User).await;
    lacks(roles::set_role(control, &people, &dev, to("user")).await, "roles:assign");
    let people = bench.set_role(&people, "people").await;

    // Roles are made of what one has.
    lacks(
        roles::create(control, &people, new("more", &["keys:read", "settings:write"])).await,
        "settings:write",
    );
    roles::create(control, &people, new("less", &["keys:read", "users:read"])).await.unwrap();
    let more = RoleChange { permissions: Some(set(&["keys:read", "audit:read"])), ..RoleChange::default() };
    lacks(roles::change(control, &people, &name("less"), more).await, "audit:read");
    let renamed = RoleChange { title: Some("Keeper of settings".to_owned()), ..RoleChange::default() };
    roles::change(control, &people, &name("keeper"), renamed).await.unwrap();

    // And so are gifts; to oneself too.
    for (role, missing) in
        [("keeper", "settings:write"), ("billing_admin", "tenants:read"), ("super_admin", "memberships:read")]
    {
        lacks(roles::set_role(control, &people, &dev, to(role)).await, missing);
        lacks(roles::set_role(control, &people, &id(&people), to(role)).await, missing);
    }
    roles::set_role(control, &people, &dev, to("viewer")).await.unwrap();
    let detail = bench.detail("user.set_role").await;
    let said = json!({ "reason": "because", "before": { "role": "user" }, "after": { "role": "viewer" } });
    assert_eq!(detail, said);
    let unknown = roles::set_role(control, &people, &dev, to("nothing")).await;
    assert!(matches!(unknown, Err(Error::Invalid(errors)) if errors[0].field == "role"));

    // Who holds everything is no super_admin by that.
    bench.role("all", &["*"]).await;
    let all = bench.account("all@example.com", BuiltInRole::User).await;
    let all = bench.set_role(&all, "all").await;
    lacks(roles::set_role(control, &all, &id(&all), to("super_admin")).await, "roles:assign");
    lacks(roles::set_role(control, &all, &dev, to("super_admin")).await, "roles:assign");

    // Taking away needs no more than the right to assign, but not from a super_admin.
    roles::set_role(control, &people, &modeller, to("user")).await.unwrap();
    let up = roles::set_role(control, &people, &id(&admin), to("user")).await;
    assert!(matches!(up, Err(Error::Outranked)), "{up:?}");
    let denied = bench.audit().await.into_iter().filter(|(_, result)| result == "denied").count();
    assert_eq!(denied, 12, "each attempt is written down");
}

#[tokio::test]
async fn a_user_admin_onboards_others_and_not_themselves() {
    let bench = Bench::new().await;
    let admin = bench.admin().await;
    let control = &bench.control;
    bench.tenant("alpha").await;
    bench.role("keeper", &["settings:write"]).await;
    let dev = id(&bench.member("dev@example.com", &[("alpha", None)]).await);
    let helper = bench.account("helper@example.com", BuiltInRole::UserAdmin).await;
    for role in BuiltInRole::ALL.into_iter().filter(|role| *role != BuiltInRole::SuperAdmin) {
        roles::set_role(control, &helper, &dev, to(role.as_str())).await.unwrap();
    }
    lacks(roles::set_role(control, &helper, &dev, to("super_admin")).await, "roles:write");
    lacks(roles::set_role(control, &helper, &dev, to("keeper")).await, "settings:write");
    lacks(roles::set_role(control, &helper, &id(&helper), to("model_admin")).await, "providers:read");
    roles::assign(control, &helper, &dev, at("alpha", "billing_admin")).await.unwrap();
    lacks(roles::assign(control, &helper, &dev, at("alpha", "super_admin")).await, "tenants:write");
    let given = roles::assignable(control, &helper, None).await.unwrap();
    let given: Vec<_> = given.iter().map(|role| role.name.as_str()).collect();
    let all = ["model_admin", "provider_admin", "mcp_admin", "user_admin", "billing_admin", "user"];
    assert_eq!(given, all);
    // With the exception gone, so are the gifts.
    bench.set_role(&admin, "super_admin").await;
    let helper = bench.set_role(&helper, "mcp_admin").await;
    lacks(roles::set_role(control, &helper, &dev, to("model_admin")).await, "roles:assign");
}

#[tokio::test]
async fn a_role_for_a_tenant_is_given_and_taken_there() {
    let bench = Bench::new().await;
    bench.admin().await;
    let control = &bench.control;
    for tenant in ["alpha", "beta"] {
        bench.tenant(tenant).await;
    }
    let dev = bench.member("dev@example.com", &[("alpha", None), ("beta", None)]).await;
    let other = bench.member("other@example.com", &[("beta", None)]).await;
    let lead = bench.member("lead@example.com", &[("alpha", Some("user_admin"))]).await;
    let (dev, other) = (id(&dev), id(&other));
    // user_admin for a tenant is no user_admin: they give what they hold.
    lacks(roles::assign(control, &lead, &dev, at("alpha", "billing_admin")).await, "budgets:read");
    bench.role("viewer", &["keys:read", "models:read"]).await;
    roles::assign(control, &lead, &dev, at("alpha", "viewer")).await.unwrap();
    assert_eq!(
        bench.detail("user.assign_role").await["after"],
        json!({ "role": "viewer", "tenant_id": "alpha" })
    );
    let rows = bench.audit().await.len();
    roles::assign(control, &lead, &dev, at("alpha", "viewer")).await.unwrap();
    assert_eq!(bench.audit().await.len(), rows, "they have it");

    lacks(roles::assign(control, &lead, &dev, at("beta", "viewer")).await, "roles:assign");
    lacks(roles::set_role(control, &lead, &dev, to("viewer")).await, "roles:assign");
    for hidden in [&other, &"usr_0000000000000000".parse().unwrap()] {
        let result = roles::assign(control, &lead, hidden, at("alpha", "viewer")).await;
        assert!(matches!(result, Err(Error::NotFound)), "{result:?}");
        let result = roles::set_role(control, &lead, hidden, to("user")).await;
        assert!(matches!(result, Err(Error::NotFound)), "{result:?}");
        assert!(matches!(roles::assignments(control, &lead, hidden).await, Err(Error::NotFound)));
    }
    let master = Actor::command_line();
    let fields = |result: Result<_, Error>| match result {
        Err(Error::Invalid(errors)) => errors[0].field.to_string(),
        other => format!("{other:?}"),
    };
    assert_eq!(fields(roles::assign(control, &master, &other, at("alpha", "viewer")).await), "tenant_id");
    assert_eq!(fields(roles::assign(control, &master, &other, at("beta", "mcp_admin")).await), "role");
    assert_eq!(fields(roles::assign(control, &master, &other, at("beta", "nothing")).await), "role");

    // It counts there, from the next request.
    let viewer = bench.actor(&dev).await;
    assert!(viewer.may_in(permission("keys:read"), &"alpha".parse().unwrap()));
    assert!(!viewer.may_in(permission("keys:read"), &"beta".parse().unwrap()));
    assert!(!viewer.may(permission("models:read")), "models belong to no tenant");
    roles::assign(control, &master, &dev, at("beta", "billing_admin")).await.unwrap();
    let seen = roles::assignments(control, &lead, &dev).await.unwrap();
    let words: Vec<Value> = seen.iter().map(|held| json!(held)).collect();
    let expected =
        [json!({ "tenant_id": null, "role": "user" }), json!({ "tenant_id": "alpha", "role": "viewer" })];
    assert_eq!(words, expected, "and not what they have in beta");

    roles::unassign(control, &lead, &dev, &at("alpha", "viewer")).await.unwrap();
    assert!(!bench.actor(&dev).await.may_in(permission("keys:read"), &"alpha".parse().unwrap()));
    let again = roles::unassign(control, &lead, &dev, &at("alpha", "viewer")).await;
    assert!(matches!(again, Err(Error::NotFound)));
    lacks(roles::unassign(control, &lead, &dev, &at("beta", "billing_admin")).await, "roles:assign");
}

#[tokio::test]
async fn the_effect_is_told_before_it_is_saved() {
    let bench = Bench::new().await;
    let admin = bench.admin().await;
    let control = &bench.control;
    bench.tenant("alpha").await;
    let support = bench.role("support", &["keys:read", "usage:read"]).await;
    let dev = bench.member("dev@example.com", &[("alpha", Some("support"))]).await;
    let other = bench.account("other@example.com", BuiltInRole::User).await;
    let other = bench.set_role(&other, "support").await;
    let rows = bench.audit().await.len();
    let effect = async |change: AccessChange| roles::preview(control, &admin, &change).await.unwrap();

    let permissions = set(&["keys:read", "audit:read"]);
    let change = AccessChange::ChangeRole { name: support.clone(), permissions };
    let found = effect(change.clone()).await;
    assert_eq!((found.affected.count, found.first.len()), (2, 2));
    assert_eq!((found.gained, found.lost), (set(&["audit:read"]), set(&["usage:read"])));
    lacks(roles::preview(control, &other, &change).await, "roles:write");

    let found = effect(AccessChange::SetRole { user_id: id(&other), role: name("billing_admin") }).await;
    assert_eq!(found.gained, set(&["budgets:read", "budgets:write", "tenants:read"]));
    assert!(found.lost.is_empty());
    let assignment = at("alpha", "billing_admin");
    let found = effect(AccessChange::Assign { user_id: id(&dev), assignment }).await;
    assert_eq!(found.gained, set(&["budgets:read", "budgets:write", "tenants:read"]));
    let assignment = at("alpha", "support");
    let found = effect(AccessChange::Unassign { user_id: id(&dev), assignment }).await;
    assert_eq!(
        (found.lost, found.first[0].email.as_str()),
        (set(&["keys:read", "usage:read"]), "dev@example.com")
    );
    assert_eq!(bench.audit().await.len(), rows, "nothing is written");
}

#[tokio::test]
async fn whoever_could_not_give_the_roles_does_not_get_the_password() {
    let bench = Bench::new().await;
    let control = &bench.control;
    bench.tenant("alpha").await;
    bench.role("keeper", &["settings:write"]).await;
    let helper = bench.account("helper@example.com", BuiltInRole::UserAdmin).await;
    let reset = async |actor: &Actor, whose: &UserId| {
        users::reset_password(control, actor, whose, Password::new(PASSWORD.to_owned())).await
    };
    let keeper = bench.account("keeper@example.com", BuiltInRole::User).await;
    let keeper = id(&bench.set_role(&keeper, "keeper").await);
    lacks(reset(&helper, &keeper).await, "settings:write");
    let modeller = id(&bench.account("models@example.com", BuiltInRole::ModelAdmin).await);
    reset(&helper, &modeller).await.unwrap();

    bench.role("accounts", &["users:*"]).await;
    let lead = bench.member("lead@example.com", &[("alpha", Some("accounts"))]).await;
    let plain = id(&bench.member("plain@example.com", &[("alpha", None)]).await);
    reset(&lead, &plain).await.unwrap();
    let richer = id(&bench.member("richer@example.com", &[("alpha", Some("billing_admin"))]).await);
    lacks(reset(&lead, &richer).await, "roles:assign");
    let elsewhere = id(&bench.member("both@example.com", &[("alpha", None), ("default", None)]).await);
    lacks(reset(&lead, &elsewhere).await, "users:write");
    let outside = id(&bench.member("outside@example.com", &[("default", None)]).await);
    assert!(matches!(reset(&lead, &outside).await, Err(Error::NotFound)));
}
