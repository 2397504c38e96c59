//! Checking the audit log against its chain of hashes, a bounded number of rows at a time.

use crate::audit_chain::{Link, hexadecimal};
use crate::error::Result;
use crate::fields::Fields;
use crate::pool::Store;
use model::audit::{AuditFinding, AuditHead, AuditVerification};
use sqlx::AnyConnection;
use sqlx::any::AnyRow;

/// Rows read at a time: they are short, and never more than this many are held.
const BATCH: i64 = 1_000;

/// What the log notes of itself beside its rows.
struct Noted {
    /// Number of the newest row.
    seq: i64,
    /// The first row of the chain.
    first: i64,
    /// The newest row's hash; `None`: nothing is chained yet.
    hash: Option<Vec<u8>>,
}

/// Where a walk along the chain is.
struct Walk {
    /// The number that the last row had.
    at: i64,
    previous: Option<[u8; 32]>,
    checked: u64,
    before_chain: u64,
}

impl Store {
    /// Checks the rows after the one that `after` names, or all from the first on, until something doesn't fit, the log
    /// ends, or at least `rows` were looked at.
    ///
    /// Rows and what is noted of the newest are read at one moment, so that a log that grows meanwhile is no finding.
    pub async fn verify_audit(&self, after: Option<i64>, rows: u64) -> Result<AuditVerification> {
        let mut walk = Walk { at: after.unwrap_or(0), previous: None, checked: 0, before_chain: 0 };
        let mut resumed = after.is_some();
        loop {
            let mut tx = self.reader().begin_with(self.dialect().snapshot()).await?;
            let noted = noted(&mut tx).await?;
            if std::mem::take(&mut resumed) {
                walk.previous = hash_of(&mut tx, walk.at).await?;
            }
            // A row numbered below 1 is nobody's.
            let from = if walk.at == 0 { i64::MIN } else { walk.at };
            let batch = sqlx::query(
                "SELECT seq, at, actor_id, actor, action, target_type, target_id, target_name, tenant_id, result, ip,
                        detail, hash
                 FROM audit_log WHERE seq > $1 ORDER BY seq LIMIT $2",
            )
            .bind(from)
            .bind(BATCH)
            .fetch_all(&mut *tx)
            .await?;
            tx.commit().await?;
            for row in &batch {
                if let Some(finding) = walk.step(row, &noted)? {
                    return Ok(walk.answer(&noted, Some(finding), None));
                }
            }
            if i64::try_from(batch.len()).is_ok_and(|read| read < BATCH) {
                let finding = walk.end(&noted);
                return Ok(walk.answer(&noted, finding, None));
            }
            if walk.checked + walk.before_chain >= rows {
                let next = walk.at;
                return Ok(walk.answer(&noted, None, Some(next)));
            }
        }
    }

    /// The number of the row with this hash.
    pub async fn audit_row_with_hash(&self, hash: &[u8; 32]) -> Result<Option<i64>> {
        let row = sqlx::query("SELECT seq FROM audit_log WHERE hash = $1").bind(&hash[..]);
        row.fetch_optional(self.reader()).await?.map(|row| row.get("seq")).transpose()
    }
}

async fn noted(on: &mut AnyConnection) -> Result<Noted> {
    let row = sqlx::query("SELECT audit_seq, audit_first, audit_head FROM feed WHERE id = 1");
    let row = row.fetch_one(on).await?;
    Ok(Noted { seq: row.get("audit_seq")?, first: row.get("audit_first")?, hash: row.get("audit_head")? })
}

/// The hash that a row was found to have. Whoever changes it meanwhile is found at the row after it.
async fn hash_of(on: &mut AnyConnection, seq: i64) -> Result<Option<[u8; 32]>> {
    let row = sqlx::query("SELECT hash FROM audit_log WHERE seq = $1").bind(seq).fetch_optional(on).await?;
    let hash: Option<Vec<u8>> = row.map(|row| row.get("hash")).transpose()?.flatten();
    Ok(hash.and_then(|hash| hash.try_into().ok()))
}

impl Walk {
    /// What is wrong with the next row.
    fn step(&mut self, row: &AnyRow, noted: &Noted) -> Result<Option<AuditFinding>> {
        let link = Link {
            seq: row.get("seq")?,
            at: row.get("at")?,
            actor_id: row.get("actor_id")?,
            actor: row.get("actor")?,
            action: row.get("action")?,
            target_type: row.get("target_type")?,
            target_id: row.get("target_id")?,
            target_name: row.get("target_name")?,
            tenant_id: row.get("tenant_id")?,
            result: row.get("result")?,
            ip: row.get("ip")?,
            detail: row.get("detail")?,
        };
        let stored: Option<&[u8]> = row.get("hash")?;
        let (seq, due) = (link.seq, self.at + 1);
        if seq > due && due <= noted.seq {
            return Ok(Some(AuditFinding::Missing { seq: due, through: noted.seq.min(seq - 1) }));
        }
        if seq != due || seq > noted.seq {
            return Ok(Some(AuditFinding::Added { seq }));
        }
        if seq < noted.first {
            if stored.is_some() {
                return Ok(Some(AuditFinding::Changed { seq }));
            }
            self.before_chain += 1;
        } else {
            let hash = link.hash(self.previous.as_ref());
            if stored != Some(&hash[..]) {
                return Ok(Some(AuditFinding::Changed { seq }));
            }
            self.previous = Some(hash);
            self.checked += 1;
        }
        self.at = seq;
        Ok(None)
    }

    /// What is wrong where the rows end.
    fn end(&self, noted: &Noted) -> Option<AuditFinding> {
        if self.at < noted.seq {
            return Some(AuditFinding::CutOff { seq: self.at + 1, through: noted.seq });
        }
        // The last row fits the one before it: it was written anew, with a hash to go with it.
        let same = self.previous.as_ref().map(|hash| &hash[..]) == noted.hash.as_deref();
        (!same).then_some(AuditFinding::Changed { seq: noted.seq })
    }

    fn answer(self, noted: &Noted, finding: Option<AuditFinding>, next: Option<i64>) -> AuditVerification {
        let head = noted.hash.as_ref().map(|hash| AuditHead { seq: noted.seq, hash: hexadecimal(hash) });
        AuditVerification {
            rows_checked: self.checked,
            rows_before_chain: self.before_chain,
            head,
            finding,
            next,
        }
    }
}
