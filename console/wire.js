// What arrives besides the messages' data: comments, `retry:`, and the bytes themselves. Only over `fetch`.

/** How many bytes of the newest blocks are kept. */
const MOST = 4 * 1024 * 1024;
const MOST_BLOCKS = 10_000;
/** Only this many bytes of a longer block are kept. */
const MOST_OF_ONE = 256 * 1024;

/** How many comments and how many ignored lines of a block are kept, and how many characters of each. */
const MOST_LINES = 100;
const MOST_OF_LINE = 1000;

const LF = 10;
const CR = 13;

const nothing = () => ({ comments: [], retry: null, ignored: [], data: false, length: 0 });

/** The blocks of a stream, by the number of their message. Blocks without a message belong to the next one. */
export class Wire {
  /** The newest reconnection time that the server asked for, in milliseconds. */
  retry = null;
  comments = 0;
  bytes = 0;
  #blocks = new Map();
  #kept = 0;
  #next = 0;
  #isNumbered;

  /** Without `isNumbered`, no blocks are kept, because they can't be matched with messages. */
  constructor(isNumbered = true) {
    this.#isNumbered = isNumbered;
  }

  /** The block of a message: `{ bytes, comments, retry, ignored, isWhole }`; `ignored` has the lines that an EventSource ignores. */
  get(number) {
    return this.#blocks.get(number);
  }

  #add(block) {
    if (!this.#isNumbered) return;
    this.#blocks.set(this.#next, block);
    this.#next += 1;
    this.#kept += block.bytes.length;
    for (const [number, { bytes }] of this.#blocks) {
      if (this.#kept <= MOST && this.#blocks.size <= MOST_BLOCKS) break;
      this.#blocks.delete(number);
      this.#kept -= bytes.length;
    }
  }

  #extend(block, byte) {
    if (!block.isWhole || block.bytes.length === MOST_OF_ONE) return;
    const bytes = new Uint8Array(block.bytes.length + 1);
    bytes.set(block.bytes);
    bytes[bytes.length - 1] = byte;
    block.bytes = bytes;
    this.#kept += 1;
  }

  /** Replaces the global `fetch`: reads a copy of each response that is a stream. */
  fetch = async (url, init) => {
    const response = await fetch(url, init);
    const type = response.headers.get('content-type') ?? '';
    if (response.ok && response.body && type.startsWith('text/event-stream')) this.#read(response.clone().body);
    return response;
  };

  async #read(body) {
    const reader = body.getReader();
    const take = this.taker();
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        take(value);
      }
    } catch {
      // The source reports the error.
    }
  }

  /** Returns a function that takes the bytes of a response, piece by piece. */
  taker() {
    // Lines are decoded one by one, but only the first may begin with a byte order mark, so it is removed below.
    const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
    let block = [];
    let line = [];
    let afterCr = false;
    let isFirst = true;
    let found = nothing();
    /** The block that a CR has just ended; an LF right after it is part of the same line end, and of the block. */
    let ended = null;

    const endLine = () => {
      let text = decoder.decode(new Uint8Array(line));
      line = [];
      if (isFirst) text = text.replace(/^\uFEFF/, '');
      isFirst = false;
      if (text === '') {
        if (found.data) {
          const { comments, retry, ignored, length } = found;
          ended = { bytes: new Uint8Array(block), comments, retry, ignored, isWhole: length <= MOST_OF_ONE };
          this.#add(ended);
        }
        // Lines without data, such as comments, are kept for the block of the next message.
        if (found.data || found.length > MOST_OF_ONE) {
          block = [];
          found = nothing();
        }
      } else if (text.startsWith(':')) {
        this.comments += 1;
        if (found.comments.length < MOST_LINES) found.comments.push(text.slice(1, MOST_OF_LINE).replace(/^ /, ''));
      } else if (/^data(:|$)/.test(text)) {
        found.data = true;
      } else if (/^retry: ?\d+$/.test(text)) {
        found.retry = Number(text.replace(/\D/g, ''));
        this.retry = found.retry;
      } else if (!/^(event|id)(:|$)/.test(text) || (text.startsWith('id') && text.includes('\0'))) {
        if (found.ignored.length < MOST_LINES) found.ignored.push(text.slice(0, MOST_OF_LINE));
      }
    };

    return (bytes) => {
      this.bytes += bytes.length;
      for (const byte of bytes) {
        const isPair = byte === LF && afterCr;
        afterCr = byte === CR;
        // The second half of CR LF: the CR has already ended the line.
        if (isPair && ended !== null) {
          this.#extend(ended, byte);
          ended = null;
          continue;
        }
        ended = null;
        found.length += 1;
        if (found.length <= MOST_OF_ONE) block.push(byte);
        if (isPair) continue;
        if (byte === LF || byte === CR) endLine();
        else if (line.length < MOST_OF_ONE) line.push(byte);
      }
    };
  }
}

/** Bytes as text, with visible symbols for invisible characters. */
export function visible(bytes) {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes).replaceAll('\r', '␍').replaceAll('\0', '␀').replace(/␍?\n/g, (end) => `${end.length > 1 ? '␍' : ''}␊\n`)
    .replace(/␍(?!␊)/g, '␍\n').replaceAll('\uFEFF', '[BOM]');
}

/** Bytes as in a hex editor, 16 in a line. */
export function hex(bytes, most = 4096) {
  const lines = [];
  for (let at = 0; at < Math.min(bytes.length, most); at += 16) {
    const row = [...bytes.subarray(at, at + 16)];
    const digits = row.map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    const text = row.map((byte) => (byte > 31 && byte < 127 ? String.fromCharCode(byte) : '·')).join('');
    lines.push(`${at.toString(16).padStart(6, '0')}  ${digits.padEnd(47)}  ${text}`);
  }
  if (bytes.length > most) lines.push('…');
  return lines.join('\n');
}
