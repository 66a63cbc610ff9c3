//! Splits an upstream's bytes into events, as they come, and keeps each byte.

use std::collections::VecDeque;
use std::mem::take;
use std::sync::Arc;

use bytes::Bytes;

/// Longer blocks are passed on in parts, so that they are not held in memory until they end.
const MAX_EVENT: usize = 256 * 1024;
/// Longer ids are left out of the log and of `/connections`.
const MAX_ID: usize = 1024;
const BOM: &[u8] = "\u{feff}".as_bytes();

/// What a block of lines means to a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// An event, which is dispatched because it has data.
    Event,
    /// Comments, or fields without data.
    Other,
    /// A part, but not the last, of a block that is too long to hold in memory.
    Part,
    /// The last part of an event.
    LastPart,
}

/// The lines up to an empty one, or part of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    pub(crate) bytes: Bytes,
    pub(crate) kind: Kind,
    pub(crate) id: Option<Arc<str>>,
}

/// Splits bytes into blocks.
#[derive(Debug, Default)]
// Each is an independent fact about the bytes so far.
#[expect(clippy::struct_excessive_bools)]
pub(crate) struct Splitter {
    bytes: Vec<u8>,
    /// Where the current line begins in `bytes`.
    line: usize,
    /// Whether part of the current line, or of the block, has been passed on.
    line_begun: bool,
    block_begun: bool,
    has_data: bool,
    id: Option<Arc<str>>,
    /// Whether the previous byte was a carriage return, so that a line feed would be part of the same line end.
    after_cr: bool,
    not_first: bool,
}

impl Splitter {
    /// Adds the blocks that end in these bytes.
    pub(crate) fn push(&mut self, bytes: &[u8], blocks: &mut VecDeque<Block>) {
        let before = blocks.len();
        for &byte in bytes {
            if take(&mut self.after_cr) && byte == b'\n' {
                self.second_half(blocks, before);
                continue;
            }
            self.bytes.push(byte);
            if matches!(byte, b'\n' | b'\r') {
                self.after_cr = byte == b'\r';
                self.end_line(blocks);
            } else if self.bytes.len() >= MAX_EVENT {
                self.part(blocks);
            }
        }
    }

    /// Adds the rest of a block that does not end.
    pub(crate) fn finish(&mut self, blocks: &mut VecDeque<Block>) {
        if !self.bytes.is_empty() {
            self.part(blocks);
        }
    }

    /// Takes the line feed after a carriage return.
    fn second_half(&mut self, blocks: &mut VecDeque<Block>, before: usize) {
        if !self.bytes.is_empty() || self.block_begun {
            self.bytes.push(b'\n');
            self.line = self.bytes.len();
        } else if let Some(block) = blocks.back_mut().filter(|_| before == 0) {
            block.bytes = [&block.bytes[..], b"\n"].concat().into();
        } else {
            // The block was passed on before this line feed arrived.
            blocks.push_back(Block { bytes: Bytes::from_static(b"\n"), kind: Kind::Other, id: None });
        }
    }

    fn end_line(&mut self, blocks: &mut VecDeque<Block>) {
        let line = &self.bytes[self.line..self.bytes.len() - 1];
        let line = line.strip_prefix(BOM).filter(|_| !self.not_first).unwrap_or(line);
        self.not_first = true;
        if !line.is_empty() || take(&mut self.line_begun) {
            self.note();
            self.line = self.bytes.len();
            self.line_begun = false;
            return;
        }
        let kind = match (take(&mut self.has_data), take(&mut self.block_begun)) {
            (true, false) => Kind::Event,
            (true, true) => Kind::LastPart,
            (false, _) => Kind::Other,
        };
        blocks.push_back(Block { bytes: take(&mut self.bytes).into(), kind, id: self.id.take() });
        self.line = 0;
    }

    /// Passes on the block so far.
    fn part(&mut self, blocks: &mut VecDeque<Block>) {
        self.note();
        self.line_begun |= self.line < self.bytes.len();
        self.block_begun = true;
        self.line = 0;
        blocks.push_back(Block { bytes: take(&mut self.bytes).into(), kind: Kind::Part, id: None });
    }

    /// Notes the field of the current line, if its beginning is still in `bytes`.
    fn note(&mut self) {
        if self.line_begun {
            return;
        }
        let line = &self.bytes[self.line..];
        let line = line.strip_prefix(BOM).unwrap_or(line);
        let end = line.iter().position(|byte| matches!(byte, b'\r' | b'\n')).unwrap_or(line.len());
        let line = &line[..end];
        let colon = line.iter().position(|byte| *byte == b':').unwrap_or(end);
        let value = line.get(colon + 1..).unwrap_or_default();
        let value = value.strip_prefix(b" ").unwrap_or(value);
        match &line[..colon] {
            b"data" => self.has_data = true,
            b"id" if value.len() <= MAX_ID && !value.contains(&0) => {
                self.id = Some(String::from_utf8_lossy(value).into());
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The blocks of a text that comes in pieces of a size.
    fn blocks(text: &[u8], size: usize) -> Vec<Block> {
        let (mut splitter, mut blocks) = (Splitter::default(), VecDeque::new());
        for piece in text.chunks(size) {
            // As one who reads at once has them.
            let mut new = VecDeque::new();
            splitter.push(piece, &mut new);
            blocks.extend(new);
        }
        splitter.finish(&mut blocks);
        blocks.into()
    }

    fn events(blocks: &[Block]) -> usize {
        blocks.iter().filter(|block| matches!(block.kind, Kind::Event | Kind::LastPart)).count()
    }

    #[test]
    fn each_byte_is_kept_and_each_event_found_whatever_the_pieces_and_the_line_ends() {
        let text =
            "\u{feff}data: 1\nid: 7\n\n: comment\n\nretry: 5\n\nevent: x\ndata\n\n\nunknown\ndata: €\n\ndata: cut";
        for eol in ["\n", "\r", "\r\n"] {
            let text = text.replace('\n', eol);
            for size in 1..text.len() {
                let blocks = blocks(text.as_bytes(), size);
                let bytes: Vec<u8> = blocks.iter().flat_map(|block| block.bytes.to_vec()).collect();
                assert_eq!(String::from_utf8(bytes).expect("text"), text);
                assert_eq!(events(&blocks), 3, "{eol:?} {size} {blocks:?}");
                assert_eq!(blocks[0].id.as_deref(), Some("7"));
            }
        }
    }

    #[test]
    fn an_event_comes_as_soon_as_its_empty_line_is_there() {
        let (mut splitter, mut blocks) = (Splitter::default(), VecDeque::new());
        splitter.push(b"data: 1\r\n\r", &mut blocks);
        assert_eq!(blocks.pop_front().map(|block| block.kind), Some(Kind::Event));
    }

    #[test]
    fn a_long_event_is_passed_on_in_parts_and_counts_once() {
        for line in ["x".repeat(3 * MAX_EVENT), "data: y\n".repeat(MAX_EVENT)] {
            let text = format!("data: {line}\n\ndata: 2\n\n");
            let blocks = blocks(text.as_bytes(), 1000);
            assert!(blocks.iter().all(|block| block.bytes.len() <= MAX_EVENT));
            assert_eq!(events(&blocks), 2);
            assert_eq!(blocks.iter().map(|block| block.bytes.len()).sum::<usize>(), text.len());
        }
    }
}
