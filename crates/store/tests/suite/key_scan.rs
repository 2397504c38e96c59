//! Walking over all keys.

use crate::bed::{Bed, at, key, key_id, slug, user, user_id};
use model::key::{ApiKey, KeyOwner, KeyState};
use model::role::Reach;
use model::user::{User, UserStatus};

pub(crate) async fn every_key_once_and_whether_it_works(bed: &Bed) {
    bed.add_tenant("closed").await;
    bed.add_user(&user(1)).await;
    bed.add_user(&User { status: UserStatus::Inactive, ..user(2) }).await;
    bed.add_user(&User { tenant_ids: vec![slug("closed")], ..user(3) }).await;
    bed.raw("UPDATE tenants SET status = 'suspended' WHERE id = 'closed'").await.unwrap();
    let of = |n| KeyOwner::User(user_id(n));
    let revoked = KeyState::Revoked { at: at(0), by: "x".to_owned(), reason: "x".to_owned() };
    for key in [
        key(1),
        ApiKey { owner: of(1), ..key(2) },
        ApiKey { owner: of(2), ..key(3) },
        ApiKey { owner: of(3), ..key(4) },
        ApiKey { tenant_id: slug("closed"), ..key(5) },
        ApiKey { state: revoked, ..key(6) },
        ApiKey { expires_at: Some(at(10)), ..key(7) },
    ] {
        bed.add_key(&key).await;
    }
    let works = async |now| {
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let batch = bed.store.scan_keys(after.as_ref(), 3, &Reach::Everywhere, now).await.unwrap();
            let Some(last) = batch.last() else { return seen };
            after = Some(last.key.id);
            seen.extend(batch.iter().map(|scanned| scanned.works));
        }
    };
    assert_eq!(works(at(9)).await, [true, true, false, false, false, false, true]);
    assert_eq!(works(at(10)).await, [true, true, false, false, false, false, false]);
    let last = bed.store.scan_keys(Some(&key_id(6)), 10, &Reach::Everywhere, at(0)).await.unwrap();
    assert_eq!(last.iter().map(|scanned| scanned.key.id).collect::<Vec<_>>(), [key_id(7)]);
}
