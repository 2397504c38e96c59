//! Management keys: never more than their creator, and over at once.

use crate::support::Bench;
use control::management_keys::{actor_of_bearer, create, list, read, revoke};
use control::{Actor, Client, Error, keys, users};
use model::ManagementKeyId;
use model::key_token::{KeySecret, assemble_management};
use model::management_key::{CreatedManagementKey, ManagementKeyFilter, NewManagementKey};
use model::page::PageRequest;
use model::role::{BuiltInRole, Permission};
use model::user::{UserChange, UserStatus};
use serde_json::{Value, json};
use std::time::Duration;

const MASTER: &str = "the master key";

fn new(fields: Value) -> NewManagementKey {
    let mut all = json!({ "name": "deploy" });
    all.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    serde_json::from_value(all).unwrap()
}

fn permission(text: &str) -> Permission {
    text.parse().unwrap()
}

fn client() -> Client {
    Client { ip: Some("192.0.2.7".parse().unwrap()), ..Client::default() }
}

async fn holder(bench: &Bench, presented: &str) -> Result<Actor, Error> {
    actor_of_bearer(&bench.control, presented, |text| text == MASTER, client()).await
}

#[track_caller]
fn lacks<T: std::fmt::Debug>(result: Result<T, Error>, missing: &str) {
    assert!(matches!(&result, Err(Error::Forbidden(lacked)) if lacked.to_string() == missing), "{result:?}");
}

async fn made(bench: &Bench, actor: &Actor, fields: Value) -> CreatedManagementKey {
    create(&bench.control, actor, new(fields)).await.unwrap()
}

#[tokio::test]
async fn a_key_is_never_more_than_its_creator_is_now() {
    let bench = Bench::new().await;
    let control = &bench.control;
    let admin = bench.admin().await;
    bench.tenant("alpha").await;
    let dev = bench.account("dev@example.com", BuiltInRole::User).await;
    lacks(
        create(control, &dev, new(json!({ "permissions": ["usage:read"] }))).await,
        "management_keys:write",
    );
    lacks(
        list(control, &dev, &ManagementKeyFilter::default(), &PageRequest::default()).await,
        "management_keys:read",
    );
    bench.role("automation", &["management_keys:*", "keys:read", "users:read"]).await;
    let maker = bench.set_role(&dev, "automation").await;
    lacks(create(control, &maker, new(json!({ "permissions": ["keys:write"] }))).await, "keys:write");
    lacks(
        create(control, &maker, new(json!({ "permissions": ["keys:*"], "tenant_id": "alpha" }))).await,
        "keys:write",
    );
    for (bad, field) in [
        (json!({ "permissions": [] }), "permissions"),
        (json!({ "permissions": ["providers:read"], "tenant_id": "alpha" }), "permissions"),
        (json!({ "permissions": ["keys:read"], "tenant_id": "nowhere" }), "tenant_id"),
        (json!({ "permissions": ["keys:read"], "expires_at": "2020-01-01T00:00:00Z" }), "expires_at"),
        (json!({ "permissions": ["keys:read"], "name": "" }), "name"),
    ] {
        let refused = create(control, &maker, new(bad)).await;
        assert!(matches!(&refused, Err(Error::Invalid(errors)) if errors[0].field == field), "{refused:?}");
    }

    let key = made(&bench, &maker, json!({ "permissions": ["keys:read", "users:read"] })).await;
    let actor = holder(&bench, &key.secret).await.unwrap();
    assert!(actor.may(permission("keys:read")) && !actor.may(permission("management_keys:read")));
    assert!(actor.user().is_none() && !actor.is_super_admin());
    assert_eq!((actor.id(), actor.label()), (key.key.key.id.as_str(), "management key deploy"));
    assert!(!bench.audit_text().await.contains(&key.secret[15..]), "the secret is nowhere");
    let bound = made(&bench, &maker, json!({ "permissions": ["keys:read"], "tenant_id": "alpha" })).await;
    let bound = holder(&bench, &bound.secret).await.unwrap();
    assert!(
        !bound.may(permission("keys:read"))
            && bound.may_in(permission("keys:read"), &"alpha".parse().unwrap())
    );

    // The creator's role changes, and so does the key, without being touched.
    bench.role("less", &["management_keys:*", "keys:read"]).await;
    bench.set_role(&maker, "less").await;
    let actor = holder(&bench, &key.secret).await.unwrap();
    assert!(actor.may(permission("keys:read")) && !actor.may(permission("users:read")));
    let off = UserChange { status: UserStatus::Inactive, reason: None };
    users::set_status(control, &admin, &maker.user().unwrap().id, off).await.unwrap();
    assert!(matches!(holder(&bench, &key.secret).await, Err(Error::Unauthenticated)));

    // Everything that a super_admin is, only when it is made so.
    let whole = made(&bench, &admin, json!({ "permissions": ["*"] })).await;
    let whole = holder(&bench, &whole.secret).await.unwrap();
    assert!(whole.is_super_admin());
    let part = made(&bench, &admin, json!({ "permissions": ["users:*"] })).await;
    let part = holder(&bench, &part.secret).await.unwrap();
    let off = UserChange { status: UserStatus::Inactive, reason: None };
    let refused = users::set_status(control, &part, &admin.user().unwrap().id, off).await;
    assert!(matches!(refused, Err(Error::Outranked)));
    let own = serde_json::from_value(json!({ "name": "own" })).unwrap();
    assert!(matches!(keys::create_own(control, &whole, own).await, Err(Error::Unauthenticated)));
}

#[tokio::test]
async fn a_key_makes_none_of_more_power() {
    let bench = Bench::new().await;
    let control = &bench.control;
    let admin = bench.admin().await;
    let parent = json!({
        "permissions": ["management_keys:*", "keys:read"], "expires_at": "2026-04-01T00:00:00Z",
    });
    let parent = holder(&bench, &made(&bench, &admin, parent).await.secret).await.unwrap();
    let more = json!({ "permissions": ["keys:write"], "expires_at": "2026-03-20T00:00:00Z" });
    lacks(create(control, &parent, new(more)).await, "keys:write");
    for end in [Value::Null, json!("2026-04-02T00:00:00Z")] {
        let refused =
            create(control, &parent, new(json!({ "permissions": ["keys:read"], "expires_at": end }))).await;
        assert!(matches!(refused, Err(Error::Invalid(errors)) if errors[0].field == "expires_at"));
    }
    let child = json!({ "permissions": ["keys:read"], "expires_at": "2026-03-20T00:00:00Z" });
    let child = made(&bench, &parent, child).await;
    assert_eq!(child.key.key.creator_id, Some(admin.user().unwrap().id.clone()), "a person answers for it");
    assert_eq!(child.key.key.created_by, "management key deploy");
    bench.clock.advance(Duration::from_hours(48));
    assert!(matches!(holder(&bench, &child.secret).await, Err(Error::Unauthenticated)), "it has expired");
}

async fn it_is_over_at_once(bench: &Bench) {
    let control = &bench.control;
    let admin = bench.admin().await;
    let helper = bench.account("helper@example.com", BuiltInRole::UserAdmin).await;
    let key = made(bench, &admin, json!({ "permissions": ["*"] })).await;
    let id = key.key.key.id.clone();
    let unknown: ManagementKeyId = "mk_AAAAAAAAAAAA".parse().unwrap();
    lacks(revoke(control, &helper, &id, None).await, "management_keys:write");
    lacks(read(control, &helper, &unknown).await, "management_keys:read");
    assert!(matches!(revoke(control, &admin, &unknown, None).await, Err(Error::NotFound)));
    bench.role("automation", &["management_keys:*"]).await;
    let other = bench.set_role(&helper, "automation").await;
    assert!(matches!(revoke(control, &other, &id, None).await, Err(Error::Outranked)));

    holder(bench, &key.secret).await.unwrap();
    let used = read(control, &admin, &id).await.unwrap();
    assert_eq!(used.key.last_used_at, Some(control.now()));
    let revoked = revoke(control, &admin, &id, Some("leaked")).await.unwrap();
    assert_eq!(revoked.key.revoke_reason.as_deref(), Some("leaked"));
    let rows = bench.audit().await;
    assert_eq!(rows.last().unwrap(), &("management_key.revoke".to_owned(), "success".to_owned()));
    assert_eq!(
        revoke(control, &admin, &id, None).await.unwrap().key.revoke_reason.as_deref(),
        Some("leaked")
    );
    assert_eq!(bench.audit().await.len(), rows.len());
    assert!(matches!(holder(bench, &key.secret).await, Err(Error::Unauthenticated)));
    let listed =
        list(control, &admin, &ManagementKeyFilter::default(), &PageRequest::default()).await.unwrap();
    assert_eq!((listed.items.len(), listed.hidden.count), (0, 1));
}

#[tokio::test]
async fn over_at_once_on_sqlite() {
    it_is_over_at_once(&Bench::new().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn over_at_once_on_postgres() {
    let Some(bench) = Bench::postgres().await else { return };
    it_is_over_at_once(&bench).await;
    bench.control.store().close().await;
}

#[tokio::test]
async fn guessing_is_slowed_down_and_whole_keys_still_work() {
    let bench = Bench::new().await;
    let key = made(&bench, &Actor::command_line(), json!({ "permissions": ["keys:read"] })).await;
    let mut bytes = 0u8;
    let other = KeySecret::generate(|all| {
        bytes += 1;
        all.fill(bytes);
    });
    let wrong_secret = assemble_management(&key.key.key.id, &other);
    let rows = bench.audit().await.len();
    for guess in [wrong_secret.as_str(), "guess", ""].into_iter().cycle().take(50) {
        assert!(matches!(holder(&bench, guess).await, Err(Error::Unauthenticated)));
    }
    // Of the same in a minute, twenty are written down.
    assert_eq!(bench.audit().await.len(), rows + 20);
    assert_eq!(bench.audit().await.last().unwrap(), &("management_key.use".to_owned(), "failure".to_owned()));
    for guess in ["guess", MASTER, &wrong_secret] {
        assert!(matches!(holder(&bench, guess).await, Err(Error::LockedOut { .. })), "{guess}");
    }
    assert_eq!(bench.audit().await.len(), rows + 20, "a locked door is no new attempt");
    assert!(holder(&bench, &key.secret).await.is_ok(), "nobody guesses a whole key");
    let elsewhere = Client { ip: Some("198.51.100.1".parse().unwrap()), ..Client::default() };
    let master = actor_of_bearer(&bench.control, MASTER, |text| text == MASTER, elsewhere).await;
    assert_eq!(master.unwrap().id(), "master_key");
    bench.clock.advance(Duration::from_hours(1));
    assert!(holder(&bench, MASTER).await.is_ok());
}
