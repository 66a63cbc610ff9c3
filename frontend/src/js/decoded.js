/** A message whose data is decoded when it is first read: what a decoder throws, it throws to that reader. */
export class Decoded {
  type;
  lastEventId;
  origin;
  #message;
  #decode;
  #data;

  constructor(message, decode) {
    this.type = message.type;
    this.lastEventId = message.lastEventId;
    this.origin = message.origin;
    this.#message = message;
    this.#decode = decode;
  }

  get data() {
    if (this.#message !== undefined) {
      const decode = this.#decode;
      this.#data = decode(this.#message.data);
      this.#message = undefined;
    }
    return this.#data;
  }
}
