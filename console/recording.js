// Messages from a file, with the interface of a connection.

import { Buckets } from './buckets.js';
import { History } from './history.js';
import { LiveList } from './live_list.js';
import { Timeline } from './timeline.js';

export class Recording {
  history = new History();
  timeline = new Timeline();
  buckets = new Buckets();
  wire = null;
  list;
  source;

  constructor(url, messages, ul) {
    for (const { time, type, data, id } of messages) this.history.add(time, type, data, id);
    this.source = {
      url,
      withCredentials: false,
      lastEventId: messages.at(-1).id,
      stats: { messages: messages.length, reconnects: 0, lastMessageAge: null },
    };
    this.list = new LiveList(null, null, ul, this.history, false);
    this.list.wake();
  }

  get paused() {
    return this.list.paused;
  }

  pause() {
    this.list.pause();
  }

  resume() {
    this.list.resume();
  }

  clear() {
    this.history.clear();
    this.list.clear();
  }

  close() {
    this.list.close();
  }
}
