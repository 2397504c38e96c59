//! Management keys, and who was shown the secrets of API keys.

use crate::bed::{Bed, at, commit, first_page, key, key_id, slug, user, user_id};
use model::key::KeyOwner;
use model::management_key::{ManagementKey, ManagementKeyFilter};
use model::role::PermissionSet;
use model::{ManagementKeyId, PageRequest};
use std::time::Duration;

fn id(n: u32) -> ManagementKeyId {
    format!("mk_{n:012}").parse().unwrap()
}

fn management_key(n: u32) -> ManagementKey {
    ManagementKey {
        id: id(n),
        name: format!("key {n}"),
        permissions: PermissionSet::ALL,
        tenant_id: None,
        creator_id: None,
        created_by: "master key".to_owned(),
        created_at: at(u64::from(n)),
        expires_at: None,
        last_used_at: None,
        revoked_at: None,
        revoked_by: None,
        revoke_reason: None,
    }
}

pub(crate) async fn a_management_key_comes_back_and_is_revoked_once(bed: &Bed) {
    let store = &bed.store;
    bed.add_user(&user(1)).await;
    let bound = ManagementKey {
        tenant_id: Some(slug("default")),
        creator_id: Some(user_id(1)),
        expires_at: Some(at(99)),
        ..management_key(2)
    };
    let mut tx = bed.begin().await;
    tx.insert_management_key(&management_key(1), &[1; 32]).await.unwrap();
    tx.insert_management_key(&bound, &[2; 32]).await.unwrap();
    tx.insert_management_key(&management_key(3), &[3; 32]).await.unwrap();
    commit(tx).await;
    let stored = store.management_key(&id(2)).await.unwrap().unwrap();
    assert_eq!((&stored.key, stored.hash), (&bound, [2; 32]));
    assert!(!format!("{stored:?}").contains("hash"));
    assert!(store.management_key(&id(9)).await.unwrap().is_none());
    store.touch_management_key(&id(1), at(50)).await.unwrap();
    assert_eq!(store.management_key(&id(1)).await.unwrap().unwrap().key.last_used_at, Some(at(50)));

    let mut tx = bed.begin().await;
    assert_eq!(tx.unrevoked_management_keys_of(&user_id(1)).await.unwrap(), [id(2)]);
    assert!(tx.revoke_management_key(&id(2), at(60), "admin", "left").await.unwrap());
    assert!(!tx.revoke_management_key(&id(2), at(61), "other", "again").await.unwrap());
    assert!(!tx.revoke_management_key(&id(9), at(61), "other", "unknown").await.unwrap());
    assert_eq!(tx.unrevoked_management_keys_of(&user_id(1)).await.unwrap(), []);
    let revoked = tx.management_key(&id(2)).await.unwrap().unwrap();
    assert_eq!((revoked.revoked_at, revoked.revoke_reason.as_deref()), (Some(at(60)), Some("left")));
    commit(tx).await;

    let list = async |filter: ManagementKeyFilter, page: &PageRequest| {
        let page = store.list_management_keys(&filter, page).await.unwrap();
        let ids = page.items.iter().map(|key| key.id.clone()).collect::<Vec<_>>();
        (ids, page.total.count, page.hidden.count, page.next_cursor)
    };
    let all = ManagementKeyFilter { include_revoked: true, ..ManagementKeyFilter::default() };
    assert_eq!(list(ManagementKeyFilter::default(), &first_page()).await, (vec![id(3), id(1)], 2, 1, None));
    assert_eq!(list(all.clone(), &first_page()).await.0, [id(3), id(2), id(1)]);
    let (first, _, _, cursor) = list(all.clone(), &PageRequest { cursor: None, limit: 2 }).await;
    assert_eq!(first, [id(3), id(2)]);
    assert_eq!(list(all.clone(), &PageRequest { cursor, limit: 2 }).await.0, [id(1)]);
    let of_user = ManagementKeyFilter { creator_id: Some(user_id(1)), ..all.clone() };
    assert_eq!(list(of_user, &first_page()).await.0, [id(2)]);
    let of_tenant = ManagementKeyFilter { tenant_id: Some(slug("default")), ..all };
    assert_eq!(list(of_tenant, &first_page()).await.0, [id(2)]);
}

pub(crate) async fn who_was_shown_a_secret_that_works(bed: &Bed) {
    let store = &bed.store;
    bed.add_user(&user(1)).await;
    bed.add_user(&user(2)).await;
    for n in 1..=3 {
        let owner = if n == 3 { KeyOwner::User(user_id(2)) } else { KeyOwner::Tenant };
        let mut tx = bed.begin().await;
        tx.insert_key(&model::key::ApiKey { owner, ..key(n) }, &[9; 32]).await.unwrap();
        tx.note_shown(&key_id(n), &user_id(1)).await.unwrap();
        commit(tx).await;
    }
    let shown = async |n: u32, seconds: u64| {
        let keys = store.keys_shown_to(&user_id(n), at(seconds)).await.unwrap();
        keys.into_iter().map(|key| key.id).collect::<Vec<_>>()
    };
    assert_eq!(shown(1, 10).await, [key_id(1), key_id(2)], "of a person's key it is that person's to lose");
    assert_eq!(shown(2, 10).await, []);
    let mut tx = bed.begin().await;
    tx.rotate_secret(&key_id(1), &[8; 32], at(20), Duration::from_secs(30)).await.unwrap();
    tx.note_shown(&key_id(1), &user_id(2)).await.unwrap();
    assert!(tx.revoke_key(&key_id(2), at(20), "admin", "done").await.unwrap());
    commit(tx).await;
    assert_eq!(shown(1, 49).await, [key_id(1)], "until its grace is over");
    assert_eq!((shown(1, 50).await, shown(2, 50).await), (vec![], vec![key_id(1)]));
    let own = store.unrevoked_keys_of(&user_id(2), at(9)).await.unwrap();
    assert_eq!(own.into_iter().map(|key| key.id).collect::<Vec<_>>(), [key_id(3)]);
}
