//! The field for a reason: why something was taken away or cut.

use crate::components::bound::BoundText;
use crate::components::field::{FormProblem, message};
use leptos::prelude::*;

/// Letters that a reason may have.
const LONGEST: u32 = 500;

/// Called `reason` in problems.
#[component]
pub fn Reason(
    /// The input's id.
    id: &'static str,
    /// Where it is kept: "in the audit log".
    stays: &'static str,
    /// What is wrong with the form.
    #[prop(into)]
    problem: FormProblem,
    /// What is written here.
    value: RwSignal<String>,
    /// Can't be left empty.
    #[prop(optional)]
    required: bool,
) -> impl IntoView {
    let help = if required { format!("Stays {stays}.") } else { format!("Optional; stays {stays}.") };
    view! { <BoundText id label="Reason" help error=message(problem, "reason") value maxlength=LONGEST required /> }
}
