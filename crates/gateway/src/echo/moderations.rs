//! Moderations: nothing is ever flagged.

use super::Labels;
use super::asked::Asked;
use crate::error::ApiError;
use bytes::Bytes;
use serde_json::{Map, Value, json};

const CATEGORIES: [&str; 13] = [
    "harassment",
    "harassment/threatening",
    "hate",
    "hate/threatening",
    "illicit",
    "illicit/violent",
    "self-harm",
    "self-harm/instructions",
    "self-harm/intent",
    "sexual",
    "sexual/minors",
    "violence",
    "violence/graphic",
];

pub(super) fn answer(asked: &Asked<'_>, labels: &Labels<'_>) -> Result<Bytes, ApiError> {
    let count = asked.inputs()?.count();
    let each = |value: Value| -> Map<String, Value> {
        CATEGORIES.into_iter().map(|category| (category.to_owned(), value.clone())).collect()
    };
    let result = json!({
        "flagged": false,
        "categories": each(false.into()),
        "category_scores": each(0.0.into()),
        "category_applied_input_types": each(json!(["text"])),
    });
    let results = vec![result.to_string(); count].join(",");
    let (id, model) = (json!(format!("modr-{}", labels.short_id())), json!(labels.model));
    Ok(format!(r#"{{"id":{id},"model":{model},"results":[{results}]}}"#).into())
}
