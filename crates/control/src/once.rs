//! Requests with an `Idempotency-Key`: done once, whatever they ask for.
//!
//! The first transaction that a request commits remembers its key with what it did ([`Control::commit`]), so that either
//! both are there or neither is, however many of the same try at once. When the request is over its answer is kept, too,
//! and given to who asks again. An answer with a secret in it is not: who asks again is told what was made. Requests that
//! failed are not remembered.

use crate::{Actor, Control, Error, keys, management_keys};
use identity::secret::hash_token;
use model::audit::AuditEntry;
use model::key::KeyView;
use model::management_key::ManagementKeyView;
use serde::{Deserialize, Serialize};
use std::sync::{Arc, Mutex, PoisonError};
use store::{IdempotentRequest, Remembered, Tx};

/// Operations whose answers hold a secret.
const SHOW_SECRETS: [&str; 5] =
    ["key.create", "key.rotate", "link.create", "management_key.create", "scim_client.create"];

/// The key that a caller gave a request, so that sending it again doesn't do it again. Remembered for a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// 1 to 255 visible ASCII characters.
    pub fn parse(text: &str) -> Option<Self> {
        let good = (1..=255).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
        good.then(|| Self(text.to_owned()))
    }
}

/// What a request made whose answer, which held a secret, isn't given twice.
#[derive(Debug)]
pub enum Made {
    /// A key, or a new secret for it: the record as it is now.
    Key(Box<KeyView>),
    /// A management key: the record as it is now.
    ManagementKey(Box<ManagementKeyView>),
    /// A one-time link; or something that the caller may not see, or that is gone.
    Unseen,
}

/// An answer as it was given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// JSON, or nothing.
    pub body: String,
}

/// An answer as it is kept.
#[derive(Serialize, Deserialize)]
struct Kept {
    /// SHA-256 of what its caller might do: with other rights they might not be told all that is in it.
    rights: [u8; 32],
    #[serde(flatten)]
    answer: Answer,
}

/// How a request with a key goes on.
pub enum Attempt {
    /// It wasn't done before: do it with [`Once::control`], and tell [`Once::end`] how it went.
    First(Once),
    /// It was: this was its answer.
    Again(Answer),
}

/// A request that is being done for the first time.
pub struct Once {
    control: Control,
    actor: Actor,
    claim: Arc<Claim>,
}

impl Once {
    /// Looks whether `actor` has made this request before. `asked` is everything that is asked for: the same key with
    /// something else is a mistake.
    pub async fn begin(
        control: &Control,
        actor: &Actor,
        key: &IdempotencyKey,
        asked: &str,
    ) -> Result<Attempt, Error> {
        let actor_id = actor.id().to_owned();
        let request = IdempotentRequest { actor_id, key: key.0.clone(), request_hash: hash_token(asked) };
        if let Some(answer) = replay(control, actor, &request).await? {
            return Ok(Attempt::Again(answer));
        }
        let claim = Arc::new(Claim { request, state: Mutex::default() });
        Ok(Attempt::First(Self { control: control.claiming(claim.clone()), actor: actor.clone(), claim }))
    }

    /// What to do it with: its first transaction remembers the key.
    pub fn control(&self) -> Control {
        self.control.clone()
    }

    /// Keeps the answer; `None`: the request failed. Gives another one's answer if that did the same meanwhile.
    pub async fn end(self, answer: Option<Answer>) -> Result<Option<Answer>, Error> {
        let Self { control, actor, claim } = self;
        match (claim.state(), answer) {
            (State::Lost, _) | (State::Open, None) => replay(&control, &actor, &claim.request).await,
            // What was done can't be done again, even if nobody can say how it went.
            (State::Taken(_), None) => Ok(None),
            (State::Taken(action), Some(_)) if SHOW_SECRETS.contains(&action) => Ok(None),
            (State::Open | State::Taken(_), Some(answer)) => {
                let kept = serde_json::json!(Kept { rights: hash_of_rights(&actor), answer }).to_string();
                if let Err(error) = control.store().keep_answer(&claim.request, &kept, control.now()).await {
                    tracing::error!(%error, "the answer to a request with an Idempotency-Key can't be kept");
                }
                Ok(None)
            }
        }
    }
}

/// A request's hold on its key.
#[derive(Debug)]
pub(crate) struct Claim {
    request: IdempotentRequest,
    state: Mutex<State>,
}

#[derive(Clone, Copy, Debug, Default)]
enum State {
    /// Nothing was committed yet.
    #[default]
    Open,
    /// A transaction of this request remembers the key, with this action.
    Taken(&'static str),
    /// Another request was quicker.
    Lost,
}

impl Claim {
    fn state(&self) -> State {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, state: State) {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = state;
    }

    /// The transaction that did this is committed.
    pub(crate) fn taken(&self, action: &'static str) {
        self.set(State::Taken(action));
    }

    /// Remembers in `tx` what it does, unless an earlier transaction of the same request did: what is done to many
    /// objects is done in many. Who comes second among several requests is refused, and `tx` is gone.
    pub(crate) async fn take(&self, control: &Control, mut tx: Tx, entry: &AuditEntry) -> Result<Tx, Error> {
        if matches!(self.state(), State::Taken(_)) {
            return Ok(tx);
        }
        match tx.remember(&self.request, entry.action, &entry.target_id, control.now()).await {
            Ok(()) => Ok(tx),
            Err(store::Error::Conflict { .. }) => {
                self.set(State::Lost);
                Err(Error::AlreadyDone)
            }
            Err(other) => Err(other.into()),
        }
    }
}

/// The answer to a request that was done before.
async fn replay(
    control: &Control,
    actor: &Actor,
    request: &IdempotentRequest,
) -> Result<Option<Answer>, Error> {
    match control.store().already_done(request, control.now()).await {
        Ok(None) => Ok(None),
        Ok(Some(Remembered::Answered(text))) => match serde_json::from_str(&text) {
            Ok(Kept { rights, answer }) if rights == hash_of_rights(actor) => Ok(Some(answer)),
            _ => Err(Error::AlreadyDone),
        },
        Ok(Some(Remembered::Acted { action, object_id })) if SHOW_SECRETS.contains(&action.as_str()) => {
            Err(Error::AlreadyCreated(made(control, actor, &action, &object_id).await?))
        }
        Ok(Some(Remembered::Acted { .. })) => Err(Error::AlreadyDone),
        Err(store::Error::Conflict { what: "request" }) => Err(Error::Conflict {
            code: "idempotency_key_reused",
            detail: "This Idempotency-Key was given to another request. Use a new one for each.".into(),
        }),
        Err(other) => Err(other.into()),
    }
}

fn hash_of_rights(actor: &Actor) -> [u8; 32] {
    hash_token(&serde_json::json!(actor.rights()).to_string())
}

async fn made(control: &Control, actor: &Actor, action: &str, id: &str) -> Result<Made, Error> {
    let found = match (action, id.parse(), id.parse()) {
        ("key.create" | "key.rotate", Ok(id), _) => {
            keys::made(control, actor, &id).await.map(|key| Made::Key(Box::new(key)))
        }
        ("management_key.create", _, Ok(id)) => {
            let key = management_keys::read(control, actor, &id).await;
            key.map(|key| Made::ManagementKey(Box::new(key)))
        }
        _ => Ok(Made::Unseen),
    };
    match found {
        Err(Error::NotFound | Error::Forbidden(_)) => Ok(Made::Unseen),
        other => other,
    }
}
