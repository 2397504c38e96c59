//! One victim, two providers: in which cases does the second provider's word open the victim's account? Generated.

use super::person;
use crate::support::Bench;
use control::Actor;
use control::sign_in::FirstStep;
use model::role::BuiltInRole;
use model::sso::SignInRefusal;
use serde_json::{Value, json};

/// Whose account it is.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Victim {
    /// An account of ours, with a password.
    Local,
    /// One that the first provider made.
    OfTheFirst,
    /// A `super_admin` of ours.
    SuperAdmin,
}

#[tokio::test]
async fn the_takeover_matrix() {
    let mut cases = 0;
    for victim in [Victim::Local, Victim::OfTheFirst, Victim::SuperAdmin] {
        for linking in ["never", "verified_email"] {
            cases += column(victim, linking).await;
        }
    }
    assert_eq!(cases, 3 * 2 * 4 * 4);
}

async fn column(victim: Victim, linking: &str) -> u32 {
    const EMAIL: &str = "victim@example.com";
    let bench = Bench::new().await;
    let first = bench.idp("first", json!({})).await;
    let second = bench.idp("second", json!({ "linking": linking })).await;
    let id = match victim {
        Victim::Local => bench.account(EMAIL, BuiltInRole::UserAdmin).await.user().unwrap().id.clone(),
        Victim::SuperAdmin => bench.account(EMAIL, BuiltInRole::SuperAdmin).await.user().unwrap().id.clone(),
        Victim::OfTheFirst => bench.signs_in(&first, person("v", EMAIL)).await.user.id,
    };
    let before = bench.people().await;
    let mut cases = 0;
    for spelling in [EMAIL, "Victim@Example.com", "VICTIM@EXAMPLE.COM", "victim@EXAMPLE.com"] {
        for verified in [json!(true), json!(false), Value::Null, json!("true")] {
            cases += 1;
            let case = format!("{victim:?}, linking {linking}, {spelling}, verified {verified}");
            // The same subject as at the first provider: a subject means nothing without its issuer.
            let mut claims = person("v", spelling);
            claims["email_verified"] = verified.clone();
            if verified.is_null() {
                claims.as_object_mut().unwrap().remove("email_verified");
            }
            let opens = victim == Victim::Local && linking == "verified_email" && verified == json!(true);
            let back = bench.comes(&second, claims).await;
            if opens {
                let Ok(FirstStep::SignedIn(signed_in)) = back else { panic!("{case}") };
                assert_eq!(signed_in.user.id, id, "{case}");
                assert_eq!(bench.people().await, (before.0, before.1 + 1), "{case}");
                assert_eq!(bench.detail("session.start").await["account"], "linked", "{case}");
                let hand = Actor::command_line();
                let identities = control::sso::identities(&bench.control, &hand, &id).await.unwrap();
                control::sso::unlink(&bench.control, &hand, &id, &identities[0].id).await.unwrap();
            } else {
                let why = if verified == json!(true) {
                    SignInRefusal::EmailTaken
                } else {
                    SignInRefusal::EmailUnverified
                };
                assert_eq!(super::refusal(back), why, "{case}");
            }
            assert_eq!(bench.people().await, before, "{case}");
        }
    }
    cases
}
