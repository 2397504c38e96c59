//! The tools of a chat completion, and how they may be used.

use crate::translate::Untranslatable;
use crate::translate::fields::{At, Fields, is_empty, is_object};
use crate::translate::messages::{Choice, Tool, ToolChoice};
use serde_json::value::RawValue;
use std::borrow::Cow;

/// Reads `tools`, `tool_choice` and `parallel_tool_calls`.
pub(super) fn read<'a>(
    fields: &mut Fields<'a, '_>,
) -> Result<(Vec<Tool<'a>>, Option<ToolChoice>), Untranslatable> {
    let list: Vec<&'a RawValue> = fields.take("tools")?.unwrap_or_default();
    let at = At::Field(&At::Body, "tools");
    let tools: Vec<_> =
        list.into_iter().enumerate().map(|(index, raw)| tool(raw, &at, index)).collect::<Result<_, _>>()?;
    let choice = choice(fields)?;
    let parallel = fields.take::<bool>("parallel_tool_calls")?.unwrap_or(true);
    if tools.is_empty() {
        // Anthropic takes no choice without tools; one that forces nothing isn't missed.
        return match choice {
            Some(Choice::Any | Choice::Tool { .. }) => {
                Err(fields.refused("tool_choice", "There are no tools to choose from."))
            }
            _ => Ok((tools, None)),
        };
    }
    let tool_choice = match choice {
        None if parallel => None,
        Some(Choice::None) => Some(ToolChoice { choice: Choice::None, disable_parallel_tool_use: false }),
        choice => {
            Some(ToolChoice { choice: choice.unwrap_or(Choice::Auto), disable_parallel_tool_use: !parallel })
        }
    };
    Ok((tools, tool_choice))
}

fn tool<'a>(raw: &'a RawValue, list: &At<'_>, index: usize) -> Result<Tool<'a>, Untranslatable> {
    let at = At::Item(list, index);
    let mut tool = Fields::read(raw.get(), &at)?;
    let kind: String = tool.need("type")?;
    if kind != "function" {
        return Err(tool.refused("type", "This model knows only tools of type function."));
    }
    let function: &'a RawValue = tool.need("function")?;
    tool.done()?;
    let at = At::Field(&at, "function");
    let mut function = Fields::read(function.get(), &at)?;
    let input_schema = match function.raw("parameters") {
        // OpenAI's way to say that a function has no parameters.
        None => no_parameters()?,
        Some(raw) if is_empty(raw) => no_parameters()?,
        Some(raw) if is_object(raw) => Cow::Borrowed(raw),
        Some(_) => return Err(function.refused("parameters", "This must be a JSON schema.")),
    };
    let tool = Tool {
        name: function.need("name")?,
        description: function.take::<String>("description")?.filter(|text| !text.is_empty()),
        input_schema,
        strict: function.take("strict")?.unwrap_or(false),
    };
    function.done()?;
    Ok(tool)
}

fn no_parameters<'a>() -> Result<Cow<'a, RawValue>, Untranslatable> {
    let schema: &RawValue = serde_json::from_str(r#"{"type":"object","properties":{}}"#)
        .map_err(|_| At::Body.refused("This request can't be written."))?;
    Ok(Cow::Borrowed(schema))
}

fn choice(fields: &mut Fields<'_, '_>) -> Result<Option<Choice>, Untranslatable> {
    let Some(raw) = fields.raw("tool_choice") else { return Ok(None) };
    if raw.get().starts_with('"') {
        return Ok(Some(match raw.get() {
            "\"auto\"" => Choice::Auto,
            "\"none\"" => Choice::None,
            "\"required\"" => Choice::Any,
            _ => return Err(fields.refused("tool_choice", "Use auto, none, required or a function.")),
        }));
    }
    let at = At::Field(&At::Body, "tool_choice");
    let mut choice = Fields::read(raw.get(), &at)?;
    let kind: String = choice.need("type")?;
    if kind != "function" {
        return Err(choice.refused("type", "This model can only be forced to a function."));
    }
    let function: &RawValue = choice.need("function")?;
    choice.done()?;
    let at = At::Field(&at, "function");
    let mut function = Fields::read(function.get(), &at)?;
    let name = function.need("name")?;
    function.done()?;
    Ok(Some(Choice::Tool { name }))
}
