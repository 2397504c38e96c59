//! Changing accounts, links that let people in, sessions, what somebody did.

use crate::support::{Bench, PASSWORD, whole};
use control::sign_in::{account_link, sign_in, use_account_link};
use control::{Actor, Client, Control, Error, Password, users};
use model::UserId;
use model::key::NewKey;
use model::page::PageRequest;
use model::role::BuiltInRole;
use model::user::{AccountChange, Activity, NewUser, UserStatus};
use serde_json::{Value, json};
use std::time::Duration;
use store::SessionRow;

fn id(actor: &Actor) -> UserId {
    actor.user().unwrap().id.clone()
}

fn change(fields: Value) -> AccountChange {
    serde_json::from_value(fields).unwrap()
}

fn password(text: &str) -> Password {
    Password::new(text.to_owned())
}

#[track_caller]
fn lacks<T: std::fmt::Debug>(result: Result<T, Error>, missing: &str) {
    assert!(matches!(&result, Err(Error::Forbidden(lacked)) if lacked.to_string() == missing), "{result:?}");
}

#[tokio::test]
async fn names_addresses_and_units_change() {
    let bench = Bench::new().await;
    let control = &bench.control;
    let admin = bench.admin().await;
    let helper = bench.account("helper@example.com", BuiltInRole::UserAdmin).await;
    let dev = bench.account("dev@example.com", BuiltInRole::User).await;
    lacks(users::change(control, &dev, &id(&dev), change(json!({ "name": "x" }))).await, "users:write");
    let fields =
        json!({ "name": "Zoë", "email": "zoe@example.com", "organization_unit": "R&D", "reason": "married" });
    let user = users::change(control, &helper, &id(&dev), change(fields)).await.unwrap().user;
    assert_eq!((user.name.as_str(), user.organization_unit.as_deref()), ("Zoë", Some("R&D")));
    let detail = bench.detail("user.update").await;
    assert_eq!(
        (&detail["before"]["email"], &detail["reason"]),
        (&json!("dev@example.com"), &json!("married"))
    );
    assert!(sign_in(control, "zoe@example.com", password(PASSWORD), &Client::default()).await.is_ok());
    for (bad, field) in [
        (json!({ "name": "" }), "name"),
        (json!({ "email": "nobody" }), "email"),
        (json!({ "email": "ADMIN@example.com" }), "email"),
        (json!({ "organization_unit": "" }), "organization_unit"),
        (json!({ "name": "y", "reason": "" }), "reason"),
    ] {
        let refused = users::change(control, &admin, &id(&dev), change(bad)).await;
        assert!(matches!(&refused, Err(Error::Invalid(errors)) if errors[0].field == field), "{refused:?}");
    }
    let rows = bench.audit().await.len();
    users::change(control, &admin, &id(&dev), change(json!({ "name": "Zoë" }))).await.unwrap();
    assert_eq!(bench.audit().await.len(), rows, "nothing changed");
    let gone = users::change(control, &admin, &id(&dev), change(json!({ "organization_unit": null })))
        .await
        .unwrap();
    assert_eq!(gone.user.organization_unit, None);

    // An address is a way in: it takes what giving the account its roles would.
    bench.role("desk", &["users:*"]).await;
    let desk = bench.set_role(&bench.account("desk@example.com", BuiltInRole::User).await, "desk").await;
    bench.set_role(&dev, "billing_admin").await;
    users::change(control, &desk, &id(&dev), change(json!({ "name": "Z" }))).await.unwrap();
    lacks(
        users::change(control, &desk, &id(&dev), change(json!({ "email": "mine@example.com" }))).await,
        "roles:assign",
    );
    let of_admin = users::change(control, &helper, &id(&admin), change(json!({ "name": "x" }))).await;
    assert!(matches!(of_admin, Err(Error::Outranked)));
}

#[tokio::test]
async fn an_invitation_sets_the_first_password_once() {
    let bench = Bench::new().await;
    let control = &bench.control;
    let helper = bench.account("helper@example.com", BuiltInRole::UserAdmin).await;
    let new = NewUser {
        name: "New".to_owned(),
        email: "new@example.com".to_owned(),
        role: BuiltInRole::User.into(),
        organization_unit: None,
    };
    let user = users::create(control, &helper, new, None).await.unwrap();
    let dev = bench.account("dev@example.com", BuiltInRole::User).await;
    lacks(users::invite(control, &dev, &user.id).await, "users:write");
    let conflict = users::invite(control, &helper, &id(&dev)).await;
    assert!(matches!(conflict, Err(Error::Conflict { code: "has_password", .. })));
    let replaced = users::invite(control, &helper, &user.id).await.unwrap();
    let link = users::invite(control, &helper, &user.id).await.unwrap();
    let url = link.under("https://gw.example").url;
    assert_eq!(url, format!("https://gw.example/set-password?token={}", link.token.expose()));
    assert!(!bench.audit_text().await.contains(link.token.expose()));
    for bad in [replaced.token.expose(), "", "nonsense"] {
        assert!(matches!(account_link(control, bad).await, Err(Error::LinkInvalid)));
        let outcome = use_account_link(control, bad, password(PASSWORD), &Client::default()).await;
        assert!(matches!(outcome, Err(Error::LinkInvalid)));
    }
    let token = link.token.expose();
    assert_eq!(account_link(control, token).await.unwrap().email, "new@example.com");
    let short = use_account_link(control, token, password("short"), &Client::default()).await;
    assert!(matches!(short, Err(Error::Invalid(_))));
    let first = use_account_link(control, token, password("a new password"), &Client::default()).await;
    let signed_in = whole(first.unwrap());
    assert_eq!(signed_in.user.id, user.id);
    assert_eq!(bench.detail("link.use").await["purpose"], "invite");
    let again = use_account_link(control, token, password("another password"), &Client::default()).await;
    assert!(matches!(again, Err(Error::LinkInvalid)), "once");
    assert!(
        sign_in(control, "new@example.com", password("a new password"), &Client::default()).await.is_ok()
    );

    let late = users::reset_link(control, &helper, &user.id).await.unwrap();
    bench.clock.advance(Duration::from_hours(24));
    assert!(matches!(account_link(control, late.token.expose()).await, Err(Error::LinkInvalid)), "24 hours");
}

#[tokio::test]
async fn a_link_is_worth_what_its_maker_could_do_now() {
    let bench = Bench::new().await;
    let control = &bench.control;
    let admin = bench.admin().await;
    let helper = bench.account("helper@example.com", BuiltInRole::UserAdmin).await;
    let dev = bench.account("dev@example.com", BuiltInRole::User).await;
    assert!(matches!(users::reset_link(control, &helper, &id(&admin)).await, Err(Error::Outranked)));
    let use_it = async |token: &str| {
        use_account_link(control, token, password("taken over now"), &Client::default()).await
    };
    // Made for somebody who is more by the time it is used.
    let link = users::reset_link(control, &helper, &id(&dev)).await.unwrap();
    bench.set_role(&dev, "super_admin").await;
    assert!(matches!(use_it(link.token.expose()).await, Err(Error::LinkInvalid)));
    assert_eq!(bench.audit().await.last().unwrap(), &("link.use".to_owned(), "failure".to_owned()));
    assert!(sign_in(control, "dev@example.com", password(PASSWORD), &Client::default()).await.is_ok());
    bench.set_role(&dev, "billing_admin").await;
    // Made by somebody who is less by then, or gone.
    bench.set_role(&helper, "user").await;
    assert!(matches!(use_it(link.token.expose()).await, Err(Error::LinkInvalid)));
    bench.set_role(&helper, "user_admin").await;
    let off = change(json!({ "status": "inactive" }));
    users::change(control, &admin, &id(&helper), off).await.unwrap();
    assert!(matches!(use_it(link.token.expose()).await, Err(Error::LinkInvalid)));
    let on = change(json!({ "status": "active" }));
    users::change(control, &admin, &id(&helper), on).await.unwrap();
    use_it(link.token.expose()).await.unwrap();
    // For an Inactive account there is none.
    let off = change(json!({ "status": "inactive" }));
    users::change(control, &admin, &id(&dev), off).await.unwrap();
    let none = users::reset_link(control, &admin, &id(&dev)).await;
    assert!(matches!(none, Err(Error::Conflict { code: "user_inactive", .. })));
}

/// Begins a session for somebody.
async fn session(control: &Control, n: u8, of: &Actor) {
    let now = control.now();
    let row = SessionRow {
        id_hash: [n; 32],
        user_id: Some(id(of)),
        identity_provider_id: None,
        provider_sid: None,
        data: json!({ "subject": {}, "origin": { "ip": "192.0.2.1", "user_agent": "Firefox" } }).to_string(),
        created_at: now,
        last_seen_at: now,
        expires_at: now.after(Duration::from_hours(9)),
    };
    assert!(control.store().create_session(&row).await.unwrap());
}

#[tokio::test]
async fn sessions_are_seen_and_ended() {
    let bench = Bench::new().await;
    let control = &bench.control;
    let admin = bench.admin().await;
    let helper = bench.account("helper@example.com", BuiltInRole::UserAdmin).await;
    let dev = bench.account("dev@example.com", BuiltInRole::User).await;
    let other = bench.account("other@example.com", BuiltInRole::User).await;
    for (n, of) in [(1, &dev), (2, &dev), (3, &admin)] {
        session(control, n, of).await;
    }
    lacks(users::sessions(control, &other, &id(&dev)).await, "users:read");
    lacks(users::end_sessions(control, &other, &id(&dev), None).await, "users:write");
    let seen = users::sessions(control, &helper, &id(&dev)).await.unwrap();
    assert_eq!((seen.len(), seen[0].origin.ip.as_deref()), (2, Some("192.0.2.1")));
    let of_admin = users::sessions(control, &helper, &id(&admin)).await.unwrap();
    let foreign = users::end_sessions(control, &helper, &id(&dev), Some(&of_admin[0].id)).await;
    assert!(matches!(foreign, Err(Error::NotFound)), "somebody else's");
    assert!(matches!(users::end_sessions(control, &helper, &id(&admin), None).await, Err(Error::Outranked)));
    let one = users::end_sessions(control, &helper, &id(&dev), Some(&seen[0].id)).await.unwrap();
    assert_eq!(one.sessions_ended, 1);
    assert_eq!(users::end_sessions(control, &helper, &id(&dev), None).await.unwrap().sessions_ended, 1);
    assert_eq!(bench.detail("user.end_sessions").await["sessions_ended"], 1);
    assert_eq!(users::end_sessions(control, &helper, &id(&dev), None).await.unwrap().sessions_ended, 0);
}

/// Without any right beyond the Console: one's own, and nothing of anybody else's.
#[tokio::test]
async fn ones_own_sessions_take_no_permission() {
    let bench = Bench::new().await;
    let control = &bench.control;
    let dev = bench.account("dev@example.com", BuiltInRole::User).await;
    let other = bench.account("other@example.com", BuiltInRole::User).await;
    for (n, of) in [(1, &dev), (2, &dev), (3, &dev), (4, &other)] {
        session(control, n, of).await;
    }
    let own = users::sessions(control, &dev, &id(&dev)).await.unwrap();
    assert_eq!(own.len(), 3);
    assert!(own.iter().all(|session| !session.current), "this actor came in none of them");
    let foreign = users::sessions(control, &other, &id(&other)).await.unwrap().remove(0).id;
    let refused = users::end_sessions(control, &dev, &id(&dev), Some(&foreign)).await;
    assert!(matches!(refused, Err(Error::NotFound)), "somebody else's: {refused:?}");
    lacks(users::end_sessions(control, &dev, &id(&other), Some(&foreign)).await, "users:write");
    let one = users::end_sessions(control, &dev, &id(&dev), Some(&own[0].id)).await.unwrap();
    assert_eq!((one.sessions_ended, one.current), (1, false));
    assert_eq!(bench.detail("user.end_sessions").await["session"], json!(own[0].id));
    let again = users::end_sessions(control, &dev, &id(&dev), Some(&own[0].id)).await;
    assert!(matches!(again, Err(Error::NotFound)));
    assert_eq!(users::end_sessions(control, &dev, &id(&dev), None).await.unwrap().sessions_ended, 2);
    assert_eq!(users::sessions(control, &other, &id(&other)).await.unwrap().len(), 1);
}

#[tokio::test]
async fn what_somebody_did_is_told_as_far_as_it_is_seen() {
    let bench = Bench::new().await;
    let control = &bench.control;
    let helper = bench.account("helper@example.com", BuiltInRole::UserAdmin).await;
    bench.tenant("alpha").await;
    bench.tenant("beta").await;
    let dev = bench.member("dev@example.com", &[("alpha", None), ("beta", None)]).await;
    for tenant in ["alpha", "beta"] {
        let new: NewKey = serde_json::from_value(json!({ "name": tenant, "tenant_id": tenant })).unwrap();
        control::keys::create_own(control, &dev, new).await.unwrap();
        bench.clock.advance(Duration::from_secs(1));
    }
    lacks(users::activity(control, &dev, &id(&dev), &PageRequest::default()).await, "users:read");
    let names = |items: Vec<Activity>| -> Vec<String> {
        let name = |item| match item {
            Activity::Action { action, target_name, .. } => format!("{action} {target_name}"),
            Activity::Request { .. } => "request".to_owned(),
        };
        items.into_iter().map(name).collect()
    };
    let all = users::activity(control, &helper, &id(&dev), &PageRequest::default()).await.unwrap();
    assert_eq!(names(all.items), ["key.create beta", "key.create alpha"]);
    let lead = bench.member("lead@example.com", &[("alpha", Some("user_admin"))]).await;
    let part = users::activity(control, &lead, &id(&dev), &PageRequest::default()).await.unwrap();
    assert_eq!(names(part.items), ["key.create alpha"]);
    let unseen = users::activity(control, &lead, &id(&helper), &PageRequest::default()).await;
    assert!(matches!(unseen, Err(Error::NotFound)));
    let detail = users::read(control, &lead, &id(&dev)).await.unwrap();
    assert_eq!((detail.keys.total.count, detail.active_keys.count), (1, 1));
    assert_eq!(detail.user.status, UserStatus::Active);
}
