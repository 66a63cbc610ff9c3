// Dev servers, and what their logs say was sent.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** What was sent to each token: counts of events and of connections, and the pauses between these in milliseconds. */
export class Sent {
  #tokens = new Map();

  of(token) {
    if (!this.#tokens.has(token)) this.#tokens.set(token, { events: 0, connections: 0, open: 0, pauses: [] });
    return this.#tokens.get(token);
  }

  /** Takes a line of the log. */
  read(line) {
    const [, hours, minutes, seconds, what, token] = /^(\d\d):(\d\d):([\d.]+) .*stream (opened|ended) .*[?&]token=([\w-]+)/.exec(line) ?? [];
    if (token === undefined) return;
    const at = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
    const sent = this.of(token);
    if (what === 'opened') {
      sent.connections += 1;
      sent.open += 1;
      // Midnight may have passed.
      if (sent.ended !== undefined) sent.pauses.push(Math.round((at - sent.ended + 86_400_000) % 86_400_000));
    } else {
      sent.open -= 1;
      sent.ended = at;
      sent.events += Number(/ events=(\d+)/.exec(line)[1]);
    }
  }
}

/** A dev server at a port, which can be stopped and started again. */
export class Server {
  #process;

  constructor(program, port, sent) {
    this.program = program;
    this.port = port;
    this.sent = sent;
    this.origin = `http://127.0.0.1:${port}`;
  }

  async start() {
    const process_ = spawn(this.program, ['--port', String(this.port), '--no-build', '--no-watch'], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NO_COLOR: '1' },
    });
    this.#process = process_;
    const told = [];
    createInterface(process_.stderr).on('line', (line) => {
      told.push(line);
      if (told.length > 20) told.shift();
      this.sent.read(line);
    });
    const failed = new Promise((_, reject) => {
      process_.once('error', reject);
      process_.once('exit', () => reject(new Error(`the dev server ended: ${told.join('\n')}`)));
    });
    failed.catch(() => {});
    await Promise.race([once(createInterface(process_.stdout), 'line'), failed]);
  }

  async stop() {
    const process_ = this.#process;
    this.#process = undefined;
    if (process_ === undefined || process_.exitCode !== null || process_.signalCode !== null) return;
    // `close` comes after the last line of its log.
    const ended = once(process_, 'close');
    process_.kill();
    const hard = setTimeout(() => process_.kill('SIGKILL'), 5000);
    await ended;
    clearTimeout(hard);
  }

  /** How many requests a token had, whatever they were answered. */
  async requests(token) {
    const response = await fetch(`${this.origin}/tokens/${token}`, { signal: AbortSignal.timeout(5000) });
    return (await response.json()).attempts;
  }
}
