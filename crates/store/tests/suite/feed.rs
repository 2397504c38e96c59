//! The change feed and the nodes that follow it.

use crate::bed::{Bed, at, audit, key_id, slug, user_id};
use model::change::{Change, Epoch, FeedEntry};
use std::time::Duration;
use store::{Error, NodeRow, Store};
use tokio::task::JoinSet;

pub(crate) async fn epochs_are_gap_free_and_in_order(bed: &Bed) {
    // One who follows, as a node does: whatever it has seen, nothing may turn up behind it.
    let follower = {
        let store = bed.store.clone();
        async move {
            let mut seen = Vec::<FeedEntry>::new();
            while seen.len() < 90 {
                let after = seen.last().map_or(Epoch(0), |entry| entry.epoch);
                seen.extend(store.changes_after(after, 7).await.unwrap());
                tokio::task::yield_now().await;
            }
            seen
        }
    };
    let mut writers = JoinSet::new();
    for n in 0..30u32 {
        let store = bed.store.clone();
        writers.spawn(async move {
            let tx = store.begin().await.unwrap();
            // Each its own number of changes, 0 to 6.
            let changes = vec![Change::Key { id: key_id(n) }; n as usize % 7];
            let epoch = tx.commit(&audit("key.update"), &changes).await.unwrap();
            (epoch, changes.len())
        });
    }
    let (committed, first) = tokio::join!(writers.join_all(), async {
        // 30 writers make 85 changes; five more make it ninety.
        let tx = bed.begin().await;
        tx.commit(&audit("x"), &vec![Change::Catalog; 5]).await.unwrap()
    });
    let seen = tokio::time::timeout(Duration::from_secs(30), follower).await.unwrap();
    let total: usize = committed.iter().map(|(_, count)| count).sum::<usize>() + 5;
    assert_eq!(total, 90);
    assert!(first.0 <= 90);
    let epochs: Vec<i64> = seen.iter().map(|entry| entry.epoch.0).collect();
    assert_eq!(epochs, (1..=90).collect::<Vec<_>>());
    assert_eq!(bed.store.epoch().await.unwrap(), Epoch(90));
    // What a commit answers is the position of its last change.
    for (epoch, count) in committed.iter().filter(|(_, count)| *count > 0) {
        let own = bed.store.changes_after(Epoch(epoch.0 - 1), 1).await.unwrap();
        assert_eq!(own[0].epoch, *epoch);
        assert!(
            *count == 1
                || bed.store.changes_after(Epoch(epoch.0 - 2), 1).await.unwrap()[0].change == own[0].change
        );
    }
    assert_eq!(bed.number("SELECT MAX(seq) FROM audit_log").await, 31);
    assert_eq!(bed.number("SELECT COUNT(*) FROM audit_log").await, 31);
}

pub(crate) async fn changes_come_in_order(bed: &Bed) {
    assert_eq!(bed.store.epoch().await.unwrap(), Epoch(0));
    assert_eq!(bed.store.changes_after(Epoch(0), 10).await.unwrap(), []);
    let changes = [
        Change::Key { id: key_id(1) },
        Change::KeyRevoked { id: key_id(1) },
        Change::User { id: user_id(1), inactive: true },
        Change::Tenant { id: slug("default"), suspended: false },
        Change::Catalog,
    ];
    assert_eq!(bed.begin().await.commit(&audit("a"), &changes).await.unwrap(), Epoch(5));
    assert_eq!(bed.begin().await.commit(&audit("b"), &[]).await.unwrap(), Epoch(5), "nothing to follow");
    let entries = bed.store.changes_after(Epoch(1), 3).await.unwrap();
    let expected: Vec<_> = (2..=4)
        .zip(&changes[1..4])
        .map(|(epoch, change)| FeedEntry { epoch: Epoch(epoch), change: change.clone() })
        .collect();
    assert_eq!(entries, expected);
    assert_eq!(bed.store.changes_after(Epoch(5), 10).await.unwrap(), []);
    // More than fit one statement.
    let many: Vec<_> = (0..1_234).map(|n| Change::KeyRevoked { id: key_id(n) }).collect();
    assert_eq!(bed.begin().await.commit(&audit("c"), &many).await.unwrap(), Epoch(1_239));
    let entries = bed.store.changes_after(Epoch(5), 2_000).await.unwrap();
    assert_eq!(entries.into_iter().map(|entry| entry.change).collect::<Vec<_>>(), many);
}

pub(crate) async fn nodes(bed: &Bed) {
    let store = &bed.store;
    assert_eq!(store.nodes().await.unwrap(), []);
    store.heartbeat("b", Epoch(1), at(1)).await.unwrap();
    store.heartbeat("a", Epoch(2), at(2)).await.unwrap();
    store.heartbeat("b", Epoch(3), at(3)).await.unwrap();
    let node = |id: &str, epoch, seen| NodeRow { id: id.to_owned(), epoch: Epoch(epoch), seen_at: at(seen) };
    assert_eq!(store.nodes().await.unwrap(), [node("a", 2, 2), node("b", 3, 3)]);
    store.remove_node("a").await.unwrap();
    assert_eq!(store.nodes().await.unwrap(), [node("b", 3, 3)]);
}

pub(crate) async fn one_node_at_a_time(bed: &Bed) {
    let mut held = bed.store.lock_node("first").await.unwrap();
    let other = Store::open(bed.url()).await.unwrap();
    match other.lock_node("second").await {
        Err(Error::Locked { holder }) => {
            assert!(holder.contains("first"), "{holder}");
            assert!(holder.contains(&std::process::id().to_string()), "{holder}");
        }
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("locked twice"),
    }
    held.confirm().await.unwrap();
    drop(held);
    // PostgreSQL notices the closed connection a moment later.
    for _ in 0..200 {
        match other.lock_node("second").await {
            Ok(_) => return other.close().await,
            Err(Error::Locked { .. }) => tokio::time::sleep(Duration::from_millis(25)).await,
            Err(error) => panic!("{error}"),
        }
    }
    panic!("still locked");
}
