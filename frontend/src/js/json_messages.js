/** The data of an iterator's messages, parsed as JSON. */
export class JsonMessages {
  #messages;
  /** What went wrong after what was given last; undefined if nothing did. */
  #error;

  constructor(messages) {
    this.#messages = messages;
  }

  get dropped() {
    return this.#messages.dropped;
  }

  async next() {
    if (this.#error !== undefined) return this.#fail(this.#error);
    const { value, done } = await this.#messages.next();
    if (done) return { value, done };
    const parsed = [];
    try {
      for (const message of Array.isArray(value) ? value : [value]) parsed.push(parse(message));
    } catch (error) {
      if (parsed.length === 0) return this.#fail(error);
      this.#error = error;
    }
    return { value: Array.isArray(value) ? parsed : parsed[0], done };
  }

  async #fail(error) {
    this.#error = undefined;
    // Who loops over this leaves it with the error, and nobody would read on.
    await this.return();
    throw error;
  }

  return(value) {
    this.#error = undefined;
    return this.#messages.return(value);
  }

  [Symbol.asyncIterator]() {
    return this;
  }
}

function parse({ type, data }) {
  // What a source's `decode` has made of it is no text any more.
  if (typeof data !== 'string') return data;
  try {
    return JSON.parse(data);
  } catch (cause) {
    const shown = data.length > 60 ? `${data.slice(0, 60)}…` : data;
    throw new SyntaxError(`EventSource: the data of a message of type '${type}' is not JSON: ${shown}; if that marks `
      + `the end, give it to the source as endData (${cause.message})`, { cause });
  }
}

if (Symbol.asyncDispose) {
  JsonMessages.prototype[Symbol.asyncDispose] = async function () {
    await this.return();
  };
}
