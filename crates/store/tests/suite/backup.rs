//! Backups: what goes in comes out, in either database; what isn't whole doesn't come out at all.

use crate::bed::{Bed, at, audit, commit, key, key_id, usage, user};
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use model::key::{ApiKey, KeyFilter, KeySort};
use model::role::Reach;
use model::user::{UserFilter, UserSort};
use model::{PageRequest, Total};
use sha2::{Digest, Sha256};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AssertSqlSafe, Column, Connection, Row};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use store::backup::{BackupReader, Error, LEFT_OUT, Label, Progress, Restored};
use store::{KnownKey, SeedPlan, Store};
use testdb::Database;

/// Left out, but made anew by triggers.
const MADE_ANEW: &str = "key_tags";

fn label() -> Label {
    Label { version: "9.8.7".to_owned(), taken_at: at(5), sealing: None }
}

async fn back_up(store: &Store) -> Vec<u8> {
    store.back_up(label(), Vec::new(), &mut |_| {}).await.unwrap()
}

/// Restores into a database that isn't there yet, or has tables and nothing else.
async fn restore(backup: &[u8], url: &str) -> Result<Restored, Error> {
    let reader = BackupReader::open(backup)?;
    let (store, lock) = Store::open_for_restore(url, reader.manifest()).await?;
    let restored = store.restore(reader, &audit("backup.restore"), &mut |_| {}).await;
    store.close().await;
    drop(lock);
    restored
}

/// All tables, as the database lists them.
async fn tables(url: &str) -> BTreeSet<String> {
    let list = if url.starts_with("sqlite") {
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name NOT LIKE '%trigrams_%'"
    } else {
        "SELECT CAST(tablename AS TEXT) AS name FROM pg_tables WHERE schemaname = 'public'"
    };
    let mut connection = AnyConnection::connect(url).await.unwrap();
    let rows = sqlx::query(list).fetch_all(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    rows.iter().map(|row| row.get("name")).collect()
}

fn is_left_out(table: &str) -> bool {
    LEFT_OUT.iter().any(|(name, _)| *name == table)
}

/// A row's values by their columns. Where SQLite has the row in its search index is its own affair.
fn values(row: &AnyRow) -> BTreeMap<String, String> {
    let columns = row.columns().iter().filter(|column| column.name() != "search_id");
    let value = |name: &str| {
        if let Ok(number) = row.try_get::<Option<i64>, _>(name) {
            return format!("{number:?}");
        }
        if let Ok(text) = row.try_get::<Option<&str>, _>(name) {
            return format!("{text:?}");
        }
        format!("{:?}", row.get::<Option<&[u8]>, _>(name))
    };
    columns.map(|column| (column.name().to_owned(), value(column.name()))).collect()
}

type Content = BTreeMap<String, BTreeSet<BTreeMap<String, String>>>;

/// Every row of every table that is to come back, read past the store.
async fn content(url: &str) -> Content {
    let mut content = Content::new();
    let mut connection = AnyConnection::connect(url).await.unwrap();
    for table in tables(url).await.into_iter().filter(|table| table == MADE_ANEW || !is_left_out(table)) {
        let all = format!("SELECT * FROM {table}");
        let rows = sqlx::query(AssertSqlSafe(all)).fetch_all(&mut connection).await.unwrap();
        content.insert(table, rows.iter().map(values).collect());
    }
    connection.close().await.unwrap();
    content
}

/// Some of everything: each table holds a row.
async fn fill(bed: &Bed) {
    let plan =
        SeedPlan { users: 40, keys: 120, tenants: 3, days: 2, requests_per_day: 30, seed: 1, now: at(0) };
    let known = [KnownKey { id: key_id(1), secret_hash: [7; 32] }];
    bed.store.seed(&plan, &known, None, &mut |_| {}).await.unwrap();
    bed.add_user(&user(1)).await;
    let odd = "\"quotes\"\n[\\u0000] \u{1F511} Ünïcödé\t";
    let tags = [("team".to_owned(), "a=b".to_owned())];
    bed.add_key(&ApiKey { name: odd.to_owned(), tags: tags.into(), ..key(2) }).await;
    let blob = |digits: &str| {
        if bed.url().starts_with("sqlite") {
            format!("x'{digits}'")
        } else {
            format!("decode('{digits}', 'hex')")
        }
    };
    let hash = blob(&"a1".repeat(32));
    let user = crate::bed::user_id(1);
    for sql in [
        format!(
            "INSERT INTO providers (name, kind, base_url, sandbox, allow_private_addresses, options, sealed_credential,
                                    from_configuration)
             VALUES ('p', 'openai', 'https://x', 1, 0, '{{}}', {}, 0), ('q', 'openai', 'https://x', 0, 1, '{{}}', NULL, 1)",
            blob("00ff80")
        ),
        "INSERT INTO models (name, targets, prices, from_configuration) VALUES ('m', '[]', '{}', 0)".to_owned(),
        "INSERT INTO changes (epoch, change, at) VALUES (1, '{}', 9223372036854775807)".to_owned(),
        "UPDATE feed SET epoch = 1".to_owned(),
        "INSERT INTO access_rules (id, scope_type, scope_value, denied_models, rate_limits, created_at, created_by)
         VALUES ('r', 'user_path', '/a', '[]', '{}', 1, 'cli')"
            .to_owned(),
        format!("INSERT INTO idempotency_keys VALUES ('a', 'k', 'key.create', {hash}, 'o', 1, '{{}}')"),
        "INSERT INTO roles VALUES ('viewer', 'Viewer', '', '[]', 1, 'cli')".to_owned(),
        format!("INSERT INTO role_assignments VALUES ('{user}', 'default', 'viewer', 1)"),
        format!(
            "INSERT INTO management_keys (id, name, hash, permissions, created_by, created_at)
             VALUES ('mk_000000000000', 'm', {hash}, '[]', 'cli', 1)"
        ),
        format!(
            "INSERT INTO second_factors (user_id, sealed_secret, enrolled_at, last_step) VALUES ('{user}', {hash}, 1, 2)"
        ),
        format!("INSERT INTO recovery_codes (user_id, hash) VALUES ('{user}', {hash})"),
        format!(
            "INSERT INTO identity_providers VALUES ('idp_0000000000000000', 'okta', 'Okta', 'okta', 'https://x', 'c', {hash}, '[]',
                                                    '[]', 'never', 'id_token', 0, 1, 1)"
        ),
        format!(
            "INSERT INTO identities VALUES ('idn_0000000000000000', '{user}', 'idp_0000000000000000', 'https://x', 's',
                                            NULL, '{{}}', 1, NULL)"
        ),
        format!(
            "INSERT INTO sign_in_attempts VALUES ({hash}, {hash}, {hash}, {hash}, 'idp_0000000000000000', 'sign_in', NULL, NULL,
                                                  NULL, 1, 2)"
        ),
        format!("INSERT INTO used_logout_tokens VALUES ({hash}, 1)"),
        "INSERT INTO settings VALUES ('password_sign_in', 'off')".to_owned(),
        "INSERT INTO role_mapping VALUES (1, '{\"rules\":[]}', 1, 'cli')".to_owned(),
        format!("INSERT INTO mapped_accounts VALUES ('{user}', 'okta', '{{}}', '{{}}', 1)"),
        format!(
            "INSERT INTO scim_clients (id, name, hash, adopt_existing, created_by, created_at)
             VALUES ('scim_000000000000', 's', {hash}, 1, 'cli', 1)"
        ),
        format!(
            "INSERT INTO scim_users (user_id, client_id, user_name_folded, attributes, version, created_at, updated_at)
             VALUES ('{user}', 'scim_000000000000', 'u', '{{}}', 1, 1, 1)"
        ),
        "INSERT INTO scim_groups (id, client_id, display_name, display_name_folded, version, created_at, updated_at)
         VALUES ('g', 'scim_000000000000', 'G', 'g', 1, 1, 1)"
            .to_owned(),
        format!("INSERT INTO scim_group_members VALUES ('g', '{user}')"),
        "INSERT INTO provisioning_log (id, at, client_id, operation, resource, resource_id, resource_name, result,
                                       status, detail)
         VALUES ('p', 1, 'scim_000000000000', 'create', 'user', '', '', 'success', 201, '')"
            .to_owned(),
        "INSERT INTO nodes (id, epoch, seen_at) VALUES ('n', 1, 1)".to_owned(),
        "INSERT INTO login_buckets (bucket, failures, last_failure_at) VALUES ('b', 1, 1)".to_owned(),
        format!("INSERT INTO links (token_hash, purpose, expires_at) VALUES ({hash}, 'setup', 1)"),
        format!(
            "INSERT INTO sessions (id_hash, user_id, data, created_at, last_seen_at, expires_at)
             VALUES ({hash}, '{user}', '{{}}', 1, 1, 1)"
        ),
    ] {
        bed.raw(&sql).await.unwrap();
    }
    for (table, rows) in content(bed.url()).await {
        assert!(!rows.is_empty(), "put a row into {table}, so that it is seen whether it comes back");
    }
}

/// What `before` is after a restore: the log tells of it.
fn assert_same(mut after: Content, mut before: Content) {
    for content in [&mut after, &mut before] {
        assert_eq!(content.remove("feed").unwrap().len(), 1);
    }
    let log = before.remove("audit_log").unwrap();
    let longer = after.remove("audit_log").unwrap();
    assert!(longer.is_superset(&log));
    let added: Vec<_> = longer.difference(&log).collect();
    assert!(added.len() == 1 && added[0]["action"].contains("backup.restore"), "{added:?}");
    for (table, rows) in before {
        assert_eq!(after.remove(&table).unwrap(), rows, "{table}");
    }
    assert!(after.is_empty(), "{after:?}");
}

async fn assert_restores(backup: &[u8], before: &Content, target: &Database) {
    let restored = restore(backup, target.url()).await.unwrap();
    assert!(restored.corrected.is_empty(), "{:?}", restored.corrected);
    assert_same(content(target.url()).await, before.clone());
    for table in ["links", "login_buckets", "nodes", "sessions"] {
        let mut connection = AnyConnection::connect(target.url()).await.unwrap();
        let count = format!("SELECT COUNT(*) FROM {table}");
        let rows: i64 = sqlx::query_scalar(AssertSqlSafe(count)).fetch_one(&mut connection).await.unwrap();
        assert_eq!(rows, 0, "{table}");
        connection.close().await.unwrap();
    }
    let store = Store::open(target.url()).await.unwrap();
    let policy = store.key_policy(&key_id(1)).await.unwrap().unwrap();
    assert_eq!(policy.secrets[0].hash, [7; 32], "the same secret works");
    let verified = store.verify_audit(None, u64::MAX).await.unwrap();
    assert!(verified.intact(), "{verified:?}");
    // Indexes that triggers keep: a part of a word, a tag.
    let keys = KeyFilter { q: Some("ïcödé".to_owned()), ..KeyFilter::default() };
    let page = PageRequest::default();
    let found = store.list_keys(&keys, KeySort::default(), &page, &Reach::Everywhere, at(0)).await.unwrap();
    assert_eq!(found.total, Total { count: 1, capped: false });
    let people = UserFilter { q: Some("ser1@exam".to_owned()), ..UserFilter::default() };
    let found =
        store.list_users(&people, UserSort::default(), &page, &Reach::Everywhere, at(0)).await.unwrap();
    assert!(found.items.iter().any(|found| found.email == user(1).email));
    // It goes on: the next change follows the last one.
    commit(store.begin().await.unwrap()).await;
    assert!(store.verify_audit(None, u64::MAX).await.unwrap().intact());
    store.close().await;
}

pub(crate) async fn everything_comes_back(bed: &Bed) {
    fill(bed).await;
    let backup = back_up(&bed.store).await;
    let before = content(bed.url()).await;
    assert_restores(&backup, &before, &Database::sqlite()).await;
    // The case of PostgreSQL has both servers: there and back.
    if bed.url().starts_with("postgres") {
        assert_restores(&backup, &before, &Database::postgres().unwrap()).await;
        let sqlite = Bed::sqlite().await;
        fill(&sqlite).await;
        let (backup, before) = (back_up(&sqlite.store).await, content(sqlite.url()).await);
        assert_restores(&backup, &before, &Database::postgres().unwrap()).await;
        sqlite.store.close().await;
    }
    let tables_alone = Bed::like(bed).await;
    restore(&backup, tables_alone.url()).await.unwrap();
    assert_same(content(tables_alone.url()).await, before);
    tables_alone.store.close().await;
}

pub(crate) async fn every_table_is_in_it_or_left_out_by_name(bed: &Bed) {
    let text = unpacked(&back_up(&bed.store).await);
    let kept: BTreeSet<String> = text
        .lines()
        .filter_map(|line| {
            serde_json::from_str::<serde_json::Value>(line).unwrap()["table"]["name"]
                .as_str()
                .map(str::to_owned)
        })
        .collect();
    let tables = tables(bed.url()).await;
    for table in &tables {
        assert!(kept.contains(table) != is_left_out(table), "{table}");
    }
    assert!(kept.is_subset(&tables));
    // What one database has, the other one has.
    let other = Bed::sqlite().await;
    let columns = |text: &str| -> BTreeMap<String, BTreeSet<String>> {
        let lines = text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
        let heads = lines.filter(|line| line["table"].is_object());
        let column = |column: &serde_json::Value| column.to_string();
        heads
            .map(|head| {
                let columns = head["table"]["columns"].as_array().unwrap().iter().map(column).collect();
                (head["table"]["name"].as_str().unwrap().to_owned(), columns)
            })
            .collect()
    };
    assert_eq!(columns(&text), columns(&unpacked(&back_up(&other.store).await)));
    other.store.close().await;
}

pub(crate) async fn it_is_of_one_moment_while_rows_are_written(bed: &Bed) {
    fill(bed).await;
    let stop = Arc::new(AtomicBool::new(false));
    let mut writer = tokio::task::JoinSet::new();
    writer.spawn({
        let (store, stop) = (bed.store.clone(), Arc::clone(&stop));
        async move {
            let mut n = 1_000;
            while !stop.load(Ordering::Relaxed) {
                let mut tx = store.begin().await.unwrap();
                tx.insert_key(&key(n), &[8; 32]).await.unwrap();
                tx.commit(&audit("key.create"), &[]).await.unwrap();
                store.append_usage(&[usage(n, n, at(0))]).await.unwrap();
                n += 1;
            }
        }
    });
    let started = bed.number("SELECT COUNT(*) FROM api_keys").await;
    while bed.number("SELECT COUNT(*) FROM api_keys").await < started + 3 {
        tokio::task::yield_now().await;
    }
    // Each table is held up until the others have grown.
    let mut slowly = |_: Progress<'_>| std::thread::sleep(Duration::from_millis(20));
    let backup = bed.store.back_up(label(), Vec::new(), &mut slowly).await.unwrap();
    let taken = BackupReader::open(&backup[..]).unwrap().manifest().clone();
    let during = bed.number("SELECT audit_seq FROM feed").await;
    stop.store(true, Ordering::Relaxed);
    writer.join_next().await.unwrap().unwrap();
    assert!(during > taken.audit_seq, "nothing was written meanwhile");

    let target = Database::sqlite();
    let restored = restore(&backup, target.url()).await.unwrap();
    assert!(restored.corrected.is_empty(), "totals and rows are of one moment: {:?}", restored.corrected);
    let store = Store::open(target.url()).await.unwrap();
    assert!(store.verify_audit(None, u64::MAX).await.unwrap().intact());
    store.close().await;
    let content = content(target.url()).await;
    let log = &content["audit_log"];
    assert_eq!(i64::try_from(log.len()).unwrap(), taken.audit_seq + 1);
    // A key's audit row comes in the key's transaction.
    let made = |name: &str, value: &str| {
        content[name].iter().filter(|row| row.values().any(|v| v.contains(value))).count()
    };
    let rows = log.iter().filter(|row| row["action"].contains("key.create")).count();
    assert_eq!(made("api_keys", "\"key 1"), rows, "keys and the rows that tell of them");
}

fn unpacked(backup: &[u8]) -> String {
    let mut text = String::new();
    GzDecoder::new(backup).read_to_string(&mut text).unwrap();
    text
}

fn packed(text: &str) -> Vec<u8> {
    let mut out = GzEncoder::new(Vec::new(), Compression::fast());
    out.write_all(text.as_bytes()).unwrap();
    out.finish().unwrap()
}

/// With the last line as somebody would write it who wants it to fit.
fn sealed(lines: &[&str], rows: &serde_json::Value) -> Vec<u8> {
    let text = lines.join("\n") + "\n";
    let digits: Vec<String> =
        Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
    let end = serde_json::json!({ "end": { "rows": rows, "sha256": digits.concat() } });
    packed(&format!("{text}{end}\n"))
}

pub(crate) async fn what_is_not_whole_is_refused_and_nothing_remains(bed: &Bed) {
    fill(bed).await;
    let backup = back_up(&bed.store).await;
    let text = unpacked(&backup);
    let lines: Vec<&str> = text.lines().collect();
    let end: serde_json::Value = serde_json::from_str(lines.last().unwrap()).unwrap();
    let rows = &end["end"]["rows"];
    let whole = &lines[..lines.len() - 1];
    let key_row = whole.iter().position(|line| line.contains("Ünïcödé")).unwrap();
    let slugs = whole.iter().position(|line| line.contains("\"tenant_slugs\"")).unwrap();
    let without = |at: usize| [&whole[..at], &whole[at + 1..]].concat();

    let mut bad: Vec<(&str, Vec<u8>)> = vec![
        ("nothing", Vec::new()),
        ("something else", b"SQLite format 3\0".to_vec()),
        ("without its end", packed(&whole.join("\n"))),
        ("with more after it", [&backup[..], b"x"].concat()),
        ("twice", [&backup[..], &backup[..]].concat()),
        ("with another line after its end", packed(&format!("{text}[]\n"))),
        ("a name changed", packed(&text.replacen("Ünïcödé", "Unicode", 1))),
        ("without a row", packed(&text.replacen(whole[key_row], "", 1).replace("\n\n", "\n"))),
        ("without a row, and the digest made to fit", sealed(&without(key_row), rows)),
        ("without a parent", sealed(&without(slugs + 1), rows)),
        ("without a table's head", sealed(&without(slugs), rows)),
        ("a row twice", sealed(&[whole, &whole[key_row..=key_row]].concat(), rows)),
        ("a row of another table", sealed(&[&whole[..=slugs], &["[1]"], &whole[slugs + 1..]].concat(), rows)),
        ("a table that isn't known", {
            let head = r#"{"table":{"name":"_sqlx_migrations","columns":[]}}"#;
            sealed(&[whole, &[head]].concat(), rows)
        }),
    ];
    for part in 1..20 {
        bad.push(("truncated", backup[..backup.len() * part / 20].to_vec()));
        let mut flipped = backup.clone();
        flipped[backup.len() * part / 20] ^= 0x10;
        bad.push(("a bit changed", flipped));
    }
    bad.push(("truncated by a byte", backup[..backup.len() - 1].to_vec()));

    let target = Bed::like(bed).await;
    let empty = content(target.url()).await;
    for (what, file) in bad {
        let refused = restore(&file, target.url()).await;
        assert!(matches!(refused, Err(Error::Damaged(_))), "{what}: {refused:?}");
        assert_eq!(content(target.url()).await, empty, "{what}");
    }
    restore(&backup, target.url()).await.unwrap();
    target.store.close().await;
}

pub(crate) async fn only_into_an_empty_database_that_nobody_serves(bed: &Bed) {
    let backup = back_up(&bed.store).await;
    let lock = bed.store.lock_node("n1").await.unwrap();
    let served = restore(&backup, bed.url()).await;
    assert!(matches!(served, Err(Error::Store(store::Error::Locked { .. }))), "{served:?}");
    drop(lock);
    restore(&backup, bed.url()).await.unwrap();
    let twice = restore(&backup, bed.url()).await.unwrap_err().to_string();
    assert!(twice.ends_with("1 in audit_log"), "{twice}");

    for (sql, says) in [
        ("INSERT INTO nodes (id, epoch, seen_at) VALUES ('n', 1, 1)", "1 in nodes"),
        ("INSERT INTO tenant_slugs VALUES ('a', 1), ('b', 1)", "3 in tenants"),
        ("UPDATE _sqlx_migrations SET version = 9000 WHERE version = 1", "schema 9000"),
        ("DROP TABLE _sqlx_migrations", "tables of something else"),
    ] {
        let used = Bed::like(bed).await;
        used.raw(sql).await.unwrap();
        let before = tables(used.url()).await;
        let refused = restore(&backup, used.url()).await;
        assert!(matches!(&refused, Err(Error::NotEmpty(what)) if what.contains(says)), "{sql}: {refused:?}");
        assert_eq!(tables(used.url()).await, before);
        used.store.close().await;
    }
}

pub(crate) async fn other_versions_are_told_apart(bed: &Bed) {
    let backup = back_up(&bed.store).await;
    let text = unpacked(&backup);
    let schema = BackupReader::open(&backup[..]).unwrap().manifest().schema;
    let with = |schema: i64, known: i64| {
        packed(&text.replacen(&format!("\"schema\":{known}"), &format!("\"schema\":{schema}"), 1))
    };
    for (other, says) in [(schema + 1, "newer than this program"), (schema - 1, "older than this program")] {
        let refused =
            restore(&with(other, schema), Bed::like(bed).await.url()).await.unwrap_err().to_string();
        assert!(refused.contains(says) && refused.contains("Gatehouse 9.8.7"), "{refused}");
    }
    let format = packed("{\"gatehouse\":{\"format\":2,\"version\":\"3.0.0\",\"new\":[]}}\n");
    let refused = BackupReader::open(&format[..]).err().unwrap();
    assert!(matches!(&refused, Error::OtherVersion(words) if words.contains("3.0.0")), "{refused:?}");

    // A database of another version isn't brought up to date by being backed up.
    bed.raw("UPDATE _sqlx_migrations SET version = 9000 WHERE version = 1").await.unwrap();
    let refused = Store::open_for_backup(bed.url()).await.err().unwrap();
    assert!(matches!(&refused, Error::Schema(words) if words.contains("9000")), "{refused:?}");
    let nothing = Database::sqlite();
    assert!(matches!(Store::open_for_backup(nothing.url()).await.err().unwrap(), Error::NoDatabase(_)));
    assert!(!std::path::Path::new(&nothing.url()["sqlite://".len()..].replace("?mode=rwc", "")).exists());
}
