//! Ways in, and ways that aren't.

use crate::support::{Bench, PASSWORD, whole};
use control::sign_in::{
    FirstRun, SeedAdmin, SetupForm, Subject, change_password, complete_setup, prepare, presence_of,
    setup_link_valid, sign_in,
};
use control::{Actor, Client, Error, users};
use identity::password::Password;
use model::role::BuiltInRole;
use std::time::Duration;

fn password(text: &str) -> Password {
    Password::new(text.to_owned())
}

fn form(token: &str, email: &str) -> SetupForm {
    SetupForm {
        token: token.to_owned(),
        name: "Ada".to_owned(),
        email: email.to_owned(),
        password: password(PASSWORD),
    }
}

async fn setup_token(bench: &Bench) -> String {
    match prepare(&bench.control, None).await.unwrap() {
        FirstRun::Setup(token) => token.expose().to_owned(),
        _ => unreachable!("no account exists"),
    }
}

#[tokio::test]
async fn the_setup_link_works_once_for_a_day_and_only_the_newest() {
    let bench = Bench::new().await;
    let old = setup_token(&bench).await;
    let token = setup_token(&bench).await;
    for wrong in ["", "guess", &old] {
        assert!(!setup_link_valid(&bench.control, wrong).await.unwrap());
        let refused = complete_setup(&bench.control, form(wrong, "a@example.com"), &Client::default()).await;
        assert!(matches!(refused, Err(Error::LinkInvalid)));
    }
    assert!(setup_link_valid(&bench.control, &token).await.unwrap());
    let user =
        complete_setup(&bench.control, form(&token, "a@example.com"), &Client::default()).await.unwrap();
    assert_eq!(user.user.role, BuiltInRole::SuperAdmin);
    let again = complete_setup(&bench.control, form(&token, "b@example.com"), &Client::default()).await;
    assert!(matches!(again, Err(Error::LinkInvalid)));
    assert!(matches!(prepare(&bench.control, None).await.unwrap(), FirstRun::Done));
}

#[tokio::test]
async fn the_setup_link_ends_after_a_day() {
    let bench = Bench::new().await;
    let token = setup_token(&bench).await;
    bench.clock.advance(Duration::from_hours(24));
    let refused = complete_setup(&bench.control, form(&token, "a@example.com"), &Client::default()).await;
    assert!(matches!(refused, Err(Error::LinkInvalid)));
}

#[tokio::test]
async fn twenty_parallel_uses_of_the_setup_link_make_one_admin() {
    let bench = Bench::new().await;
    let token = setup_token(&bench).await;
    let tries = (0..20).map(|n| {
        let form = form(&token, &format!("a{n}@example.com"));
        let control = bench.control.clone();
        async move { complete_setup(&control, form, &Client::default()).await.is_ok() }
    });
    let mut set = tokio::task::JoinSet::new();
    tries.for_each(|attempt| drop(set.spawn(attempt)));
    let wins = set.join_all().await.into_iter().filter(|won| *won).count();
    assert_eq!(wins, 1);
    assert_eq!(bench.control.store().count_users().await.unwrap(), 1);
}

#[tokio::test]
async fn the_configuration_can_name_the_first_admin() {
    let bench = Bench::new().await;
    let seed = || Some(SeedAdmin { email: "root@example.com".to_owned(), password: password(PASSWORD) });
    assert!(matches!(prepare(&bench.control, seed()).await.unwrap(), FirstRun::Seeded(_)));
    assert!(matches!(prepare(&bench.control, seed()).await.unwrap(), FirstRun::Done));
    sign_in(&bench.control, "ROOT@example.com ", password(PASSWORD), &Client::default()).await.unwrap();
}

#[tokio::test]
async fn unknown_accounts_and_wrong_passwords_get_one_answer() {
    let bench = Bench::new().await;
    bench.account("dev@example.com", BuiltInRole::User).await;
    for (email, text) in [("dev@example.com", "wrong password!"), ("nobody@example.com", PASSWORD), ("", "")]
    {
        let refused = sign_in(&bench.control, email, password(text), &Client::default()).await;
        assert!(matches!(refused, Err(Error::InvalidCredentials)), "{email}");
    }
    let step = sign_in(&bench.control, "Dev@Example.com", password(PASSWORD), &Client::default()).await;
    let user = whole(step.unwrap());
    assert_eq!(user.user.last_sign_in_at, Some(bench.control.now()));
    let rows = bench.audit().await;
    let starts: Vec<_> = rows.iter().filter(|(action, _)| action == "session.start").collect();
    assert_eq!(starts.len(), 4);
    assert_eq!(starts[3].1, "success");
}

#[tokio::test]
async fn five_attempts_lock_the_account_for_every_spelling_and_unknown_ones_too() {
    let bench = Bench::new().await;
    bench.account("dev@example.com", BuiltInRole::User).await;
    for email in ["dev@example.com", "nobody@example.com"] {
        for _ in 0..5 {
            let refused =
                sign_in(&bench.control, email, password("wrong password!"), &Client::default()).await;
            assert!(matches!(refused, Err(Error::InvalidCredentials)));
        }
        let spelled = email.to_uppercase();
        let locked = sign_in(&bench.control, &spelled, password(PASSWORD), &Client::default()).await;
        assert!(matches!(locked, Err(Error::LockedOut { retry_after: 1..=31 })), "{email}");
    }
    bench.clock.advance(Duration::from_secs(31));
    sign_in(&bench.control, "dev@example.com", password(PASSWORD), &Client::default()).await.unwrap();
}

#[tokio::test]
async fn parallel_guesses_are_counted_one_by_one() {
    let bench = Bench::new().await;
    bench.account("dev@example.com", BuiltInRole::User).await;
    let mut set = tokio::task::JoinSet::new();
    for _ in 0..40 {
        let control = bench.control.clone();
        set.spawn(async move {
            sign_in(&control, "dev@example.com", password("wrong password!"), &Client::default()).await
        });
    }
    let looked_at =
        set.join_all().await.into_iter().filter(|r| matches!(r, Err(Error::InvalidCredentials))).count();
    assert_eq!(looked_at, 5);
}

#[tokio::test]
async fn changing_the_password_needs_the_current_one() {
    let bench = Bench::new().await;
    let dev = bench.account("dev@example.com", BuiltInRole::User).await;
    let change = |current: &str, new: &str| {
        let (current, new) = (password(current), password(new));
        let (control, dev) = (bench.control.clone(), dev.clone());
        async move { change_password(&control, &dev, current, new).await }
    };
    assert!(matches!(change("wrong password!", "a new long password").await, Err(Error::Invalid(_))));
    assert!(matches!(change(PASSWORD, "short").await, Err(Error::Invalid(_))));
    change(PASSWORD, "a new long password").await.unwrap();
    let client = Client::default();
    assert!(sign_in(&bench.control, "dev@example.com", password(PASSWORD), &client).await.is_err());
    sign_in(&bench.control, "dev@example.com", password("a new long password"), &client).await.unwrap();
}

#[tokio::test]
async fn an_actor_has_the_role_of_this_moment() {
    let bench = Bench::new().await;
    let dev = bench.account("dev@example.com", BuiltInRole::User).await;
    let id = dev.user().unwrap().id.clone();
    assert_eq!(bench.actor(&id).await.user().unwrap().role, BuiltInRole::User);
    let unknown = Subject { user_id: "usr_0000000000000000".parse().unwrap(), credential_version: 0 };
    assert!(presence_of(&bench.control, &unknown, Client::default()).await.unwrap().is_none());
}

#[tokio::test]
async fn a_sign_in_from_before_a_password_reset_is_worth_nothing_after_it() {
    let bench = Bench::new().await;
    let dev = bench.account("dev@example.com", BuiltInRole::User).await;
    let client = Client::default();
    let early = sign_in(&bench.control, "dev@example.com", password(PASSWORD), &client).await;
    let early = whole(early.unwrap());
    let id = dev.user().unwrap().id.clone();
    let new = password("another long password");
    users::reset_password(&bench.control, &Actor::command_line(), &id, new).await.unwrap();
    assert!(presence_of(&bench.control, &early.subject, client.clone()).await.unwrap().is_none());
    let late = sign_in(&bench.control, "dev@example.com", password("another long password"), &client);
    let late = whole(late.await.unwrap());
    assert!(presence_of(&bench.control, &late.subject, client).await.unwrap().is_some());
}

#[tokio::test]
async fn the_setup_link_is_worth_nothing_once_there_is_an_admin() {
    let bench = Bench::new().await;
    let token = setup_token(&bench).await;
    bench.account("root@example.com", BuiltInRole::SuperAdmin).await;
    assert!(!setup_link_valid(&bench.control, &token).await.unwrap());
    let refused = complete_setup(&bench.control, form(&token, "a@example.com"), &Client::default()).await;
    assert!(matches!(refused, Err(Error::LinkInvalid)));
}

#[tokio::test]
async fn accounts_without_an_admin_among_them_still_get_one() {
    let bench = Bench::new().await;
    bench.account("dev@example.com", BuiltInRole::User).await;
    let token = setup_token(&bench).await;
    complete_setup(&bench.control, form(&token, "a@example.com"), &Client::default()).await.unwrap();
    assert!(matches!(prepare(&bench.control, None).await.unwrap(), FirstRun::Done));
}
