//! Requests that must not be done twice.

use crate::bed::{Bed, at, commit, days};
use store::{Error, IdempotentRequest, Remembered};
use tokio::task::JoinSet;

fn request(key: &str) -> IdempotentRequest {
    IdempotentRequest { actor_id: "master_key".to_owned(), key: key.to_owned(), request_hash: [1; 32] }
}

fn made(object_id: &str) -> Remembered {
    Remembered::Acted { action: "key.create".to_owned(), object_id: object_id.to_owned() }
}

async fn remember(bed: &Bed, request: &IdempotentRequest, object_id: &str) {
    let mut tx = bed.begin().await;
    tx.remember(request, "key.create", object_id, at(0)).await.unwrap();
    commit(tx).await;
}

pub(crate) async fn a_replay_finds_what_was_done(bed: &Bed) {
    let first = request("a");
    assert_eq!(bed.store.already_done(&first, at(0)).await.unwrap(), None);
    remember(bed, &first, "one").await;
    assert_eq!(bed.store.already_done(&first, at(1)).await.unwrap(), Some(made("one")));
    // Another key and another actor are other requests; another question under the same key is a mistake.
    assert_eq!(bed.store.already_done(&request("A"), at(1)).await.unwrap(), None);
    let stranger = IdempotentRequest { actor_id: "somebody".to_owned(), ..request("a") };
    assert_eq!(bed.store.already_done(&stranger, at(1)).await.unwrap(), None);
    remember(bed, &stranger, "two").await;
    let other = IdempotentRequest { request_hash: [2; 32], ..request("a") };
    let found = bed.store.already_done(&other, at(1)).await;
    assert!(matches!(found, Err(Error::Conflict { what: "request" })), "{found:?}");
    let mut tx = bed.begin().await;
    let again = tx.remember(&first, "key.create", "three", at(1)).await;
    assert!(matches!(again, Err(Error::Conflict { what: "idempotency_key" })), "{again:?}");
}

pub(crate) async fn an_answer_is_kept_beside_what_was_done(bed: &Bed) {
    let answered = |text: &str| Some(Remembered::Answered(text.to_owned()));
    remember(bed, &request("a"), "one").await;
    bed.store.keep_answer(&request("a"), "{\"a\": \"ä\"}", at(1)).await.unwrap();
    assert_eq!(bed.store.already_done(&request("a"), at(1)).await.unwrap(), answered("{\"a\": \"ä\"}"));
    // There was nothing to do, and so nothing to remember in a transaction.
    bed.store.keep_answer(&request("b"), "{}", at(1)).await.unwrap();
    assert_eq!(bed.store.already_done(&request("b"), at(1)).await.unwrap(), answered("{}"));
    // Another request has the key: its answer stays.
    let other = IdempotentRequest { request_hash: [2; 32], ..request("b") };
    bed.store.keep_answer(&other, "other", at(1)).await.unwrap();
    assert_eq!(bed.store.already_done(&request("b"), at(1)).await.unwrap(), answered("{}"));
    let tomorrow = at(1).after(days(1));
    bed.store.keep_answer(&other, "other", tomorrow).await.unwrap();
    assert_eq!(bed.store.already_done(&other, tomorrow).await.unwrap(), answered("other"));
}

pub(crate) async fn a_request_is_remembered_for_a_day(bed: &Bed) {
    remember(bed, &request("a"), "one").await;
    let tomorrow = at(0).after(days(1));
    assert_eq!(bed.store.already_done(&request("a"), tomorrow).await.unwrap(), None);
    // Swept or not, the key is free again.
    let mut tx = bed.begin().await;
    let other = IdempotentRequest { request_hash: [2; 32], ..request("a") };
    tx.remember(&other, "key.create", "two", tomorrow).await.unwrap();
    tx.remember(&request("b"), "key.create", "three", at(1)).await.unwrap();
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
            let won = tx.remember(&request("a"), "key.create", &n.to_string(), at(0)).await.is_ok();
            if won {
                commit(tx).await;
            }
            won
        });
    }
    assert_eq!(tasks.join_all().await.into_iter().filter(|won| *won).count(), 1);
}
