//! The document, put together.

use super::examples::example;
use super::operation::{Answer, Operation, Schema};
use super::operations;
use super::schemas::{self, Schemas, Shape};
use model::id::{IdentityId, IdentityProviderName, KeyId, RoleName, SessionId, TenantId, UserId};
use model::{AccessRuleId, ManagementKeyId, ModelName, Problem, ProviderName};
use serde_json::{Map, Value, json};

/// What it says of the API as a whole.
const ABOUT: &str = "\
Everything that operators do on the pages, for programs. Errors are RFC 9457 problems with a stable `code`, and `errors: \
[{field, message}]` where fields are wrong. Unknown fields and parameters are errors. Bodies are at most 64 KiB. Each \
operation names the permission that it needs as `x-permission`; with rights for some tenants, lists hold what is within \
reach, and any other object is answered like one that isn't there.";

/// The resources, in the order of the document.
const TAGS: [(&str, &str); 13] = [
    ("auth-keys", "API keys: the credential of the data path."),
    ("users", "Accounts of people, their sessions and their roles."),
    ("memberships", "Who belongs to which tenant."),
    ("tenants", "Teams, customers, environments."),
    ("roles", "Named sets of permissions."),
    ("role-mappings", "What the claims of identity providers become: roles and tenants."),
    ("permissions", "What can be permitted."),
    ("management-keys", "Credentials of this API."),
    ("providers", "Upstreams."),
    ("models", "Public model names and where their requests go."),
    ("access-rules", "What a tenant, a user or everything below a user path may call."),
    ("audit", "Who did what."),
    ("api-keys", "The small shape of keys, for portals that issue them to their own customers."),
];

/// The whole document.
pub(crate) fn document() -> Value {
    let mut all = Schemas::new();
    let (mut paths, mut requests) = (Map::new(), Vec::new());
    for operation in operations::all() {
        let described = describe(&operation, &mut all);
        requests.extend(described["requestBody"].is_object().then(|| described["requestBody"].clone()));
        let path = paths.entry(operation.full_path()).or_insert_with(|| json!({}));
        path[operation.method] = described;
    }
    let responses = refusals(&mut all);
    schemas::flatten(&mut all);
    schemas::close(&requests, &mut all);
    let mut paths = Value::Object(paths);
    schemas::prune(&json!([&paths, &responses]), &mut all);
    add_examples(&mut paths, &all);
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Gatehouse Admin API",
            "version": env!("CARGO_PKG_VERSION"),
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
            "description": ABOUT,
        },
        "servers": [{ "url": "/" }],
        "tags": TAGS.map(|(name, description)| json!({ "name": name, "description": description })),
        "security": [{ "bearer": [] }, { "session": [] }],
        "paths": paths,
        "components": {
            "schemas": all,
            "responses": responses,
            "securitySchemes": {
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "The configured `master_key`, or a management key (`mk_…`). API keys don't open the Admin API.",
                },
                "session": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": "__Host-gatehouse",
                    "description": "A dashboard session; what changes something must come from our own pages (`Origin`).",
                },
            },
        },
    })
}

fn describe(operation: &Operation, all: &mut Schemas) -> Value {
    let mut described = json!({
        "operationId": operation.id,
        "summary": operation.summary,
        "tags": [operation.tag()],
        "x-permission": operation.permission,
        "responses": answers(operation, all),
    });
    if !operation.description.is_empty() {
        described["description"] = json!(operation.description);
    }
    if operation.is_portal() {
        described["security"] = json!([{ "bearer": [] }]);
    }
    let parameters = parameters(operation, all);
    if !parameters.is_empty() {
        described["parameters"] = json!(parameters);
    }
    if let Some(body) = &operation.body {
        let content = json!({ "schema": body.shape.add_to(all), "example": body.example });
        described["requestBody"] =
            json!({ "required": body.required, "content": { "application/json": content } });
    }
    described
}

fn parameters(operation: &Operation, all: &mut Schemas) -> Vec<Value> {
    let mut parameters = Vec::new();
    for name in operation.in_path() {
        let (schema, description) = match in_path(operation, name) {
            Some((shape, description)) => (shape.add_to(all), description),
            None => (json!({ "type": "integer", "format": "int64", "minimum": 1 }), "The row's number."),
        };
        parameters.push(json!({
            "name": name, "in": "path", "required": true, "schema": schema, "description": description,
        }));
    }
    for parameter in &operation.parameters {
        let schema = match &parameter.schema {
            Schema::Type(shape) => shape.add_to(all),
            Schema::Plain(schema) => schema.clone(),
        };
        parameters.push(json!({
            "name": parameter.name, "in": parameter.place, "schema": schema, "description": parameter.description,
        }));
    }
    parameters
}

/// The type of a parameter in a path.
fn in_path(operation: &Operation, name: &str) -> Option<(Shape, &'static str)> {
    Some(match (operation.tag(), name) {
        ("auth-keys" | "api-keys", _) => (Shape::of::<KeyId>(), "The key's public id."),
        ("tenants", _) | (_, "tenant_id") => (Shape::of::<TenantId>(), "The tenant's slug."),
        (_, "identity_id") => (Shape::of::<IdentityId>(), "The identity's id."),
        ("identity-providers", _) => (Shape::of::<IdentityProviderName>(), "The identity provider's name."),
        (_, "session_id") => (Shape::of::<SessionId>(), "The session's id."),
        ("roles", _) | (_, "role") => (Shape::of::<RoleName>(), "The role's name."),
        ("users" | "memberships", _) => (Shape::of::<UserId>(), "The user's id."),
        ("providers", _) => (Shape::of::<ProviderName>(), "The provider's name."),
        ("models", _) => (Shape::of::<ModelName>(), "The model's name; a `/` in it is written `%2F`."),
        ("access-rules", _) => (Shape::of::<AccessRuleId>(), "The rule's id."),
        ("management-keys", _) => (Shape::of::<ManagementKeyId>(), "The management key's id."),
        _ => return None,
    })
}

fn answers(operation: &Operation, all: &mut Schemas) -> Value {
    let success = match &operation.answer {
        Answer::Nothing => json!({ "description": "Done." }),
        Answer::Json(shape) => {
            let mut content = json!({ "application/json": { "schema": shape.add_to(all) } });
            if operation.is_also_a_page() {
                content["text/html"] = json!({ "schema": { "type": "string" } });
            }
            json!({ "description": "Done.", "content": content })
        }
        Answer::File(kinds) => {
            let text = json!({ "schema": { "type": "string" } });
            let content: Map<_, _> = kinds.iter().map(|kind| ((*kind).to_owned(), text.clone())).collect();
            json!({ "description": "The file, streamed.", "content": content })
        }
    };
    let mut answers = Map::new();
    answers.insert(operation.status.to_string(), success);
    for status in operation.refusals() {
        let answer = match status {
            409 => refusal(&codes(&operation.conflicts), all),
            _ => json!({ "$ref": format!("#/components/responses/Refused{status}") }),
        };
        answers.insert(status.to_string(), answer);
    }
    answers.into()
}

fn codes(codes: &[&str]) -> String {
    let codes: Vec<_> = codes.iter().map(|code| format!("`{code}`")).collect();
    format!("It contradicts what is there: {}.", codes.join(", "))
}

/// How operations refuse, by status; 409 has codes of its own everywhere.
fn refusals(all: &mut Schemas) -> Value {
    let texts = [
        (400, "`invalid_json`: the body is not JSON."),
        (401, "`unauthenticated`: no bearer or session, or one that isn't known, or is expired or revoked."),
        (
            403,
            "`forbidden`: the permission is lacking, or a super_admin is concerned. `cross_origin`: a session from elsewhere.",
        ),
        (404, "`not_found`: there is no such object, or it is out of reach: the same answer."),
        (408, "`request_timeout`: the body didn't arrive in time."),
        (413, "`request_too_large`: more than 64 KiB."),
        (415, "`unsupported_media_type`: the body must be JSON."),
        (422, "`validation_failed`: `errors` names the fields or parameters, and says what they must be."),
        (
            429,
            "`locked_out`: too many wrong bearers from this network. `too_many_requests`: eight of the caller's run, and more have waited for 10 seconds.",
        ),
        (500, "`internal_error`: `correlation_id` finds it in the server's log."),
        (503, "`unavailable`: the database doesn't answer; nothing was changed."),
    ];
    let refusals: Map<_, _> = texts
        .into_iter()
        .map(|(status, text)| {
            let mut refused = refusal(text, all);
            if status == 429 {
                let seconds = json!({ "type": "integer", "minimum": 0 });
                refused["headers"] =
                    json!({ "Retry-After": { "schema": seconds, "description": "Seconds until the next try counts." } });
            }
            (format!("Refused{status}"), refused)
        })
        .collect();
    refusals.into()
}

fn refusal(text: &str, all: &mut Schemas) -> Value {
    let schema = Shape::of::<Problem>().add_to(all);
    json!({ "description": text, "content": { "application/problem+json": { "schema": schema } } })
}

/// Puts an example to every answer in JSON.
fn add_examples(paths: &mut Value, all: &Schemas) {
    let operations = paths.as_object_mut().into_iter().flat_map(|paths| paths.values_mut());
    let operations = operations.filter_map(Value::as_object_mut).flat_map(|path| path.values_mut());
    for operation in operations {
        for status in ["200", "201"] {
            if let Some(content) = operation["responses"].get_mut(status)
                && let Some(json) =
                    content.get_mut("content").and_then(|kinds| kinds.get_mut("application/json"))
            {
                json["example"] = example(&json["schema"], "", all);
            }
        }
    }
}
