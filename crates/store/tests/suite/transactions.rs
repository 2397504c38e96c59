//! What a transaction promises.

use crate::bed::{Bed, at, audit, commit, key, slug, tenant, user, user_id};
use model::change::{Change, Epoch};
use model::user::User;
use store::LoginBucket;

const EVERYTHING: &str = "SELECT (SELECT COUNT(*) FROM users) + (SELECT COUNT(*) FROM api_keys)
    + (SELECT COUNT(*) FROM key_secrets) + (SELECT COUNT(*) FROM memberships) + (SELECT COUNT(*) FROM changes)
    + (SELECT COUNT(*) FROM audit_log) + (SELECT COUNT(*) FROM tenant_slugs) - 1
    + (SELECT CAST(SUM(value) AS BIGINT) FROM counters) - 1 + (SELECT epoch + audit_seq FROM feed)";

pub(crate) async fn a_dropped_one_leaves_nothing(bed: &Bed) {
    let mut tx = bed.begin().await;
    tx.insert_user(&user(1), None).await.unwrap();
    tx.insert_key(&key(1), &[7; 32]).await.unwrap();
    tx.insert_tenant(&tenant("team-alpha")).await.unwrap();
    drop(tx);
    // The writer is free again, and finds nothing.
    let mut tx = bed.begin().await;
    tx.insert_tenant(&tenant("team-alpha")).await.unwrap();
    drop(tx);
    drop(bed.begin().await);
    assert_eq!(bed.number(EVERYTHING).await, 0);
    assert_eq!(bed.store.user(&user_id(1)).await.unwrap(), None);
    assert_eq!(bed.store.tenant(&slug("team-alpha")).await.unwrap(), None);
}

pub(crate) async fn audit_rows_stay_as_they_are(bed: &Bed) {
    let tx = bed.begin().await;
    commit(tx).await;
    let statements = [
        "UPDATE audit_log SET actor = 'somebody else'",
        "UPDATE audit_log SET at = 0 WHERE seq = 1",
        "DELETE FROM audit_log",
        "TRUNCATE audit_log",
        "SET session_replication_role = replica; DELETE FROM audit_log",
        "SET session_replication_role = replica; TRUNCATE audit_log",
        "INSERT INTO audit_log SELECT seq, 0, 'x', 'x', 'x', 'x', 'x', 'x', NULL, 'success', NULL, '', NULL FROM audit_log",
        "INSERT OR REPLACE INTO audit_log
         SELECT seq, 0, 'x', 'x', 'x', 'x', 'x', 'x', NULL, 'success', NULL, '', NULL FROM audit_log",
    ];
    for statement in statements {
        assert!(bed.raw(statement).await.is_err(), "{statement}");
    }
    let replica = bed.raw("SET session_replication_role = replica; SELECT 1").await;
    assert_eq!(replica.is_ok(), bed.url().starts_with("postgres"), "it is the trigger that refused");
    let untouched =
        "SELECT COUNT(*) FROM audit_log WHERE seq = 1 AND actor = 'cli' AND action = 'test.change'
        AND target_type = 'test' AND target_id = '1' AND target_name = 'one' AND tenant_id = 'default'
        AND result = 'success' AND ip = '192.0.2.1' AND detail = '{}' AND at > 0";
    assert_eq!(bed.number(untouched).await, 1);
}

pub(crate) async fn without_an_audit_row_nothing_happens(bed: &Bed) {
    let mut tx = bed.begin().await;
    tx.insert_user(&user(1), None).await.unwrap();
    tx.insert_key(&key(1), &[7; 32]).await.unwrap();
    // No action: the table refuses the row.
    let committed = tx.commit(&audit(""), &[Change::Catalog]).await;
    assert!(committed.is_err());
    assert_eq!(bed.number(EVERYTHING).await, 0);
    assert_eq!(bed.store.epoch().await.unwrap(), Epoch(0));
    // And the next one goes through as the first.
    bed.add_user(&user(1)).await;
    assert_eq!(bed.number("SELECT seq FROM audit_log").await, 1);
}

pub(crate) async fn text_that_postgres_refuses(bed: &Bed) {
    let hostile = "a\0b@example.com";
    assert_eq!(bed.store.user_by_email(hostile).await.unwrap(), None);
    assert!(bed.store.credentials(hostile).await.unwrap().is_none());
    assert_eq!(bed.store.login_bucket(hostile).await.unwrap(), None);
    let bucket = LoginBucket { failures: 1, last_failure_at: at(0), locked_until: None };
    bed.store.save_login_bucket(hostile, &bucket).await.unwrap();
    assert_eq!(bed.store.login_bucket(hostile).await.unwrap(), Some(bucket));
    bed.store.clear_login_bucket(hostile).await.unwrap();
    let mut tx = bed.begin().await;
    tx.insert_user(&User { name: hostile.to_owned(), ..user(1) }, None).await.unwrap();
    let mut entry = audit("user.sign_in");
    entry.target_name = hostile.to_owned();
    entry.actor = hostile.to_owned();
    tx.commit(&entry, &[]).await.unwrap();
    assert_eq!(bed.store.user(&user_id(1)).await.unwrap().unwrap().name, "a\u{FFFD}b@example.com");
}
