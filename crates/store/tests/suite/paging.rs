//! Keyset paging: every order shows every row exactly once, in order, with NULLs and ties.

use crate::bed::{Bed, at, commit, key, tenant, usage, user};
use model::key::{ApiKey, KeyFilter, KeySort};
use model::role::{BuiltInRole, Reach};
use model::user::{User, UserFilter, UserSort, UserStatus};
use model::{Page, PageRequest, Total};
use std::fmt::Debug;
use store::{Error, UsageScope};

/// Follows the cursors from the first page to the last.
async fn walk<T: Clone + Debug>(limit: u16, list: impl AsyncFn(PageRequest) -> Page<T>) -> Vec<T> {
    let mut all = Vec::new();
    let mut cursor = None;
    loop {
        let page = list(PageRequest { cursor, limit }).await;
        assert!(page.items.len() <= usize::from(limit));
        assert!(
            page.next_cursor.is_none() || page.items.len() == usize::from(limit),
            "a short page is the last"
        );
        all.extend(page.items);
        match page.next_cursor {
            None => return all,
            Some(next) => cursor = Some(next),
        }
    }
}

/// 23 rows: ties, and NULL for a third of them.
const ROWS: u32 = 23;

pub(crate) async fn keys_in_every_order(bed: &Bed) {
    let mut tx = bed.begin().await;
    for n in 0..ROWS {
        let name = ["b", "Ä", "a", "é"][n as usize % 4].to_owned();
        tx.insert_key(&ApiKey { name, created_at: at(u64::from(n / 5)), ..key(n) }, &[7; 32]).await.unwrap();
    }
    commit(tx).await;
    let used: Vec<_> = (0..ROWS).filter(|n| n % 3 != 0).map(|n| usage(n, n, at(u64::from(n % 4)))).collect();
    bed.store.append_usage(&used).await.unwrap();

    for param in ["name", "-name", "created_at", "-created_at", "last_used_at", "-last_used_at", "expires_at"]
    {
        let sort = KeySort::parse(param).unwrap();
        for limit in [1, 4, 23, 200] {
            let filter = KeyFilter::default();
            let all = walk(limit, async |page| {
                let page =
                    bed.store.list_keys(&filter, sort, &page, &Reach::Everywhere, at(0)).await.unwrap();
                assert_eq!(page.total, Total { count: u64::from(ROWS), capped: false });
                page
            })
            .await;
            let mut expected = all.clone();
            expected.sort_by_key(|key| {
                let value = match param.trim_start_matches('-') {
                    "name" => (key.name.to_lowercase(), None),
                    "created_at" => (String::new(), Some(key.created_at)),
                    "expires_at" => (String::new(), key.expires_at),
                    _ => (String::new(), key.last_used_at),
                };
                (value, key.id)
            });
            if param.starts_with('-') {
                expected.reverse();
            }
            assert_eq!(all, expected, "{param}");
            let mut ids: Vec<_> = all.iter().map(|key| key.id).collect();
            ids.sort_unstable();
            ids.dedup();
            assert_eq!(ids.len(), ROWS as usize, "{param} by {limit}");
            if param == "last_used_at" {
                assert_eq!(all[0].last_used_at, None, "never used comes first when ascending");
            }
            if param == "-last_used_at" {
                assert_eq!(all[22].last_used_at, None, "never used comes last when descending");
            }
        }
    }
}

pub(crate) async fn users_in_every_order(bed: &Bed) {
    let mut tx = bed.begin().await;
    for n in 0..ROWS {
        let written = User {
            name: ["Bob", "Ärzte", "alice", "Éva"][n as usize % 4].to_owned(),
            role: if n % 4 == 1 { BuiltInRole::ModelAdmin.into() } else { BuiltInRole::User.into() },
            organization_unit: [None, Some("a"), Some("b")][n as usize % 3].map(ToOwned::to_owned),
            status: if n % 5 == 0 { UserStatus::Inactive } else { UserStatus::Active },
            created_at: at(u64::from(n / 5)),
            last_sign_in_at: (n % 3 != 0).then(|| at(u64::from(n % 4))),
            ..user(n)
        };
        tx.insert_user(&written, None).await.unwrap();
    }
    commit(tx).await;
    for field in ["name", "email", "role", "organization_unit", "status", "created_at", "last_sign_in_at"] {
        for param in [field.to_owned(), format!("-{field}")] {
            let sort = UserSort::parse(&param).unwrap();
            for limit in [1, 4, 23] {
                let filter = UserFilter::default();
                let all = walk(limit, async |page| {
                    bed.store.list_users(&filter, sort, &page, &Reach::Everywhere, at(9)).await.unwrap()
                })
                .await;
                let mut expected = all.clone();
                expected.sort_by_key(|user| {
                    let value = match field {
                        "name" => (user.name.to_lowercase(), None),
                        "email" => (user.email.clone(), None),
                        "role" => (user.role.to_string(), None),
                        "organization_unit" => (user.organization_unit.clone().unwrap_or_default(), None),
                        "status" => (user.status.as_str().to_owned(), None),
                        "created_at" => (String::new(), Some(user.created_at)),
                        _ => (String::new(), user.last_sign_in_at),
                    };
                    (value, user.id.clone())
                });
                if param.starts_with('-') {
                    expected.reverse();
                }
                assert_eq!(all, expected, "{param}");
                expected.sort_by_key(|user| user.id.clone());
                expected.dedup();
                assert_eq!(expected.len(), ROWS as usize, "{param} by {limit}");
            }
        }
    }
}

pub(crate) async fn tenants_by_slug(bed: &Bed) {
    let mut tx = bed.begin().await;
    for n in 0..10 {
        tx.insert_tenant(&tenant(&format!("team-{n}"))).await.unwrap();
    }
    commit(tx).await;
    let all =
        walk(3, async |page| bed.store.list_tenants(None, &page, &Reach::Everywhere).await.unwrap()).await;
    let mut expected: Vec<String> = (0..10).map(|n| format!("team-{n}")).collect();
    expected.insert(0, "default".to_owned());
    assert_eq!(all.iter().map(|tenant| tenant.id.to_string()).collect::<Vec<_>>(), expected);
}

pub(crate) async fn usage_newest_first(bed: &Bed) {
    let mut rows: Vec<_> = (0..ROWS).map(|n| usage(n, 1, at(u64::from(n / 4)))).collect();
    rows.extend((0..4).map(|n| {
        let first = usage(n, 1, at(0));
        model::usage::UsageRow { attempt: 2, ..first }
    }));
    bed.store.append_usage(&rows).await.unwrap();
    rows.sort_by(|a, b| {
        (b.started_at, &b.request_id, b.attempt).cmp(&(a.started_at, &a.request_id, a.attempt))
    });
    for limit in [1, 4, 27, 100] {
        let all = walk(limit, async |page| {
            bed.store.list_usage(&UsageScope::of(Reach::Everywhere), at(0), at(100), &page).await.unwrap()
        })
        .await;
        assert_eq!(all, rows);
    }
}

pub(crate) async fn foreign_cursors_are_refused(bed: &Bed) {
    let mut tx = bed.begin().await;
    for n in 0..3 {
        tx.insert_key(&key(n), &[7; 32]).await.unwrap();
        tx.insert_user(&user(n), None).await.unwrap();
    }
    commit(tx).await;
    let keys = async |sort: &str, cursor: Option<String>| {
        let page = PageRequest { cursor, limit: 1 };
        bed.store
            .list_keys(&KeyFilter::default(), KeySort::parse(sort).unwrap(), &page, &Reach::Everywhere, at(0))
            .await
    };
    let cursor = keys("created_at", None).await.unwrap().next_cursor;
    assert!(cursor.is_some());
    assert!(keys("created_at", cursor.clone()).await.is_ok());
    let mut bad = vec![String::new(), "x".to_owned(), "x".repeat(10_000), "äöü".to_owned()];
    bad.extend(cursor.clone().map(|cursor| cursor[1..].to_owned()));
    for cursor in bad {
        assert!(matches!(keys("created_at", Some(cursor)).await, Err(Error::InvalidCursor)));
    }
    for sort in ["-created_at", "name", "last_used_at"] {
        assert!(matches!(keys(sort, cursor.clone()).await, Err(Error::InvalidCursor)), "{sort}");
    }
    // The order has the same name, the id is of another kind.
    let page = PageRequest { cursor: cursor.clone(), limit: 1 };
    let users = UserSort::parse("created_at").unwrap();
    let listed = bed.store.list_users(&UserFilter::default(), users, &page, &Reach::Everywhere, at(9)).await;
    assert!(matches!(listed, Err(Error::InvalidCursor)));
    assert!(matches!(
        bed.store.list_tenants(None, &page, &Reach::Everywhere).await,
        Err(Error::InvalidCursor)
    ));
    let listed = bed.store.list_usage(&UsageScope::of(Reach::Everywhere), at(0), at(1), &page).await;
    assert!(matches!(listed, Err(Error::InvalidCursor)));
}
