import { withCore } from './core.js';
import { report } from './report.js';

/** The list that `make` makes of what WebAssembly brings: at once if the WebAssembly is there, else one that stands for it. */
export function listWhenReady(make) {
  let made;
  let pending;
  withCore(({ opener }) => {
    made = make(opener);
    pending?.become(made);
  }, report);
  pending = made === undefined ? new PendingList() : undefined;
  return made ?? pending;
}

/** Stands for a list until there is one. */
export class PendingList {
  #list;
  #calls = [];
  #paused = false;

  /** There is none if its source has ended before. */
  become(list) {
    this.#list = list;
    if (list !== undefined) for (const call of this.#calls) list[call]();
  }

  get paused() {
    return this.#list?.paused ?? this.#paused;
  }

  pause() {
    this.#paused = true;
    this.#do('pause');
  }

  resume() {
    this.#paused = false;
    this.#do('resume');
  }

  clear() {
    this.#do('clear');
  }

  close() {
    this.#paused = false;
    this.#do('close');
  }

  #do(call) {
    if (this.#list === undefined) this.#calls.push(call);
    else this.#list[call]();
  }
}
