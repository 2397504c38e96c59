//! Every rule of a key, over every call, streamed or not, by every header that can carry the key: one table.

use crate::script::{SSE, Step, Upstream, answer, chunk, say};
use crate::support::{Reply, World, model, owned_by, revoked};
use gateway::PolicyRecord;
use http::Method;
use model::access::{AccessRule, AccessScope};
use model::api_action::ApiAction;
use model::catalog::ProviderKind;
use model::identity::IdentityRules;
use model::key::Environment;
use model::limits::RateLimits;
use model::tenant::TenantStatus;
use model::user::UserStatus;
use std::time::Duration;

/// A call of the table: what is asked, and of which upstream's dialect.
struct Call {
    path: &'static str,
    model: &'static str,
    /// The field that the answer is made from, as JSON; empty: a form.
    prompt: &'static str,
}

/// One row for each call that [`gateway::calls`] names; a call without a row fails the test.
const CALLS: [Call; 13] = [
    Call {
        path: "/v1/chat/completions",
        model: "gpt",
        prompt: r#""messages":[{"role":"user","content":"hi"}]"#,
    },
    Call { path: "/v1/completions", model: "gpt", prompt: r#""prompt":"hi""# },
    Call { path: "/v1/responses", model: "gpt", prompt: r#""input":"hi""# },
    Call { path: "/v1/embeddings", model: "gpt", prompt: r#""input":["hi"]"# },
    Call {
        path: "/v1/messages",
        model: "claude",
        prompt: r#""max_tokens":9,"messages":[{"role":"user","content":"hi"}]"#,
    },
    Call {
        path: "/v1/messages/count_tokens",
        model: "claude",
        prompt: r#""messages":[{"role":"user","content":"hi"}]"#,
    },
    Call { path: "/v1/images/generations", model: "gpt", prompt: r#""prompt":"a cat""# },
    Call { path: "/v1/images/edits", model: "gpt", prompt: "" },
    Call { path: "/v1/images/variations", model: "gpt", prompt: "" },
    Call { path: "/v1/audio/speech", model: "gpt", prompt: r#""input":"hi","voice":"alloy""# },
    Call { path: "/v1/audio/transcriptions", model: "gpt", prompt: "" },
    Call { path: "/v1/audio/translations", model: "gpt", prompt: "" },
    Call { path: "/v1/moderations", model: "gpt", prompt: r#""input":"hi""# },
];

impl Call {
    /// Content type and body.
    fn body(&self, model: &str, stream: bool) -> (&'static str, String) {
        if self.prompt.is_empty() {
            let field = |name: &str, value: &str| {
                format!("--x\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
            };
            let file =
                "--x\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\n\r\nRIFF\r\n";
            let body =
                format!("{}{}{file}--x--\r\n", field("model", model), field("stream", &stream.to_string()));
            return ("multipart/form-data; boundary=x", body);
        }
        ("application/json", format!(r#"{{"model":"{model}","stream":{stream},{}}}"#, self.prompt))
    }
}

/// Where a rule counts.
#[derive(Clone, Copy, PartialEq)]
enum On {
    Everything,
    /// Only where a model is called.
    Calls,
}

/// A rule: how the key or the request differs from one that passes, and what the answer must be.
struct Rule {
    name: &'static str,
    on: On,
    key: fn(&mut PolicyRecord),
    headers: &'static [(&'static str, &'static str)],
    /// Sent instead of the key.
    credential: fn(&str) -> String,
    /// Sent instead of the model.
    model: Option<&'static str>,
    expected: (u16, &'static str),
}

const PASSES: Rule = Rule {
    name: "passes",
    on: On::Everything,
    key: |_| {},
    headers: &[],
    credential: str::to_owned,
    model: None,
    expected: (200, ""),
};

fn user_path(record: &mut PolicyRecord) {
    record.key.user_path = Some("/blocked/below".parse().unwrap());
}

fn identity(record: &mut PolicyRecord, change: impl FnOnce(&mut IdentityRules)) {
    let rules = &mut record.key.scope.identity;
    (rules.header_mode, rules.enforce) = (true, true);
    change(rules);
}

#[expect(clippy::too_many_lines, reason = "a table")]
fn rules() -> Vec<Rule> {
    vec![
        PASSES,
        Rule { name: "no key", credential: |_| String::new(), expected: (401, "invalid_api_key"), ..PASSES },
        Rule {
            name: "a malformed key",
            credential: |key| key[..key.len() - 1].to_owned(),
            expected: (401, "invalid_api_key"),
            ..PASSES
        },
        Rule {
            name: "a wrong secret",
            key: |record| record.secrets[0].hash = [9; 32],
            expected: (401, "invalid_api_key"),
            ..PASSES
        },
        Rule {
            name: "another key beside it",
            headers: &[("x-other-key", "")],
            expected: (400, "conflicting_credentials"),
            ..PASSES
        },
        Rule {
            name: "revoked",
            key: |record| record.key.state = revoked(),
            expected: (401, "key_revoked"),
            ..PASSES
        },
        Rule {
            name: "expired",
            key: |record| record.key.expires_at = Some(record.key.created_at),
            expected: (401, "key_expired"),
            ..PASSES
        },
        Rule {
            name: "a secret whose grace is over",
            key: |record| record.secrets[0].expires_at = Some(record.key.created_at),
            expected: (401, "key_expired"),
            ..PASSES
        },
        Rule {
            name: "a suspended tenant",
            key: |record| record.tenant_status = TenantStatus::Suspended,
            expected: (401, "tenant_suspended"),
            ..PASSES
        },
        Rule {
            name: "an inactive owner",
            key: |record| {
                owned_by(record, &model::UserId::generate(|bytes| bytes.fill(3)));
                record.owner.as_mut().unwrap().status = UserStatus::Inactive;
            },
            expected: (401, "owner_inactive"),
            ..PASSES
        },
        Rule {
            name: "an owner who left the tenant",
            key: |record| {
                owned_by(record, &model::UserId::generate(|bytes| bytes.fill(3)));
                record.owner.as_mut().unwrap().member = false;
            },
            expected: (401, "owner_inactive"),
            ..PASSES
        },
        Rule {
            name: "another address",
            key: |record| record.key.scope.allowed_ips = Some(vec!["10.0.0.0/8".parse().unwrap()]),
            expected: (403, "ip_not_allowed"),
            ..PASSES
        },
        Rule {
            name: "an address that only the client names",
            key: |record| record.key.scope.allowed_ips = Some(vec!["10.0.0.0/8".parse().unwrap()]),
            headers: &[("x-forwarded-for", "10.0.0.1"), ("forwarded", "for=10.0.0.1")],
            expected: (403, "ip_not_allowed"),
            ..PASSES
        },
        Rule {
            name: "the right address",
            key: |record| record.key.scope.allowed_ips = Some(vec!["127.0.0.0/8".parse().unwrap()]),
            ..PASSES
        },
        Rule {
            name: "no address",
            key: |record| record.key.scope.allowed_ips = Some(Vec::new()),
            expected: (403, "ip_not_allowed"),
            ..PASSES
        },
        Rule {
            name: "no identity",
            key: |record| identity(record, |_| {}),
            expected: (403, "identity_required"),
            ..PASSES
        },
        Rule {
            name: "an identity",
            key: |record| identity(record, |rules| rules.allowed_domains = Some(vec!["example.com".into()])),
            headers: &[("x-user-email", "Ann@Example.com")],
            ..PASSES
        },
        Rule {
            name: "an identity of another domain",
            key: |record| identity(record, |rules| rules.allowed_domains = Some(vec!["example.com".into()])),
            headers: &[("x-user-email", "ann@sub.example.com")],
            expected: (403, "identity_domain_not_allowed"),
            ..PASSES
        },
        Rule {
            name: "two identities",
            key: |record| identity(record, |_| {}),
            headers: &[("x-user-email", "ann@example.com"), ("x-user-email", "bob@example.com")],
            expected: (400, "conflicting_identity"),
            ..PASSES
        },
        Rule {
            name: "an identity under a look-alike name",
            key: |record| identity(record, |_| {}),
            headers: &[("x_user_email", "ann@example.com")],
            expected: (400, "conflicting_identity"),
            ..PASSES
        },
        Rule {
            name: "no such action",
            key: |record| record.key.scope.allowed_actions = Some(Vec::new()),
            expected: (403, "action_not_allowed"),
            ..PASSES
        },
        Rule {
            name: "all actions",
            key: |record| record.key.scope.allowed_actions = Some(ApiAction::ALL.to_vec()),
            ..PASSES
        },
        Rule {
            name: "no conversation",
            on: On::Calls,
            key: |record| record.key.scope.require_conversation_id = true,
            expected: (400, "conversation_id_required"),
            ..PASSES
        },
        Rule {
            name: "a conversation",
            key: |record| record.key.scope.require_conversation_id = true,
            headers: &[("x-conversation-id", "c-1")],
            ..PASSES
        },
        Rule {
            name: "a tag of the operator's",
            headers: &[("x-gatehouse-tags", "key::team=x")],
            expected: (400, "reserved_tag"),
            ..PASSES
        },
        Rule { name: "tags", headers: &[("x-gatehouse-tags", "team=x, env=y")], ..PASSES },
        Rule {
            name: "an unknown model",
            on: On::Calls,
            model: Some("nobody"),
            expected: (404, "model_not_found"),
            ..PASSES
        },
        Rule {
            name: "another model",
            on: On::Calls,
            key: |record| record.key.scope.allowed_models = Some(vec!["other*".parse().unwrap()]),
            expected: (403, "model_not_allowed"),
            ..PASSES
        },
        Rule {
            name: "no model",
            on: On::Calls,
            key: |record| record.key.scope.allowed_models = Some(Vec::new()),
            expected: (403, "model_not_allowed"),
            ..PASSES
        },
        Rule {
            name: "models by pattern",
            key: |record| {
                record.key.scope.allowed_models =
                    Some(vec!["gpt*".parse().unwrap(), "claude*".parse().unwrap()]);
            },
            ..PASSES
        },
        Rule {
            name: "a denied model",
            on: On::Calls,
            key: |record| {
                record.key.scope.allowed_models = Some(vec!["*".parse().unwrap()]);
                record.key.scope.denied_models = vec!["*-*".parse().unwrap()];
            },
            expected: (403, "model_not_allowed"),
            ..PASSES
        },
        Rule {
            name: "another label",
            on: On::Calls,
            key: |record| record.key.scope.allowed_model_labels = Some(vec!["us".parse().unwrap()]),
            expected: (403, "model_not_allowed"),
            ..PASSES
        },
        Rule {
            name: "the right label",
            key: |record| record.key.scope.allowed_model_labels = Some(vec!["eu".parse().unwrap()]),
            ..PASSES
        },
        Rule {
            name: "another provider",
            on: On::Calls,
            key: |record| record.key.scope.allowed_providers = Some(vec!["echo".parse().unwrap()]),
            expected: (403, "provider_not_allowed"),
            ..PASSES
        },
        Rule {
            name: "an access rule above its path",
            on: On::Calls,
            key: user_path,
            expected: (403, "model_not_allowed"),
            ..PASSES
        },
        Rule {
            name: "a sandbox key",
            on: On::Calls,
            key: |record| record.key.environment = Environment::Sandbox,
            expected: (403, "sandbox_only"),
            ..PASSES
        },
        Rule {
            name: "a spent limit",
            on: On::Calls,
            key: |record| {
                record.key.scope.rate_limits =
                    RateLimits { tokens_per_day: Some(1), ..RateLimits::default() };
            },
            expected: (429, "rate_limit_exceeded"),
            ..PASSES
        },
    ]
}

/// Upstreams of both dialects, plain and streaming, and an access rule on `/blocked`.
async fn world() -> (World, Vec<Upstream>) {
    let world = World::new().await;
    let usage = r#""usage":{"prompt_tokens":1,"completion_tokens":1,"input_tokens":1,"output_tokens":1}"#;
    let plain = answer(200, "application/json", &format!(r#"{{"type":"message","input_tokens":1,{usage}}}"#));
    let end = |last: &str| -> Vec<Step> {
        let event = format!("data: {{\"choices\":[],{usage}}}\n\n{last}");
        vec![say(SSE), chunk(event.as_bytes()), say("0\r\n\r\n")]
    };
    let mut upstreams = Vec::new();
    let (mut providers, mut models) = (Vec::new(), Vec::new());
    for (name, kind, script) in [
        ("gpt-plain", ProviderKind::Openai, plain.clone()),
        ("gpt-stream", ProviderKind::Openai, end("data: [DONE]\n\n")),
        ("claude-plain", ProviderKind::Anthropic, plain),
        ("claude-stream", ProviderKind::Anthropic, end("data: {\"type\":\"message_stop\"}\n\n")),
    ] {
        let upstream = Upstream::start(script).await;
        let mut provider = upstream.provider(name);
        provider.provider.kind = kind;
        providers.push(provider);
        let mut public = model(name, &[(name, "upstream-name")]);
        public.labels = vec!["eu".parse().unwrap()];
        models.push(public);
        upstreams.push(upstream);
    }
    world.catalog(providers, models);
    world.gateway.set_access_rules(vec![AccessRule {
        id: model::AccessRuleId::generate(|bytes| bytes.fill(1)),
        scope: AccessScope::UserPath("/blocked".parse().unwrap()),
        allowed_models: Some(Vec::new()),
        denied_models: Vec::new(),
        allowed_providers: None,
        rate_limits: RateLimits::default(),
        locked: false,
        created_at: crate::support::noon(),
        created_by: "test".into(),
    }]);
    (world, upstreams)
}

const CARRIERS: [&str; 3] = ["authorization", "x-api-key", "api-key"];

#[expect(clippy::too_many_arguments, reason = "a row of the table, spelled out")]
async fn send(
    world: &World,
    carrier: &str,
    key: &str,
    other: &str,
    rule: &Rule,
    method: &Method,
    path: &str,
    (kind, body): (&str, &str),
) -> Reply {
    let credential = (rule.credential)(key);
    let bearer = format!("Bearer {credential}");
    let mut headers = vec![("content-type", kind)];
    if !credential.is_empty() {
        headers.push((carrier, if carrier == "authorization" { &bearer } else { &credential }));
    }
    for (name, value) in rule.headers {
        if *name == "x-other-key" {
            headers.push((if carrier == "api-key" { "x-api-key" } else { "api-key" }, other));
        } else {
            headers.push((name, value));
        }
    }
    world.call(method.as_str(), path, &headers, body).await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_rule_on_every_call_by_every_header_streamed_or_not() {
    let (world, _upstreams) = world().await;
    let (other, _) = world.plain_key();
    let mut checked = 0;
    for rule in rules() {
        let (key, _) = world.key(rule.key);
        for (method, path, action) in gateway::calls() {
            let is_list = action == ApiAction::Models;
            let row = CALLS.iter().find(|row| row.path == path);
            assert!(row.is_some() || is_list, "{path} has no row in this table");
            for stream in if is_list { &[false][..] } else { &[false, true] } {
                let suffix = if *stream { "stream" } else { "plain" };
                let named = row.map_or("gpt-plain".to_owned(), |row| format!("{}-{suffix}", row.model));
                let named = rule.model.map_or(named, str::to_owned);
                let (kind, body) = row.map_or(("text/plain", String::new()), |row| row.body(&named, *stream));
                let (mut expected, mut code) = rule.expected;
                if is_list && rule.on == On::Calls {
                    // What may not be called isn't listed.
                    let hidden = path.ends_with("{id}") && code != "conversation_id_required";
                    let hidden = hidden && !matches!(code, "rate_limit_exceeded" | "model_not_found");
                    (expected, code) = if hidden { (404, "model_not_found") } else { (200, "") };
                }
                for carrier in CARRIERS {
                    let path = path.replace("{id}", "gpt-plain");
                    let reply =
                        send(&world, carrier, &key, &other, &rule, &method, &path, (kind, &body)).await;
                    let what =
                        format!("{}: {method} {path} {suffix} by {carrier}: {}", rule.name, reply.body);
                    assert_eq!(reply.status.as_u16(), expected, "{what}");
                    if expected != 200 {
                        assert_eq!(reply.code(), code, "{what}");
                        let anthropic = path.starts_with("/v1/messages");
                        assert_eq!(reply.json()["type"] == "error", anthropic, "{what}");
                    }
                    assert!(!reply.body.contains(&key), "{what}");
                    checked += 1;
                }
            }
        }
    }
    println!("{checked} combinations");
    world.gateway.drain(Duration::from_secs(1)).await;
}
