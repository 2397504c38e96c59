//! Ways in, and ways that aren't.

use crate::support::{Bench, PASSWORD, whole};
use control::sign_in::{
    FirstRun, SeedAdmin, SetupForm, Subject, change_password, complete_setup, prepare, presence_of,
    setup_link_valid, sign_in, use_account_link,
};
use control::{Actor, Client, Error, users};
use identity::password::Password;
use model::role::BuiltInRole;
use model::user::NewUser;
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

/// Wherever one is set, what anybody would guess is refused at its field, and nothing has happened.
#[tokio::test]
async fn common_passwords_and_the_accounts_own_words_are_refused_everywhere() {
    let bench = Bench::new().await;
    let control = &bench.control;
    let client = Client::default();
    let at = |error: Error, field: &str| match error {
        Error::Invalid(errors) => {
            assert_eq!(errors[0].field, field);
            assert!(errors[0].message.contains("guessed"), "{}", errors[0].message);
        }
        other => panic!("{other:?}"),
    };
    let weak = ["password1234", "Gatehouse-2026", "1qaz2wsx3edc", "Zwischenahn-1"];
    let shell = Actor::command_line();
    let new = || NewUser {
        name: "Ada Zwischenahn".to_owned(),
        email: "ada@example.com".to_owned(),
        role: BuiltInRole::User.into(),
        organization_unit: None,
    };

    let token = setup_token(&bench).await;
    for text in weak {
        let mut form = form(&token, "a@example.com");
        form.name = "Ada Zwischenahn".to_owned();
        form.password = password(text);
        at(complete_setup(control, form, &client).await.err().unwrap(), "password");
        at(users::create(control, &shell, new(), Some(password(text))).await.unwrap_err(), "password");
        let seed = SeedAdmin { email: "zwischenahn@example.com".to_owned(), password: password(text) };
        at(prepare(control, Some(seed)).await.err().unwrap(), "password");
    }
    assert_eq!(control.store().count_users().await.unwrap(), 0);
    assert!(setup_link_valid(control, &token).await.unwrap(), "a refused form doesn't use the link up");

    let user = users::create(control, &shell, new(), Some(password(PASSWORD))).await.unwrap();
    let actor = bench.actor(&user.id).await;
    let link = users::reset_link(control, &shell, &user.id).await.unwrap();
    for text in weak {
        let link = use_account_link(control, link.token.expose(), password(text), &client).await;
        at(link.err().unwrap(), "password");
        let reset = users::reset_password(control, &shell, &user.id, password(text)).await;
        at(reset.unwrap_err(), "password");
        let changed = change_password(control, &actor, password(PASSWORD), password(text)).await;
        at(changed.err().unwrap(), "new_password");
    }
    sign_in(control, "ada@example.com", password(PASSWORD), &client).await.unwrap();
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
    let unknown = Subject::new("usr_0000000000000000".parse().unwrap(), 0);
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
