//! `gatehouse user …`: accounts from a shell on the machine.

use super::prompt::{password, say};
use super::{Failure, explain, open_control};
use crate::config::Config;
use clap::Subcommand;
use control::{Actor, Control};
use model::page::PageRequest;
use model::role::RoleName;
use model::session::EndedSessions;
use model::user::{NewUser, User, UserFilter, UserSort};

#[derive(Subcommand)]
pub(super) enum UserCommand {
    /// Create a local account; the password is read from standard input
    Create {
        /// E-mail address
        #[arg(long)]
        email: String,
        /// Display name; the e-mail address when left out
        #[arg(long)]
        name: Option<String>,
        /// Role: a built-in one or one of your own
        #[arg(long, default_value = "user")]
        role: RoleName,
        /// Organization unit
        #[arg(long)]
        organization_unit: Option<String>,
    },
    /// Set a new password, read from standard input, and end the account's sessions
    ResetPassword {
        /// E-mail address
        email: String,
    },
    /// Take an account's second factor away, and end its sessions
    ResetSecondFactor {
        /// E-mail address
        #[arg(long)]
        email: String,
    },
    /// Switch signing in with a password on again, for everybody
    AllowPasswords,
    /// List accounts
    List {
        /// Only those whose name or e-mail address matches
        #[arg(long)]
        q: Option<String>,
    },
}

pub(super) async fn run(config: &Config, command: UserCommand) -> Result<(), Failure> {
    let control = open_control(config).await?;
    let actor = Actor::command_line();
    match command {
        UserCommand::Create { email, name, role, organization_unit } => {
            let name = name.unwrap_or_else(|| email.clone());
            let new = NewUser { name, email, role, organization_unit };
            let password = password("Password (at least 12 characters)")?;
            let user = control::users::create(&control, &actor, new, Some(password))
                .await
                .map_err(|error| explain(&error))?;
            say(&format!("created {} {} ({})", user.id, user.email, user.role.as_str()))
        }
        UserCommand::ResetPassword { email } => {
            let user = find(&control, &email).await?;
            let password = password("New password (at least 12 characters)")?;
            control::users::reset_password(&control, &actor, &user.id, password)
                .await
                .map_err(|error| explain(&error))?;
            say(&format!("password of {} set; all its sessions have ended", user.email))
        }
        UserCommand::ResetSecondFactor { email } => {
            let user = find(&control, &email).await?;
            if !user.second_factor {
                return say(&format!("{} has no second factor", user.email));
            }
            let ended = control::users::reset_second_factor(&control, &actor, &user.id)
                .await
                .map_err(|error| explain(&error))?;
            let EndedSessions { sessions_ended, .. } = ended;
            say(&format!("second factor of {} taken away; sessions ended: {sessions_ended}", user.email))
        }
        UserCommand::AllowPasswords => {
            let allowed = control::sso::set_password_sign_in(&control, &actor, true).await;
            allowed.map_err(|error| explain(&error))?;
            say("signing in with a password is switched on")
        }
        UserCommand::List { q } => list(&control, &actor, q).await,
    }
}

async fn find(control: &Control, email: &str) -> Result<User, Failure> {
    let found = control.store().user_by_email(email).await?;
    found.ok_or_else(|| format!("there is no account with the e-mail address {email}").into())
}

async fn list(control: &Control, actor: &Actor, q: Option<String>) -> Result<(), Failure> {
    let filter = UserFilter { q, ..UserFilter::default() };
    let mut page = PageRequest { cursor: None, limit: PageRequest::MAX_LIMIT };
    loop {
        let found = control::users::list(control, actor, &filter, UserSort::default(), &page)
            .await
            .map_err(|error| explain(&error))?;
        for user in found.items {
            let last = user.last_sign_in_at.map_or_else(|| "never".to_owned(), |at| at.to_string());
            say(&format!(
                "{}\t{}\t{}\t{}\tlast sign-in {last}",
                user.id,
                user.email,
                user.role.as_str(),
                user.status.label()
            ))?;
        }
        match found.next_cursor {
            Some(cursor) => page.cursor = Some(cursor),
            None => return Ok(()),
        }
    }
}
