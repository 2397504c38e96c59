//! The events of an Anthropic stream as chunks of a chat completion.

use super::finish_reason;
use crate::Shape;
use crate::tokens::TokenCounts;
use crate::translate::chat::{CalledDelta, Chunk, ChunkChoice, ChunkUsage, Delta, ToolCallDelta};
use crate::translate::messages::{Incoming, IncomingBlock, IncomingDelta};
use crate::translate::{BadAnswer, write_event};
use crate::usage::Reported;

/// A tool call that is being streamed.
struct Call {
    /// Its content block.
    block: u64,
    /// Its place among the calls.
    index: u64,
    /// What to give as arguments if none are streamed: some servers send them whole at the start.
    input: String,
    streamed: bool,
}

/// The translation of one stream.
pub struct Events {
    model: String,
    id: String,
    created: i64,
    include_usage: bool,
    begun: bool,
    calls: u64,
    call: Option<Call>,
    finish: Option<&'static str>,
    so_far: Reported,
    usage: Option<TokenCounts>,
    done: bool,
}

impl Events {
    /// A translation for the client that called `client_model`; `created` is in seconds since 1970.
    pub fn new(
        client_model: impl Into<String>,
        id: impl Into<String>,
        created: i64,
        include_usage: bool,
    ) -> Self {
        Self {
            model: client_model.into(),
            id: id.into(),
            created,
            include_usage,
            begun: false,
            calls: 0,
            call: None,
            finish: None,
            so_far: Reported::default(),
            usage: None,
            done: false,
        }
    }

    /// Whether `[DONE]` or an error ended the stream: nothing more will be written.
    pub fn is_done(&self) -> bool {
        self.done
    }

    /// What the provider reported as used, once it did so for the whole answer.
    pub fn usage(&self) -> Option<TokenCounts> {
        self.usage
    }

    /// Takes the data of one event; what the client gets is added to `out`. After an error nothing more is written.
    pub fn push(&mut self, event: &[u8], out: &mut Vec<u8>) -> Result<(), BadAnswer> {
        if self.done {
            return Ok(());
        }
        let result = self.translate(event, out);
        self.done |= result.is_err();
        result
    }

    /// The provider's stream is over. An answer that had come to its end is finished; one that broke off stays so.
    pub fn finish(&mut self, out: &mut Vec<u8>) -> Result<(), BadAnswer> {
        if self.done || self.finish.is_none() { Ok(()) } else { self.end(out) }
    }

    fn translate(&mut self, json: &[u8], out: &mut Vec<u8>) -> Result<(), BadAnswer> {
        let event: Incoming<'_> = serde_json::from_slice(json)?;
        match &*event.kind {
            "message_start" => {
                self.so_far.merge(&event.message.and_then(|message| message.usage).unwrap_or_default());
                self.begin(out)
            }
            "content_block_start" => {
                let block = event.content_block.ok_or_else(|| BadAnswer::unreadable("a block is missing"))?;
                self.start_block(event.index, block, out)
            }
            "content_block_delta" => {
                let delta = event.delta.ok_or_else(|| BadAnswer::unreadable("a delta is missing"))?;
                self.delta(event.index, &delta, out)
            }
            "content_block_stop" => self.stop_block(event.index, out),
            "message_delta" => {
                if let Some(usage) = event.usage {
                    self.so_far.merge(&usage);
                    self.usage = self.so_far.counts(Shape::Messages);
                }
                match event.delta.and_then(|delta| delta.stop_reason) {
                    Some(reason) if self.finish.is_none() => {
                        let reason = finish_reason(Some(&reason));
                        self.finish = Some(reason);
                        self.chunk(Delta::default(), Some(reason), out)
                    }
                    _ => Ok(()),
                }
            }
            "message_stop" => self.end(out),
            "error" => Err(BadAnswer::upstream(json)),
            // `ping`, and what Anthropic may add.
            _ => Ok(()),
        }
    }

    fn start_block(
        &mut self,
        index: Option<u64>,
        block: IncomingBlock<'_>,
        out: &mut Vec<u8>,
    ) -> Result<(), BadAnswer> {
        match &*block.kind {
            "text" => self.text(block.text.as_deref(), out),
            "thinking" => self.thinking(block.thinking.as_deref(), out),
            "redacted_thinking" => Ok(()),
            "tool_use" => {
                let (Some(id), Some(name), Some(block_index)) = (block.id, block.name, index) else {
                    return Err(BadAnswer::unreadable("a tool call lacks its id, name or index"));
                };
                let input = block.input.map_or("{}", |input| input.get()).to_owned();
                let call = Call { block: block_index, index: self.calls, input, streamed: false };
                let delta = ToolCallDelta {
                    index: call.index,
                    id: Some(&id),
                    kind: Some("function"),
                    function: CalledDelta { name: Some(&name), arguments: "" },
                };
                self.calls += 1;
                self.call = Some(call);
                self.chunk(Delta { tool_calls: Some([delta]), ..Delta::default() }, None, out)
            }
            _ => Err(BadAnswer::unreadable("it has a content block of an unknown type")),
        }
    }

    fn delta(
        &mut self,
        index: Option<u64>,
        delta: &IncomingDelta<'_>,
        out: &mut Vec<u8>,
    ) -> Result<(), BadAnswer> {
        match delta.kind.as_deref() {
            Some("text_delta") => self.text(delta.text.as_deref(), out),
            Some("thinking_delta") => self.thinking(delta.thinking.as_deref(), out),
            Some("input_json_delta") => {
                let call = self.call.as_mut().filter(|call| Some(call.block) == index);
                let call = call.ok_or_else(|| BadAnswer::unreadable("arguments belong to no tool call"))?;
                let Some(arguments) = delta.partial_json.as_deref().filter(|text| !text.is_empty()) else {
                    return Ok(());
                };
                call.streamed = true;
                let index = call.index;
                self.arguments(index, arguments, out)
            }
            // Signatures and citations have no place in a chat completion.
            _ => Ok(()),
        }
    }

    fn stop_block(&mut self, index: Option<u64>, out: &mut Vec<u8>) -> Result<(), BadAnswer> {
        match self.call.take_if(|call| Some(call.block) == index) {
            Some(call) if !call.streamed => self.arguments(call.index, &call.input, out),
            _ => Ok(()),
        }
    }

    fn text(&mut self, text: Option<&str>, out: &mut Vec<u8>) -> Result<(), BadAnswer> {
        match text {
            None | Some("") => Ok(()),
            content => self.chunk(Delta { content, ..Delta::default() }, None, out),
        }
    }

    fn thinking(&mut self, text: Option<&str>, out: &mut Vec<u8>) -> Result<(), BadAnswer> {
        match text {
            None | Some("") => Ok(()),
            reasoning_content => self.chunk(Delta { reasoning_content, ..Delta::default() }, None, out),
        }
    }

    fn arguments(&mut self, index: u64, arguments: &str, out: &mut Vec<u8>) -> Result<(), BadAnswer> {
        let function = CalledDelta { name: None, arguments };
        let delta = ToolCallDelta { index, id: None, kind: None, function };
        self.chunk(Delta { tool_calls: Some([delta]), ..Delta::default() }, None, out)
    }

    /// The first chunk says whose turn it is.
    fn begin(&mut self, out: &mut Vec<u8>) -> Result<(), BadAnswer> {
        if self.begun {
            return Ok(());
        }
        self.begun = true;
        self.chunk(Delta { role: Some("assistant"), content: Some(""), ..Delta::default() }, None, out)
    }

    fn chunk(
        &mut self,
        delta: Delta<'_>,
        finish_reason: Option<&'static str>,
        out: &mut Vec<u8>,
    ) -> Result<(), BadAnswer> {
        self.begin(out)?;
        let choices = vec![ChunkChoice { index: 0, delta, logprobs: None, finish_reason }];
        let usage = if self.include_usage { ChunkUsage::Later } else { ChunkUsage::Unasked };
        self.write(choices, usage, out)
    }

    fn write(
        &self,
        choices: Vec<ChunkChoice<'_>>,
        usage: ChunkUsage,
        out: &mut Vec<u8>,
    ) -> Result<(), BadAnswer> {
        let chunk = Chunk {
            id: &self.id,
            object: "chat.completion.chunk",
            created: self.created,
            model: &self.model,
            choices,
            usage,
        };
        write_event(out, None, &chunk)
    }

    fn end(&mut self, out: &mut Vec<u8>) -> Result<(), BadAnswer> {
        self.done = true;
        if self.finish.is_none() {
            self.chunk(Delta::default(), Some(finish_reason(None)), out)?;
        }
        if self.include_usage
            && let Some(usage) = self.usage
        {
            self.write(Vec::new(), ChunkUsage::Now(usage.into()), out)?;
        }
        out.extend_from_slice(b"data: [DONE]\n\n");
        Ok(())
    }
}
