//! The state of the simulator: claims, whose they would be, and what came out the last time.

use super::draft::MappingDraft;
use super::{Known, pretty};
use crate::components::field::FormProblem;
use crate::error::problem_in;
use crate::server_fns::mapping::SimulateMapping;
use leptos::prelude::*;
use model::Problem;
use model::mapping::{RoleMapping, RuleReading, Simulation, SimulationRequest};
use model::sso::{ReceivedClaims, TestedSignIn};

/// What is tried.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Asked {
    request: SimulationRequest,
    /// The ids of the rules, in the order in which they were.
    rules: Vec<u32>,
}

impl Asked {
    fn of(
        mapping: RoleMapping,
        draft: MappingDraft,
        provider: RwSignal<String>,
        claims: RwSignal<String>,
    ) -> Self {
        let identity_provider = Some(provider.get()).filter(|name| !name.is_empty());
        Self {
            request: SimulationRequest { mapping: Some(mapping), identity_provider, claims: claims.get() },
            rules: draft.rules.with(|rules| rules.iter().map(|rule| rule.id).collect()),
        }
    }
}

/// The simulator's state. The editor shows at each rule how it read the claims.
#[derive(Clone, Copy)]
pub struct Trial {
    /// What is tried: the form, saved or not.
    pub draft: MappingDraft,
    /// The identity provider that would say it, by name; empty: groups by SCIM.
    pub provider: RwSignal<String>,
    /// The claims, as JSON.
    pub claims: RwSignal<String>,
    /// Where the claims came from, if they weren't typed.
    pub origin: RwSignal<Option<String>>,
    action: ServerAction<SimulateMapping>,
    asked: RwSignal<Option<Asked>>,
    fresh: Memo<bool>,
    mistyped: RwSignal<Option<Problem>>,
}

impl Trial {
    /// Nothing tried yet; with what a test sign-in of this session brought, if there was one.
    pub fn new(draft: MappingDraft, known: &Known, tested: Option<TestedSignIn>) -> Self {
        let first = known.providers.first().map(|(name, _)| name.clone());
        let tested = tested.and_then(|tested| Some((tested.provider.to_string(), tested.claims?)));
        let provider = RwSignal::new(first.unwrap_or_default());
        let (claims, asked) = (RwSignal::new(String::new()), RwSignal::new(None));
        let fresh = Memo::new(move |_| {
            let now = draft.to_mapping().ok().map(|mapping| Asked::of(mapping, draft, provider, claims));
            asked.with(|asked| asked.is_some() && *asked == now)
        });
        let trial = Self {
            draft,
            provider,
            claims,
            origin: RwSignal::new(None),
            action: ServerAction::new(),
            asked,
            fresh,
            mistyped: RwSignal::new(None),
        };
        if let Some((provider, claims)) = tested {
            trial.take(&provider, &claims, format!("From the test sign-in with {provider}."));
        }
        trial
    }

    /// Claims that came from somewhere.
    fn take(self, provider: &str, claims: &str, origin: String) {
        self.provider.set(provider.to_owned());
        self.claims.set(pretty(claims));
        self.origin.set(Some(origin));
    }

    /// What a provider said of somebody at their last sign-in.
    pub fn take_received(self, received: &ReceivedClaims, whose: &str) {
        let provider = received.identity.provider.as_ref().map(ToString::to_string).unwrap_or_default();
        let with = if provider.is_empty() { "a provider that was removed" } else { &provider };
        let origin = format!("From the last sign-in of {whose} with {with}.");
        self.take(&provider, &received.claims, origin);
    }

    /// Tries it. What can't be read of the rules is told at them.
    pub fn run(self) {
        self.mistyped.set(None);
        self.action.clear();
        match untrack(|| self.draft.to_mapping()) {
            Ok(mapping) => {
                let asked = untrack(|| Asked::of(mapping, self.draft, self.provider, self.claims));
                self.action.dispatch(SimulateMapping { request: asked.request.clone() });
                self.asked.set(Some(asked));
            }
            Err(problem) => {
                self.asked.set(None);
                self.mistyped.set(Some(problem));
            }
        }
    }

    /// Forgets what couldn't be read of the rules: they are read anew.
    pub fn forget_mistakes(self) {
        self.mistyped.set(None);
    }

    /// Whether it is under way.
    pub fn pending(self) -> Memo<bool> {
        self.action.pending()
    }

    /// What is wrong with the rules or the claims.
    pub fn problem(self) -> FormProblem {
        Signal::derive(move || self.mistyped.get().or_else(|| problem_in(self.action.value())))
    }

    /// What came out.
    pub fn simulation(self) -> Option<Simulation> {
        self.action.value().with(|value| match value {
            Some(Ok(Ok(simulation))) => Some(simulation.clone()),
            _ => None,
        })
    }

    /// Whether rules, claims and provider are still those that were tried.
    pub fn is_fresh(self) -> bool {
        self.fresh.get()
    }

    /// How the rule with this id read the claims, as long as that is so.
    pub fn reading(self, rule: u32) -> Option<RuleReading> {
        let simulation = self.simulation()?;
        let at = self.asked.with(|asked| asked.as_ref()?.rules.iter().position(|id| *id == rule))?;
        simulation.readings.into_iter().nth(at)
    }
}
