//! `gatehouse audit …`: whether the audit log is as it was written. Works beside a running server.

use super::prompt::say;
use super::{Failure, explain, open_control};
use crate::config::Config;
use clap::Subcommand;
use control::{Actor, Control};
use model::audit::AuditVerification;

#[derive(Subcommand)]
pub(super) enum AuditCommand {
    /// Check every row against the chain of hashes; exits with 1 if something doesn't fit
    Verify {
        /// A head that an earlier run printed: the log must still hold that row
        #[arg(long, value_name = "HASH")]
        expect_head: Option<String>,
    },
}

pub(super) async fn run(config: &Config, command: AuditCommand) -> Result<(), Failure> {
    let control = open_control(config).await?;
    let actor = Actor::command_line();
    match command {
        AuditCommand::Verify { expect_head } => verify(&control, &actor, expect_head.as_deref()).await,
    }
}

async fn verify(control: &Control, actor: &Actor, expect_head: Option<&str>) -> Result<(), Failure> {
    let result = control::audit::verify(control, actor).await.map_err(|error| explain(&error))?;
    if let Some(finding) = result.finding {
        let fit = rows(result.rows_checked);
        return Err(format!("the audit log is not as it was written: {finding}. {fit} before it fit.").into());
    }
    if let Some(hash) = expect_head
        && !control::audit::was_head(control, actor, hash).await.map_err(|error| explain(&error))?
    {
        return Err("the audit log was written anew: no row of it has the expected hash".into());
    }
    say(&summary(&result))
}

fn summary(result: &AuditVerification) -> String {
    let mut lines = vec![format!("The audit log is intact: {} checked.", rows(result.rows_checked))];
    if result.rows_before_chain > 0 {
        lines.push(format!("{} from before the chain can't be checked.", rows(result.rows_before_chain)));
    }
    if let Some(head) = &result.head {
        lines.push(format!("Head: row {}, {}", head.seq, head.hash));
    }
    lines.join("\n")
}

fn rows(count: u64) -> String {
    if count == 1 { "1 row".to_owned() } else { format!("{count} rows") }
}
