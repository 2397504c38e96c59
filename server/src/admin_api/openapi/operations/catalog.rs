//! `/providers`, `/models` and `/access-rules`.

use super::{Needs, Operation, Read, Resource, Write, delete, get, patch, post};
use model::access::{AccessRuleChange, AccessRuleView, AccessScopeType, NewAccessRule};
use model::catalog::{
    Model, ModelCallers, ModelChange, ModelDetail, NewModel, NewProvider, ProbeResult, Provider,
    ProviderChange, ProviderDetail,
};
use serde_json::json;

/// What the configuration file owns is changed there.
const CONFIGURED: &str = "from_configuration";

pub(super) fn providers() -> Vec<Operation> {
    const READ: Needs = (Resource::Providers, Read);
    const WRITE: Needs = (Resource::Providers, Write);
    let new = json!({ "name": "openai-primary", "kind": "openai", "api_key": "sk-upstream-credential" });
    vec![
        get("/providers", "list_providers", READ, "Lists providers by name")
            .searched("A part of the name or the address.")
            .paged()
            .lists::<Provider>(),
        post("/providers", "create_provider", WRITE, "Makes a provider")
            .says("`api_key` is write-only: records say `has_credential` and no more.")
            .takes::<NewProvider>(new)
            .makes::<Provider>()
            .conflicts(&["provider_exists", CONFIGURED]),
        get("/providers/{name}", "read_provider", READ, "Reads a provider and names the models that need it")
            .gives::<ProviderDetail>(),
        patch("/providers/{name}", "change_provider", WRITE, "Changes a provider")
            .says("With another scheme, host or port, `api_key` must be given again, or `null`.")
            .takes::<ProviderChange>(json!({ "sandbox": true }))
            .gives::<Provider>()
            .conflicts(&[CONFIGURED]),
        delete("/providers/{name}", "delete_provider", WRITE, "Removes a provider that no model needs")
            .conflicts(&["provider_in_use", CONFIGURED]),
        post("/providers/{name}/test", "test_provider", WRITE, "Calls a provider with its credential")
            .says("200 whatever it said: `ok` says whether it answered as it should.")
            .gives::<ProbeResult>(),
    ]
}

pub(super) fn models() -> Vec<Operation> {
    const READ: Needs = (Resource::Models, Read);
    const WRITE: Needs = (Resource::Models, Write);
    let new = json!({
        "name": "gpt-4o-mini",
        "targets": [{ "provider": "openai-primary", "upstream_model": "gpt-4o-mini-2024-07-18" }],
        "prices": { "input_per_million_usd": "0.15", "output_per_million_usd": "0.60" },
    });
    vec![
        get("/models", "list_models", READ, "Lists models by name")
            .searched("A part of the name or a label.")
            .paged()
            .lists::<Model>(),
        post("/models", "create_model", WRITE, "Makes a model")
            .takes::<NewModel>(new)
            .makes::<Model>()
            .conflicts(&["model_exists", CONFIGURED]),
        get("/models/{name}", "read_model", READ, "Reads a model and the health of its targets")
            .gives::<ModelDetail>(),
        patch("/models/{name}", "change_model", WRITE, "Changes a model")
            .says("What is left out stays; lists and prices are replaced whole.")
            .takes::<ModelChange>(json!({ "labels": ["eu-hosted"], "max_output_tokens": null }))
            .gives::<Model>()
            .conflicts(&[CONFIGURED]),
        delete("/models/{name}", "delete_model", WRITE, "Removes a model").conflicts(&[CONFIGURED]),
        get("/models/{name}/callers", "list_callers", READ, "Lists the keys that may call a model")
            .says("With the rules that narrow it. A page can be short, even empty, and have a next one.")
            .paged()
            .gives::<ModelCallers>(),
    ]
}

pub(super) fn access_rules() -> Vec<Operation> {
    const READ: Needs = (Resource::AccessRules, Read);
    const WRITE: Needs = (Resource::AccessRules, Write);
    let scope = json!({ "type": "user_path", "value": "/team/alpha" });
    vec![
        get("/access-rules", "list_access_rules", READ, "Lists access rules, newest first")
            .searched("A part of the scope, a model or a provider.")
            .filter::<AccessScopeType>("scope_type", "About this kind of scope.")
            .plain("scope_value", "About exactly this tenant, user or path.", json!({ "type": "string" }))
            .paged()
            .lists::<AccessRuleView>(),
        post("/access-rules", "create_access_rule", WRITE, "Makes an access rule")
            .says("Of all rules that match a key, each must permit. An allow-list left out means all, an empty one none.")
            .takes::<NewAccessRule>(json!({ "scope": scope, "denied_models": ["o1*"] }))
            .makes::<AccessRuleView>(),
        get("/access-rules/{id}", "read_access_rule", READ, "Reads an access rule").gives::<AccessRuleView>(),
        patch("/access-rules/{id}", "change_access_rule", WRITE, "Changes an access rule")
            .says("What is left out stays.")
            .takes::<AccessRuleChange>(json!({ "allowed_models": ["gpt-4o*"] }))
            .gives::<AccessRuleView>(),
        delete("/access-rules/{id}", "delete_access_rule", WRITE, "Removes an access rule"),
    ]
}
