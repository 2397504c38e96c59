//! Users.

use crate::bed::{Bed, at, audit, commit, first_page, slug, usage, user, user_id};
use model::audit::AuditEntry;
use model::role::{BuiltInRole, Reach};
use model::usage::UsageRow;
use model::user::{Activity, User, UserFilter, UserSort, UserSource, UserStatus};
use model::{PageRequest, Total};
use store::Error;

pub(crate) async fn a_user_comes_back_as_written(bed: &Bed) {
    bed.add_tenant("team-alpha").await;
    let written = User {
        name: "Ångström Ünal".to_owned(),
        email: "Dev.One@Example.com".to_owned(),
        role: BuiltInRole::SuperAdmin.into(),
        organization_unit: Some("R&D".to_owned()),
        status: UserStatus::Inactive,
        source: UserSource::Scim,
        last_sign_in_at: Some(at(5)),
        tenant_ids: vec![slug("default"), slug("team-alpha")],
        ..user(1)
    };
    let mut tx = bed.begin().await;
    tx.insert_user(&written, Some("hash")).await.unwrap();
    commit(tx).await;

    let store = &bed.store;
    assert_eq!(store.user(&written.id).await.unwrap().as_ref(), Some(&written));
    assert_eq!(store.user_by_email(" dev.one@EXAMPLE.com ").await.unwrap(), Some(written.clone()));
    assert_eq!(store.user(&user_id(2)).await.unwrap(), None);
    assert_eq!(store.user_by_email("nobody@example.com").await.unwrap(), None);
    assert_eq!(store.count_users().await.unwrap(), 1);

    let credentials = store.credentials("DEV.ONE@example.com").await.unwrap().unwrap();
    assert_eq!(credentials.user_id, written.id);
    assert_eq!(credentials.status, UserStatus::Inactive);
    assert_eq!(credentials.password_hash.as_deref(), Some("hash"));
    assert!(!format!("{credentials:?}").contains("hash"));
    assert!(store.credentials("nobody@example.com").await.unwrap().is_none());

    let mut tx = bed.begin().await;
    tx.set_password(&written.id, "other hash").await.unwrap();
    tx.set_last_sign_in(&written.id, at(9)).await.unwrap();
    tx.add_member(&written.id, &slug("default"), at(9)).await.unwrap();
    commit(tx).await;
    assert_eq!(store.password_hash(&written.id).await.unwrap().as_deref(), Some("other hash"));
    assert_eq!(store.password_hash(&user_id(2)).await.unwrap(), None);
    let read = store.user(&written.id).await.unwrap().unwrap();
    assert_eq!(read, User { last_sign_in_at: Some(at(9)), ..written });
}

pub(crate) async fn a_taken_email_is_a_conflict(bed: &Bed) {
    bed.add_user(&user(1)).await;
    let mut tx = bed.begin().await;
    let second = User { email: "USER1@example.com".to_owned(), ..user(2) };
    assert!(matches!(tx.insert_user(&second, None).await, Err(Error::Conflict { what: "email" })));
    // The transaction goes on, on both databases.
    tx.insert_user(&user(3), None).await.unwrap();
    commit(tx).await;
    assert_eq!(bed.store.count_users().await.unwrap(), 2);
    assert_eq!(bed.number("SELECT COUNT(*) FROM users").await, 2);
}

pub(crate) async fn writing_to_a_user_that_is_not_there(bed: &Bed) {
    let mut tx = bed.begin().await;
    assert!(matches!(tx.set_password(&user_id(1), "hash").await, Err(Error::Conflict { what: "user" })));
    assert!(matches!(tx.set_last_sign_in(&user_id(1), at(0)).await, Err(Error::Conflict { what: "user" })));
    let member = tx.add_member(&user_id(1), &slug("default"), at(0)).await;
    assert!(matches!(member, Err(Error::Conflict { what: "reference" })), "{member:?}");
}

pub(crate) async fn only_active_super_admins_count(bed: &Bed) {
    for (n, role, status) in [
        (1, BuiltInRole::SuperAdmin, UserStatus::Active),
        (2, BuiltInRole::SuperAdmin, UserStatus::Inactive),
        (3, BuiltInRole::UserAdmin, UserStatus::Active),
    ] {
        bed.add_user(&User { role: role.into(), status, ..user(n) }).await;
    }
    let mut tx = bed.begin().await;
    assert_eq!(tx.count_active_super_admins().await.unwrap(), 1);
    tx.insert_user(&User { role: BuiltInRole::SuperAdmin.into(), ..user(4) }, None).await.unwrap();
    assert_eq!(tx.count_active_super_admins().await.unwrap(), 2);
}

pub(crate) async fn filters_and_search(bed: &Bed) {
    bed.add_tenant("team-alpha").await;
    bed.add_user(&User { name: "Zoë Admin".to_owned(), role: BuiltInRole::UserAdmin.into(), ..user(1) })
        .await;
    bed.add_user(&User { status: UserStatus::Inactive, ..user(2) }).await;
    bed.add_user(&User { tenant_ids: vec![slug("team-alpha")], ..user(3) }).await;
    let ids = async |filter: UserFilter| -> Vec<u32> {
        let page = bed
            .store
            .list_users(&filter, UserSort::default(), &first_page(), &Reach::Everywhere, at(86_400 * 40))
            .await
            .unwrap();
        assert_eq!(page.total, Total { count: page.items.len() as u64, capped: false });
        assert_eq!(page.next_cursor, None);
        let mut ids: Vec<u32> =
            page.items.iter().map(|user| user.id.as_str()[4..].parse().unwrap()).collect();
        ids.sort_unstable();
        ids
    };
    let q = |text: &str| UserFilter { q: Some(text.to_owned()), ..UserFilter::default() };
    assert_eq!(ids(UserFilter::default()).await, [1, 2, 3]);
    assert_eq!(
        ids(UserFilter { role: Some(BuiltInRole::UserAdmin.into()), ..Default::default() }).await,
        [1]
    );
    assert_eq!(ids(UserFilter { status: Some(UserStatus::Inactive), ..Default::default() }).await, [2]);
    bed.add_user(&User { source: UserSource::Scim, last_sign_in_at: Some(at(86_400 * 20)), ..user(4) }).await;
    assert_eq!(ids(UserFilter { source: Some(UserSource::Scim), ..Default::default() }).await, [4]);
    assert_eq!(
        ids(UserFilter { unseen_days: Some(30), ..Default::default() }).await,
        [1, 2, 3],
        "never: since made"
    );
    assert_eq!(ids(UserFilter { unseen_days: Some(90), ..Default::default() }).await, [] as [u32; 0]);
    bed.raw("DELETE FROM users WHERE source = 'scim'").await.unwrap();
    bed.raw("UPDATE counters SET value = 3 WHERE name = 'users'").await.unwrap();
    assert_eq!(ids(UserFilter { tenant_id: Some(slug("team-alpha")), ..Default::default() }).await, [3]);
    assert_eq!(ids(q("ZO")).await, [1], "two characters: start of the name");
    assert_eq!(ids(q("oë")).await, [] as [u32; 0], "two characters: not in the middle");
    assert_eq!(ids(q("OË A")).await, [1], "three and more: anywhere, folded");
    assert_eq!(ids(q("us")).await, [1, 2, 3], "two characters: start of the address");
    assert_eq!(ids(q("3@exam")).await, [3]);
    assert_eq!(ids(q(" ")).await, [1, 2, 3]);
    assert_eq!(ids(q(&"x".repeat(100_000))).await, [] as [u32; 0]);
}

pub(crate) async fn an_account_is_switched_off_and_on(bed: &Bed) {
    bed.add_user(&user(1)).await;
    let mut tx = bed.begin().await;
    tx.set_user_status(&user_id(1), UserStatus::Inactive).await.unwrap();
    let inactive = User { status: UserStatus::Inactive, ..user(1) };
    assert_eq!(tx.user(&user_id(1)).await.unwrap(), Some(inactive.clone()));
    assert_eq!(tx.user(&user_id(9)).await.unwrap(), None);
    let nobody = tx.set_user_status(&user_id(9), UserStatus::Inactive).await;
    assert!(matches!(nobody, Err(Error::Conflict { what: "user" })));
    commit(tx).await;
    assert_eq!(bed.store.user(&user_id(1)).await.unwrap(), Some(inactive));
}

pub(crate) async fn what_changes_of_an_account(bed: &Bed) {
    bed.add_user(&user(1)).await;
    bed.add_user(&user(2)).await;
    let changed = User {
        name: "Zoë".to_owned(),
        email: "Zoe@example.com".to_owned(),
        organization_unit: Some("R&D".to_owned()),
        status: UserStatus::Inactive,
        ..user(1)
    };
    let mut tx = bed.begin().await;
    tx.update_user(&changed).await.unwrap();
    let taken = tx.update_user(&User { email: "USER2@example.com".to_owned(), ..changed.clone() }).await;
    assert!(matches!(taken, Err(Error::Conflict { what: "email" })), "{taken:?}");
    // One's own is not taken, and the transaction goes on.
    tx.update_user(&User { email: "ZOE@example.com".to_owned(), ..changed.clone() }).await.unwrap();
    tx.update_user(&changed).await.unwrap();
    assert!(matches!(tx.update_user(&user(9)).await, Err(Error::Conflict { what: "user" })));
    tx.outdate_credentials(&user_id(1)).await.unwrap();
    commit(tx).await;
    assert_eq!(bed.store.user(&user_id(1)).await.unwrap().unwrap(), changed);
    assert_eq!(bed.store.user_by_email("zoe@example.com").await.unwrap().unwrap().id, user_id(1));
    assert_eq!(bed.store.credential_version(&user_id(1)).await.unwrap(), Some(1));
}

pub(crate) async fn activity_of_both_records_in_order(bed: &Bed) {
    bed.add_tenant("team-alpha").await;
    bed.add_user(&user(1)).await;
    for n in 0..7u64 {
        let tenant_id = (n % 3 == 0).then(|| slug("team-alpha"));
        let entry = AuditEntry {
            actor_id: user_id(if n == 5 { 2 } else { 1 }).to_string(),
            tenant_id,
            at: at(n * 2),
            ..audit("test.change")
        };
        bed.begin().await.commit(&entry, &[]).await.unwrap();
    }
    let rows: Vec<_> = (0..7u32)
        .map(|n| {
            let user_id = Some(user_id(if n == 5 { 2 } else { 1 }));
            let tenant_id = slug(if n % 3 == 0 { "team-alpha" } else { "default" });
            UsageRow { user_id, tenant_id, ..usage(n, n, at(u64::from(n) * 2 + u64::from(n % 2))) }
        })
        .collect();
    bed.store.append_usage(&rows).await.unwrap();
    let when = |item: &Activity| match item {
        Activity::Action { at, .. } | Activity::Request { at, .. } => *at,
    };
    let walk = async |limit: u16, reach: &Reach| {
        let mut all = Vec::new();
        let mut page = PageRequest { cursor: None, limit };
        loop {
            let (items, next) = bed.store.activity_of(&user_id(1), reach, &page).await.unwrap();
            assert!(items.len() <= usize::from(limit));
            all.extend(items);
            match next {
                Some(cursor) => page.cursor = Some(cursor),
                None => return all,
            }
        }
    };
    let whole = walk(100, &Reach::Everywhere).await;
    assert_eq!(whole.len(), 12);
    assert!(whole.windows(2).all(|pair| when(&pair[0]) >= when(&pair[1])), "{whole:?}");
    for limit in [1, 2, 5] {
        assert_eq!(walk(limit, &Reach::Everywhere).await, whole, "by {limit}");
    }
    assert_eq!(
        walk(2, &Reach::of([slug("team-alpha")])).await.len(),
        6,
        "what belongs to no tenant isn't in one"
    );
    let page = PageRequest { cursor: Some("nonsense".to_owned()), limit: 5 };
    let refused = bed.store.activity_of(&user_id(1), &Reach::Everywhere, &page).await;
    assert!(matches!(refused, Err(Error::InvalidCursor)));
    let scope = store::UsageScope { user: Some(user_id(1)), ..store::UsageScope::of(Reach::Everywhere) };
    let models = bed.store.usage_by_model(&scope, at(0), at(99), 5).await.unwrap();
    assert_eq!(models.iter().map(|used| used.totals.requests).collect::<Vec<_>>(), [6]);
}
