//! API keys.

use crate::bed::{Bed, at, audit, commit, days, first_page, key, key_id, slug, usage, user, user_id};
use model::api_action::ApiAction;
use model::change::{Change, Epoch};
use model::identity::IdentityRules;
use model::key::{
    ApiKey, Environment, KeyFilter, KeyKind, KeyOwner, KeyScope, KeySort, KeyState, KeyStatus, KeyView,
};
use model::limits::RateLimits;
use model::role::Reach;
use model::tenant::TenantStatus;
use model::user::{User, UserStatus};
use model::{KeyId, Page, Total};
use store::{Error, KeyCounts, PolicyOwner, PolicySecret};
use tokio::task::JoinSet;

fn standard(n: u32) -> ApiKey {
    ApiKey { kind: KeyKind::Standard, ..key(n) }
}

/// Every field set.
fn secret(hash: u8, generation: u32) -> PolicySecret {
    PolicySecret { hash: [hash; 32], generation, expires_at: None }
}

fn full(n: u32) -> ApiKey {
    ApiKey {
        name: "Checkout – Prod".to_owned(),
        description: Some("what\nfor".to_owned()),
        environment: Environment::Sandbox,
        owner: KeyOwner::User(user_id(1)),
        user_path: Some("/team/alpha".parse().unwrap()),
        tags: [("cost-center".to_owned(), "a\"b".to_owned())].into(),
        scope: KeyScope {
            allowed_actions: Some(vec![ApiAction::ChatCompletions, ApiAction::Models]),
            allowed_models: Some(vec!["gpt-4o*".parse().unwrap()]),
            denied_models: vec!["gpt-4o-mini".parse().unwrap()],
            allowed_model_labels: Some(vec!["eu".parse().unwrap()]),
            allowed_providers: Some(vec!["echo".parse().unwrap()]),
            allowed_ips: Some(vec!["10.0.0.0/8".parse().unwrap(), "::1".parse().unwrap()]),
            rate_limits: RateLimits {
                requests_per_minute: Some(3),
                tokens_per_day: Some(1_000_000_000_000),
                ..RateLimits::default()
            },
            identity: IdentityRules { header_mode: true, enforce: true, ..IdentityRules::default() },
            require_conversation_id: true,
        },
        expires_at: Some(at(100)),
        creator_id: Some(user_id(1)),
        created_by: "admin@example.com".to_owned(),
        ..key(n)
    }
}

pub(crate) async fn a_key_comes_back_as_written(bed: &Bed) {
    bed.add_user(&user(1)).await;
    bed.add_key(&full(1)).await;
    bed.add_key(&ApiKey {
        scope: KeyScope { allowed_providers: Some(vec![]), ..KeyScope::default() },
        ..key(2)
    })
    .await;

    let view = bed.store.key(&key_id(1), at(50)).await.unwrap().unwrap();
    assert_eq!(view.tenant_name, "Default");
    assert_eq!(view.owner_email.as_deref(), Some("user1@example.com"));
    assert_eq!(view.owner_status, Some(UserStatus::Active));
    assert_eq!(view.status, KeyStatus::Active);
    assert_eq!(view.prefix, "rk_sand_0000");
    assert_eq!(view.last_used_at, None);
    assert_eq!(bed.store.key(&key_id(1), at(100)).await.unwrap().unwrap().status, KeyStatus::Expired);
    assert_eq!(bed.store.key_policy(&key_id(1)).await.unwrap().unwrap().key, full(1));
    let second = bed.store.key(&key_id(2), at(50)).await.unwrap().unwrap();
    assert_eq!(second.scope.allowed_providers, Some(vec![]), "an empty list is not the same as none");
    assert_eq!(second.owner_id, None);
    assert_eq!(bed.store.key(&key_id(3), at(50)).await.unwrap(), None);

    assert_eq!(bed.store.keys_of_user(&user_id(1)).await.unwrap(), [key_id(1)]);
    assert_eq!(bed.store.keys_of_user(&user_id(2)).await.unwrap(), []);
    assert_eq!(bed.store.keys_of_tenant(&slug("default")).await.unwrap(), [key_id(1), key_id(2)]);
}

pub(crate) async fn revoking_is_for_good(bed: &Bed) {
    bed.add_key(&standard(1)).await;
    let mut tx = bed.begin().await;
    assert_eq!(tx.key(&key_id(1)).await.unwrap(), Some(standard(1)));
    assert!(tx.revoke_key(&key_id(1), at(7), "ops@example.com", "leaked").await.unwrap());
    assert!(!tx.revoke_key(&key_id(1), at(8), "other", "again").await.unwrap());
    assert!(!tx.revoke_key(&key_id(2), at(8), "other", "unknown").await.unwrap());
    let revoked =
        KeyState::Revoked { at: at(7), by: "ops@example.com".to_owned(), reason: "leaked".to_owned() };
    assert_eq!(tx.key(&key_id(1)).await.unwrap().unwrap().state, revoked);
    assert_eq!(tx.key(&key_id(2)).await.unwrap(), None);
    commit(tx).await;

    let view = bed.store.key(&key_id(1), at(9)).await.unwrap().unwrap();
    assert_eq!(view.status, KeyStatus::Revoked);
    assert_eq!(view.revoke_reason.as_deref(), Some("leaked"));
    assert_eq!(bed.store.key_policy(&key_id(1)).await.unwrap().unwrap().key.state, revoked);
    // Its place is free.
    bed.add_key(&standard(2)).await;
}

pub(crate) async fn keys_of_inactive_owners_follow_their_status(bed: &Bed) {
    bed.add_user(&user(1)).await;
    bed.add_key(&ApiKey { owner: KeyOwner::User(user_id(1)), ..key(1) }).await;
    bed.add_key(&key(2)).await;
    let filter = KeyFilter { owner_inactive: true, ..KeyFilter::default() };
    let found = async || -> Vec<KeyId> {
        let page =
            bed.store.list_keys(&filter, KeySort::default(), &first_page(), &Reach::Everywhere, at(9)).await;
        page.unwrap().items.into_iter().map(|key| key.id).collect()
    };
    assert_eq!(found().await, []);
    let mut tx = bed.begin().await;
    tx.set_user_status(&user_id(1), UserStatus::Inactive).await.unwrap();
    tx.insert_key(&ApiKey { owner: KeyOwner::User(user_id(1)), ..key(3) }, &[3; 32]).await.unwrap();
    commit(tx).await;
    let mut ids = found().await;
    ids.sort_unstable();
    assert_eq!(ids, [key_id(1), key_id(3)], "what was issued before and after");
    let mut tx = bed.begin().await;
    tx.update_user(&user(1)).await.unwrap();
    commit(tx).await;
    assert_eq!(found().await, []);
}

pub(crate) async fn a_key_changes_while_it_is_active(bed: &Bed) {
    bed.add_user(&user(1)).await;
    bed.add_key(&ApiKey { owner: KeyOwner::User(user_id(1)), ..key(1) }).await;
    let mut tx = bed.begin().await;
    // What can't change stays, whatever the record says.
    let other =
        ApiKey { owner: KeyOwner::Tenant, kind: KeyKind::Standard, created_by: "x".to_owned(), ..full(1) };
    assert!(tx.update_key(&other).await.unwrap());
    let expected = ApiKey {
        environment: Environment::Production,
        creator_id: None,
        created_by: "cli".to_owned(),
        kind: KeyKind::Restricted,
        ..full(1)
    };
    assert_eq!(tx.key(&key_id(1)).await.unwrap(), Some(expected.clone()));
    assert!(!tx.update_key(&key(2)).await.unwrap());
    commit(tx).await;
    assert_eq!(bed.store.key_policy(&key_id(1)).await.unwrap().unwrap().key, expected);
    let filter = KeyFilter { q: Some("checkout".to_owned()), ..KeyFilter::default() };
    let found = bed
        .store
        .list_keys(&filter, KeySort::default(), &first_page(), &Reach::Everywhere, at(0))
        .await
        .unwrap();
    assert_eq!(numbers(&found), [1], "the search goes by the new name");

    let mut tx = bed.begin().await;
    assert!(tx.revoke_key(&key_id(1), at(7), "x", "y").await.unwrap());
    assert!(!tx.update_key(&key(1)).await.unwrap());
    commit(tx).await;
    let policy = bed.store.key_policy(&key_id(1)).await.unwrap().unwrap();
    assert_eq!((&policy.key.name, policy.key.scope), (&expected.name, expected.scope));
}

pub(crate) async fn the_policy_has_all_that_decides(bed: &Bed) {
    bed.add_tenant("team-alpha").await;
    bed.add_user(&user(1)).await;
    let foreign = ApiKey { tenant_id: slug("team-alpha"), ..full(2) };
    let mut tx = bed.begin().await;
    tx.insert_key(&full(1), &[1; 32]).await.unwrap();
    tx.insert_key(&foreign, &[2; 32]).await.unwrap();
    tx.insert_key(&key(3), &[3; 32]).await.unwrap();
    let changes = [1, 2, 3].map(|n| Change::Key { id: key_id(n) });
    assert_eq!(tx.commit(&audit("key.create"), &changes).await.unwrap(), Epoch(3));

    let policy = bed.store.key_policy(&key_id(1)).await.unwrap().unwrap();
    assert_eq!(policy.key, full(1));
    assert_eq!(policy.secrets, [secret(1, 1)]);
    assert_eq!(policy.tenant_status, TenantStatus::Active);
    assert_eq!(policy.owner, Some(PolicyOwner { status: UserStatus::Active, member: true }));
    assert_eq!(policy.epoch, Epoch(3));
    let policy = bed.store.key_policy(&key_id(2)).await.unwrap().unwrap();
    assert_eq!(policy.owner, Some(PolicyOwner { status: UserStatus::Active, member: false }));
    assert_eq!(bed.store.key_policy(&key_id(3)).await.unwrap().unwrap().owner, None);
    assert_eq!(bed.store.key_policy(&key_id(4)).await.unwrap(), None);

    bed.raw("UPDATE users SET status = 'inactive'").await.unwrap();
    bed.raw("UPDATE tenants SET status = 'suspended' WHERE id = 'default'").await.unwrap();
    // A rotation's second secret.
    let second = "INSERT INTO key_secrets (key_id, hash, generation, created_at)
                  SELECT '000000000001', hash, 2, 9000000000000000 FROM key_secrets WHERE key_id = '000000000002'";
    bed.raw(second).await.unwrap();
    let policy = bed.store.key_policy(&key_id(1)).await.unwrap().unwrap();
    assert_eq!(policy.owner, Some(PolicyOwner { status: UserStatus::Inactive, member: true }));
    assert_eq!(policy.tenant_status, TenantStatus::Suspended);
    assert_eq!(policy.secrets, [secret(2, 2), secret(1, 1)]);
}

pub(crate) async fn a_second_standard_key_is_a_conflict(bed: &Bed) {
    bed.add_tenant("team-alpha").await;
    bed.add_key(&standard(1)).await;
    let mut tx = bed.begin().await;
    let second = tx.insert_key(&standard(2), &[2; 32]).await;
    assert!(matches!(second, Err(Error::Conflict { what: "standard_key" })), "{second:?}");
    // Another environment, another tenant, restricted ones: as before.
    tx.insert_key(&ApiKey { environment: Environment::Sandbox, ..standard(3) }, &[3; 32]).await.unwrap();
    tx.insert_key(&ApiKey { tenant_id: slug("team-alpha"), ..standard(4) }, &[4; 32]).await.unwrap();
    tx.insert_key(&key(5), &[5; 32]).await.unwrap();
    tx.insert_key(&key(6), &[6; 32]).await.unwrap();
    commit(tx).await;
    assert_eq!(bed.number("SELECT COUNT(*) FROM key_secrets").await, 5);
}

pub(crate) async fn fifty_standard_keys_at_once(bed: &Bed) {
    let mut tasks = JoinSet::new();
    for n in 0..50 {
        let store = bed.store.clone();
        tasks.spawn(async move {
            let mut tx = store.begin().await.unwrap();
            match tx.insert_key(&standard(n), &[7; 32]).await {
                Ok(()) => {
                    commit(tx).await;
                    true
                }
                Err(Error::Conflict { what: "standard_key" }) => false,
                Err(other) => panic!("{other}"),
            }
        });
    }
    let won = tasks.join_all().await.into_iter().filter(|won| *won).count();
    assert_eq!(won, 1);
    assert_eq!(bed.number("SELECT COUNT(*) FROM api_keys").await, 1);
    assert_eq!(bed.number("SELECT COUNT(*) FROM audit_log").await, 1);
}

pub(crate) async fn an_unknown_tenant_or_owner_is_a_conflict(bed: &Bed) {
    let homeless = ApiKey { tenant_id: slug("nowhere"), ..key(1) };
    let ownerless = ApiKey { owner: KeyOwner::User(user_id(9)), ..key(2) };
    for key in [homeless, ownerless] {
        let mut tx = bed.begin().await;
        let inserted = tx.insert_key(&key, &[1; 32]).await;
        assert!(matches!(inserted, Err(Error::Conflict { what: "reference" })), "{inserted:?}");
    }
}

fn numbers(page: &Page<KeyView>) -> Vec<u32> {
    let mut numbers: Vec<u32> = page.items.iter().map(|key| key.id.as_str().parse().unwrap()).collect();
    numbers.sort_unstable();
    numbers
}

fn exactly(count: u64) -> Total {
    Total { count, capped: false }
}

pub(crate) async fn badges_and_hidden_ones(bed: &Bed) {
    let revoked = KeyState::Revoked { at: at(1), by: "x".to_owned(), reason: "y".to_owned() };
    bed.add_key(&key(1)).await;
    bed.add_key(&ApiKey { expires_at: Some(at(100)), ..key(2) }).await;
    bed.add_key(&ApiKey { expires_at: Some(at(10)), ..key(3) }).await;
    bed.add_key(&ApiKey { state: revoked.clone(), ..key(4) }).await;
    bed.add_key(&ApiKey { state: revoked, expires_at: Some(at(10)), ..key(5) }).await;
    let list = async |status, include_revoked, q: Option<&str>| {
        let filter = KeyFilter { status, include_revoked, q: q.map(str::to_owned), ..KeyFilter::default() };
        let page = bed
            .store
            .list_keys(&filter, KeySort::default(), &first_page(), &Reach::Everywhere, at(10))
            .await
            .unwrap();
        (numbers(&page), page.total, page.hidden)
    };
    let nothing = Total::default();
    assert_eq!(list(None, false, None).await, (vec![1, 2, 3], exactly(3), exactly(2)));
    assert_eq!(list(None, true, None).await, (vec![1, 2, 3, 4, 5], exactly(5), nothing));
    assert_eq!(list(Some(KeyStatus::Active), false, None).await, (vec![1, 2], exactly(2), nothing));
    assert_eq!(list(Some(KeyStatus::Expired), false, None).await, (vec![3], exactly(1), nothing));
    assert_eq!(list(Some(KeyStatus::Revoked), false, None).await, (vec![4, 5], exactly(2), nothing));
    // The same, counted instead of read from the counters.
    assert_eq!(list(None, false, Some("key")).await, (vec![1, 2, 3], exactly(3), exactly(2)));
    assert_eq!(list(None, true, Some("key")).await, (vec![1, 2, 3, 4, 5], exactly(5), nothing));
    assert_eq!(list(Some(KeyStatus::Revoked), false, Some("key")).await, (vec![4, 5], exactly(2), nothing));
    assert_eq!(list(None, false, Some("key 4")).await, (vec![], nothing, exactly(1)));
}

pub(crate) async fn filters(bed: &Bed) {
    bed.add_tenant("team-alpha").await;
    bed.add_user(&user(1)).await;
    bed.add_key(&ApiKey { owner: KeyOwner::User(user_id(1)), ..key(1) }).await;
    bed.add_key(&ApiKey { tenant_id: slug("team-alpha"), ..key(2) }).await;
    bed.add_key(&ApiKey { created_at: at(0).after(days(40)), ..key(3) }).await;
    bed.store.append_usage(&[usage(1, 2, at(0).after(days(20)))]).await.unwrap();
    let list = async |filter: KeyFilter| {
        let now = at(0).after(days(50));
        let page = bed
            .store
            .list_keys(&filter, KeySort::default(), &first_page(), &Reach::Everywhere, now)
            .await
            .unwrap();
        assert_eq!(page.total, exactly(page.items.len() as u64));
        numbers(&page)
    };
    let all = KeyFilter::default;
    assert_eq!(list(KeyFilter { owner_id: Some(user_id(1)), ..all() }).await, [1]);
    assert_eq!(list(KeyFilter { tenant_id: Some(slug("team-alpha")), ..all() }).await, [2]);
    assert_eq!(list(KeyFilter { tenant_id: Some(slug("default")), ..all() }).await, [1, 3]);
    assert_eq!(list(KeyFilter { unused_days: Some(5), ..all() }).await, [1, 2, 3]);
    assert_eq!(list(KeyFilter { unused_days: Some(10), ..all() }).await, [1, 2], "more than, not exactly");
    assert_eq!(list(KeyFilter { unused_days: Some(30), ..all() }).await, [1]);
    assert_eq!(list(KeyFilter { unused_days: Some(90), ..all() }).await, [] as [u32; 0]);
}

pub(crate) async fn search(bed: &Bed) {
    bed.add_user(&User { name: "Grace Hopper".to_owned(), ..user(1) }).await;
    let first = ApiKey { id: "7Hq2xV9mLw4T".parse().unwrap(), name: "Checkout".to_owned(), ..key(1) };
    let second = ApiKey { owner: KeyOwner::User(user_id(1)), name: "billing".to_owned(), ..key(2) };
    bed.add_key(&first).await;
    bed.add_key(&second).await;
    let found = async |q: &str| -> Vec<String> {
        let filter = KeyFilter { q: Some(q.to_owned()), ..KeyFilter::default() };
        let sort = KeySort::parse("name").unwrap();
        let page =
            bed.store.list_keys(&filter, sort, &first_page(), &Reach::Everywhere, at(0)).await.unwrap();
        page.items.into_iter().map(|key| key.name).collect()
    };
    let whole = format!("rk_prod_7Hq2xV9mLw4T{}", "s".repeat(38));
    for q in ["c", "CH", "eck", "rk_prod_7H", "rk_prod_7Hq2", "rk_prod_7Hq2xV9mLw4T", "7H", "q2xv9", &whole] {
        assert_eq!(found(q).await, ["Checkout"], "{q}");
    }
    for q in ["bi", "ILL", "gr", "hopper", "user1@", "r1@example", "rk_prod_0000"] {
        assert_eq!(found(q).await, ["billing"], "{q}");
    }
    assert_eq!(found("rk").await, ["billing", "Checkout"]);
    assert_eq!(found("rk_prod_").await, ["billing", "Checkout"]);
    for q in ["ec", "q2", "rk_sand_", "sk_prod_7Hq2", "nothing", "ho"] {
        assert_eq!(found(q).await, [] as [&str; 0], "{q}");
    }
}

pub(crate) async fn wildcards_are_plain_characters(bed: &Bed) {
    for (n, name) in [(1, "100% sure"), (2, "a_b"), (3, r"back\slash"), (4, "axb"), (5, "it's; --")] {
        bed.add_key(&ApiKey { name: name.to_owned(), ..key(n) }).await;
    }
    let found = async |q: &str| {
        let filter = KeyFilter { q: Some(q.to_owned()), ..KeyFilter::default() };
        numbers(
            &bed.store
                .list_keys(&filter, KeySort::default(), &first_page(), &Reach::Everywhere, at(0))
                .await
                .unwrap(),
        )
    };
    let none = [] as [u32; 0];
    assert_eq!(found("0% ").await, none, "folding takes the space away, two characters are left");
    assert_eq!(found("00%").await, [1]);
    assert_eq!(found("a_b").await, [2]);
    assert_eq!(found(r"k\s").await, [3]);
    assert_eq!(found("'s;").await, [5]);
    for q in ["%", "_", r"\", "%%%", "___", r"\%\", "%key%", "' OR 1=1 --", "a%b", "\0", "a\0b"] {
        assert_eq!(found(q).await, none, "{q:?}");
    }
}

pub(crate) async fn counts_stop_at_a_thousand(bed: &Bed) {
    let mut tx = bed.begin().await;
    for n in 0..1_001 {
        tx.insert_key(&key(n), &[7; 32]).await.unwrap();
    }
    commit(tx).await;
    let total = async |q: Option<&str>| {
        let filter = KeyFilter { q: q.map(str::to_owned), ..KeyFilter::default() };
        bed.store
            .list_keys(&filter, KeySort::default(), &first_page(), &Reach::Everywhere, at(0))
            .await
            .unwrap()
            .total
    };
    assert_eq!(total(None).await, exactly(1_001));
    assert_eq!(total(Some("key")).await, Total { count: 1_000, capped: true });
    assert_eq!(total(Some("key 99")).await, exactly(11));
    let mut tx = bed.begin().await;
    tx.revoke_key(&key_id(0), at(0), "x", "y").await.unwrap();
    commit(tx).await;
    assert_eq!(total(Some("key")).await, exactly(1_000));
}

pub(crate) async fn counts_for_the_dashboard(bed: &Bed) {
    bed.add_tenant("team-alpha").await;
    let now = at(0).after(days(100));
    let revoked = KeyState::Revoked { at: at(1), by: "x".to_owned(), reason: "y".to_owned() };
    bed.add_key(&key(1)).await; // stale
    bed.add_key(&ApiKey { created_at: now, expires_at: Some(now.after(days(7))), ..key(2) }).await;
    bed.add_key(&ApiKey { created_at: now, expires_at: Some(now.after(days(8))), ..key(3) }).await;
    bed.add_key(&ApiKey { expires_at: Some(now), ..key(4) }).await; // expired
    bed.add_key(&ApiKey { state: revoked, ..key(5) }).await;
    bed.add_key(&ApiKey { tenant_id: slug("team-alpha"), ..key(6) }).await; // used
    bed.store.append_usage(&[usage(1, 6, now)]).await.unwrap();
    let counts = bed.store.key_counts(None, &Reach::Everywhere, now).await.unwrap();
    assert_eq!(counts, KeyCounts { active: 4, stale: 1, expiring: 1 });
    let counts = bed.store.key_counts(Some(&slug("team-alpha")), &Reach::Everywhere, now).await.unwrap();
    assert_eq!(counts, KeyCounts { active: 1, stale: 0, expiring: 0 });
}
