// Tabs of a browser that is driven, each with a source that shares; what they tell, and what a server sees of them.

/** Waits for a condition, and gives what holds. */
export async function until(what, holds, patience = 60_000) {
  const end = performance.now() + patience;
  for (;;) {
    const found = await holds();
    if (found) return found;
    if (performance.now() > end) throw new Error(`waited in vain until ${what}`);
    await new Promise((resolve) => { setTimeout(resolve, 50); });
  }
}

/**
 * What starts a browser so that each tab has a process of its own, as long as there are not many. Firefox gives a site four,
 * and asks the user about scripts that run for long.
 */
export const OPTIONS = {
  firefox: { prefs: { 'dom.ipc.processCount.webIsolated': 20, 'dom.max_script_run_time': 0 } },
  chromium: {},
  webkit: {},
};

export class Tabs {
  #browser;
  #server;
  #watcher;
  #opened = 0;
  /** Those that are open. */
  there = [];

  /** The browser's first window watches. */
  static async in(kind, browser, server) {
    const tabs = new Tabs();
    [tabs.kind, tabs.#browser, tabs.#server] = [kind, browser, server];
    [tabs.#watcher] = await browser.handles();
    await browser.open(`${server}/pkg/tests/watcher.html`);
    return tabs;
  }

  /** Whether tabs of one window hide each other. WebKitGTK's driver can't show one. */
  get hideEachOther() { return this.kind !== 'webkit'; }

  /** Whether a tab can be killed: WebKitGTK's driver gives up when one is. */
  get canKill() { return this.kind !== 'webkit'; }

  /** Opens a page that shares `url`: in a window of its own, or in that of the tab `beside`. */
  async open(url, options = {}, beside = undefined) {
    this.#opened += 1;
    const name = `${this.#opened}`;
    const window = beside?.window ?? { minimized: false };
    const handle = await (beside === undefined ? this.#newWindow() : this.#newBeside(beside));
    const tab = { name, handle, window };
    this.there.push(tab);
    await this.#use(tab);
    const query = new URLSearchParams({ url, options: JSON.stringify(options), tab: name });
    await this.#browser.open(`${this.#server}/pkg/tests/tab.html?${query}`);
    await until(`tab ${name} has loaded`, () => this.life(tab));
    return tab;
  }

  async #newWindow() {
    // The tab that was used last may be closed.
    await this.#browser.use(this.#watcher);
    return this.#browser.newTab('window');
  }

  /** Opens a tab in the window of another. */
  async #newBeside(tab) {
    if (tab.window.minimized) await this.show(tab);
    await this.#use(tab);
    if (this.kind !== 'chromium') return this.#browser.newTab('tab');
    // Its driver opens tabs in any window. Who has no opener has a process of its own here, as in Firefox only those have that
    // the driver opens.
    const known = new Set(await this.#browser.handles());
    await this.#browser.evaluate('open("away.html", "_blank", "noopener"); return null', []);
    return until('there is a new tab', async () => (await this.#browser.handles()).find((handle) => !known.has(handle)));
  }

  async #use(tab) {
    await this.#browser.use(tab.handle);
    tab.window.shown = tab;
  }

  /** What all pages have told that there are and were. */
  async lives() {
    await this.#browser.use(this.#watcher);
    return this.#browser.evaluate('return lives()', []);
  }

  /** What the page of a tab has told last. */
  async life(tab) {
    return latest(await this.lives(), tab);
  }

  /** The tab that leads. */
  async leader() {
    const lives = await this.lives();
    return this.there.find((tab) => latest(lives, tab)?.shared === 'leader');
  }

  /** What the open tabs have told last. */
  async all() {
    const lives = await this.lives();
    return this.there.map((tab) => latest(lives, tab)).filter((life) => life !== undefined);
  }

  /** Has a page do nothing else for a time. It is told by the one that watches: the driver would wait for it. */
  async block(tab, milliseconds) {
    await this.#browser.use(this.#watcher);
    await this.#browser.evaluate('block(...arguments)', [tab.name, milliseconds]);
  }

  #forget(tab) {
    this.there = this.there.filter((other) => other !== tab);
    if (tab.window.shown === tab) tab.window.shown = undefined;
  }

  /** Those that are in the same window. */
  beside(tab) {
    return this.there.filter((other) => other !== tab && other.window === tab.window);
  }

  async close(tab) {
    await this.#use(tab);
    await this.#browser.closeTab();
    this.#forget(tab);
    const [next] = this.beside(tab);
    if (next !== undefined) await this.#use(next);
  }

  /** Ends a tab's process, and closes what is left. */
  async kill(tab) {
    await this.#use(tab);
    await this.#browser.kill(tab.handle);
    this.#forget(tab);
    const [next] = this.beside(tab);
    if (next !== undefined) await this.#use(next);
  }

  async reload(tab) {
    const before = await this.life(tab);
    await this.#use(tab);
    await this.#browser.reload();
    await until(`tab ${tab.name} has loaded again`, async () => (await this.life(tab)).id !== before.id);
  }

  async away(tab) {
    await this.#use(tab);
    await this.#browser.open(`${this.#server}/pkg/tests/away.html`);
  }

  async back(tab) {
    await this.#use(tab);
    await this.#browser.back();
  }

  /** Shows another tab of the window in its place, or minimizes the window. Gives how. */
  async hide(tab) {
    const [other] = this.hideEachOther ? this.beside(tab) : [];
    if (other !== undefined) {
      await this.#use(other);
    } else {
      await this.#use(tab);
      await this.#browser.minimize();
      tab.window.minimized = true;
    }
    await until(`tab ${tab.name} is hidden`, async () => (await this.life(tab)).hidden, 10_000);
    return other === undefined ? 'minimized' : 'another tab is shown';
  }

  async show(tab) {
    await this.#use(tab);
    await this.#browser.restore();
    tab.window.minimized = false;
    await until(`tab ${tab.name} is shown`, async () => !(await this.life(tab)).hidden, 10_000);
  }

  async closeAll() {
    for (const tab of [...this.there]) await this.close(tab);
    await this.#browser.use(this.#watcher);
    await this.#browser.evaluate('forget()', []);
  }
}

function latest(lives, tab) {
  return lives.filter(({ name }) => name === tab.name).sort((one, two) => two.born - one.born)[0];
}

/** Looks all the time at who reads a stream, and counts. */
export class Readers {
  most = 0;
  /** Of how many connections it knows; how often there were several, and for how long at most. */
  seen = new Set();
  overlaps = [];
  now = [];
  life = 0;
  #ends = false;
  #done;

  constructor(server, mark) {
    this.#done = this.#look(server, mark);
  }

  async #look(server, mark) {
    let since;
    while (!this.#ends) {
      try {
        const { connections } = await (await fetch(`${server}/connections`)).json();
        this.now = connections.filter(({ url }) => url.includes(mark));
        this.most = Math.max(this.most, this.now.length);
        for (const { id, since: began } of this.now) this.seen.add(`${began}-${id}`);
      } catch {
        // It is being restarted.
        this.now = [];
      }
      if (this.now.length > 1) {
        since ??= performance.now();
      } else if (since !== undefined) {
        this.overlaps.push(performance.now() - since);
        since = undefined;
      }
      await new Promise((resolve) => { setTimeout(resolve, 20); });
    }
  }

  async end() {
    this.#ends = true;
    await this.#done;
  }

  toString() {
    const times = this.overlaps.map((time) => Math.round(time));
    return `the server saw ${this.seen.size} connections, ${this.most} at once at most, two at once ${times.length} times` +
      (times.length === 0 ? '' : `, for ${Math.max(...times)} ms at most`);
  }
}
