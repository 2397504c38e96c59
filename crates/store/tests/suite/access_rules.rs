//! Access rules.

use crate::bed::{Bed, at, audit, commit, first_page, user, user_id};
use model::access::{AccessRule, AccessRuleFilter, AccessScope, AccessScopeType};
use model::change::{Change, Epoch};
use model::limits::RateLimits;
use model::role::Reach;
use model::{AccessRuleId, PageRequest};

fn id(n: u32) -> AccessRuleId {
    format!("rule_{n:016}").parse().unwrap()
}

fn rule(n: u32, scope: AccessScope) -> AccessRule {
    AccessRule {
        id: id(n),
        scope,
        allowed_models: Some(vec!["gpt-*".parse().unwrap()]),
        denied_models: vec!["*-Preview".parse().unwrap()],
        allowed_providers: None,
        rate_limits: RateLimits { requests_per_minute: Some(5), ..RateLimits::default() },
        locked: false,
        created_at: at(n.into()),
        created_by: "admin@example.com".to_owned(),
    }
}

fn tenant(slug: &str) -> AccessScope {
    AccessScope::Tenant(slug.parse().unwrap())
}

fn path(text: &str) -> AccessScope {
    AccessScope::UserPath(text.parse().unwrap())
}

pub(crate) async fn rules_come_back_and_change(bed: &Bed) {
    assert_eq!(bed.store.access_rule(&id(1)).await.unwrap(), None);
    let first = rule(1, tenant("default"));
    let mut tx = bed.begin().await;
    tx.upsert_access_rule(&first).await.unwrap();
    assert_eq!(tx.access_rule(&id(1)).await.unwrap().unwrap().rule, first);
    commit(tx).await;
    let seen = bed.store.access_rule(&id(1)).await.unwrap().unwrap();
    assert_eq!((seen.rule, seen.scope_name.as_deref()), (first.clone(), Some("Default")));

    let changed = AccessRule {
        scope: path("/team"),
        allowed_models: None,
        denied_models: Vec::new(),
        allowed_providers: Some(Vec::new()),
        rate_limits: RateLimits::default(),
        locked: true,
        created_at: at(99),
        created_by: "somebody else".to_owned(),
        ..first.clone()
    };
    let mut tx = bed.begin().await;
    tx.upsert_access_rule(&changed).await.unwrap();
    commit(tx).await;
    let seen = bed.store.access_rule(&id(1)).await.unwrap().unwrap();
    let expected = AccessRule { created_at: at(1), created_by: first.created_by, ..changed };
    assert_eq!((seen.rule, seen.scope_name), (expected, None), "who made it, and when, stays");

    let mut tx = bed.begin().await;
    assert!(tx.delete_access_rule(&id(1)).await.unwrap() && !tx.delete_access_rule(&id(1)).await.unwrap());
    commit(tx).await;
    assert_eq!(bed.store.access_rule(&id(1)).await.unwrap(), None);
}

pub(crate) async fn filters_and_search_of_rules(bed: &Bed) {
    bed.add_user(&user(1)).await;
    let mut tx = bed.begin().await;
    for (n, scope) in [
        (1, tenant("default")),
        (2, AccessScope::User(user_id(1))),
        (3, path("/team/a_b")),
        (4, path("/team/axb")),
        // The user is gone.
        (5, AccessScope::User(user_id(9))),
    ] {
        tx.upsert_access_rule(&rule(n, scope)).await.unwrap();
    }
    commit(tx).await;
    let found = async |filter: AccessRuleFilter| -> Vec<u64> {
        let mut ids = Vec::new();
        let mut page = PageRequest { cursor: None, limit: 2 };
        loop {
            let rules = bed.store.list_access_rules(&filter, &page, &Reach::Everywhere).await.unwrap();
            ids.extend(rules.items.iter().map(|view| view.rule.id.as_str()[5..].parse::<u64>().unwrap()));
            page.cursor = rules.next_cursor;
            if page.cursor.is_none() {
                assert_eq!(rules.total.count, ids.len() as u64);
                return ids;
            }
        }
    };
    let q = |text: &str| AccessRuleFilter { q: Some(text.to_owned()), ..AccessRuleFilter::default() };
    assert_eq!(found(AccessRuleFilter::default()).await, [5, 4, 3, 2, 1]);
    assert_eq!(found(q("USER1@example")).await, [2]);
    assert_eq!(found(q("A_B")).await, [3]);
    assert_eq!(found(q("-preview")).await, [5, 4, 3, 2, 1]);
    let of = |kind, value: Option<&str>| AccessRuleFilter {
        scope_type: Some(kind),
        scope_value: value.map(ToOwned::to_owned),
        q: None,
    };
    assert_eq!(found(of(AccessScopeType::UserPath, None)).await, [4, 3]);
    assert_eq!(found(of(AccessScopeType::UserPath, Some("/team/a_b"))).await, [3]);
    assert_eq!(found(of(AccessScopeType::Tenant, Some("/team/a_b"))).await, [0; 0]);
    let all = bed
        .store
        .list_access_rules(&AccessRuleFilter::default(), &first_page(), &Reach::Everywhere)
        .await
        .unwrap();
    let names: Vec<_> = all.items.iter().map(|view| view.scope_name.as_deref()).collect();
    assert_eq!(names, [None, None, None, Some("user1@example.com"), Some("Default")]);
}

pub(crate) async fn all_rules_at_one_moment(bed: &Bed) {
    assert_eq!(bed.store.access_rules().await.unwrap(), (Vec::new(), Epoch(0)));
    for n in [2, 1] {
        let mut tx = bed.begin().await;
        tx.upsert_access_rule(&rule(n, tenant("default"))).await.unwrap();
        tx.commit(&audit("access_rule.create"), &[Change::AccessRules]).await.unwrap();
    }
    let (rules, epoch) = bed.store.access_rules().await.unwrap();
    assert_eq!(rules, [rule(1, tenant("default")), rule(2, tenant("default"))]);
    assert_eq!(epoch, Epoch(2));
}
