//! What was begun with ways in that are taken away meanwhile is worth nothing: links, changes of a password, half sign-ins.

use crate::support::{Bench, PASSWORD};
use control::management_keys::{self, actor_of_bearer};
use control::second_factor::remove;
use control::sign_in::{FirstStep, account_link, change_password, second_step, sign_in, use_account_link};
use control::{Actor, Client, Error, Password, users};
use model::UserId;
use model::role::BuiltInRole;
use model::user::AccountChange;
use serde_json::{Value, json};

const DEV: &str = "dev@example.com";

fn id(actor: &Actor) -> UserId {
    actor.user().unwrap().id.clone()
}

fn password(text: &str) -> Password {
    Password::new(text.to_owned())
}

fn change(fields: Value) -> AccountChange {
    serde_json::from_value(fields).unwrap()
}

async fn uses(bench: &Bench, token: &str) -> bool {
    let used = use_account_link(&bench.control, token, password("taken over now"), &Client::default()).await;
    assert!(matches!(used, Ok(_) | Err(Error::LinkInvalid)), "{used:?}");
    used.is_ok()
}

/// A management key of the admin's with these permissions.
async fn holder(bench: &Bench, admin: &Actor, permissions: Value) -> (model::ManagementKeyId, Actor) {
    let new = serde_json::from_value(json!({ "name": "deploy", "permissions": permissions })).unwrap();
    let made = management_keys::create(&bench.control, admin, new).await.unwrap();
    let actor = actor_of_bearer(&bench.control, &made.secret, |_| false, Client::default()).await.unwrap();
    (made.key.key.id, actor)
}

#[tokio::test]
async fn a_link_is_bounded_by_the_management_key_that_made_it() {
    let bench = Bench::new().await;
    let control = &bench.control;
    let admin = bench.admin().await;
    let dev = bench.account(DEV, BuiltInRole::User).await;
    let (key, narrow) = holder(&bench, &admin, json!(["users:read", "users:write"])).await;
    let link = users::reset_link(control, &narrow, &id(&dev)).await.unwrap();
    bench.set_role(&dev, "super_admin").await;
    assert!(!uses(&bench, link.token.expose()).await, "the key's creator could have given that, the key not");
    bench.set_role(&dev, "user").await;
    management_keys::revoke(control, &admin, &key, None).await.unwrap();
    assert!(!uses(&bench, link.token.expose()).await, "the key is revoked");
    let (_, narrow) = holder(&bench, &admin, json!(["users:read", "users:write"])).await;
    let link = users::reset_link(control, &narrow, &id(&dev)).await.unwrap();
    assert!(uses(&bench, link.token.expose()).await);
}

#[tokio::test]
async fn a_link_needs_its_maker_s_right_to_write_accounts() {
    let bench = Bench::new().await;
    let control = &bench.control;
    bench.admin().await;
    let helper = bench.account("helper@example.com", BuiltInRole::UserAdmin).await;
    let dev = bench.account(DEV, BuiltInRole::User).await;
    let link = users::reset_link(control, &helper, &id(&dev)).await.unwrap();
    bench.set_role(&helper, "user").await;
    assert!(!uses(&bench, link.token.expose()).await);
    // A right for one tenant ends where the account joins another one.
    for tenant in ["alpha", "beta"] {
        bench.tenant(tenant).await;
    }
    let lead = bench.member("lead@example.com", &[("alpha", Some("super_admin"))]).await;
    let person = bench.member("person@example.com", &[("alpha", None)]).await;
    let link = users::reset_link(control, &lead, &id(&person)).await.unwrap();
    let new = serde_json::from_value(json!({ "user_id": id(&person), "tenant_id": "beta" })).unwrap();
    control::memberships::add(control, &Actor::command_line(), new).await.unwrap();
    assert!(!uses(&bench, link.token.expose()).await);
}

#[tokio::test]
async fn links_end_with_the_password_and_with_the_account() {
    let bench = Bench::new().await;
    let control = &bench.control;
    let admin = bench.admin().await;
    let dev = bench.account(DEV, BuiltInRole::User).await;
    let link = users::reset_link(control, &admin, &id(&dev)).await.unwrap();
    change_password(control, &dev, password(PASSWORD), password("a new long password")).await.unwrap();
    assert!(matches!(account_link(control, link.token.expose()).await, Err(Error::LinkInvalid)));
    let link = users::reset_link(control, &admin, &id(&dev)).await.unwrap();
    for status in ["inactive", "active"] {
        users::change(control, &admin, &id(&dev), change(json!({ "status": status }))).await.unwrap();
    }
    assert!(matches!(account_link(control, link.token.expose()).await, Err(Error::LinkInvalid)));
}

#[tokio::test]
async fn a_password_that_was_reset_stays_reset() {
    let bench = Bench::new().await;
    let control = &bench.control;
    let dev = bench.account(DEV, BuiltInRole::User).await;
    let (hand, person) = (Actor::command_line(), id(&dev));
    let mut current = PASSWORD.to_owned();
    for round in 0..8 {
        let dev = bench.actor(&person).await;
        // Somebody with a session and the old password, at the same time as who resets it.
        let reset = format!("reset in round {round}");
        let (thief, owner) = tokio::join!(
            change_password(control, &dev, password(&current), password("the thief's own words")),
            users::reset_password(control, &hand, &person, password(&reset)),
        );
        owner.unwrap();
        assert!(matches!(thief, Ok(_) | Err(Error::Unauthenticated)), "{thief:?}");
        let in_again = sign_in(control, DEV, password(&reset), &Client::default()).await;
        assert!(in_again.is_ok(), "round {round}: {thief:?}");
        current = reset;
    }
}

#[tokio::test]
async fn an_account_that_was_switched_off_and_on_keeps_nothing_that_was_under_way() {
    let bench = Bench::new().await;
    let control = &bench.control;
    let dev = bench.account(DEV, BuiltInRole::User).await;
    let hand = Actor::command_line();
    for _ in 0..4 {
        let dev = bench.actor(&id(&dev)).await;
        let (thief, ()) =
            tokio::join!(change_password(control, &dev, password(PASSWORD), password(PASSWORD)), async {
                for status in ["inactive", "active"] {
                    users::change(control, &hand, &id(&dev), change(json!({ "status": status })))
                        .await
                        .unwrap();
                }
            },);
        if let Ok(subject) = thief {
            let present = control::sign_in::presence_of(control, &subject, Client::default()).await.unwrap();
            assert!(present.is_none(), "the switch came after it, and ended its session");
        }
    }
}

#[tokio::test]
async fn ending_all_sessions_ends_half_ones() {
    let bench = Bench::new().await;
    let control = &bench.control;
    let admin = bench.admin().await;
    let dev = bench.account(DEV, BuiltInRole::User).await;
    let (authenticator, ..) = bench.enrol(&dev).await;
    let FirstStep::HalfWay(half) =
        sign_in(control, DEV, password(PASSWORD), &Client::default()).await.unwrap()
    else {
        unreachable!("there is a second factor")
    };
    users::end_sessions(control, &admin, &id(&dev), None).await.unwrap();
    let code = authenticator.next(control.now());
    let over = second_step(control, &half, &code, &Client::default()).await;
    assert!(matches!(over, Err(Error::SecondStepOver)));
}

#[tokio::test]
async fn a_change_of_password_forgives_no_wrong_codes() {
    let bench = Bench::new().await;
    let control = &bench.control;
    let dev = bench.account(DEV, BuiltInRole::User).await;
    let (_, _, dev) = bench.enrol(&dev).await;
    let mut guesses = 0;
    let mut dev = dev;
    for _ in 0..4 {
        for _ in 0..3 {
            match remove(control, &dev, password(PASSWORD), "000000").await.err() {
                Some(Error::Invalid(_)) => guesses += 1,
                Some(Error::LockedOut { .. }) => {
                    assert!((4..=5).contains(&guesses), "{guesses}");
                    return;
                }
                other => unreachable!("{other:?}"),
            }
        }
        match change_password(control, &dev, password(PASSWORD), password(PASSWORD)).await {
            Ok(_) => dev = bench.again(&dev).await,
            Err(error) => assert!(matches!(error, Error::LockedOut { .. }), "{error:?}"),
        }
    }
    unreachable!("{guesses} guesses, and no lock");
}
