//! Secrets of keys: rotation, and when each was used last.

use crate::bed::{Bed, at, commit, days, key, key_id, usage};
use model::usage::UsageRow;
use store::{PolicySecret, Rotation};

fn secret(hash: u8, generation: u32) -> PolicySecret {
    PolicySecret { hash: [hash; 32], generation, expires_at: None }
}

pub(crate) async fn rotating_keeps_one_old_secret_for_its_grace(bed: &Bed) {
    bed.add_key(&key(1)).await;
    bed.add_key(&key(2)).await;
    let rotate = async |hash: u8, now, grace| {
        let mut tx = bed.begin().await;
        let done = tx.rotate_secret(&key_id(1), &[hash; 32], now, grace).await.unwrap();
        commit(tx).await;
        done
    };
    let secrets = async || -> Vec<_> {
        let secrets = bed.store.key_secrets(&key_id(1)).await.unwrap();
        secrets.into_iter().map(|secret| (secret.generation, secret.created_at, secret.expires_at)).collect()
    };
    let day = days(1);
    let done = rotate(2, at(10), day).await;
    let end = at(10).after(day);
    assert_eq!(done, Rotation { generation: 2, previous_expires_at: end, keep_from: 1, ended: 0 });
    assert_eq!(secrets().await, [(2, at(10), None), (1, at(0), Some(end))]);

    // A second one within the grace: the first secret ends now, the second gets a grace of its own.
    let done = rotate(3, at(20), day).await;
    let end = at(20).after(day);
    assert_eq!(done, Rotation { generation: 3, previous_expires_at: end, keep_from: 2, ended: 1 });
    assert_eq!(secrets().await, [(3, at(20), None), (2, at(10), Some(end)), (1, at(0), Some(at(20)))]);

    let done = rotate(4, at(30), days(0)).await;
    assert_eq!(done, Rotation { generation: 4, previous_expires_at: at(30), keep_from: 4, ended: 2 });
    let all =
        [(4, at(30), None), (3, at(20), Some(at(30))), (2, at(10), Some(at(30))), (1, at(0), Some(at(20)))];
    assert_eq!(secrets().await, all, "what ended before stays as it was");
    let policy = bed.store.key_policy(&key_id(1)).await.unwrap().unwrap();
    assert_eq!(policy.secrets[0], secret(4, 4));
    assert_eq!(policy.secrets[1], PolicySecret { expires_at: Some(at(30)), ..secret(3, 3) });

    // A month later the first has been forgotten, the others not yet.
    rotate(5, at(25).after(days(30)), day).await;
    let generations: Vec<_> = secrets().await.into_iter().map(|(generation, ..)| generation).collect();
    assert_eq!(generations, [5, 4, 3, 2]);
    assert_eq!(bed.store.key_secrets(&key_id(2)).await.unwrap().len(), 1);
    assert_eq!(bed.store.key_secrets(&key_id(3)).await.unwrap(), []);
}

pub(crate) async fn each_secret_has_its_own_last_use(bed: &Bed) {
    bed.add_key(&key(1)).await;
    bed.add_key(&key(2)).await;
    let mut tx = bed.begin().await;
    tx.rotate_secret(&key_id(1), &[2; 32], at(10), days(1)).await.unwrap();
    commit(tx).await;
    let last_used = async |n| -> Vec<_> {
        let secrets = bed.store.key_secrets(&key_id(n)).await.unwrap();
        secrets.into_iter().map(|secret| secret.last_used_at).collect()
    };
    assert_eq!(last_used(1).await, [None, None]);
    let new = |n, moment| UsageRow { secret_generation: 2, ..usage(n, 1, moment) };
    let rows =
        [usage(1, 1, at(15)), new(2, at(12)), usage(3, 1, at(14)), usage(4, 2, at(13)), usage(5, 9, at(1))];
    bed.store.append_usage(&rows).await.unwrap();
    assert_eq!(last_used(1).await, [Some(at(12)), Some(at(15))]);
    assert_eq!(last_used(2).await, [Some(at(13))]);
    let key = bed.store.key(&key_id(1), at(0)).await.unwrap().unwrap();
    assert_eq!(key.last_used_at, Some(at(15)), "the newest of all");
    bed.store.append_usage(&[new(6, at(11)), usage(7, 1, at(9))]).await.unwrap();
    assert_eq!(last_used(1).await, [Some(at(12)), Some(at(15))], "it only grows");
}
