//! Requests with an `Idempotency-Key`: done once. A replay is told what the first made, without its secret.

use crate::{Actor, Control, Error};
use identity::secret::hash_token;
use model::key::KeyView;
use serde::Serialize;
use store::{IdempotentRequest, Tx};

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

/// A request that is done once, if its caller gave it a key.
pub(crate) struct Once(Option<IdempotentRequest>);

impl Once {
    /// `asked` is everything that was asked for: the same key with something else is a mistake.
    pub(crate) fn new(
        actor: &Actor,
        key: Option<&IdempotencyKey>,
        action: &'static str,
        asked: &impl Serialize,
    ) -> Self {
        Self(key.map(|key| IdempotentRequest {
            actor_id: actor.id().to_owned(),
            key: key.0.clone(),
            action,
            request_hash: hash_token(&serde_json::json!(asked).to_string()),
        }))
    }

    /// Refuses a request that was done before.
    pub(crate) async fn check(&self, control: &Control) -> Result<(), Error> {
        let Some(request) = &self.0 else { return Ok(()) };
        match control.store().already_done(request, control.now()).await {
            Ok(None) => Ok(()),
            Ok(Some(id)) => Err(Error::AlreadyCreated(Box::new(made(control, &id).await?))),
            Err(store::Error::Conflict { what: "request" }) => Err(Error::Conflict {
                code: "idempotency_key_reused",
                detail: "This Idempotency-Key was given to another request. Use a new one for each.".into(),
            }),
            Err(other) => Err(other.into()),
        }
    }

    /// Remembers in `tx` that it makes or changes `object_id`. Who comes second among several at once is refused as a
    /// replay.
    pub(crate) async fn remember(&self, control: &Control, mut tx: Tx, object_id: &str) -> Result<Tx, Error> {
        let Some(request) = &self.0 else { return Ok(tx) };
        match tx.remember(request, object_id, control.now()).await {
            Ok(()) => Ok(tx),
            Err(store::Error::Conflict { .. }) => {
                drop(tx);
                self.check(control).await?;
                // What stood in the way a moment ago is gone: a day has passed since.
                Err(Error::Conflict { code: "conflict", detail: "Send the request again.".into() })
            }
            Err(other) => Err(other.into()),
        }
    }
}

async fn made(control: &Control, id: &str) -> Result<KeyView, Error> {
    let id = id.parse().map_err(|_| Error::NotFound)?;
    control.store().key(&id, control.now()).await?.ok_or(Error::NotFound)
}
