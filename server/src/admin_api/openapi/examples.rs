//! An example for every answer, made from its schema.

use super::schemas::{Schemas, referred};
use serde_json::{Map, Value, json};

/// Words for fields whose type is plain text.
const WORDS: [(&str, &str); 29] = [
    ("action", "key.revoke"),
    ("actor", "admin@example.com"),
    ("actor_id", "usr_8fK2mQ4xR7tB1nZ3"),
    ("base_url", "https://api.openai.com/v1"),
    ("code", "validation_failed"),
    ("correlation_id", "5cR3wZ8vN1mQ"),
    ("created_by", "admin@example.com"),
    ("description", "Answers the questions of the checkout page"),
    ("field", "rate_limits.requests_per_minute"),
    ("hash", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"),
    ("ip", "203.0.113.7"),
    ("message", "must be from 1 to 10,000,000"),
    ("name", "Checkout service"),
    ("next_cursor", "eyJ2IjoxfQ"),
    ("organization_unit", "Payments"),
    ("prefix", "rk_prod_7Hq2"),
    ("reason", "left the company"),
    ("request_id", "req_4Kp9sT2vX8bN1mQ7wZ5cR3"),
    ("result", "success"),
    ("revoke_reason", "left the company"),
    ("revoked_by", "admin@example.com"),
    ("scope_name", "Team Alpha"),
    ("target_id", "7Hq2xV9mLw4T"),
    ("target_name", "checkout-service-prod"),
    ("target_type", "key"),
    ("tenant_name", "Team Alpha"),
    ("title", "Some fields can't be taken"),
    ("upstream_model", "gpt-4o-mini-2024-07-18"),
    ("withheld", "keys:read"),
];

/// A value that `schema` permits, for the field of this name.
pub(super) fn example(schema: &Value, field: &str, schemas: &Schemas) -> Value {
    if let Some(schema) = referred(schema, schemas) {
        return example(schema, field, schemas);
    }
    if let Some(given) = schema["examples"].get(0) {
        return given.clone();
    }
    if let Some(first) = schema["enum"].get(0) {
        return first.clone();
    }
    let choices = ["oneOf", "anyOf"].iter().find_map(|word| schema[word].as_array());
    if let Some(choices) = choices {
        let choice = choices.iter().find(|choice| choice["type"] != "null");
        return choice.map_or(Value::Null, |choice| example(choice, field, schemas));
    }
    match kind(schema) {
        "object" => object(schema, schemas),
        "array" => json!([example(&schema["items"], field, schemas)]),
        "integer" | "number" => schema.get("minimum").cloned().unwrap_or_else(|| json!(0)),
        "boolean" => Value::Bool(false),
        "string" => json!(word(field)),
        _ => json!({ "reason": "left the company" }),
    }
}

/// The type; of several the first that isn't `null`.
fn kind(schema: &Value) -> &str {
    let several = schema["type"].as_array().into_iter().flatten();
    let one = several.filter_map(Value::as_str).find(|kind| *kind != "null");
    one.or(schema["type"].as_str()).unwrap_or_default()
}

fn object(schema: &Value, schemas: &Schemas) -> Value {
    let properties = schema["properties"].as_object();
    let fields = properties.into_iter().flatten();
    let fields: Map<_, _> =
        fields.map(|(name, schema)| (name.clone(), example(schema, name, schemas))).collect();
    fields.into()
}

fn word(field: &str) -> &'static str {
    if field.contains("email") || field == "users_left_out_named" {
        return "dev@example.com";
    }
    let own = field.strip_prefix("owner_").or_else(|| field.strip_prefix("user_")).unwrap_or(field);
    let found = WORDS.iter().find(|(name, _)| *name == field || *name == own);
    found.map_or("text", |(_, word)| *word)
}
