//! The second factor: enrolled with care, asked for at sign-in, taken off with care.

use crate::support::{Authenticator, Bench, PASSWORD};
use control::second_factor::{begin, enrol, read, remove, renew_recovery_codes};
use control::sign_in::{
    FirstStep, HalfSession, Presence, SignedIn, Subject, presence_of, second_step, sign_in, use_account_link,
};
use control::{Actor, Client, Control, Error, users};
use identity::password::Password;
use model::UserId;
use model::role::BuiltInRole;
use model::second_factor::SecondFactorRule;
use model::user::{UserChange, UserStatus};
use serde_json::json;
use std::fmt::Write as _;
use std::time::Duration;

const DEV: &str = "dev@example.com";
const WRONG: &str = "000000";

fn password(text: &str) -> Password {
    Password::new(text.to_owned())
}

fn id(actor: &Actor) -> &UserId {
    &actor.user().unwrap().id
}

/// The first step of a sign-in that needs a second one.
async fn half_way(control: &Control, email: &str) -> HalfSession {
    match sign_in(control, email, password(PASSWORD), &Client::default()).await.unwrap() {
        FirstStep::HalfWay(half) => half,
        FirstStep::SignedIn(_) => unreachable!("no code was asked for"),
    }
}

async fn step(control: &Control, half: &HalfSession, code: &str) -> Result<SignedIn, Error> {
    second_step(control, half, code, &Client::default()).await
}

/// A developer with a second factor.
async fn enrolled(bench: &Bench) -> (Actor, Authenticator, Vec<String>) {
    let dev = bench.account(DEV, BuiltInRole::User).await;
    let (authenticator, codes, dev) = bench.enrol(&dev).await;
    (dev, authenticator, codes)
}

#[track_caller]
fn wrong_field<T>(result: Result<T, Error>) -> String {
    match result.err() {
        Some(Error::Invalid(errors)) => errors[0].field.to_string(),
        other => unreachable!("{other:?}"),
    }
}

#[track_caller]
fn conflict<T>(result: Result<T, Error>) -> &'static str {
    match result.err() {
        Some(Error::Conflict { code, .. }) => code,
        other => unreachable!("{other:?}"),
    }
}

#[tokio::test]
async fn only_people_have_one() {
    let bench = Bench::new().await;
    for nobody in [Actor::command_line(), Actor::master_key(Client::default())] {
        let control = &bench.control;
        assert!(matches!(begin(control, &nobody), Err(Error::Unauthenticated)));
        assert!(matches!(read(control, &nobody).await, Err(Error::Unauthenticated)));
        let pass = || password(PASSWORD);
        assert!(matches!(enrol(control, &nobody, "", pass(), WRONG).await, Err(Error::Unauthenticated)));
        assert!(matches!(remove(control, &nobody, pass(), WRONG).await, Err(Error::Unauthenticated)));
        let renewed = renew_recovery_codes(control, &nobody, pass(), WRONG).await;
        assert!(matches!(renewed, Err(Error::Unauthenticated)));
    }
}

#[tokio::test]
async fn enrolling_takes_the_password_and_a_first_code() {
    let bench = Bench::new().await;
    let control = &bench.control;
    let dev = bench.account(DEV, BuiltInRole::User).await;
    let other = bench.account("other@example.com", BuiltInRole::User).await;
    let new = begin(control, &dev).unwrap();
    assert!(new.uri.contains("Gatehouse:dev%40example.com") && new.uri.contains(&new.secret), "{}", new.uri);
    let authenticator = identity::totp::TotpSecret::parse(&new.secret).unwrap();
    let code = authenticator.code_at(control.now());
    let before = bench.everything().await;
    assert_eq!(wrong_field(enrol(control, &dev, &new.ticket, password(PASSWORD), WRONG).await), "code");
    assert_eq!(conflict(enrol(control, &dev, "guess", password(PASSWORD), &code).await), "enrolment_over");
    let of_other = enrol(control, &other, &new.ticket, password(PASSWORD), &code).await;
    assert_eq!(conflict(of_other), "enrolment_over");
    assert_eq!(bench.everything().await, before, "begun and mistyped: nothing was kept");
    let wrong = enrol(control, &dev, &new.ticket, password("wrong password!"), &code).await;
    assert_eq!(wrong_field(wrong), "current_password");
    assert!(!bench.again(&dev).await.user().unwrap().second_factor);

    let (subject, codes) = enrol(control, &dev, &new.ticket, password(PASSWORD), &code).await.unwrap();
    assert_eq!(codes.0.len(), 10);
    let after = presence_of(control, &subject, Client::default()).await.unwrap().unwrap();
    assert!(after.person().user().unwrap().second_factor);
    let old = Subject { credential_version: subject.credential_version - 1, ..subject };
    assert!(presence_of(control, &old, Client::default()).await.unwrap().is_none(), "other sessions ended");
    let stale = enrol(control, &dev, &new.ticket, password(PASSWORD), &code).await;
    assert!(matches!(stale, Err(Error::Unauthenticated)), "that session is over");
    assert_eq!(conflict(begin(control, after.person())), "second_factor_exists");
    let view = read(control, after.person()).await.unwrap().enrolled.unwrap();
    assert_eq!((view.at, view.recovery_codes_left), (control.now(), 10));
}

#[tokio::test]
async fn enrolling_ends_after_a_quarter_of_an_hour() {
    let bench = Bench::new().await;
    let dev = bench.account(DEV, BuiltInRole::User).await;
    let new = begin(&bench.control, &dev).unwrap();
    bench.clock.advance(Duration::from_mins(15));
    let code = identity::totp::TotpSecret::parse(&new.secret).unwrap().code_at(bench.control.now());
    let late = enrol(&bench.control, &dev, &new.ticket, password(PASSWORD), &code).await;
    assert_eq!(conflict(late), "enrolment_over");
}

#[tokio::test]
async fn a_password_alone_opens_nothing_and_each_code_is_taken_once() {
    let bench = Bench::new().await;
    let (dev, authenticator, _) = enrolled(&bench).await;
    let control = &bench.control;
    let rows = bench.audit().await.len();
    let half = half_way(control, DEV).await;
    let first = [("session.first_step".to_owned(), "success".to_owned())];
    assert_eq!(bench.audit().await.split_off(rows), first, "half a sign-in is none, and is written down");
    let rows = rows + 1;
    assert_eq!(control.store().user(id(&dev)).await.unwrap().unwrap().last_sign_in_at, None);

    let now = control.now();
    let of_enrolment = authenticator.code(now);
    for wrong in [WRONG, "", "x", &of_enrolment, &authenticator.code(now.before(Duration::from_secs(90)))] {
        // Each gets a fresh lock-out, which has its own test.
        bench.raw("DELETE FROM login_buckets").await;
        assert!(matches!(step(control, &half, wrong).await, Err(Error::InvalidCode)), "{wrong:?}");
    }
    bench.raw("DELETE FROM login_buckets").await;
    let code = authenticator.next(now);
    let spaced = format!(" {} {} ", &code[..3], &code[3..]);
    let signed_in = step(control, &half, &spaced).await.unwrap();
    assert_eq!((&signed_in.user.id, signed_in.user.last_sign_in_at), (id(&dev), Some(now)));
    assert!(matches!(step(control, &half, &code).await, Err(Error::InvalidCode)), "taken");

    let written = bench.audit().await.split_off(rows);
    let good: Vec<_> = written.iter().filter(|(_, result)| result == "success").collect();
    assert_eq!(good, [&("session.start".to_owned(), "success".to_owned())]);
    assert!(written.iter().all(|(action, _)| action == "session.start"), "{written:?}");
    assert_eq!(written.len(), 7);
}

#[tokio::test]
async fn twenty_at_one_code_are_one() {
    let bench = Bench::new().await;
    let (_, authenticator, codes) = enrolled(&bench).await;
    for code in [authenticator.next(bench.control.now()), codes[0].clone()] {
        let half = half_way(&bench.control, DEV).await;
        let mut set = tokio::task::JoinSet::new();
        for _ in 0..20 {
            let (control, half, code) = (bench.control.clone(), half.clone(), code.clone());
            set.spawn(async move { step(&control, &half, &code).await.is_ok() });
        }
        assert_eq!(set.join_all().await.into_iter().filter(|won| *won).count(), 1);
        bench.raw("DELETE FROM login_buckets").await;
    }
}

#[tokio::test]
async fn half_a_sign_in_ends_by_itself_and_with_what_it_was_begun_with() {
    let bench = Bench::new().await;
    let (dev, authenticator, codes) = enrolled(&bench).await;
    let control = &bench.control;
    let half = half_way(control, DEV).await;
    bench.clock.advance(Duration::from_mins(5));
    let late = step(control, &half, &authenticator.code(control.now())).await;
    assert!(matches!(late, Err(Error::SecondStepOver)));

    let half = half_way(control, DEV).await;
    users::reset_password(control, &Actor::command_line(), id(&dev), password(PASSWORD)).await.unwrap();
    assert!(matches!(step(control, &half, &codes[0]).await, Err(Error::SecondStepOver)), "a new password");

    let half = half_way(control, DEV).await;
    let off = UserChange { status: UserStatus::Inactive, reason: None };
    users::set_status(control, &Actor::command_line(), id(&dev), off).await.unwrap();
    assert!(matches!(step(control, &half, &codes[0]).await, Err(Error::SecondStepOver)), "Inactive");
    assert_eq!(control.store().recovery_codes_left(id(&dev)).await.unwrap(), 10, "no code was lost on it");
}

#[tokio::test]
async fn who_has_the_password_buys_no_guesses_with_it() {
    let bench = Bench::new().await;
    let (_, authenticator, _) = enrolled(&bench).await;
    let control = &bench.control;
    for _ in 0..5 {
        let half = half_way(control, DEV).await;
        assert!(matches!(step(control, &half, WRONG).await, Err(Error::InvalidCode)));
    }
    let locked = sign_in(control, DEV, password(PASSWORD), &Client::default()).await;
    assert!(matches!(locked, Err(Error::LockedOut { .. })));
    bench.clock.advance(Duration::from_secs(31));
    let half = half_way(control, DEV).await;
    assert!(matches!(step(control, &half, WRONG).await, Err(Error::InvalidCode)));
    let right = authenticator.code(control.now());
    assert!(matches!(step(control, &half, &right).await, Err(Error::LockedOut { .. })), "right, but locked");
    bench.clock.advance(Duration::from_mins(2));
    let half = half_way(control, DEV).await;
    step(control, &half, &authenticator.code(control.now())).await.unwrap();
    // A whole sign-in forgives.
    for _ in 0..4 {
        let half = half_way(control, DEV).await;
        assert!(matches!(step(control, &half, WRONG).await, Err(Error::InvalidCode)));
    }
    half_way(control, DEV).await;
}

#[tokio::test]
async fn a_recovery_code_lets_in_once_and_is_counted() {
    let bench = Bench::new().await;
    let (dev, _, codes) = enrolled(&bench).await;
    let control = &bench.control;
    let half = half_way(control, DEV).await;
    let rows = bench.audit().await.len();
    step(control, &half, &codes[3].to_uppercase().replace('-', " ")).await.unwrap();
    let actions: Vec<_> = bench.audit().await.split_off(rows).into_iter().map(|(action, _)| action).collect();
    assert_eq!(actions, ["second_factor.recovery_used", "session.start"]);
    assert_eq!(bench.detail("second_factor.recovery_used").await, json!({ "recovery_codes_left": 9 }));
    assert_eq!(bench.detail("session.start").await["second_factor"], "recovery_code");
    assert!(matches!(step(control, &half, &codes[3]).await, Err(Error::InvalidCode)), "used");
    assert_eq!(read(control, &dev).await.unwrap().enrolled.unwrap().recovery_codes_left, 9);
}

#[tokio::test]
async fn turning_it_off_and_new_codes_take_password_and_code() {
    let bench = Bench::new().await;
    let (dev, authenticator, old) = enrolled(&bench).await;
    let control = &bench.control;
    let next = authenticator.next(control.now());
    assert_eq!(
        wrong_field(remove(control, &dev, password("wrong password!"), &next).await),
        "current_password"
    );
    assert_eq!(wrong_field(remove(control, &dev, password(PASSWORD), WRONG).await), "code");
    assert_eq!(wrong_field(renew_recovery_codes(control, &dev, password(PASSWORD), WRONG).await), "code");
    let (_, new) = renew_recovery_codes(control, &dev, password(PASSWORD), &next).await.unwrap();
    assert!(new.0.len() == 10 && new.0.iter().all(|code| !old.contains(code)));
    let dev = bench.again(&dev).await;
    assert_eq!(wrong_field(remove(control, &dev, password(PASSWORD), &old[0]).await), "code", "an old one");
    assert_eq!(wrong_field(remove(control, &dev, password(PASSWORD), &next).await), "code", "taken");
    let subject = remove(control, &dev, password(PASSWORD), &new.0[0]).await.unwrap();
    let dev = presence_of(control, &subject, Client::default()).await.unwrap().unwrap();
    assert_eq!(read(control, dev.person()).await.unwrap().enrolled, None);
    assert_eq!(conflict(remove(control, dev.person(), password(PASSWORD), WRONG).await), "no_second_factor");
    let alone = sign_in(control, DEV, password(PASSWORD), &Client::default()).await.unwrap();
    assert!(matches!(alone, FirstStep::SignedIn(_)));
    let refused = bench.audit().await.into_iter().filter(|(_, result)| result == "failure").count();
    assert_eq!(refused, 5, "each wrong one is written down");
}

#[tokio::test]
async fn others_are_reset_by_who_may_and_oneself_never() {
    let bench = Bench::new().await;
    let control = &bench.control;
    let (dev, ..) = enrolled(&bench).await;
    let (_, _, root) = bench.enrol(&bench.account("root@example.com", BuiltInRole::SuperAdmin).await).await;
    let models = bench.account("models@example.com", BuiltInRole::ModelAdmin).await;
    let (_, _, people) =
        bench.enrol(&bench.account("people@example.com", BuiltInRole::UserAdmin).await).await;
    let (id, of_root) = (id(&dev), id(&root));
    let reset =
        |actor: Actor, id: UserId| async move { users::reset_second_factor(control, &actor, &id).await };
    bench.tenant("team-alpha").await;
    let elsewhere = bench.member("elsewhere@example.com", &[("team-alpha", Some("user_admin"))]).await;
    assert!(matches!(reset(elsewhere, id.clone()).await, Err(Error::NotFound)), "another tenant's");
    assert!(matches!(reset(models, id.clone()).await, Err(Error::Forbidden(_))));
    assert!(matches!(reset(people.clone(), of_root.clone()).await, Err(Error::Outranked)));
    let own = reset(people.clone(), people.user().unwrap().id.clone()).await;
    assert_eq!(conflict(own), "own_second_factor");
    assert!(bench.again(&dev).await.user().unwrap().second_factor);

    let version = control.store().credential_version(id).await.unwrap();
    reset(people.clone(), id.clone()).await.unwrap();
    assert_ne!(control.store().credential_version(id).await.unwrap(), version, "what was begun is over");
    assert!(!bench.again(&dev).await.user().unwrap().second_factor);
    let rows = bench.audit().await.len();
    assert_eq!(reset(people, id.clone()).await.unwrap().sessions_ended, 0);
    assert_eq!(bench.audit().await.len(), rows, "nothing was there to take");
    reset(Actor::command_line(), of_root.clone()).await.unwrap();
}

#[tokio::test]
async fn who_must_have_one_may_do_nothing_before() {
    for (rule, role, meant) in [
        (SecondFactorRule::Admins, BuiltInRole::BillingAdmin, true),
        (SecondFactorRule::Admins, BuiltInRole::User, false),
        (SecondFactorRule::Everyone, BuiltInRole::User, true),
    ] {
        let bench = Bench::requiring(rule).await;
        let control = &bench.control;
        let person = bench.account(DEV, role).await;
        let FirstStep::SignedIn(signed_in) =
            sign_in(control, DEV, password(PASSWORD), &Client::default()).await.unwrap()
        else {
            unreachable!("there is no second factor yet")
        };
        let found =
            || async { presence_of(control, &signed_in.subject, Client::default()).await.unwrap().unwrap() };
        let present = found().await;
        assert_eq!(matches!(present, Presence::Enrolling(_)), meant, "{rule:?} {role:?}");
        if !meant {
            continue;
        }
        assert!(matches!(present.actor(), Err(Error::SecondFactorRequired)));
        assert!(present.person().rights().is_none());
        assert!(read(control, present.person()).await.unwrap().required);
        let (_, _, person) = bench.enrol(&person).await;
        assert!(person.user().unwrap().second_factor);
        assert_eq!(person.rights().is_none(), role == BuiltInRole::User, "rights are back");
    }
}

#[tokio::test]
async fn a_link_for_a_new_password_gets_nobody_past_it() {
    let bench = Bench::new().await;
    let (dev, authenticator, _) = enrolled(&bench).await;
    let control = &bench.control;
    let link = users::reset_link(control, &Actor::command_line(), id(&dev)).await.unwrap();
    let new = password("a new long password");
    let used = use_account_link(control, link.token.expose(), new, &Client::default()).await.unwrap();
    let FirstStep::HalfWay(half) = used else { unreachable!("no code was asked for") };
    assert_eq!(control.store().user(id(&dev)).await.unwrap().unwrap().last_sign_in_at, None);
    step(control, &half, &authenticator.next(control.now())).await.unwrap();
    assert_eq!(bench.detail("session.start").await, json!({ "method": "link", "second_factor": "code" }));
}

#[tokio::test]
async fn secret_and_codes_are_nowhere_in_clear() {
    let bench = Bench::new().await;
    let dev = bench.account(DEV, BuiltInRole::User).await;
    let new = begin(&bench.control, &dev).unwrap();
    let secret = identity::totp::TotpSecret::parse(&new.secret).unwrap();
    let code = secret.code_at(bench.control.now());
    let (_, codes) = enrol(&bench.control, &dev, &new.ticket, password(PASSWORD), &code).await.unwrap();
    let half = half_way(&bench.control, DEV).await;
    step(&bench.control, &half, &codes.0[0]).await.unwrap();
    let everything = bench.everything().await.join("\n").to_lowercase();
    assert!(!everything.contains(&new.secret.to_lowercase()));
    let hex = |text: &str| {
        text.bytes().fold(String::new(), |mut hex, byte| {
            write!(hex, "{byte:02x}").unwrap();
            hex
        })
    };
    assert!(!everything.contains(&hex(&new.secret)), "sealed, not merely in bytes");
    for code in &codes.0 {
        assert!(!everything.contains(code) && !everything.contains(&code.replace('-', "")));
    }
}
