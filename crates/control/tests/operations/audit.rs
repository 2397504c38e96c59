//! Reading the audit log: the wrong role, then what is seen; refused attempts that don't flood it.

use crate::support::{Bench, PASSWORD};
use control::audit::{ExportFormat, detail, export, list, read, verify, verify_part, was_head};
use control::sign_in::{SetupForm, complete_setup, sign_in};
use control::{Actor, Client, Error, keys, tenants};
use identity::password::Password;
use model::PageRequest;
use model::TenantId;
use model::audit::{AuditFilter, AuditOrder, AuditResult};
use model::key::NewKey;
use model::role::BuiltInRole;
use serde_json::json;
use std::time::Duration;

fn all() -> AuditFilter {
    AuditFilter::default()
}

fn refused<T>(result: Result<T, Error>) -> bool {
    matches!(result, Err(Error::Forbidden(_)))
}

fn from(ip: &str) -> Client {
    Client { ip: Some(ip.parse().unwrap()), ..Client::default() }
}

#[tokio::test]
async fn readers_read_and_only_exporters_export() {
    let bench = Bench::new().await;
    let control = &bench.control;
    for role in BuiltInRole::ALL {
        let actor = bench.account(&format!("{}@example.com", role.as_str()), role).await;
        let reads = matches!(role, BuiltInRole::SuperAdmin | BuiltInRole::UserAdmin);
        let page = PageRequest::default();
        assert_eq!(!refused(list(control, &actor, &all(), AuditOrder::default(), &page).await), reads);
        assert_eq!(!refused(read(control, &actor, 1).await), reads);
        assert_eq!(!refused(detail(control, &actor, 1).await), reads);
        assert_eq!(!refused(verify(control, &actor).await), reads);
        assert_eq!(!refused(verify_part(control, &actor, None).await), reads);
        assert_eq!(!refused(was_head(control, &actor, &"0".repeat(64)).await), reads);
        let exports = role == BuiltInRole::SuperAdmin;
        assert_eq!(!refused(export(control, &actor, &all(), ExportFormat::Csv).await), exports);
        let result = if exports { "success" } else { "denied" };
        assert_eq!(bench.audit().await.last().unwrap(), &("audit.export".to_owned(), result.to_owned()));
    }
    assert!(matches!(read(control, &Actor::command_line(), 999).await, Err(Error::NotFound)));
}

#[tokio::test]
async fn a_change_is_shown_field_by_field() {
    let bench = Bench::new().await;
    let admin = bench.admin().await;
    let id = TenantId::default_tenant();
    let change = serde_json::from_value(json!({ "name": "Other" })).unwrap();
    tenants::change(&bench.control, &admin, &id, change).await.unwrap();
    let filter = AuditFilter { action: Some("tenant.update".to_owned()), ..all() };
    let page = list(&bench.control, &admin, &filter, AuditOrder::default(), &PageRequest::default()).await;
    let row = page.unwrap().items.remove(0);
    assert_eq!((row.actor.as_str(), row.tenant_id.as_ref()), ("admin@example.com", Some(&id)));
    let shown = detail(&bench.control, &admin, row.seq).await.unwrap();
    let change = &shown.changes[0];
    assert_eq!(
        (change.field.as_str(), change.before.as_deref(), change.after.as_deref()),
        ("name", Some("Default"), Some("Other"))
    );
    assert_eq!(shown.changes.len(), 1);
    assert!(shown.hash.is_some());
}

#[tokio::test]
async fn an_export_is_written_down_first_and_has_all_rows() {
    let bench = Bench::new().await;
    let admin = bench.admin().await;
    for _ in 0..1_100 {
        keys::create(&bench.control, &admin, NewKey { name: "k".to_owned(), ..NewKey::default() })
            .await
            .unwrap();
    }
    let pasted = format!("rk_prod_{}", "a".repeat(50));
    let filter = AuditFilter { target_id: Some(pasted.clone()), ..all() };
    let mut none = export(&bench.control, &admin, &filter, ExportFormat::Jsonl).await.unwrap();
    assert!(none.next().await.unwrap().is_empty());
    let written = bench.detail("audit.export").await;
    assert_eq!(written, json!({ "format": "jsonl", "filter": { "target_id": pasted[..20] } }));

    let mut whole = export(&bench.control, &admin, &all(), ExportFormat::Csv).await.unwrap();
    // Not in it: it came later.
    sign_in(&bench.control, "admin@example.com", Password::new(PASSWORD.to_owned()), &from("192.0.2.9"))
        .await
        .unwrap();
    let mut seqs = Vec::new();
    loop {
        let rows = whole.next().await.unwrap();
        if rows.is_empty() {
            break;
        }
        assert!(rows.len() <= 1_000);
        seqs.extend(rows.iter().map(|record| record.row.seq));
    }
    let last = i64::try_from(bench.audit().await.len()).unwrap() - 1;
    assert_eq!(seqs, (1..=last).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_head_that_was_noted_is_found_again() {
    let bench = Bench::new().await;
    let admin = bench.admin().await;
    let noted = verify(&bench.control, &admin).await.unwrap();
    assert!(noted.intact());
    let head = noted.head.unwrap().hash;
    keys::create(&bench.control, &admin, NewKey { name: "k".to_owned(), ..NewKey::default() }).await.unwrap();
    assert!(was_head(&bench.control, &admin, &head.to_uppercase()).await.unwrap());
    assert!(!was_head(&bench.control, &admin, &"0".repeat(64)).await.unwrap());
    assert!(matches!(was_head(&bench.control, &admin, "nonsense").await, Err(Error::Invalid(_))));
}

#[tokio::test]
async fn a_stream_of_refused_attempts_is_counted_not_written() {
    let bench = Bench::new().await;
    let dev = bench.account("dev@example.com", BuiltInRole::User).await;
    let rows = async || bench.audit().await.iter().filter(|(_, result)| result == "denied").count();
    let attempt = async || {
        let new = NewKey { name: "k".to_owned(), ..NewKey::default() };
        assert!(refused(keys::create(&bench.control, &dev, new).await));
    };
    for _ in 0..57 {
        attempt().await;
    }
    assert_eq!(rows().await, 20);
    // Another action isn't the same.
    assert!(refused(tenants::suspend(&bench.control, &dev, &TenantId::default_tenant(), None).await));
    assert_eq!(rows().await, 21);
    bench.control.write_suppressed().await.unwrap();
    assert_eq!(rows().await, 21, "the minute isn't over");

    bench.clock.advance(Duration::from_secs(61));
    bench.control.write_suppressed().await.unwrap();
    bench.control.write_suppressed().await.unwrap();
    assert_eq!(rows().await, 22);
    let row = bench.detail("key.create").await;
    assert_eq!((&row["suppressed"], &row["since"]), (&json!(37), &json!("2026-03-18T17:00:00Z")));

    // A new minute; what is left over at the end isn't lost.
    for _ in 0..21 {
        attempt().await;
    }
    assert_eq!(rows().await, 42);
    bench.clock.advance(Duration::from_secs(61));
    attempt().await;
    assert_eq!(rows().await, 44, "the next attempt writes the row that is due, and its own");
    for _ in 0..20 {
        attempt().await;
    }
    bench.control.drain().await;
    assert_eq!(bench.detail("key.create").await["suppressed"], 1);
}

#[tokio::test]
async fn locked_accounts_and_wrong_links_are_written_down() {
    let bench = Bench::new().await;
    bench.account("dev@example.com", BuiltInRole::User).await;
    let client = from("192.0.2.7");
    for n in 0..7 {
        let wrong = Password::new("wrong password!".to_owned());
        let result = sign_in(&bench.control, "dev@example.com", wrong, &client).await;
        assert_eq!(matches!(result, Err(Error::LockedOut { .. })), n >= 5, "{n}");
    }
    let filter = AuditFilter {
        action: Some("session.start".to_owned()),
        result: Some(AuditResult::Failure),
        ip: client.ip,
        ..all()
    };
    let shell = Actor::command_line();
    let page = list(&bench.control, &shell, &filter, AuditOrder::default(), &PageRequest::default()).await;
    let page = page.unwrap();
    assert_eq!(page.items.len(), 7);
    assert!(page.items.iter().all(|row| row.target_name == "dev@example.com"));
    assert_eq!(bench.detail("session.start").await, json!({ "method": "password", "locked_out": true }));

    let form = SetupForm {
        token: "guess".to_owned(),
        name: "Eve".to_owned(),
        email: "eve@example.com".to_owned(),
        password: Password::new(PASSWORD.to_owned()),
    };
    assert!(matches!(complete_setup(&bench.control, form, &client).await, Err(Error::LinkInvalid)));
    assert_eq!(bench.audit().await.last().unwrap(), &("user.set_up".to_owned(), "failure".to_owned()));
    assert!(!bench.audit_text().await.contains("eve@example.com"));

    // Neighbours are one source.
    for n in 0..40 {
        let client = from(&format!("198.51.100.{n}"));
        let email = format!("nobody{n}@example.com");
        let wrong = Password::new("wrong password!".to_owned());
        assert!(sign_in(&bench.control, &email, wrong, &client).await.is_err());
    }
    let failures = bench.audit().await.iter().filter(|(action, _)| action == "session.start").count();
    assert_eq!(failures, 7 + 20);
}
