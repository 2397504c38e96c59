//! Custom roles, and who has which role.

use crate::bed::{Bed, at, commit, slug, user, user_id};
use model::role::{Assignment, BuiltInRole, PermissionSet, Role, RoleName, RoleUses};
use model::user::User;
use model::{Total, UserId};
use store::Error;

fn name(text: &str) -> RoleName {
    text.parse().unwrap()
}

fn role(text: &str, permissions: &str) -> Role {
    Role {
        name: name(text),
        title: "Ärger; mit 'Zeichen'".to_owned(),
        description: String::new(),
        permissions: serde_json::from_str(permissions).unwrap(),
        built_in: false,
    }
}

async fn add(bed: &Bed, role: &Role) {
    let mut tx = bed.begin().await;
    tx.insert_role(role, at(0), "cli").await.unwrap();
    commit(tx).await;
}

fn held(tenant: &str, role: &str) -> Assignment {
    Assignment { tenant_id: Some(slug(tenant)), role: name(role) }
}

pub(crate) async fn a_role_comes_back_and_changes(bed: &Bed) {
    let written = role("support", r#"["keys:*","usage:read"]"#);
    add(bed, &written).await;
    assert_eq!(bed.store.role(&written.name).await.unwrap(), Some(written.clone()));
    assert_eq!(bed.store.role(&name("other")).await.unwrap(), None);
    assert_eq!(bed.store.role(&name("user_admin")).await.unwrap(), Some(BuiltInRole::UserAdmin.into()));

    let mut tx = bed.begin().await;
    assert!(matches!(tx.insert_role(&written, at(1), "cli").await, Err(Error::Conflict { what: "role" })));
    let changed = Role { permissions: PermissionSet::ALL, ..written };
    assert!(tx.update_role(&changed).await.unwrap());
    assert!(!tx.update_role(&role("other", "[]")).await.unwrap());
    assert_eq!(tx.role(&changed.name).await.unwrap(), Some(changed.clone()));
    assert_eq!(tx.count_custom_roles().await.unwrap(), 1);
    commit(tx).await;
    assert_eq!(bed.store.custom_roles().await.unwrap(), std::slice::from_ref(&changed));
    let mut tx = bed.begin().await;
    assert!(tx.delete_role(&changed.name).await.unwrap());
    assert!(!tx.delete_role(&changed.name).await.unwrap());
    commit(tx).await;
    assert_eq!(bed.store.custom_roles().await.unwrap(), []);
}

pub(crate) async fn who_has_a_role(bed: &Bed) {
    bed.add_tenant("alpha").await;
    add(bed, &role("support", r#"["keys:read"]"#)).await;
    let support = name("support");
    let both = vec![slug("default"), slug("alpha")];
    bed.add_user(&User { role: support.clone(), ..user(1) }).await;
    let assignments = vec![held("alpha", "support"), held("default", "support")];
    bed.add_user(&User { tenant_ids: both, assignments, ..user(2) }).await;
    bed.add_user(&user(3)).await;

    let uses = RoleUses { users: 1, assignments: 2 };
    assert_eq!(bed.store.uses_of_role(&support).await.unwrap(), uses);
    assert_eq!(bed.store.role_uses().await.unwrap()[&support], uses);
    assert_eq!(bed.store.role_uses().await.unwrap()[&name("user")].users, 2);
    assert_eq!(bed.store.uses_of_role(&name("user")).await.unwrap().users, 2);
    assert!(bed.store.uses_of_role(&name("model_admin")).await.unwrap().is_none());
    let (total, first) = bed.store.holders_of_role(&support).await.unwrap();
    assert_eq!(total, Total { count: 2, capped: false }, "each account once");
    let ids: Vec<&UserId> = first.iter().map(|user| &user.id).collect();
    assert_eq!(ids, [&user_id(1), &user_id(2)]);

    let mut tx = bed.begin().await;
    assert_eq!(tx.uses_of_role(&support).await.unwrap(), uses);
    tx.set_user_role(&user_id(1), &name("model_admin")).await.unwrap();
    let nobody = tx.set_user_role(&user_id(9), &support).await;
    assert!(matches!(nobody, Err(Error::Conflict { what: "user" })));
    assert!(tx.remove_assignment(&user_id(2), &slug("alpha"), &support).await.unwrap());
    assert!(!tx.remove_assignment(&user_id(2), &slug("alpha"), &support).await.unwrap());
    assert!(!tx.add_assignment(&user_id(2), &slug("default"), &support, at(1)).await.unwrap());
    commit(tx).await;
    assert_eq!(bed.store.user(&user_id(1)).await.unwrap().unwrap().role, BuiltInRole::ModelAdmin);
    assert_eq!(bed.store.uses_of_role(&support).await.unwrap(), RoleUses { users: 0, assignments: 1 });
}

pub(crate) async fn the_standing_of_an_account(bed: &Bed) {
    for tenant in ["alpha", "beta"] {
        bed.add_tenant(tenant).await;
    }
    add(bed, &role("support", r#"["keys:read","usage:read"]"#)).await;
    add(bed, &role("other", r#"["settings:write"]"#)).await;
    let assignments = vec![held("alpha", "billing_admin"), held("alpha", "support"), held("beta", "gone")];
    let written =
        User { role: name("support"), tenant_ids: vec![slug("alpha"), slug("beta")], assignments, ..user(1) };
    bed.add_user(&written).await;
    let standing = bed.store.standing(&written.id).await.unwrap().unwrap();
    assert_eq!(standing.user, written);
    assert_eq!(standing.credential_version, 0);
    assert_eq!(standing.custom.keys().collect::<Vec<_>>(), [&name("support")]);
    let rights = standing.rights();
    let may = |permission: &str, tenant: &str| rights.may_in(permission.parse().unwrap(), &slug(tenant));
    assert!(may("keys:read", "beta") && may("budgets:write", "alpha"));
    assert!(!may("budgets:write", "beta") && !may("settings:write", "alpha"));

    bed.add_user(&user(2)).await;
    let plain = bed.store.standing(&user_id(2)).await.unwrap().unwrap();
    assert!(plain.rights().is_none() && plain.custom.is_empty());
    assert!(bed.store.standing(&user_id(9)).await.unwrap().is_none());
}

pub(crate) async fn leaving_takes_the_roles_of_a_tenant(bed: &Bed) {
    bed.add_tenant("alpha").await;
    let assignments = vec![held("alpha", "billing_admin"), held("default", "billing_admin")];
    let both = vec![slug("alpha"), slug("default")];
    bed.add_user(&User { tenant_ids: both, assignments, ..user(1) }).await;
    let mut tx = bed.begin().await;
    assert!(tx.remove_member(&user_id(1), &slug("alpha")).await.unwrap());
    commit(tx).await;
    let left = bed.store.user(&user_id(1)).await.unwrap().unwrap();
    assert_eq!(left.tenant_ids, [slug("default")]);
    assert_eq!(left.assignments, [held("default", "billing_admin")]);
    let mut tx = bed.begin().await;
    let outside = tx.add_assignment(&user_id(1), &slug("alpha"), &name("billing_admin"), at(0)).await;
    assert!(matches!(outside, Err(Error::Conflict { what: "reference" })), "{outside:?}");
}
