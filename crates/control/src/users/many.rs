//! The same for many accounts: each by itself and under the rules of one, so that one that can't be doesn't keep the
//! others.

use super::{WRITE, offboard, set_status};
use crate::audit::Target;
use crate::{Actor, Control, Error, reason};
use model::UserId;
use model::key::CutReceipt;
use model::role::Reach;
use model::user::{MANY_USERS, OffboardMany, OneOfMany, StatusOfMany, UserChange, UserStatus};

/// Sets up to [`MANY_USERS`] accounts Active or Inactive, one after the other: what became of each. Needs `users:write`
/// somewhere; of each account it needs what [`set_status`] does. Problems carry `correlation_id`.
pub async fn set_status_many(
    control: &Control,
    actor: &Actor,
    many: StatusOfMany,
    correlation_id: &str,
) -> Result<Vec<OneOfMany>, Error> {
    let StatusOfMany { ids, status, reason } = many;
    let reason = admit(control, actor, "user.set_status", &ids, reason.as_deref()).await?;
    let mut results = Vec::with_capacity(ids.len());
    for text in ids {
        let to = UserChange { status, reason: reason.map(ToOwned::to_owned) };
        let done = match text.parse::<UserId>() {
            Ok(id) => set_status(control, actor, &id, to).await,
            Err(_) => Err(Error::NotFound),
        };
        let done = done.map(|switched| (sentence(status, switched.receipt), switched.receipt));
        results.push(one(text, done, correlation_id));
    }
    Ok(results)
}

/// Offboards up to [`MANY_USERS`] people, one after the other: what became of each. Otherwise as [`set_status_many`].
pub async fn offboard_many(
    control: &Control,
    actor: &Actor,
    many: OffboardMany,
    correlation_id: &str,
) -> Result<Vec<OneOfMany>, Error> {
    let OffboardMany { ids, reason } = many;
    let reason = admit(control, actor, "user.offboard", &ids, reason.as_deref()).await?;
    let mut results = Vec::with_capacity(ids.len());
    for text in ids {
        let done = match text.parse::<UserId>() {
            Ok(id) => offboard(control, actor, &id, reason).await,
            Err(_) => Err(Error::NotFound),
        };
        let done = done.map(|done| {
            let (keys, word) =
                (done.keys_revoked.len(), if done.keys_revoked.len() == 1 { "key" } else { "keys" });
            (format!("{keys} {word} revoked, {}", done.receipt.sentence()), done.receipt)
        });
        results.push(one(text, done, correlation_id));
    }
    Ok(results)
}

/// What is wrong with the call as a whole; the reason as it is written down.
async fn admit<'a>(
    control: &Control,
    actor: &Actor,
    action: &'static str,
    ids: &[String],
    reason: Option<&'a str>,
) -> Result<Option<&'a str>, Error> {
    if actor.reach(WRITE) == Reach::Nowhere {
        let target = Target { kind: "user", id: "", name: "", tenant_id: None };
        return Err(control.refuse(actor, WRITE, action, &target, Error::Forbidden(WRITE)).await);
    }
    let reason = reason::if_given(reason)?;
    if !(1..=MANY_USERS).contains(&ids.len()) {
        return Err(Error::field("ids", format!("must be 1 to {MANY_USERS}")));
    }
    Ok(reason)
}

fn sentence(status: UserStatus, receipt: CutReceipt) -> String {
    match status {
        UserStatus::Active => "Active".to_owned(),
        UserStatus::Inactive => format!("Inactive, {}", receipt.sentence()),
    }
}

fn one(id: String, done: Result<(String, CutReceipt), Error>, correlation_id: &str) -> OneOfMany {
    match done {
        Ok((message, receipt)) => {
            OneOfMany { id, status: 200, code: "done".into(), message, receipt: Some(receipt) }
        }
        Err(error) => {
            let problem = error.to_problem(correlation_id);
            let message = problem.detail.unwrap_or(problem.title).into_owned();
            OneOfMany { id, status: problem.status, code: problem.code, message, receipt: None }
        }
    }
}
