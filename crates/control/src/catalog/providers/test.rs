//! Testing the connection to a provider.

use super::{WRITE, target};
use crate::catalog::sealing_purpose;
use crate::{Actor, Control, Error};
use model::ProviderName;
use model::audit::AuditResult;
use model::catalog::ProbeResult;
use serde_json::json;

/// Longest message that is passed on, in characters.
const MAX_MESSAGE: usize = 500;

/// Calls a provider with its credential and says how it went. Needs `providers:write`, because it uses the credential;
/// written down whatever comes of it.
pub async fn test(control: &Control, actor: &Actor, name: &ProviderName) -> Result<ProbeResult, Error> {
    control.authorise(actor, WRITE, "provider.test", &target(name)).await?;
    let stored = control.store().provider(name).await?.ok_or(Error::NotFound)?;
    let credential = stored
        .sealed_credential
        .map(|sealed| control.0.sealing_key.open(&sealed, &sealing_purpose(name)))
        .transpose()?;
    let (control, actor, name) = (control.clone(), actor.clone(), name.clone());
    let tasks = control.0.tasks.clone();
    // Runs to its end even if the caller goes away: the credential was used, so the row is written.
    let task = tasks.spawn(async move {
        let mut result = control.0.probe.probe(name.clone()).await;
        let secret = credential.as_ref().map_or("", |credential| credential.as_str());
        result.message = told(&result.message, secret);
        let outcome = if result.ok { AuditResult::Success } else { AuditResult::Failure };
        let entry = control.entry(&actor, "provider.test", &target(&name), outcome, json!(&result));
        control.store().begin().await?.commit(&entry, &[]).await?;
        Ok::<_, Error>(result)
    });
    task.await.map_err(|_| Error::ShuttingDown)?
}

/// What a provider said, fit to be shown: some quote the credential in their errors.
fn told(message: &str, credential: &str) -> String {
    let message = if credential.is_empty() { message.to_owned() } else { message.replace(credential, "…") };
    message.chars().filter(|c| !c.is_control()).take(MAX_MESSAGE).collect()
}

#[cfg(test)]
mod tests {
    use super::told;

    #[test]
    fn the_credential_is_not_quoted() {
        assert_eq!(told("Incorrect API key: canary-7.\n", "canary-7"), "Incorrect API key: ….");
        assert_eq!(told("fine", ""), "fine");
        assert_eq!(told(&"x".repeat(1_000), "y").len(), 500);
    }
}
