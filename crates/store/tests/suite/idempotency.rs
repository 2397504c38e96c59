//! Requests that must not be done twice.

use crate::bed::{Bed, at, commit, days};
use store::{Error, IdempotentRequest};
use tokio::task::JoinSet;

fn request(key: &str) -> IdempotentRequest {
    IdempotentRequest {
        actor_id: "master_key".to_owned(),
        key: key.to_owned(),
        action: "key.create",
        request_hash: [1; 32],
    }
}

async fn remember(bed: &Bed, request: &IdempotentRequest, object_id: &str) {
    let mut tx = bed.begin().await;
    tx.remember(request, object_id, at(0)).await.unwrap();
    commit(tx).await;
}

pub(crate) async fn a_replay_finds_what_was_made(bed: &Bed) {
    let first = request("a");
    assert_eq!(bed.store.already_done(&first, at(0)).await.unwrap(), None);
    remember(bed, &first, "one").await;
    assert_eq!(bed.store.already_done(&first, at(1)).await.unwrap().as_deref(), Some("one"));
    // Another key and another actor are other requests; another action or question under the same key is a mistake.
    assert_eq!(bed.store.already_done(&request("A"), at(1)).await.unwrap(), None);
    let stranger = IdempotentRequest { actor_id: "somebody".to_owned(), ..request("a") };
    assert_eq!(bed.store.already_done(&stranger, at(1)).await.unwrap(), None);
    remember(bed, &stranger, "two").await;
    for other in [
        IdempotentRequest { action: "key.rotate", ..request("a") },
        IdempotentRequest { request_hash: [2; 32], ..request("a") },
    ] {
        let found = bed.store.already_done(&other, at(1)).await;
        assert!(matches!(found, Err(Error::Conflict { what: "request" })), "{found:?}");
    }
    let mut tx = bed.begin().await;
    let again = tx.remember(&first, "three", at(1)).await;
    assert!(matches!(again, Err(Error::Conflict { what: "idempotency_key" })), "{again:?}");
}

pub(crate) async fn a_request_is_remembered_for_a_day(bed: &Bed) {
    remember(bed, &request("a"), "one").await;
    let tomorrow = at(0).after(days(1));
    assert_eq!(bed.store.already_done(&request("a"), tomorrow).await.unwrap(), None);
    // Swept or not, the key is free again.
    let mut tx = bed.begin().await;
    tx.remember(&IdempotentRequest { request_hash: [2; 32], ..request("a") }, "two", tomorrow).await.unwrap();
    tx.remember(&request("b"), "three", at(1)).await.unwrap();
    commit(tx).await;
    assert_eq!(bed.store.sweep_idempotency_keys(tomorrow).await.unwrap(), 0);
    assert_eq!(bed.store.sweep_idempotency_keys(at(1).after(days(1))).await.unwrap(), 1);
    assert_eq!(bed.number("SELECT COUNT(*) FROM idempotency_keys").await, 1);
}

pub(crate) async fn twenty_times_the_same_request_at_once(bed: &Bed) {
    let mut tasks = JoinSet::new();
    for n in 0..20 {
        let store = bed.store.clone();
        tasks.spawn(async move {
            let mut tx = store.begin().await.unwrap();
            let won = tx.remember(&request("a"), &n.to_string(), at(0)).await.is_ok();
            if won {
                commit(tx).await;
            }
            won
        });
    }
    assert_eq!(tasks.join_all().await.into_iter().filter(|won| *won).count(), 1);
}
