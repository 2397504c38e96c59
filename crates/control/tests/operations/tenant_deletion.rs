//! Deleting tenants, their figures, and slugs that are never free again.

use crate::support::Bench;
use control::{Actor, Error, access_rules, keys, memberships, tenants};
use model::access::{AccessRuleFilter, NewAccessRule};
use model::change::Change;
use model::key::{KeyStatus, NewKey};
use model::membership::MembershipFilter;
use model::page::PageRequest;
use model::role::BuiltInRole;
use model::tenant::{NewTenant, TenantFilter, TenantHoldings};
use model::{KeyId, TenantId};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

fn slug(text: &str) -> TenantId {
    text.parse().unwrap()
}

fn from<T: DeserializeOwned>(fields: Value) -> T {
    serde_json::from_value(fields).unwrap()
}

async fn service_key(bench: &Bench, tenant: &str) -> KeyId {
    let new: NewKey = from(json!({ "name": "service", "tenant_id": tenant }));
    keys::create(&bench.control, &Actor::command_line(), new).await.unwrap().key.id
}

/// Two people (one in no other tenant), three keys (one revoked) and a rule in `alpha`; a rule and a key elsewhere.
async fn alpha(bench: &Bench) -> [KeyId; 3] {
    let (control, hand) = (&bench.control, Actor::command_line());
    bench.tenant("alpha").await;
    let only = bench.member("only@example.com", &[("alpha", Some("billing_admin"))]).await;
    bench.member("both@example.com", &[("alpha", None), ("default", None)]).await;
    let own: NewKey = from(json!({ "name": "own", "tenant_id": "alpha" }));
    let own = keys::create_own(control, &only, own).await.unwrap().key.id;
    let (service, revoked) = (service_key(bench, "alpha").await, service_key(bench, "alpha").await);
    keys::revoke(control, &hand, &revoked, "before").await.unwrap();
    for scope in
        [json!({ "type": "tenant", "value": "alpha" }), json!({ "type": "tenant", "value": "default" })]
    {
        let rule: NewAccessRule = from(json!({ "scope": scope, "denied_models": ["x"] }));
        access_rules::create(control, &hand, rule).await.unwrap();
    }
    [own, service, revoked]
}

#[tokio::test]
async fn a_tenant_goes_with_all_that_is_in_it() {
    let bench = Bench::new().await;
    let admin = bench.admin().await;
    let control = &bench.control;
    let [own, service, revoked] = alpha(&bench).await;
    let elsewhere = service_key(&bench, "default").await;
    let expected = TenantHoldings {
        keys: 2,
        memberships: 2,
        access_rules: 1,
        users_left_out: 1,
        users_left_out_named: vec!["only@example.com".to_owned()],
    };
    assert_eq!(tenants::holdings(control, &admin, &slug("alpha")).await.unwrap(), expected);
    let view = tenants::read(control, &admin, &slug("alpha")).await.unwrap();
    assert_eq!((view.members, view.active_keys), (Some(2), Some(2)));

    let deleted = tenants::delete(control, &admin, &slug("alpha"), Some("merged")).await.unwrap();
    assert_eq!((deleted.holdings, deleted.receipt.requests_cut), (expected, 3));
    let changes = bench.changes();
    for key in [own, service] {
        assert!(changes.contains(&Change::KeyRevoked { id: key }));
        let key = keys::read(control, &admin, &key).await.unwrap().key;
        assert_eq!((key.status, key.revoke_reason.as_deref()), (KeyStatus::Revoked, Some("merged")));
        assert_eq!(key.tenant_name, "alpha", "what is revoked still names its tenant");
    }
    assert_eq!(changes.last(), Some(&Change::AccessRules));
    assert!(changes.contains(&Change::Tenant { id: slug("alpha"), suspended: true }));
    let key = keys::read(control, &admin, &revoked).await.unwrap().key;
    assert_eq!(key.revoke_reason.as_deref(), Some("before"));
    assert_eq!(keys::read(control, &admin, &elsewhere).await.unwrap().key.status, KeyStatus::Active);
    let page = PageRequest::default();
    let members = MembershipFilter { tenant_id: Some(slug("alpha")), user_id: None };
    assert!(memberships::list(control, &admin, &members, &page).await.unwrap().items.is_empty());
    let rules = access_rules::list(control, &admin, &AccessRuleFilter::default(), &page).await.unwrap();
    assert_eq!(rules.items.len(), 1);
    let listed = tenants::list(control, &admin, &TenantFilter::default(), &page).await.unwrap();
    assert_eq!((listed.items.len(), listed.total.count), (1, 1));
    assert_eq!(bench.detail("tenant.delete").await["holdings"]["keys"], 2);
    assert_eq!(bench.audit().await.last().unwrap().0, "tenant.cut");

    // It is gone for every other operation, and its slug stays taken.
    let gone = [
        tenants::read(control, &admin, &slug("alpha")).await.err(),
        tenants::holdings(control, &admin, &slug("alpha")).await.err(),
        tenants::delete(control, &admin, &slug("alpha"), None).await.err(),
        tenants::activate(control, &admin, &slug("alpha"), None).await.err(),
        tenants::change(control, &admin, &slug("alpha"), from(json!({ "name": "x" }))).await.err(),
    ];
    assert!(gone.iter().all(|error| matches!(error, Some(Error::NotFound))), "{gone:?}");
    let again = NewTenant { id: slug("alpha"), name: "Again".to_owned() };
    let again = tenants::create(control, &admin, again).await;
    assert!(matches!(again, Err(Error::Conflict { code: "tenant_exists", .. })));
    let late: NewKey = from(json!({ "name": "late", "tenant_id": "alpha" }));
    assert!(matches!(keys::create(control, &admin, late).await, Err(Error::Invalid(_))));
}

#[tokio::test]
async fn who_may_delete_what() {
    let bench = Bench::new().await;
    let admin = bench.admin().await;
    let control = &bench.control;
    bench.tenant("alpha").await;
    bench.tenant("beta").await;
    let helper = bench.account("helper@example.com", BuiltInRole::UserAdmin).await;
    bench.role("lead", &["tenants:read", "tenants:write"]).await;
    let lead = bench.member("lead@example.com", &[("alpha", Some("lead"))]).await;
    for attempt in [
        tenants::delete(control, &helper, &slug("alpha"), None).await.map(drop),
        tenants::holdings(control, &helper, &slug("alpha")).await.map(drop),
    ] {
        assert!(matches!(attempt, Err(Error::Forbidden(_))), "{attempt:?}");
    }
    for hidden in ["beta", "nowhere"] {
        let refused = tenants::delete(control, &lead, &slug(hidden), None).await;
        assert!(matches!(refused, Err(Error::NotFound)), "{refused:?}");
        let refused = tenants::holdings(control, &lead, &slug(hidden)).await;
        assert!(matches!(refused, Err(Error::NotFound)), "{refused:?}");
    }
    let always = tenants::delete(control, &admin, &TenantId::default_tenant(), None).await;
    assert!(matches!(always, Err(Error::Conflict { code: "default_tenant", .. })));

    // A super_admin loses nothing to others.
    let joined = json!({ "user_id": admin.user().unwrap().id, "tenant_id": "alpha" });
    memberships::add(control, &admin, from(joined)).await.unwrap();
    let refused = tenants::delete(control, &lead, &slug("alpha"), None).await;
    assert!(matches!(refused, Err(Error::Outranked)), "{refused:?}");
    assert_eq!(bench.audit().await.last().unwrap(), &("tenant.delete".to_owned(), "denied".to_owned()));
    let (alpha, me) = (slug("alpha"), &admin.user().unwrap().id);
    memberships::end(control, &admin, me, &alpha, None).await.unwrap();
    tenants::delete(control, &lead, &slug("alpha"), None).await.unwrap();
}

#[tokio::test]
async fn figures_are_for_who_may_read_what_they_count() {
    let bench = Bench::new().await;
    bench.tenant("alpha").await;
    let control = &bench.control;
    let figures = async |role: &str| {
        let reader = bench.member(&format!("{role}@example.com"), &[("alpha", Some(role))]).await;
        let filter = TenantFilter { id: Some(slug("alpha")), q: None };
        let page = tenants::list(control, &reader, &filter, &PageRequest::default()).await.unwrap();
        let view = &page.items[0];
        (view.members.is_some(), view.active_keys.is_some(), view.month_cost_usd.is_some())
    };
    assert_eq!(figures("user_admin").await, (true, true, false));
    assert_eq!(figures("billing_admin").await, (false, true, true));
    let filter = TenantFilter { id: Some(slug("default")), q: None };
    let lead = bench.member("lead@example.com", &[("alpha", Some("user_admin"))]).await;
    let page = tenants::list(control, &lead, &filter, &PageRequest::default()).await.unwrap();
    assert!(page.items.is_empty(), "one that is out of reach isn't there");
}

#[expect(clippy::disallowed_methods, reason = "a test's tasks end with its runtime")]
async fn one_of_fifty(bench: &Bench, expected: usize) {
    let attempts: Vec<_> = (0..50)
        .map(|nth| {
            let control = bench.control.clone();
            let new = NewTenant { id: slug("wanted"), name: format!("Attempt {nth}") };
            tokio::spawn(async move { tenants::create(&control, &Actor::command_line(), new).await })
        })
        .collect();
    let mut made = 0;
    for attempt in attempts {
        match attempt.await.unwrap() {
            Ok(_) => made += 1,
            Err(error) => {
                assert!(matches!(error, Error::Conflict { code: "tenant_exists", .. }), "{error:?}");
            }
        }
    }
    assert_eq!(made, expected);
}

async fn a_slug_is_taken_once(bench: &Bench) {
    one_of_fifty(bench, 1).await;
    tenants::delete(&bench.control, &Actor::command_line(), &slug("wanted"), None).await.unwrap();
    one_of_fifty(bench, 0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_at_once_take_a_slug_once_and_never_again() {
    a_slug_is_taken_once(&Bench::new().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_at_once_on_postgres() {
    let Some(bench) = Bench::postgres().await else { return };
    a_slug_is_taken_once(&bench).await;
    alpha(&bench).await;
    let deleted =
        tenants::delete(&bench.control, &Actor::command_line(), &slug("alpha"), None).await.unwrap();
    assert_eq!((deleted.holdings.keys, deleted.holdings.users_left_out), (2, 1));
}
