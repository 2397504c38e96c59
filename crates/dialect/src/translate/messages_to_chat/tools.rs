//! The tools of an Anthropic call, and how they may be used.

use crate::translate::Untranslatable;
use crate::translate::chat::{Function, Named, NamedFunction, Tool, ToolChoice};
use crate::translate::fields::{At, Fields, is_object};
use serde_json::value::RawValue;

/// What a chat completion says of tools.
pub(super) struct Declared<'a> {
    pub(super) tools: Vec<Tool<'a>>,
    pub(super) choice: Option<ToolChoice>,
    pub(super) parallel: Option<bool>,
}

/// Reads `tools` and `tool_choice`.
pub(super) fn read<'a>(fields: &mut Fields<'a, '_>) -> Result<Declared<'a>, Untranslatable> {
    let list: Vec<&'a RawValue> = fields.take("tools")?.unwrap_or_default();
    let at = At::Field(&At::Body, "tools");
    let tools: Vec<_> =
        list.into_iter().enumerate().map(|(index, raw)| tool(raw, &at, index)).collect::<Result<_, _>>()?;
    let (choice, parallel) = choice(fields)?;
    if !tools.is_empty() {
        return Ok(Declared { tools, choice, parallel });
    }
    match choice {
        None | Some(ToolChoice::Mode("auto" | "none")) => {
            Ok(Declared { tools, choice: None, parallel: None })
        }
        Some(_) => Err(fields.refused("tool_choice", "There are no tools to choose from.")),
    }
}

fn tool<'a>(raw: &'a RawValue, list: &At<'_>, index: usize) -> Result<Tool<'a>, Untranslatable> {
    let at = At::Item(list, index);
    let mut tool = Fields::read(raw.get(), &at)?;
    tool.allow_only(
        "type",
        |kind: String| kind == "custom",
        "This model knows only tools that the client declares itself: leave out those of Anthropic.",
    )?;
    tool.ignore(&["cache_control", "eager_input_streaming"]);
    tool.allow_only("defer_loading", |defer: bool| !defer, "This model loads every tool: leave it out.")?;
    tool.refuse("input_examples", "Put the examples into the description.")?;
    let parameters: &'a RawValue = tool.need("input_schema")?;
    if !is_object(parameters) {
        return Err(tool.refused("input_schema", "This must be a JSON schema."));
    }
    let function = Function {
        name: tool.need("name")?,
        description: tool.take("description")?,
        parameters,
        strict: tool.take("strict")?.unwrap_or(false),
    };
    tool.done()?;
    Ok(Tool::Function { function })
}

type Chosen = (Option<ToolChoice>, Option<bool>);

fn choice(fields: &mut Fields<'_, '_>) -> Result<Chosen, Untranslatable> {
    let Some(raw) = fields.raw("tool_choice") else { return Ok((None, None)) };
    let at = At::Field(&At::Body, "tool_choice");
    let mut choice = Fields::read(raw.get(), &at)?;
    let kind: String = choice.need("type")?;
    let chosen = match kind.as_str() {
        "auto" => ToolChoice::Mode("auto"),
        "none" => ToolChoice::Mode("none"),
        "any" => ToolChoice::Mode("required"),
        "tool" => {
            ToolChoice::Named(Named::Function { function: NamedFunction { name: choice.need("name")? } })
        }
        _ => return Err(choice.refused("type", "Use auto, any, tool or none.")),
    };
    let single = choice.take("disable_parallel_tool_use")?.unwrap_or(false);
    choice.done()?;
    Ok((Some(chosen), single.then_some(false)))
}
