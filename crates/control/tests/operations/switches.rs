//! Suspending tenants and switching accounts off: refusals, then what is cut and written down.

use crate::support::Bench;
use control::{Actor, Error, tenants, users};
use model::change::Change;
use model::role::BuiltInRole;
use model::tenant::{TenantChange, TenantStatus};
use model::user::{UserChange, UserStatus};
use model::{TenantId, UserId};
use serde_json::{Value, json};

fn off() -> UserChange {
    UserChange { status: UserStatus::Inactive, reason: Some(" left ".to_owned()) }
}

fn on() -> UserChange {
    UserChange { status: UserStatus::Active, reason: None }
}

fn id_of(actor: &Actor) -> UserId {
    actor.user().unwrap().id.clone()
}

#[tokio::test]
async fn a_tenant_is_suspended_and_activated_by_who_may_write_tenants() {
    let bench = Bench::new().await;
    let admin = bench.admin().await;
    let helper = bench.account("helper@example.com", BuiltInRole::UserAdmin).await;
    let (id, unknown) = (TenantId::default_tenant(), "nowhere".parse().unwrap());
    for id in [&id, &unknown] {
        let refused = tenants::suspend(&bench.control, &helper, id, None).await;
        assert!(matches!(refused, Err(Error::Forbidden(_))));
        assert!(matches!(
            tenants::activate(&bench.control, &helper, id, None).await,
            Err(Error::Forbidden(_))
        ));
        let change = TenantChange { name: Some("x".to_owned()), ..TenantChange::default() };
        assert!(matches!(
            tenants::change(&bench.control, &helper, id, change).await,
            Err(Error::Forbidden(_))
        ));
    }
    assert_eq!(bench.audit().await.last().unwrap(), &("tenant.update".to_owned(), "denied".to_owned()));
    assert!(matches!(tenants::suspend(&bench.control, &admin, &unknown, None).await, Err(Error::NotFound)));
    let long = "x".repeat(501);
    for bad in ["", " ", "a\nb", &long] {
        let refused = tenants::suspend(&bench.control, &admin, &id, Some(bad)).await;
        assert!(matches!(refused, Err(Error::Invalid(errors)) if errors[0].field == "reason"), "{bad:?}");
    }

    let done = tenants::suspend(&bench.control, &admin, &id, Some("unpaid")).await.unwrap();
    assert_eq!((done.tenant.status, done.receipt.requests_cut), (TenantStatus::Suspended, 3));
    assert_eq!(bench.changes().last().unwrap(), &Change::Tenant { id: id.clone(), suspended: true });
    let row = bench.detail("tenant.suspend").await;
    assert_eq!((&row["reason"], &row["after"]["status"]), (&json!("unpaid"), &json!("suspended")));
    assert_eq!(bench.detail("tenant.cut").await["receipt"]["nodes"], 1);
    let rows = bench.audit().await.len();
    let again = tenants::suspend(&bench.control, &admin, &id, None).await.unwrap();
    assert_eq!((again.tenant, again.receipt.requests_cut), (done.tenant, 0));
    assert_eq!(bench.audit().await.len(), rows);

    let active = tenants::activate(&bench.control, &admin, &id, None).await.unwrap();
    assert_eq!(active.tenant.status, TenantStatus::Active);
    assert_eq!(bench.changes().last().unwrap(), &Change::Tenant { id, suspended: false });
    assert_eq!(bench.audit().await.last().unwrap().0, "tenant.activate", "nothing is cut, nothing follows");
}

#[tokio::test]
async fn a_tenant_changes_its_name_and_tags() {
    let bench = Bench::new().await;
    let admin = bench.admin().await;
    let id = TenantId::default_tenant();
    let change = |value: Value| {
        let change = serde_json::from_value(value).unwrap();
        tenants::change(&bench.control, &admin, &id, change)
    };
    let changed =
        change(json!({ "name": "Everybody", "self_service_tags": ["team", "a", "team"] })).await.unwrap();
    assert_eq!(
        (changed.name.as_str(), changed.self_service_tags),
        ("Everybody", vec!["a".into(), "team".into()])
    );
    let detail = bench.detail("tenant.update").await;
    assert_eq!(detail["before"], json!({ "name": "Default", "self_service_tags": [] }));
    let rows = bench.audit().await.len();
    change(json!({})).await.unwrap();
    for (bad, field) in [
        (json!({ "name": "" }), "name"),
        (json!({ "self_service_tags": ["bad name"] }), "self_service_tags"),
        (json!({ "self_service_tags": [""] }), "self_service_tags"),
    ] {
        assert!(matches!(change(bad).await, Err(Error::Invalid(errors)) if errors[0].field == field));
    }
    assert_eq!(bench.audit().await.len(), rows);
}

#[tokio::test]
async fn an_account_is_switched_off_with_its_sessions_and_requests() {
    let bench = Bench::new().await;
    let admin = bench.admin().await;
    let helper = bench.account("helper@example.com", BuiltInRole::UserAdmin).await;
    let dev = bench.account("dev@example.com", BuiltInRole::User).await;
    let set = async |actor: &Actor, id: &UserId, change: UserChange| {
        users::set_status(&bench.control, actor, id, change).await
    };
    let unknown = "usr_AAAAAAAAAAAAAAAA".parse().unwrap();
    assert!(matches!(set(&dev, &id_of(&helper), off()).await, Err(Error::Forbidden(_))));
    assert!(matches!(set(&dev, &unknown, off()).await, Err(Error::Forbidden(_))));
    assert!(matches!(set(&helper, &unknown, off()).await, Err(Error::NotFound)));

    let done = set(&helper, &id_of(&dev), off()).await.unwrap();
    assert_eq!((done.user.status, done.receipt.requests_cut), (UserStatus::Inactive, 3));
    assert_eq!(bench.changes().last().unwrap(), &Change::User { id: id_of(&dev), inactive: true });
    assert_eq!(bench.detail("user.set_status").await["reason"], "left");
    assert_eq!(bench.detail("user.cut").await["receipt"]["requests_cut"], 3);
    let rows = bench.audit().await.len();
    assert_eq!(set(&admin, &id_of(&dev), off()).await.unwrap().receipt.requests_cut, 0);
    assert_eq!(bench.audit().await.len(), rows);
    assert_eq!(set(&helper, &id_of(&dev), on()).await.unwrap().user.status, UserStatus::Active);
    assert_eq!(bench.changes().last().unwrap(), &Change::User { id: id_of(&dev), inactive: false });
}

#[tokio::test]
async fn a_super_admin_is_switched_by_another_and_the_last_one_stays() {
    let bench = Bench::new().await;
    let admin = bench.admin().await;
    let helper = bench.account("helper@example.com", BuiltInRole::UserAdmin).await;
    let second = bench.account("second@example.com", BuiltInRole::SuperAdmin).await;
    let set = async |actor: &Actor, of: &Actor, change: UserChange| {
        users::set_status(&bench.control, actor, &id_of(of), change).await
    };
    for change in [off(), on()] {
        assert!(matches!(set(&helper, &second, change).await, Err(Error::Outranked)));
        assert_eq!(bench.audit().await.last().unwrap().1, "denied");
    }
    set(&admin, &second, off()).await.unwrap();
    assert!(matches!(set(&helper, &second, on()).await, Err(Error::Outranked)), "nor brought back");
    for actor in [&admin, &Actor::command_line()] {
        let refused = set(actor, &admin, off()).await;
        assert!(matches!(refused, Err(Error::Conflict { code: "last_super_admin", .. })));
    }
    set(&admin, &second, on()).await.unwrap();
    // Two at once, each switching the other off: one stays.
    let (first_off, second_off) = tokio::join!(set(&admin, &second, off()), set(&second, &admin, off()));
    assert_eq!(u8::from(first_off.is_ok()) + u8::from(second_off.is_ok()), 1);
}
