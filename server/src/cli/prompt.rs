//! Reading a password: from standard input, so that it is in no shell history and no process list.

use super::Failure;
use identity::password::Password;
use std::io::{BufRead, IsTerminal, Write};

/// One line from standard input.
pub(super) fn password(prompt: &str) -> Result<Password, Failure> {
    let stdin = std::io::stdin();
    if stdin.is_terminal() {
        let typed = rpassword::prompt_password(format!("{prompt}: "))?;
        return Ok(Password::new(typed));
    }
    let mut line = String::new();
    stdin.lock().read_line(&mut line)?;
    while line.ends_with(['\n', '\r']) {
        line.pop();
    }
    Ok(Password::new(line))
}

/// One line on standard output.
pub(super) fn say(line: &str) -> Result<(), Failure> {
    Ok(writeln!(std::io::stdout(), "{line}")?)
}
