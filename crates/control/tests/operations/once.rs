//! Requests with an `Idempotency-Key`, on both databases: done once, answered twice, secrets shown once.

use crate::support::Bench;
use control::{Actor, Answer, Attempt, Control, Error, IdempotencyKey, Made, Once};
use control::{keys, management_keys, tenants, users};
use model::key::{KeyView, NewKey, RotateKey};
use model::role::BuiltInRole;
use serde_json::json;
use std::time::Duration;

/// How a request ended, as its edge tells it.
#[derive(Debug)]
enum Outcome {
    First(String),
    Again(String),
    Failed(Error),
}

impl Outcome {
    fn code(&self) -> &'static str {
        match self {
            Self::First(_) => "first",
            Self::Again(_) => "again",
            Self::Failed(Error::AlreadyCreated(_)) => "already_created",
            Self::Failed(Error::AlreadyDone) => "already_done",
            Self::Failed(Error::Conflict { code, .. }) => code,
            Self::Failed(_) => "other",
        }
    }
}

/// Does a request under a key, as an edge does.
async fn ask<T: serde::Serialize>(
    (control, actor): (&Control, &Actor),
    (key, asked): (&str, &str),
    work: impl AsyncFnOnce(Control) -> Result<T, Error>,
) -> Outcome {
    let key = IdempotencyKey::parse(key).unwrap();
    let once = match Once::begin(control, actor, &key, asked).await {
        Ok(Attempt::First(once)) => once,
        Ok(Attempt::Again(answer)) => return Outcome::Again(answer.body),
        Err(error) => return Outcome::Failed(error),
    };
    let result = work(once.control()).await;
    let body = result.as_ref().ok().map(|value| json!(value).to_string());
    match once.end(body.map(|body| Answer { status: 200, body })).await {
        Ok(None) => match result {
            Ok(value) => Outcome::First(json!(value).to_string()),
            Err(error) => Outcome::Failed(error),
        },
        Ok(Some(answer)) => Outcome::Again(answer.body),
        Err(error) => Outcome::Failed(error),
    }
}

fn named(name: &str) -> NewKey {
    NewKey { name: name.to_owned(), ..NewKey::default() }
}

async fn suspend(bench: &Bench, actor: &Actor, key: &str) -> Outcome {
    let work = async |control: Control| {
        tenants::suspend(&control, actor, &"alpha".parse().unwrap(), Some("unpaid")).await
    };
    ask((&bench.control, actor), (key, "suspend alpha"), work).await
}

async fn an_answer_is_given_again_and_nothing_done(bench: &Bench) {
    let (admin, control) = (bench.admin().await, &bench.control);
    let helper = bench.account("helper@example.com", BuiltInRole::SuperAdmin).await;
    bench.tenant("alpha").await;
    let Outcome::First(first) = suspend(bench, &admin, "a").await else { panic!("it is the first") };
    // Back on: the same request again neither suspends it nor is told anything else.
    tenants::activate(control, &admin, &"alpha".parse().unwrap(), None).await.unwrap();
    let rows = bench.audit().await.len();
    match suspend(bench, &admin, "a").await {
        Outcome::Again(answer) => assert_eq!(answer, first),
        other => panic!("{other:?}"),
    }
    let other = ask((control, &admin), ("a", "suspend beta"), async |_| Ok(())).await;
    assert_eq!(other.code(), "idempotency_key_reused");
    assert_eq!(bench.audit().await.len(), rows);
    // The keys of others are others.
    assert_eq!(suspend(bench, &helper, "a").await.code(), "first");
    // With nothing to do there is an answer, too.
    let Outcome::First(idle) = suspend(bench, &admin, "b").await else { panic!("another key") };
    assert!(matches!(suspend(bench, &admin, "b").await, Outcome::Again(answer) if answer == idle));
    // Whose rights have changed isn't told what they might see before.
    let demoted = bench.set_role(&helper, "user_admin").await;
    assert_eq!(suspend(bench, &demoted, "a").await.code(), "already_done");
    bench.clock.advance(Duration::from_hours(24));
    assert_eq!(suspend(bench, &admin, "a").await.code(), "first");
}

async fn secrets_are_shown_once(bench: &Bench) {
    let (admin, control) = (bench.admin().await, &bench.control);
    let issuer = bench.role("issuer", &["keys:write", "management_keys:write", "management_keys:read"]).await;
    let issuer =
        bench.set_role(&bench.account("i@example.com", BuiltInRole::User).await, issuer.as_str()).await;
    let dev = bench.account("dev@example.com", BuiltInRole::User).await.user().unwrap().id.clone();
    let create = async |actor: &Actor, name: &str| {
        let work =
            async |control: Control| keys::create(&control, actor, named(name)).await.map(|made| made.key);
        ask((control, actor), ("order-66", name), work).await
    };
    let Outcome::First(made) = create(&issuer, "k").await else { panic!("it is the first") };
    let made: KeyView = serde_json::from_str(&made).unwrap();
    match create(&issuer, "k").await {
        Outcome::Failed(Error::AlreadyCreated(Made::Key(found))) => assert_eq!(*found, made),
        other => panic!("{other:?}"),
    }
    assert_eq!(create(&issuer, "another").await.code(), "idempotency_key_reused");
    // Who may no longer do it isn't told what was made.
    let demoted = bench.set_role(&issuer, "user").await;
    match create(&demoted, "k").await {
        Outcome::Failed(Error::AlreadyCreated(Made::Unseen)) => {}
        other => panic!("{other:?}"),
    }

    let rotate = async || {
        let work = async |control: Control| {
            keys::rotate(&control, &admin, &made.id, RotateKey::default()).await.map(drop)
        };
        ask((control, &admin), ("rotate", "rotate"), work).await
    };
    assert_eq!(rotate().await.code(), "first");
    assert_eq!(rotate().await.code(), "already_created");
    assert_eq!(keys::read(control, &admin, &made.id).await.unwrap().secrets.len(), 2);

    let management = async || {
        let new = serde_json::from_value(json!({ "name": "m", "permissions": ["keys:read"] })).unwrap();
        let work = async |control: Control| management_keys::create(&control, &admin, new).await.map(drop);
        ask((control, &admin), ("m", "m"), work).await
    };
    assert_eq!(management().await.code(), "first");
    match management().await {
        Outcome::Failed(Error::AlreadyCreated(Made::ManagementKey(key))) => assert_eq!(key.key.name, "m"),
        other => panic!("{other:?}"),
    }

    let link = async || {
        let work = async |control: Control| users::reset_link(&control, &admin, &dev).await.map(drop);
        ask((control, &admin), ("link", "link"), work).await
    };
    assert_eq!(link().await.code(), "first");
    assert!(matches!(link().await, Outcome::Failed(Error::AlreadyCreated(Made::Unseen))));
}

async fn what_failed_is_not_remembered(bench: &Bench) {
    let (admin, control) = (bench.admin().await, &bench.control);
    let dev = bench.account("dev@example.com", BuiltInRole::User).await;
    let create = async |actor: &Actor| {
        let new = NewKey { tenant_id: Some("alpha".parse().unwrap()), ..named("k") };
        let work = async |control: Control| keys::create(&control, actor, new).await.map(drop);
        ask((control, actor), ("again", "k"), work).await
    };
    assert!(matches!(create(&admin).await, Outcome::Failed(Error::Invalid(_))));
    bench.tenant("alpha").await;
    assert_eq!(create(&admin).await.code(), "first");
    // A refused attempt is written down, and is none that was done.
    assert!(matches!(create(&dev).await, Outcome::Failed(Error::Forbidden(_))));
    assert_eq!(bench.audit().await.last().unwrap(), &("key.create".to_owned(), "denied".to_owned()));
    let promoted = bench.set_role(&dev, "super_admin").await;
    assert_eq!(create(&promoted).await.code(), "first");

    // Two at once: what the second did is gone, and it is told what the first was.
    let key = IdempotencyKey::parse("race").unwrap();
    let both = [
        Once::begin(control, &admin, &key, "race").await.unwrap(),
        Once::begin(control, &admin, &key, "race").await.unwrap(),
    ];
    let [Attempt::First(winner), Attempt::First(loser)] = both else { panic!("neither has done anything") };
    keys::create(&winner.control(), &admin, named("winner")).await.unwrap();
    let rows = bench.audit().await.len();
    let lost = keys::create(&loser.control(), &admin, named("loser")).await;
    assert!(matches!(lost, Err(Error::AlreadyDone)));
    assert_eq!(bench.audit().await.len(), rows);
    match loser.end(None).await {
        Err(Error::AlreadyCreated(Made::Key(key))) => assert_eq!(key.name, "winner"),
        other => panic!("{other:?}"),
    }

    // Done, and then its answer was lost: it isn't done again.
    let key = IdempotencyKey::parse("lost").unwrap();
    let Attempt::First(once) = Once::begin(control, &admin, &key, "lost").await.unwrap() else { panic!() };
    tenants::suspend(&once.control(), &admin, &"alpha".parse().unwrap(), None).await.unwrap();
    drop(once);
    let again = Once::begin(control, &admin, &key, "lost").await.map(drop);
    assert!(matches!(again, Err(Error::AlreadyDone)), "{again:?}");
}

#[tokio::test]
async fn on_sqlite() {
    an_answer_is_given_again_and_nothing_done(&Bench::new().await).await;
    secrets_are_shown_once(&Bench::new().await).await;
    what_failed_is_not_remembered(&Bench::new().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_postgres() {
    let Some(bench) = Bench::postgres().await else { return };
    an_answer_is_given_again_and_nothing_done(&bench).await;
    bench.control.store().close().await;
    let Some(bench) = Bench::postgres().await else { return };
    what_failed_is_not_remembered(&bench).await;
    bench.control.store().close().await;
}

#[test]
fn keys_are_visible_ascii() {
    assert!(IdempotencyKey::parse(&"x".repeat(255)).is_some());
    for bad in ["", "a b", "ä", "a\n", &"x".repeat(256)] {
        assert_eq!(IdempotencyKey::parse(bad), None, "{bad:?}");
    }
}
