//! Sessions, lock-out buckets, one-time links.

use crate::bed::{Bed, at, commit, days, user, user_id};
use model::UserId;
use store::{Error, Link, LinkPurpose, LoginBucket, SessionRow};
use tokio::task::JoinSet;

fn session(n: u8, user_id: Option<UserId>) -> SessionRow {
    SessionRow {
        id_hash: [n; 32],
        user_id,
        identity_provider_id: None,
        provider_sid: None,
        data: "{}".to_owned(),
        created_at: at(0),
        last_seen_at: at(0),
        expires_at: at(100),
    }
}

pub(crate) async fn sessions(bed: &Bed) {
    let store = &bed.store;
    bed.add_user(&user(1)).await;
    assert_eq!(store.session(&[1; 32]).await.unwrap(), None);
    assert!(store.create_session(&session(1, None)).await.unwrap());
    assert!(!store.create_session(&session(1, Some(user_id(1)))).await.unwrap(), "the id is taken");
    assert_eq!(store.session(&[1; 32]).await.unwrap(), Some(session(1, None)));

    let signed_in = SessionRow {
        identity_provider_id: None,
        provider_sid: Some("sid".to_owned()),
        data: r#"{"user_id":"…"}"#.to_owned(),
        last_seen_at: at(50),
        expires_at: at(150),
        ..session(1, Some(user_id(1)))
    };
    store.save_session(&SessionRow { created_at: at(50), ..signed_in.clone() }).await.unwrap();
    assert_eq!(store.session(&[1; 32]).await.unwrap(), Some(signed_in), "it began when it began");
    assert!(!store.save_session(&session(2, None)).await.unwrap(), "a session that has ended stays ended");
    assert_eq!(store.session(&[2; 32]).await.unwrap(), None);
    store.touch_session(&[1; 32], at(60)).await.unwrap();
    assert_eq!(store.session(&[1; 32]).await.unwrap().unwrap().last_seen_at, at(60));
    assert!(store.create_session(&session(2, None)).await.unwrap());
    let unknown = store.create_session(&session(3, Some(user_id(9)))).await;
    assert!(matches!(unknown, Err(Error::Conflict { what: "reference" })), "{unknown:?}");

    assert_eq!(store.sweep_sessions(at(99)).await.unwrap(), 0);
    assert_eq!(store.sweep_sessions(at(100)).await.unwrap(), 1);
    assert_eq!(store.session(&[2; 32]).await.unwrap(), None);
    store.delete_session(&[1; 32]).await.unwrap();
    store.delete_session(&[1; 32]).await.unwrap();
    assert_eq!(store.session(&[1; 32]).await.unwrap(), None);
}

pub(crate) async fn sessions_of_a_user(bed: &Bed) {
    let store = &bed.store;
    bed.add_user(&user(1)).await;
    bed.add_user(&user(2)).await;
    for (n, owner) in [(1, 1), (2, 1), (3, 1), (4, 2)] {
        assert!(store.create_session(&session(n, Some(user_id(owner)))).await.unwrap());
    }
    let ids = |rows: Vec<SessionRow>| rows.into_iter().map(|row| row.id_hash[0]).collect::<Vec<_>>();
    store.touch_session(&[3; 32], at(9)).await.unwrap();
    let listed = ids(store.sessions_of(&user_id(1), at(10), at(0).before(days(1))).await.unwrap());
    assert_eq!((listed.len(), listed[0]), (3, 3), "the last seen first");
    assert_eq!(ids(store.sessions_of(&user_id(1), at(10), at(5)).await.unwrap()), [3], "others rest");
    assert_eq!(ids(store.sessions_of(&user_id(1), at(100), at(5)).await.unwrap()), [] as [u8; 0]);
    let mut tx = bed.begin().await;
    assert!(!tx.delete_session_of(&user_id(1), &[4; 32]).await.unwrap(), "somebody else's");
    assert!(tx.delete_session_of(&user_id(2), &[4; 32]).await.unwrap());
    drop(tx);
    let mut tx = bed.begin().await;
    assert_eq!(tx.delete_sessions_of(&user_id(1), Some(&[2; 32])).await.unwrap(), 2);
    commit(tx).await;
    assert!(store.session(&[2; 32]).await.unwrap().is_some());
    let mut tx = bed.begin().await;
    assert_eq!(tx.delete_sessions_of(&user_id(1), None).await.unwrap(), 1);
    commit(tx).await;
    assert!(store.session(&[2; 32]).await.unwrap().is_none());
    assert!(store.session(&[4; 32]).await.unwrap().is_some());
}

pub(crate) async fn login_buckets(bed: &Bed) {
    let store = &bed.store;
    assert_eq!(store.login_bucket("dev@example.com").await.unwrap(), None);
    let first = store.add_login_failure("dev@example.com", at(1)).await.unwrap();
    assert_eq!(first, LoginBucket { failures: 1, last_failure_at: at(1), locked_until: None });
    let locked = LoginBucket { failures: 5, last_failure_at: at(2), locked_until: Some(at(60)) };
    store.save_login_bucket("dev@example.com", &locked).await.unwrap();
    assert_eq!(store.login_bucket("dev@example.com").await.unwrap(), Some(locked));
    let next = store.add_login_failure("dev@example.com", at(3)).await.unwrap();
    assert_eq!(next, LoginBucket { failures: 6, last_failure_at: at(3), ..locked });
    assert_eq!(store.login_bucket("192.0.2.0/24").await.unwrap(), None);
    store.clear_login_bucket("dev@example.com").await.unwrap();
    assert_eq!(store.login_bucket("dev@example.com").await.unwrap(), None);
}

pub(crate) async fn failures_at_once_are_all_counted(bed: &Bed) {
    let mut guesses = JoinSet::new();
    for n in 0..20 {
        let store = bed.store.clone();
        guesses.spawn(async move { store.add_login_failure("dev", at(n)).await.unwrap().failures });
    }
    let mut counts = guesses.join_all().await;
    counts.sort_unstable();
    assert_eq!(counts, (1..=20).collect::<Vec<_>>());
}

fn link() -> Link {
    Link {
        purpose: LinkPurpose::Setup,
        user_id: None,
        created_by: None,
        management_key_id: None,
        expires_at: at(100),
    }
}

pub(crate) async fn a_link_works_once(bed: &Bed) {
    let store = &bed.store;
    bed.add_user(&user(1)).await;
    let mut tx = bed.begin().await;
    let link = link();
    tx.insert_link(&[1; 32], &link).await.unwrap();
    let of_user = Link { user_id: Some(user_id(1)), created_by: Some(user_id(1)), ..link.clone() };
    tx.insert_link(&[2; 32], &of_user).await.unwrap();
    let invite = Link { purpose: LinkPurpose::Invite, ..of_user };
    tx.insert_link(&[4; 32], &invite).await.unwrap();
    tx.insert_link(&[5; 32], &Link { purpose: LinkPurpose::Reset, ..invite.clone() }).await.unwrap();
    commit(tx).await;
    assert_eq!(store.link(&[4; 32], at(1)).await.unwrap(), Some(invite));
    assert_eq!(store.count_open_links(&user_id(1), at(1)).await.unwrap(), 3);
    assert_eq!(store.count_open_links(&user_id(1), at(100)).await.unwrap(), 0);
    assert_eq!(store.link(&[1; 32], at(99)).await.unwrap(), Some(link.clone()));
    assert_eq!(store.link(&[1; 32], at(100)).await.unwrap(), None, "past its end");
    assert_eq!(store.link(&[3; 32], at(0)).await.unwrap(), None);

    let mut tx = bed.begin().await;
    assert_eq!(tx.consume_link(&[1; 32], LinkPurpose::Setup, at(100)).await.unwrap(), None);
    assert_eq!(tx.consume_link(&[3; 32], LinkPurpose::Setup, at(0)).await.unwrap(), None);
    assert_eq!(tx.consume_link(&[1; 32], LinkPurpose::Setup, at(1)).await.unwrap(), Some(link.clone()));
    assert_eq!(tx.consume_link(&[1; 32], LinkPurpose::Setup, at(1)).await.unwrap(), None);
    drop(tx);
    // What it was used for didn't happen, so it wasn't used.
    let mut tx = bed.begin().await;
    assert_eq!(tx.consume_link(&[1; 32], LinkPurpose::Setup, at(1)).await.unwrap(), Some(link));
    commit(tx).await;
    assert_eq!(store.link(&[1; 32], at(1)).await.unwrap(), None, "used");
    let other = store.link(&[2; 32], at(1)).await.unwrap().unwrap();
    assert_eq!(other.user_id, Some(user_id(1)));

    let mut tx = bed.begin().await;
    assert_eq!(tx.delete_links_of(&user_id(1)).await.unwrap(), 3);
    assert_eq!(tx.delete_links(LinkPurpose::Setup).await.unwrap(), 1);
    commit(tx).await;
    assert_eq!(store.link(&[2; 32], at(1)).await.unwrap(), None);
}

pub(crate) async fn twenty_at_one_link(bed: &Bed) {
    let mut tx = bed.begin().await;
    tx.insert_link(&[1; 32], &link()).await.unwrap();
    commit(tx).await;
    let mut tasks = JoinSet::new();
    for n in 0..20 {
        let store = bed.store.clone();
        tasks.spawn(async move {
            let mut tx = store.begin().await.unwrap();
            let got = tx.consume_link(&[1; 32], LinkPurpose::Setup, at(n)).await.unwrap().is_some();
            if got {
                commit(tx).await;
            }
            got
        });
    }
    assert_eq!(tasks.join_all().await.into_iter().filter(|got| *got).count(), 1);
}
