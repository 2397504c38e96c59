//! Bringing the tables up to date, and when not to.

use crate::bed::Bed;
use sqlx::migrate::Migrator;
use sqlx::{AnyConnection, AnyPool, Connection};
use std::path::Path;
use store::{Error, Store};
use testdb::Database;

/// The migrations that were run on a database.
async fn migrated(url: &str) -> Vec<i64> {
    let mut connection = AnyConnection::connect(url).await.unwrap();
    let versions = sqlx::query_scalar("SELECT version FROM _sqlx_migrations ORDER BY version");
    let versions = versions.fetch_all(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    versions
}

/// A database with the tables of the version before this one.
async fn older(bed: &Bed) -> Database {
    let database = bed.empty_database();
    let kind = if bed.url().starts_with("sqlite") { "sqlite" } else { "postgres" };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations").join(kind);
    let migrator = Migrator::new(folder).await.unwrap();
    if let Some(path) = database.url().strip_prefix("sqlite://") {
        let file = Path::new(path.split('?').next().unwrap());
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    }
    // In their order, but not without gaps.
    let before = migrator.iter().map(|migration| migration.version).rev().nth(1).unwrap();
    let pool = AnyPool::connect(database.url()).await.unwrap();
    migrator.run_to(before, &pool).await.unwrap();
    pool.close().await;
    assert_eq!(migrated(database.url()).await.last(), Some(&before));
    database
}

/// What serves them may be a program that knows no others.
pub(crate) async fn tables_in_use_are_not_brought_up_to_date(bed: &Bed) {
    // As the program of an earlier version: these are its newest tables, and it serves them.
    let lock = bed.store.lock_node("earlier").await.unwrap();
    let newest = "SELECT MAX(version) FROM _sqlx_migrations";
    bed.raw("DELETE FROM _sqlx_migrations WHERE version = (SELECT MAX(version) FROM _sqlx_migrations)")
        .await
        .unwrap();
    let before = bed.number(newest).await;
    match Store::open(bed.url()).await {
        Err(Error::Outdated { holder }) => assert!(holder.contains("earlier"), "{holder}"),
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("opened"),
    }
    match Store::open_to_serve(bed.url(), "later").await {
        Err(Error::Locked { holder }) => assert!(holder.contains("earlier"), "{holder}"),
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("locked twice"),
    }
    assert_eq!(bed.number(newest).await, before);
    drop(lock);
}

pub(crate) async fn older_tables_are_brought_up_to_date(bed: &Bed) {
    let all = migrated(bed.url()).await;
    // For a command: nobody serves them, and afterwards anybody may, at once.
    let database = older(bed).await;
    let store = Store::open(database.url()).await.unwrap();
    assert_eq!(migrated(database.url()).await, all);
    let held = store.lock_node("next").await.unwrap();
    // Once they are up to date, one opens them beside who serves them.
    Store::open(database.url()).await.unwrap().close().await;
    drop(held);
    store.close().await;

    // To serve them, with the lock that is kept.
    let database = older(bed).await;
    let (store, _lock) = Store::open_to_serve(database.url(), "first").await.unwrap();
    assert_eq!(migrated(database.url()).await, all);
    assert!(matches!(Store::open_to_serve(database.url(), "second").await, Err(Error::Locked { .. })));
    store.close().await;
}
