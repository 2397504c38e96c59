//! The audit log: what it says when it was tampered with, and how it is read.

use crate::bed::{Bed, at, audit, commit, first_page, slug, user, user_id};
use model::audit::{AuditEntry, AuditFilter, AuditFinding, AuditOrder, AuditResult, AuditVerification};
use model::page::SortDirection;
use model::role::Reach;
use model::user::User;
use model::{PageRequest, TenantId, Total};

/// More than one batch of a walk.
const MANY: i64 = 1_203;

async fn write(bed: &Bed, rows: i64) {
    for n in 0..rows {
        let entry = AuditEntry { target_id: n.to_string(), ..audit("key.update") };
        bed.begin().await.commit(&entry, &[]).await.unwrap();
    }
}

async fn verify(bed: &Bed) -> AuditVerification {
    bed.store.verify_audit(None, u64::MAX).await.unwrap()
}

/// Switches the triggers off, as somebody with a shell on the database could.
async fn disarm(bed: &Bed) {
    let triggers: &[&str] = if bed.url().starts_with("sqlite") {
        &[
            "DROP TRIGGER audit_log_no_update",
            "DROP TRIGGER audit_log_no_delete",
            "DROP TRIGGER audit_log_no_replace",
        ]
    } else {
        &["DROP TRIGGER audit_log_no_change ON audit_log", "DROP TRIGGER audit_log_no_truncate ON audit_log"]
    };
    for trigger in triggers {
        bed.raw(trigger).await.unwrap();
    }
}

async fn by_hand(bed: &Bed, statements: &[&str]) -> Option<AuditFinding> {
    for statement in statements {
        bed.raw(statement).await.unwrap();
    }
    verify(bed).await.finding
}

pub(crate) async fn an_untouched_log_is_intact(bed: &Bed) {
    let empty = verify(bed).await;
    assert!(empty.intact() && empty.rows_checked == 0 && empty.head.is_none(), "{empty:?}");
    write(bed, MANY).await;
    let whole = verify(bed).await;
    assert!(whole.intact(), "{whole:?}");
    assert_eq!((whole.rows_checked, whole.rows_before_chain), (MANY.unsigned_abs(), 0));
    let head = whole.head.clone().unwrap();
    assert_eq!((head.seq, head.hash.len()), (MANY, 64));
    assert_eq!(bed.store.audit_record(MANY).await.unwrap().unwrap().hash, Some(head.hash));

    // In parts.
    let first = bed.store.verify_audit(None, 1).await.unwrap();
    assert_eq!((first.rows_checked, first.next, first.intact()), (1_000, Some(1_000), false));
    let rest = bed.store.verify_audit(first.next, 1).await.unwrap().following(&first);
    assert_eq!(rest, whole);
}

pub(crate) async fn a_log_that_grows_meanwhile_is_no_finding(bed: &Bed) {
    write(bed, 5).await;
    let (walks, ()) = tokio::join!(
        async {
            let mut walks = Vec::new();
            for _ in 0..60 {
                walks.push(verify(bed).await);
            }
            walks
        },
        write(bed, 60)
    );
    for walk in walks {
        assert!(walk.intact() && walk.rows_checked >= 5, "{walk:?}");
    }
}

pub(crate) async fn a_changed_field_is_found(bed: &Bed) {
    write(bed, 6).await;
    disarm(bed).await;
    for (column, value, back) in [
        ("at", "at + 1", "at - 1"),
        ("actor_id", "'x'", "'cli'"),
        ("actor", "'x'", "'cli'"),
        ("action", "'key.revoke'", "'key.update'"),
        ("target_type", "'x'", "'test'"),
        ("target_id", "'x'", "'3'"),
        ("target_name", "'x'", "'one'"),
        ("tenant_id", "NULL", "'default'"),
        ("result", "'denied'", "'success'"),
        ("ip", "NULL", "'192.0.2.1'"),
        ("detail", "'{\"x\":1}'", "'{}'"),
    ] {
        let set = |value: &str| format!("UPDATE audit_log SET {column} = {value} WHERE seq = 4");
        let found = by_hand(bed, &[&set(value)]).await;
        assert_eq!(found, Some(AuditFinding::Changed { seq: 4 }), "{column}");
        assert_eq!(by_hand(bed, &[&set(back)]).await, None, "{column}");
    }
    let found = by_hand(bed, &["UPDATE audit_log SET hash = NULL WHERE seq = 2"]).await;
    assert_eq!(found, Some(AuditFinding::Changed { seq: 2 }));
}

pub(crate) async fn missing_rows_are_found(bed: &Bed) {
    write(bed, 9).await;
    disarm(bed).await;
    let found = by_hand(bed, &["DELETE FROM audit_log WHERE seq = 9"]).await;
    assert_eq!(found, Some(AuditFinding::CutOff { seq: 9, through: 9 }));
    let found = by_hand(bed, &["DELETE FROM audit_log WHERE seq >= 7"]).await;
    assert_eq!(found, Some(AuditFinding::CutOff { seq: 7, through: 9 }));
    // The note of the head set back, too: then only a head that was noted outside tells. Its hash can't be set back
    // without knowing that there is one.
    let found = by_hand(bed, &["UPDATE feed SET audit_seq = 6"]).await;
    assert_eq!(found, Some(AuditFinding::Changed { seq: 6 }));
    let found = by_hand(bed, &["DELETE FROM audit_log WHERE seq IN (3, 4)"]).await;
    assert_eq!(found, Some(AuditFinding::Missing { seq: 3, through: 4 }));
    let found = by_hand(bed, &["DELETE FROM audit_log WHERE seq = 1"]).await;
    assert_eq!(found, Some(AuditFinding::Missing { seq: 1, through: 1 }));
    let found = by_hand(bed, &["DELETE FROM audit_log"]).await;
    assert_eq!(found, Some(AuditFinding::CutOff { seq: 1, through: 6 }));
}

pub(crate) async fn rows_in_another_order_are_found(bed: &Bed) {
    write(bed, 6).await;
    disarm(bed).await;
    let swap = [
        "UPDATE audit_log SET seq = 100 WHERE seq = 3",
        "UPDATE audit_log SET seq = 3 WHERE seq = 4",
        "UPDATE audit_log SET seq = 4 WHERE seq = 100",
    ];
    assert_eq!(by_hand(bed, &swap).await, Some(AuditFinding::Changed { seq: 3 }));
}

pub(crate) async fn rows_put_in_are_found(bed: &Bed) {
    write(bed, 4).await;
    let put = |seq: &str| {
        format!(
            "INSERT INTO audit_log (seq, at, actor_id, actor, action, target_type, target_id, target_name, tenant_id,
                                    result, ip, detail, hash)
             SELECT {seq}, at, actor_id, actor, action, target_type, target_id, target_name, tenant_id, result, ip,
                    detail, hash FROM audit_log WHERE seq = 2"
        )
    };
    // No trigger stands against a row at the end, but the log knows how many it has.
    assert_eq!(by_hand(bed, &[&put("5")]).await, Some(AuditFinding::Added { seq: 5 }));
    disarm(bed).await;
    let found = by_hand(bed, &["DELETE FROM audit_log WHERE seq = 5", &put("0")]).await;
    assert_eq!(found, Some(AuditFinding::Added { seq: 0 }));
    let found = by_hand(bed, &["DELETE FROM audit_log WHERE seq IN (0, 3)", &put("3")]).await;
    assert_eq!(found, Some(AuditFinding::Changed { seq: 3 }), "in the place of another");
}

pub(crate) async fn a_newest_row_written_anew_with_its_hash_is_found(bed: &Bed) {
    write(bed, 3).await;
    let good = bed.store.audit_record(3).await.unwrap().unwrap();
    let other = Bed::like(bed).await;
    write(&other, 2).await;
    let entry =
        AuditEntry { actor: "somebody else".to_owned(), target_id: "2".to_owned(), ..audit("key.update") };
    other.begin().await.commit(&entry, &[]).await.unwrap();
    let forged = other.store.audit_record(3).await.unwrap().unwrap();
    assert_ne!(good.hash, forged.hash);
    disarm(bed).await;
    let digits = forged.hash.unwrap();
    let literal = if bed.url().starts_with("sqlite") {
        format!("x'{digits}'")
    } else {
        format!("decode('{digits}', 'hex')")
    };
    let forge = format!("UPDATE audit_log SET actor = 'somebody else', hash = {literal} WHERE seq = 3");
    assert_eq!(by_hand(bed, &[&forge]).await, Some(AuditFinding::Changed { seq: 3 }));
    other.store.close().await;
}

pub(crate) async fn rows_from_before_the_chain(bed: &Bed) {
    write(bed, 3).await;
    disarm(bed).await;
    // As the migration leaves a log that was there before it.
    bed.raw("UPDATE audit_log SET hash = NULL").await.unwrap();
    bed.raw("UPDATE feed SET audit_first = audit_seq + 1, audit_head = NULL").await.unwrap();
    let before = verify(bed).await;
    assert!(before.intact() && before.head.is_none(), "{before:?}");
    assert_eq!((before.rows_checked, before.rows_before_chain), (0, 3));
    write(bed, 2).await;
    let after = verify(bed).await;
    assert!(after.intact(), "{after:?}");
    assert_eq!((after.rows_checked, after.rows_before_chain), (2, 3));
    // Rows can't be declared to be from before it.
    bed.raw("UPDATE feed SET audit_first = 5").await.unwrap();
    assert_eq!(verify(bed).await.finding, Some(AuditFinding::Changed { seq: 4 }));
    let found = by_hand(bed, &["UPDATE audit_log SET hash = NULL WHERE seq = 4"]).await;
    assert_eq!(found, Some(AuditFinding::Changed { seq: 5 }));
}

/// 23 rows: by two users and the master key, at 8 moments, some denied, some of other tenants.
async fn varied(bed: &Bed) -> Vec<AuditEntry> {
    bed.add_user(&User { name: "Ada Lovelace".to_owned(), ..user(1) }).await;
    bed.add_user(&User { name: "Grace".to_owned(), ..user(2) }).await;
    let entries: Vec<AuditEntry> = (0..23u32)
        .map(|n| {
            let (actor_id, actor) = match n % 3 {
                0 => (user_id(1).to_string(), "user1@example.com"),
                1 => (user_id(2).to_string(), "user2@example.com"),
                _ => ("master_key".to_owned(), "master key"),
            };
            AuditEntry {
                actor_id,
                actor: actor.to_owned(),
                action: if n % 2 == 0 { "key.revoke" } else { "tenant.update" },
                target_type: if n % 2 == 0 { "key" } else { "tenant" },
                target_id: (n % 4).to_string(),
                tenant_id: (n % 5 != 0).then(|| slug(if n % 5 == 1 { "team-alpha" } else { "default" })),
                result: AuditResult::ALL[n as usize % 3],
                ip: (n % 2 == 0).then(|| format!("192.0.2.{}", n % 4)),
                detail: format!("{{\"n\":{n}}}"),
                at: at(u64::from(100 + n / 3)),
                ..audit("x")
            }
        })
        .collect();
    for entry in &entries {
        bed.begin().await.commit(entry, &[]).await.unwrap();
    }
    entries
}

fn order(param: &str) -> AuditOrder {
    AuditOrder::parse(param).unwrap()
}

/// Which rows a filter is to find.
type Wanted = fn(&AuditEntry) -> bool;

pub(crate) async fn every_filter_in_both_orders(bed: &Bed) {
    let entries = varied(bed).await;
    let some = |text: &str| Some(text.to_owned());
    let cases: Vec<(AuditFilter, Wanted)> = vec![
        (AuditFilter { actor: some("ada"), ..AuditFilter::default() }, |e| e.actor.starts_with("user1")),
        (AuditFilter { actor: some("user2@EXAMPLE.com"), ..AuditFilter::default() }, |e| {
            e.actor.starts_with("user2")
        }),
        (AuditFilter { actor: some("example.com"), ..AuditFilter::default() }, |e| {
            e.actor.starts_with("user")
        }),
        (AuditFilter { actor: Some(user_id(2).to_string()), ..AuditFilter::default() }, |e| {
            e.actor.starts_with("user2")
        }),
        (AuditFilter { actor: some("Master key"), ..AuditFilter::default() }, |e| e.actor_id == "master_key"),
        (AuditFilter { actor: some("nobody at all"), ..AuditFilter::default() }, |_| false),
        (AuditFilter { actor: some("%"), ..AuditFilter::default() }, |_| false),
        (AuditFilter { action: some("key.revoke"), ..AuditFilter::default() }, |e| e.action == "key.revoke"),
        (AuditFilter { target_type: some("key"), ..AuditFilter::default() }, |e| e.target_type == "key"),
        (AuditFilter { target_type: some("key"), target_id: some("2"), ..AuditFilter::default() }, |e| {
            e.target_type == "key" && e.target_id == "2"
        }),
        (AuditFilter { result: Some(AuditResult::Denied), ..AuditFilter::default() }, |e| {
            e.result == AuditResult::Denied
        }),
        (AuditFilter { tenant_id: Some(slug("team-alpha")), ..AuditFilter::default() }, |e| {
            e.tenant_id.as_ref().map(TenantId::as_str) == Some("team-alpha")
        }),
        (AuditFilter { ip: Some("192.0.2.2".parse().unwrap()), ..AuditFilter::default() }, |e| {
            e.ip.as_deref() == Some("192.0.2.2")
        }),
        (AuditFilter { from: Some(at(103)), to: Some(at(105)), ..AuditFilter::default() }, |e| {
            e.at >= at(103) && e.at < at(105)
        }),
        (
            AuditFilter {
                actor: some("ada"),
                result: Some(AuditResult::Success),
                from: Some(at(101)),
                ..AuditFilter::default()
            },
            |e| e.actor.starts_with("user1") && e.result == AuditResult::Success && e.at >= at(101),
        ),
    ];
    for (filter, wanted) in cases {
        let expected: Vec<String> =
            entries.iter().filter(|entry| wanted(entry)).map(|entry| entry.detail.clone()).collect();
        for direction in ["at", "-at"] {
            let mut found = Vec::new();
            let mut page = PageRequest { cursor: None, limit: 4 };
            loop {
                let answer =
                    bed.store.list_audit(&filter, order(direction), &page, &Reach::Everywhere).await.unwrap();
                assert_eq!(answer.total, Total { count: expected.len() as u64, capped: false }, "{filter:?}");
                found.extend(answer.items);
                let Some(next) = answer.next_cursor else { break };
                page.cursor = Some(next);
            }
            let mut details = Vec::new();
            for row in &found {
                details.push(bed.store.audit_record(row.seq).await.unwrap().unwrap().detail);
            }
            if direction == "-at" {
                details.reverse();
            }
            assert_eq!(details, expected, "{direction} {filter:?}");
        }
        // In bulk, in pages too.
        let mut records = Vec::new();
        loop {
            let after = records.last().map(|record: &model::audit::AuditRecord| &record.row);
            let page =
                bed.store.audit_records(&filter, &Reach::Everywhere, after, i64::MAX, 3).await.unwrap();
            if page.is_empty() {
                break;
            }
            records.extend(page);
        }
        assert_eq!(records.into_iter().map(|record| record.detail).collect::<Vec<_>>(), expected);
    }
}

pub(crate) async fn only_rows_in_reach(bed: &Bed) {
    let entries = varied(bed).await;
    let everything = AuditFilter::default();
    for (reach, tenants) in [
        (Reach::of([slug("team-alpha")]), &["team-alpha"][..]),
        (Reach::of([slug("team-alpha"), slug("default")]), &["team-alpha", "default"]),
        (Reach::Nowhere, &[]),
    ] {
        let within =
            |tenant: Option<&TenantId>| tenant.is_some_and(|tenant| tenants.contains(&tenant.as_str()));
        let count = entries.iter().filter(|entry| within(entry.tenant_id.as_ref())).count();
        // The bed itself writes rows about its tenant.
        let own = if tenants.contains(&"default") { 2 } else { 0 };
        let page =
            bed.store.list_audit(&everything, AuditOrder::default(), &first_page(), &reach).await.unwrap();
        assert_eq!((page.items.len(), page.total.count), (count + own, (count + own) as u64), "{reach:?}");
        assert!(page.items.iter().all(|row| within(row.tenant_id.as_ref())));
        let records = bed.store.audit_records(&everything, &reach, None, i64::MAX, 100).await.unwrap();
        assert_eq!(records.len(), count + own);
    }
}

pub(crate) async fn a_search_that_fits_many_users_shows_all_of_theirs(bed: &Bed) {
    for n in 0..25 {
        bed.add_user(&user(n)).await;
        let entry = AuditEntry { actor_id: user_id(n).to_string(), ..audit("key.update") };
        bed.begin().await.commit(&entry, &[]).await.unwrap();
    }
    let filter = AuditFilter { actor: Some("example.com".to_owned()), ..AuditFilter::default() };
    let page = bed
        .store
        .list_audit(&filter, AuditOrder::default(), &first_page(), &Reach::Everywhere)
        .await
        .unwrap();
    assert_eq!((page.items.len(), page.total.count), (25, 25));
}

pub(crate) async fn the_whole_log_and_foreign_cursors(bed: &Bed) {
    for _ in 0..3 {
        commit(bed.begin().await).await;
    }
    let page = PageRequest { cursor: None, limit: 2 };
    let everything = AuditFilter::default();
    let newest = bed.store.list_audit(&everything, order("-at"), &page, &Reach::Everywhere).await.unwrap();
    assert_eq!(newest.items.iter().map(|row| row.seq).collect::<Vec<_>>(), [3, 2]);
    assert_eq!(newest.total, Total { count: 3, capped: false });
    let row = &newest.items[0];
    assert_eq!(
        (row.actor.as_str(), row.target_name.as_str(), row.result),
        ("cli", "one", AuditResult::Success)
    );
    let next = PageRequest { cursor: newest.next_cursor, limit: 2 };
    let ascending = bed
        .store
        .list_audit(&everything, AuditOrder(SortDirection::Ascending), &next, &Reach::Everywhere)
        .await;
    assert!(matches!(ascending, Err(store::Error::InvalidCursor)));
    let last = bed.store.list_audit(&everything, order("-at"), &next, &Reach::Everywhere).await.unwrap();
    assert_eq!((last.items.len(), last.next_cursor), (1, None));
    assert_eq!(bed.store.audit_records(&everything, &Reach::Everywhere, None, 2, 10).await.unwrap().len(), 2);
    assert_eq!(bed.store.audit_record(4).await.unwrap(), None);
    assert_eq!(bed.store.newest_audit_row().await.unwrap(), 3);
}
