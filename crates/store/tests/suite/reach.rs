//! Lists for somebody who sees some tenants only.

use crate::bed::{Bed, at, first_page, key, key_id, slug, usage, user, user_id};
use model::access::{AccessRule, AccessRuleFilter, AccessScope};
use model::key::{ApiKey, KeyFilter, KeySort};
use model::limits::RateLimits;
use model::role::{BuiltInRole, Reach};
use model::usage::UsageRow;
use model::user::{User, UserFilter, UserSort};
use store::UsageScope;

pub(crate) async fn nothing_beyond_it_is_listed(bed: &Bed) {
    for (n, tenant) in [(1, "alpha"), (2, "beta")] {
        bed.add_tenant(tenant).await;
        bed.add_user(&User { tenant_ids: vec![slug(tenant)], ..user(n) }).await;
        bed.add_key(&ApiKey { tenant_id: slug(tenant), ..key(n) }).await;
        let row = UsageRow { tenant_id: slug(tenant), ..usage(n, n, at(1)) };
        bed.store.append_usage(&[row]).await.unwrap();
        rule(bed, n, AccessScope::Tenant(slug(tenant))).await;
    }
    bed.add_user(&User { tenant_ids: vec![slug("alpha"), slug("beta")], ..user(3) }).await;
    rule(bed, 3, AccessScope::User(user_id(1))).await;

    let alpha = Reach::of([slug("alpha")]);
    let everything = [(&alpha, 1, 2, 1), (&Reach::Everywhere, 2, 3, 3), (&Reach::Nowhere, 0, 0, 0)];
    for (reach, per_tenant, users, rules) in everything {
        let (store, page) = (&bed.store, first_page());
        let keys =
            store.list_keys(&KeyFilter::default(), KeySort::default(), &page, reach, at(9)).await.unwrap();
        assert_eq!((keys.items.len(), keys.total.count), (per_tenant, per_tenant as u64));
        let counts = store.key_counts(None, reach, at(9)).await.unwrap();
        assert_eq!(counts.active, per_tenant as u64);
        assert_eq!(store.scan_keys(None, 10, reach, at(9)).await.unwrap().len(), per_tenant);
        let listed =
            store.list_users(&UserFilter::default(), UserSort::default(), &page, reach, at(9)).await.unwrap();
        assert_eq!((listed.items.len(), listed.total.count), (users, users as u64));
        let scope = UsageScope::of(reach.clone());
        assert_eq!(store.usage_totals(&scope, at(0), at(9)).await.unwrap().requests, per_tenant as u64);
        assert_eq!(store.list_usage(&scope, at(0), at(9), &page).await.unwrap().items.len(), per_tenant);
        let found = store.list_access_rules(&AccessRuleFilter::default(), &page, reach).await.unwrap();
        assert_eq!((found.items.len(), found.total.count), (rules, rules as u64));
    }
    let tenants = bed.store.list_tenants(None, &first_page(), &alpha).await.unwrap();
    assert_eq!((tenants.items[0].id.as_str(), tenants.items.len(), tenants.total.count), ("alpha", 1, 1));

    // A filter doesn't look beyond it either: who of alpha is in beta too isn't told.
    let in_beta = UserFilter { tenant_id: Some(slug("beta")), ..UserFilter::default() };
    let listed =
        bed.store.list_users(&in_beta, UserSort::default(), &first_page(), &alpha, at(9)).await.unwrap();
    assert_eq!((listed.items.len(), listed.total.count), (0, 0));
    let in_beta = KeyFilter { tenant_id: Some(slug("beta")), ..KeyFilter::default() };
    let page = first_page();
    let listed = bed.store.list_keys(&in_beta, KeySort::default(), &page, &alpha, at(9)).await.unwrap();
    assert_eq!((listed.items.len(), listed.total.count, listed.hidden.count), (0, 0, 0));
    let other = UsageScope { key: Some(key_id(2)), ..UsageScope::of(alpha) };
    assert_eq!(bed.store.usage_totals(&other, at(0), at(9)).await.unwrap().requests, 0);
}

async fn rule(bed: &Bed, n: u32, scope: AccessScope) {
    let mut tx = bed.begin().await;
    let rule = AccessRule {
        id: format!("rule_{n:016}").parse().unwrap(),
        scope,
        allowed_models: Some(Vec::new()),
        denied_models: Vec::new(),
        allowed_providers: None,
        rate_limits: RateLimits::default(),
        locked: false,
        created_at: at(0),
        created_by: "cli".to_owned(),
    };
    tx.upsert_access_rule(&rule).await.unwrap();
    crate::bed::commit(tx).await;
}

pub(crate) async fn a_role_that_is_in_no_table_gives_nothing(bed: &Bed) {
    bed.add_user(&User { role: BuiltInRole::BillingAdmin.into(), ..user(1) }).await;
    // Any name may stand there now; one that is in no table gives nothing.
    bed.raw("UPDATE users SET role = 'of-another-time'").await.unwrap();
    let standing = bed.store.standing(&user_id(1)).await.unwrap().unwrap();
    assert_eq!(standing.user.role.as_str(), "of-another-time");
    assert!(standing.rights().is_none());
}
