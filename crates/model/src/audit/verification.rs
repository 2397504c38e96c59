//! Whether the audit log is as it was written.

use serde::{Deserialize, Serialize};
use std::fmt;

/// The newest row of the chain: noted outside, it proves the log up to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditHead {
    /// Its number.
    pub seq: i64,
    /// Its hash, in hexadecimal.
    pub hash: String,
}

/// The first thing that doesn't fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum AuditFinding {
    /// The row isn't as it was written, or it has taken the place of another.
    Changed {
        /// Which row.
        seq: i64,
    },
    /// Rows within the log are gone.
    Missing {
        /// The first.
        seq: i64,
        /// The last.
        through: i64,
    },
    /// Nobody wrote this row: it is outside of what was ever counted.
    Added {
        /// Which row.
        seq: i64,
    },
    /// The newest rows are gone.
    CutOff {
        /// The first.
        seq: i64,
        /// The last.
        through: i64,
    },
}

impl fmt::Display for AuditFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = |f: &mut fmt::Formatter<'_>, seq: i64, through: i64| {
            if seq == through { write!(f, "row {seq} is") } else { write!(f, "rows {seq} to {through} are") }
        };
        match *self {
            Self::Changed { seq } => write!(f, "row {seq} was changed after it was written"),
            Self::Missing { seq, through } => {
                rows(f, seq, through)?;
                f.write_str(" missing")
            }
            Self::Added { seq } => write!(f, "row {seq} was added by hand"),
            Self::CutOff { seq, through } => {
                rows(f, seq, through)?;
                f.write_str(" missing: the end of the log was cut off")
            }
        }
    }
}

/// What checking the log, or a part of it, came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditVerification {
    /// Rows of the chain that were looked at and fit.
    pub rows_checked: u64,
    /// Rows from before the chain: counted, but nothing proves what they say.
    pub rows_before_chain: u64,
    /// The newest row as the log itself notes it; `None`: nothing is chained yet.
    pub head: Option<AuditHead>,
    /// The first thing that doesn't fit; nothing after it was looked at.
    pub finding: Option<AuditFinding>,
    /// The row after which to go on; `None`: this was all.
    pub next: Option<i64>,
}

impl AuditVerification {
    /// Whether the whole log was looked at and fits.
    pub const fn intact(&self) -> bool {
        self.finding.is_none() && self.next.is_none()
    }

    /// What an earlier part and this one, which went on after it, came to together.
    #[must_use]
    pub fn following(self, earlier: &Self) -> Self {
        Self {
            rows_checked: self.rows_checked + earlier.rows_checked,
            rows_before_chain: self.rows_before_chain + earlier.rows_before_chain,
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn findings_are_sentences() {
        let said = |finding: AuditFinding| finding.to_string();
        assert_eq!(said(AuditFinding::Missing { seq: 4, through: 4 }), "row 4 is missing");
        assert_eq!(said(AuditFinding::Missing { seq: 4, through: 6 }), "rows 4 to 6 are missing");
        assert_eq!(
            said(AuditFinding::CutOff { seq: 9, through: 9 }),
            "row 9 is missing: the end of the log was cut off"
        );
    }
}
