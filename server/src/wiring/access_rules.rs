//! Access rules from the control plane into the gateway.

use control::Control;
use gateway::Gateway;

/// Reads all access rules and hands them to the data plane.
pub(crate) async fn load_access_rules(gateway: &Gateway, control: &Control) -> Result<(), store::Error> {
    let (rules, _) = control.store().access_rules().await?;
    gateway.set_access_rules(rules);
    Ok(())
}
