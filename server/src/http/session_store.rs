//! Sessions in the database: ids hashed, with their owner beside them; idle and absolute ends.

use app::edge::SESSION_SUBJECT;
use async_trait::async_trait;
use control::Control;
use control::sign_in::{SESSION_IDLE, Subject};
use identity::secret::hash_token;
use model::{SessionId, Timestamp};
use std::fmt;
use std::time::Duration;
use store::SessionRow;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Error, Result};
use tower_sessions::{SessionStore, cookie::time::OffsetDateTime};

/// How stale "last seen" may be: one write in this time, not one for each request.
const SEEN_EVERY: Duration = Duration::from_mins(5);

/// Our own store behind tower-sessions: the stock ones keep ids in clear and know no owner.
#[derive(Clone)]
pub(crate) struct Sessions(Control);

impl Sessions {
    pub(crate) fn new(control: Control) -> Self {
        Self(control)
    }

    fn row(&self, record: &Record, created_at: Timestamp) -> Result<SessionRow> {
        let data = serde_json::to_string(&record.data).map_err(|error| Error::Encode(error.to_string()))?;
        let subject = record.data.get(SESSION_SUBJECT).cloned();
        let subject: Option<Subject> = subject.and_then(|value| serde_json::from_value(value).ok());
        let (user_id, provider) =
            subject.map_or((None, None), |subject| (Some(subject.user_id), subject.provider));
        let (identity_provider_id, provider_sid) =
            provider.map_or((None, None), |provider| (Some(provider.provider_id), provider.sid));
        let expires_at = i64::try_from(record.expiry_date.unix_timestamp_nanos() / 1000).unwrap_or(i64::MAX);
        Ok(SessionRow {
            id_hash: hash(&record.id),
            user_id,
            identity_provider_id,
            provider_sid,
            data,
            created_at,
            last_seen_at: self.0.now(),
            expires_at: Timestamp::from_micros(expires_at),
        })
    }
}

impl fmt::Debug for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sessions")
    }
}

fn hash(id: &Id) -> [u8; 32] {
    hash_token(&id.to_string())
}

/// What names a session to people and programs.
pub(super) fn name(id: &Id) -> SessionId {
    SessionId::of(&hash(id))
}

fn backend(error: store::Error) -> Error {
    Error::Backend(error.to_string())
}

#[async_trait]
impl SessionStore for Sessions {
    async fn create(&self, record: &mut Record) -> Result<()> {
        loop {
            let row = self.row(record, self.0.now())?;
            if self.0.store().create_session(&row).await.map_err(backend)? {
                return Ok(());
            }
            record.id = Id::default();
        }
    }

    async fn save(&self, record: &Record) -> Result<()> {
        let row = self.row(record, self.0.now())?;
        // A session that has ended meanwhile stays ended.
        self.0.store().save_session(&row).await.map(drop).map_err(backend)
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let id_hash = hash(id);
        let Some(row) = self.0.store().session(&id_hash).await.map_err(backend)? else { return Ok(None) };
        let now = self.0.now();
        if row.expires_at <= now || now.since(row.last_seen_at) >= SESSION_IDLE {
            self.0.store().delete_session(&id_hash).await.map_err(backend)?;
            return Ok(None);
        }
        if now.since(row.last_seen_at) >= SEEN_EVERY {
            self.0.store().touch_session(&id_hash, now).await.map_err(backend)?;
        }
        let data = serde_json::from_str(&row.data).map_err(|error| Error::Decode(error.to_string()))?;
        let nanos = i128::from(row.expires_at.as_micros()) * 1000;
        let expiry_date = OffsetDateTime::from_unix_timestamp_nanos(nanos)
            .map_err(|error| Error::Decode(error.to_string()))?;
        Ok(Some(Record { id: *id, data, expiry_date }))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        self.0.store().delete_session(&hash(id)).await.map_err(backend)
    }
}
