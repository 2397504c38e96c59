//! Offboarding, on both databases: refusals, what it will do, what it did, doing it again.

use crate::support::Bench;
use control::{Actor, Error, keys, management_keys, users};
use model::UserId;
use model::change::Change;
use model::key::{Grace, KeyStatus, NewKey, RotateKey};
use model::management_key::NewManagementKey;
use model::offboard::Regrant;
use model::role::BuiltInRole;
use model::user::{UserChange, UserStatus};
use serde_json::json;

fn id(actor: &Actor) -> UserId {
    actor.user().unwrap().id.clone()
}

fn new(name: &str, owner: Option<&UserId>) -> NewKey {
    serde_json::from_value(json!({ "name": name, "owner": owner })).unwrap()
}

async fn a_leaver_loses_everything(bench: &Bench) {
    let control = &bench.control;
    let admin = bench.admin().await;
    let helper = bench.account("helper@example.com", BuiltInRole::UserAdmin).await;
    let dev = bench.account("dev@example.com", BuiltInRole::User).await;
    let leaver = bench.account("leaver@example.com", BuiltInRole::SuperAdmin).await;
    let unknown = "usr_AAAAAAAAAAAAAAAA".parse().unwrap();
    for user in [&id(&leaver), &unknown] {
        assert!(matches!(users::offboard(control, &dev, user, None).await, Err(Error::Forbidden(_))));
        assert!(matches!(users::inventory(control, &dev, user).await, Err(Error::Forbidden(_))));
    }
    assert!(matches!(users::offboard(control, &helper, &unknown, None).await, Err(Error::NotFound)));
    assert!(matches!(users::offboard(control, &helper, &id(&leaver), None).await, Err(Error::Outranked)));
    assert_eq!(bench.audit().await.last().unwrap(), &("user.offboard".to_owned(), "denied".to_owned()));
    let lead = bench.member("lead@example.com", &[("default", Some("user_admin"))]).await;
    assert!(matches!(
        users::offboard(control, &lead, &id(&leaver), None).await,
        Err(Error::Outranked | Error::Forbidden(_))
    ));

    let own = keys::create_own(control, &leaver, new("own", None)).await.unwrap().key.id;
    let given = keys::create(control, &admin, new("given", Some(&id(&leaver)))).await.unwrap().key.id;
    let shown = keys::create(control, &leaver, new("service", None)).await.unwrap().key.id;
    let rotated = keys::create(control, &leaver, new("other service", None)).await.unwrap().key.id;
    keys::rotate(control, &admin, &rotated, RotateKey { grace: Grace::None }).await.unwrap();
    let management: NewManagementKey =
        serde_json::from_value(json!({ "name": "deploy", "permissions": ["keys:read"] })).unwrap();
    let management = management_keys::create(control, &leaver, management).await.unwrap().key.key.id;
    users::reset_link(control, &admin, &id(&leaver)).await.unwrap();

    let found = users::inventory(control, &admin, &id(&leaver)).await.unwrap();
    let names = |keys: &[model::key::KeyView]| keys.iter().map(|key| key.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&found.keys), ["given", "own"]);
    assert_eq!(names(&found.shown_keys), ["service"], "what was rotated since is none of theirs");
    assert_eq!((found.management_keys.len(), found.open_links), (1, 1));
    assert_eq!(found.regrants, [Regrant::Roles]);
    assert_eq!(found.user.status, UserStatus::Active, "nothing has happened yet");

    let done = users::offboard(control, &admin, &id(&leaver), Some(" moved on ")).await.unwrap();
    assert_eq!(
        (done.keys_revoked.len(), done.management_keys_revoked, done.links_ended),
        (2, vec![management], 1)
    );
    assert_eq!((done.user.status, done.receipt.requests_cut), (UserStatus::Inactive, 3));
    assert_eq!(done.shown_keys[0].id, shown);
    let changes = bench.changes();
    assert_eq!(changes.last(), Some(&Change::User { id: id(&leaver), inactive: true }));
    assert!(
        changes.contains(&Change::KeyRevoked { id: own })
            && changes.contains(&Change::KeyRevoked { id: given })
    );
    for key in [own, given] {
        let key = keys::read(control, &admin, &key).await.unwrap().key;
        assert_eq!((key.status, key.revoke_reason.as_deref()), (KeyStatus::Revoked, Some("moved on")));
    }
    assert_eq!(keys::read(control, &admin, &shown).await.unwrap().key.status, KeyStatus::Active);
    let detail = bench.detail("user.offboard").await;
    assert_eq!((&detail["reason"], &detail["after"]["status"]), (&json!("moved on"), &json!("inactive")));
    assert_eq!(bench.audit().await.last().unwrap().0, "user.cut");

    // What was under way when they left comes to nothing.
    let late = keys::create_own(control, &leaver, new("late", None)).await;
    assert!(matches!(late, Err(Error::Invalid(errors)) if errors[0].field == "owner"));
    let rows = bench.audit().await.len();
    let again = users::offboard(control, &admin, &id(&leaver), None).await.unwrap();
    assert_eq!((again.keys_revoked.len(), again.sessions_ended, again.receipt.requests_cut), (0, 0, 0));
    assert_eq!(bench.audit().await.len(), rows, "again is nothing");
    // Coming back gives no key back.
    let on = UserChange { status: UserStatus::Active, reason: None };
    users::set_status(control, &admin, &id(&leaver), on).await.unwrap();
    assert_eq!(keys::read(control, &admin, &own).await.unwrap().key.status, KeyStatus::Revoked);

    // The last one stays, whoever asks.
    users::offboard(control, &admin, &id(&leaver), None).await.unwrap();
    let last = users::offboard(control, &Actor::command_line(), &id(&admin), None).await;
    assert!(matches!(last, Err(Error::Conflict { code: "last_super_admin", .. })));
}

#[tokio::test]
async fn on_sqlite() {
    a_leaver_loses_everything(&Bench::new().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_postgres() {
    let Some(bench) = Bench::postgres().await else { return };
    a_leaver_loses_everything(&bench).await;
    bench.control.store().close().await;
}
