//! Joining and leaving tenants.

use crate::support::Bench;
use control::{Actor, Error, keys, memberships};
use model::change::Change;
use model::key::{KeyStatus, NewKey};
use model::membership::{MembershipFilter, NewMembership};
use model::page::PageRequest;
use model::role::BuiltInRole;
use model::{KeyId, TenantId, UserId};
use serde_json::json;

fn id(actor: &Actor) -> UserId {
    actor.user().unwrap().id.clone()
}

fn slug(text: &str) -> TenantId {
    text.parse().unwrap()
}

fn new(user: &UserId, tenant: &str) -> NewMembership {
    NewMembership { user_id: user.clone(), tenant_id: slug(tenant) }
}

async fn own_key(bench: &Bench, actor: &Actor, tenant: &str) -> KeyId {
    let new: NewKey = serde_json::from_value(json!({ "name": "own", "tenant_id": tenant })).unwrap();
    keys::create_own(&bench.control, actor, new).await.unwrap().key.id
}

#[tokio::test]
async fn people_join_for_who_may_let_them() {
    let bench = Bench::new().await;
    let control = &bench.control;
    for tenant in ["alpha", "beta"] {
        bench.tenant(tenant).await;
    }
    let dev = bench.account("dev@example.com", BuiltInRole::User).await;
    let helper = bench.account("helper@example.com", BuiltInRole::UserAdmin).await;
    let refused = memberships::add(control, &dev, new(&id(&dev), "alpha")).await;
    assert!(matches!(refused, Err(Error::Forbidden(_))));
    let joined = memberships::add(control, &helper, new(&id(&dev), "alpha")).await.unwrap();
    assert_eq!((joined.user_email.as_str(), joined.tenant_id.as_str()), ("dev@example.com", "alpha"));
    assert_eq!(bench.changes().last(), Some(&Change::User { id: id(&dev), inactive: false }));
    let rows = bench.audit().await.len();
    memberships::add(control, &helper, new(&id(&dev), "alpha")).await.unwrap();
    assert_eq!(bench.audit().await.len(), rows, "they are one");
    let nobody =
        memberships::add(control, &helper, new(&"usr_0000000000000000".parse().unwrap(), "gone")).await;
    let Err(Error::Invalid(errors)) = nobody else { unreachable!() };
    assert_eq!(errors.iter().map(|error| &*error.field).collect::<Vec<_>>(), ["user_id", "tenant_id"]);

    // Who leads one tenant brings in people of theirs only, and learns nothing of others.
    let lead = bench.member("lead@example.com", &[("alpha", Some("user_admin"))]).await;
    let outside = bench.account("outside@example.com", BuiltInRole::User).await;
    for hidden in [id(&outside), "usr_0000000000000000".parse().unwrap()] {
        let refused = memberships::add(control, &lead, new(&hidden, "alpha")).await;
        assert!(matches!(refused, Err(Error::Invalid(errors)) if errors[0].field == "user_id"));
        for tenant in ["beta", "nowhere"] {
            let refused = memberships::add(control, &lead, new(&hidden, tenant)).await;
            assert!(matches!(refused, Err(Error::Forbidden(_))));
        }
    }
    let all = MembershipFilter::default();
    let listed = memberships::list(control, &lead, &all, &PageRequest::default()).await.unwrap();
    assert!(listed.items.iter().all(|found| found.tenant_id == slug("alpha")));
    assert_eq!(listed.items.len(), 2);
    assert!(memberships::list(control, &dev, &all, &PageRequest::default()).await.is_err());
}

#[tokio::test]
async fn who_leaves_loses_their_keys_and_roles_there() {
    let bench = Bench::new().await;
    let admin = bench.admin().await;
    let control = &bench.control;
    bench.tenant("alpha").await;
    let dev = bench.member("dev@example.com", &[("alpha", Some("billing_admin")), ("default", None)]).await;
    let (there, here) = (own_key(&bench, &dev, "alpha").await, own_key(&bench, &dev, "default").await);
    let lead = bench.member("lead@example.com", &[("alpha", Some("user_admin"))]).await;
    for (tenant, user) in [("default", id(&dev)), ("nowhere", id(&dev)), ("alpha", id(&admin))] {
        let hidden = memberships::end(control, &lead, &user, &slug(tenant), None).await;
        assert!(matches!(hidden, Err(Error::NotFound)), "{tenant} {hidden:?}");
    }
    let none = memberships::end(control, &dev, &id(&dev), &slug("alpha"), None).await;
    assert!(matches!(none, Err(Error::Forbidden(_))), "billing_admin may not");

    let ended = memberships::end(control, &lead, &id(&dev), &slug("alpha"), Some("moved")).await.unwrap();
    assert_eq!((ended.keys_revoked, ended.receipt.requests_cut), (1, 3));
    let changes = bench.changes();
    let expected = [Change::KeyRevoked { id: there }, Change::User { id: id(&dev), inactive: false }];
    assert_eq!(changes[changes.len() - 2..], expected);
    let detail = bench.detail("membership.delete").await;
    assert_eq!(detail["before"]["roles"], json!(["billing_admin"]));
    assert_eq!(detail["keys_revoked"], json!([there]));
    assert_eq!(bench.audit().await.last().unwrap().0, "membership.cut");
    let key = keys::read(control, &admin, &there).await.unwrap().key;
    assert_eq!((key.status, key.revoke_reason.as_deref()), (KeyStatus::Revoked, Some("moved")));
    assert_eq!(keys::read(control, &admin, &here).await.unwrap().key.status, KeyStatus::Active);
    let dev = bench.again(&dev).await;
    assert!(dev.rights().is_none() && dev.user().unwrap().tenant_ids == [slug("default")]);
    let again = memberships::end(control, &lead, &id(&dev), &slug("alpha"), None).await;
    assert!(matches!(again, Err(Error::NotFound)));

    // A key can't be made in a tenant that one has left, whatever the page still shows.
    let stale: NewKey = serde_json::from_value(json!({ "name": "late", "tenant_id": "alpha" })).unwrap();
    assert!(matches!(keys::create_own(control, &dev, stale).await, Err(Error::Invalid(_))));
}

#[tokio::test]
async fn a_super_admin_loses_nothing_to_others() {
    let bench = Bench::new().await;
    let admin = bench.admin().await;
    let control = &bench.control;
    let helper = bench.account("helper@example.com", BuiltInRole::UserAdmin).await;
    let key = own_key(&bench, &admin, "default").await;
    let default = TenantId::default_tenant();
    let refused = memberships::end(control, &helper, &id(&admin), &default, None).await;
    assert!(matches!(refused, Err(Error::Outranked)), "{refused:?}");
    let refused = keys::revoke(control, &helper, &key, "over").await;
    assert!(matches!(refused, Err(Error::Outranked)), "{refused:?}");
    assert_eq!(keys::read(control, &admin, &key).await.unwrap().key.status, KeyStatus::Active);
    keys::revoke(control, &admin, &key, "over").await.unwrap();
    memberships::end(control, &admin, &id(&admin), &default, None).await.unwrap();
}
