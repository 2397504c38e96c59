//! Takes a stream apart into its events, whatever the chunk boundaries.

use super::meter::BOM;
use memchr::memchr;
use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

/// An event may be this long.
const LONGEST: usize = 1024 * 1024;

/// One event of a stream. Fields other than these two are left out: no provider uses them.
#[derive(Debug, PartialEq, Eq)]
pub struct Event<'a> {
    /// What stands after `event:`.
    pub name: Option<&'a [u8]>,
    /// What stands after `data:`, lines joined with a line feed.
    pub data: Cow<'a, [u8]>,
}

/// An event goes on for more than 1 MiB. The stream can't be read any further.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLong;

impl fmt::Display for TooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an event of the stream is longer than 1 MiB")
    }
}

impl std::error::Error for TooLong {}

/// Gives the whole events of a stream: [`push`](Splitter::push) a chunk, then take them with [`next`](Splitter::next)
/// until there is none.
#[derive(Debug, Default)]
pub struct Splitter {
    buffer: Vec<u8>,
    /// Where the event begins that is given next.
    event: usize,
    /// Where the line begins that is read next.
    line: usize,
    /// How far the end of that line was looked for.
    scanned: usize,
    name: Option<Range<usize>>,
    data: Vec<Range<usize>>,
    /// Whether a line was read.
    begun: bool,
}

impl Splitter {
    /// A splitter for one stream.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a chunk.
    pub fn push(&mut self, chunk: &[u8]) {
        // What was read is thrown away only here, so that an event can borrow from the buffer.
        if self.event > 0 {
            self.buffer.drain(..self.event);
            self.line -= self.event;
            self.scanned -= self.event;
            for range in self.name.iter_mut().chain(&mut self.data) {
                *range = range.start - self.event..range.end - self.event;
            }
            self.event = 0;
        }
        self.buffer.extend_from_slice(chunk);
    }

    /// The stream is over: an event that lacks only its end is given too.
    pub fn finish(&mut self) {
        self.push(b"\n\n");
    }

    /// The next whole event that has data.
    #[expect(
        clippy::should_implement_trait,
        reason = "an event borrows from the splitter, which no iterator can do"
    )]
    pub fn next(&mut self) -> Result<Option<Event<'_>>, TooLong> {
        while let Some(found) = memchr(b'\n', self.buffer.get(self.scanned..).unwrap_or_default()) {
            let end = self.scanned + found;
            let start = self.line;
            (self.line, self.scanned) = (end + 1, end + 1);
            if end - self.event > LONGEST {
                return Err(TooLong);
            }
            let end = end - usize::from(end > start && self.buffer[end - 1] == b'\r');
            if start < end {
                self.read_line(start..end);
                continue;
            }
            self.event = self.line;
            let name = self.name.take();
            if self.data.is_empty() {
                continue;
            }
            let lines = std::mem::take(&mut self.data);
            let data = match lines.as_slice() {
                [line] => Cow::Borrowed(&self.buffer[line.clone()]),
                lines => {
                    let lines: Vec<_> = lines.iter().map(|line| &self.buffer[line.clone()]).collect();
                    Cow::Owned(lines.join(&b'\n'))
                }
            };
            return Ok(Some(Event { name: name.map(|name| &self.buffer[name]), data }));
        }
        self.scanned = self.buffer.len();
        if self.buffer.len() - self.event > LONGEST { Err(TooLong) } else { Ok(None) }
    }

    fn read_line(&mut self, mut line: Range<usize>) {
        if !std::mem::replace(&mut self.begun, true) && self.buffer[line.clone()].starts_with(BOM) {
            line.start += BOM.len();
        }
        let text = &self.buffer[line.clone()];
        let value = |prefix: usize| {
            let space = usize::from(text.get(prefix) == Some(&b' '));
            line.start + prefix + space..line.end
        };
        if text.starts_with(b"data:") {
            self.data.push(value(5));
        } else if text.starts_with(b"event:") {
            self.name = Some(value(6));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Owned = (Option<String>, String);

    fn split(chunks: impl Iterator<Item = impl AsRef<[u8]>>) -> Result<Vec<Owned>, TooLong> {
        let mut splitter = Splitter::new();
        let mut events = Vec::new();
        let mut take = |splitter: &mut Splitter| {
            while let Some(event) = splitter.next()? {
                let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
                events.push((event.name.map(text), text(&event.data)));
            }
            Ok(())
        };
        for chunk in chunks {
            splitter.push(chunk.as_ref());
            take(&mut splitter)?;
        }
        splitter.finish();
        take(&mut splitter)?;
        Ok(events)
    }

    #[test]
    fn every_chunk_boundary_splits_the_same() {
        let stream = ": hello\n\nevent: a\ndata: {\"x\":\ndata:1}\n\nevent:b\r\ndata: 2\r\nid: 7\r\n\r\n\n\
            event: none\n\ndata:\n\ndata: [DONE]";
        let event = |name: Option<&str>, data: &str| (name.map(str::to_owned), data.to_owned());
        let expected = vec![
            event(Some("a"), "{\"x\":\n1}"),
            event(Some("b"), "2"),
            event(None, ""),
            event(None, "[DONE]"),
        ];
        // A byte order mark isn't part of the first line.
        let marked = format!("\u{feff}{}", stream.strip_prefix(": hello\n\n").unwrap());
        for stream in [stream, &marked] {
            for size in 1..=stream.len() {
                assert_eq!(split(stream.as_bytes().chunks(size)).unwrap(), expected, "chunks of {size}");
            }
        }
    }

    #[test]
    fn an_endless_event_is_an_error() {
        assert_eq!(split((0..200).map(|_| vec![b'x'; 10_000])), Err(TooLong));
        assert_eq!(split((0..200_000).map(|_| "data: x\n")), Err(TooLong));
        let one = format!("data: {}\n\n", "x".repeat(2 * LONGEST));
        assert_eq!(split(std::iter::once(&one)), Err(TooLong));
        let many = "data: x\n\n".repeat(300_000);
        assert_eq!(split(std::iter::once(&many)).unwrap().len(), 300_000);
    }

    #[test]
    fn bytes_that_are_no_text_pass() {
        let mut splitter = Splitter::new();
        splitter.push(b"data: \xff\xfe\n\n");
        assert_eq!(splitter.next().unwrap().unwrap().data.as_ref(), b"\xff\xfe");
        assert_eq!(splitter.next(), Ok(None));
    }
}
