//! Tenants and accounts.

use crate::support::Bench;
use control::{Error, tenants, users};
use identity::password::Password;
use model::page::PageRequest;
use model::role::BuiltInRole;
use model::tenant::{NewTenant, TenantFilter};
use model::user::{NewUser, UserFilter, UserSort};

fn tenant(id: &str) -> NewTenant {
    NewTenant { id: id.parse().unwrap(), name: "Team Alpha".to_owned() }
}

fn user(email: &str, role: BuiltInRole) -> NewUser {
    NewUser { name: "Dev".to_owned(), email: email.to_owned(), role: role.into(), organization_unit: None }
}

#[tokio::test]
async fn tenants_are_made_by_super_admins_once() {
    let bench = Bench::new().await;
    let admin = bench.admin().await;
    let helper = bench.account("helper@example.com", BuiltInRole::UserAdmin).await;
    assert!(matches!(
        tenants::create(&bench.control, &helper, tenant("team-alpha")).await,
        Err(Error::Forbidden(_))
    ));
    tenants::create(&bench.control, &admin, tenant("team-alpha")).await.unwrap();
    let again = tenants::create(&bench.control, &admin, tenant("team-alpha")).await;
    assert!(matches!(again, Err(Error::Conflict { code: "tenant_exists", .. })));
    let listed = tenants::list(&bench.control, &helper, &TenantFilter::default(), &PageRequest::default())
        .await
        .unwrap();
    let slugs: Vec<_> = listed.items.iter().map(|view| view.tenant.id.as_str()).collect();
    assert_eq!(slugs, ["default", "team-alpha"]);
    let dev = bench.account("dev@example.com", BuiltInRole::User).await;
    assert!(matches!(
        tenants::list(&bench.control, &dev, &TenantFilter::default(), &PageRequest::default()).await,
        Err(Error::Forbidden(_))
    ));
}

#[tokio::test]
async fn nobody_makes_an_account_with_more_than_they_have() {
    let bench = Bench::new().await;
    let helper = bench.account("helper@example.com", BuiltInRole::UserAdmin).await;
    let dev = bench.account("dev@example.com", BuiltInRole::User).await;
    let plain = users::create(&bench.control, &dev, user("x@example.com", BuiltInRole::User), None).await;
    assert!(matches!(plain, Err(Error::Forbidden(_))));
    let root =
        users::create(&bench.control, &helper, user("x@example.com", BuiltInRole::SuperAdmin), None).await;
    assert!(matches!(root, Err(Error::Forbidden(_))));
    users::create(&bench.control, &helper, user("x@example.com", BuiltInRole::ModelAdmin), None)
        .await
        .unwrap();
    let twice = users::create(&bench.control, &helper, user("X@Example.com", BuiltInRole::User), None).await;
    assert!(matches!(twice, Err(Error::Invalid(errors)) if errors[0].field == "email"));
}

#[tokio::test]
async fn only_super_admins_reset_a_super_admins_password() {
    let bench = Bench::new().await;
    let admin = bench.admin().await;
    let helper = bench.account("helper@example.com", BuiltInRole::UserAdmin).await;
    let root = admin.user().unwrap().id.clone();
    let new = || Password::new("another long password".to_owned());
    let refused = users::reset_password(&bench.control, &helper, &root, new()).await;
    assert!(matches!(refused, Err(Error::Outranked)));
    users::reset_password(&bench.control, &admin, &root, new()).await.unwrap();
}

#[tokio::test]
async fn accounts_are_listed_for_who_may_see_them() {
    let bench = Bench::new().await;
    let admin = bench.admin().await;
    let dev = bench.account("dev@example.com", BuiltInRole::User).await;
    let list = |actor| {
        let control = bench.control.clone();
        async move {
            users::list(
                &control,
                &actor,
                &UserFilter::default(),
                UserSort::default(),
                &PageRequest::default(),
            )
            .await
        }
    };
    assert!(matches!(list(dev.clone()).await, Err(Error::Forbidden(_))));
    assert_eq!(list(admin.clone()).await.unwrap().items.len(), 2);
    let id = dev.user().unwrap().id.clone();
    assert!(matches!(users::read(&bench.control, &dev, &id).await, Err(Error::Forbidden(_))));
    assert_eq!(users::read(&bench.control, &admin, &id).await.unwrap().user.email, "dev@example.com");
}
