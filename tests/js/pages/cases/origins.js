// Credentials, CORS and what the request says.

import { here, other } from '../harness.js';
import { reads } from './observe.js';

const stream = 't0=0&data=n&count=2&interval=0';
const ways = ['on', 'off', 'any', 'other', 'no-credentials', 'twice', 'no-preflight'];

/** Of an echoed request, what a server may go by. */
function request(data) {
  const { method, headers, lastEventId } = JSON.parse(data);
  const { referer, ...others } = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  return { method, headers: Object.entries(others).sort().map(([name, value]) => `${name}: ${value}`), lastEventId };
}

export const cases = [
  ...[false, true].flatMap((withCredentials) => ways.map((cors) => reads(
    `cors=${cors}${withCredentials ? ', with credentials' : ''}`,
    async () => `${other}/events?${stream}&cors=${cors}`,
    undefined,
    { init: { withCredentials } },
  ))),
  reads('the request', async () => `${here}/echo?id=none`, 'open message error', { read: request }),
  reads('the request to another origin', async () => `${other}/echo?cors=on&id=none`, 'open message error', { read: request }),
  ...[here, other].flatMap((origin) => [false, true].map((withCredentials) => reads(
    `a cookie for ${origin === here ? 'its own' : 'another'} origin${withCredentials ? ', with credentials' : ''}`,
    async () => {
      // Ports share their cookies.
      haveCookie();
      return `${origin}/echo?cors=on&id=none`;
    },
    'open message error',
    { init: { withCredentials }, read: request },
  ))),
];

function haveCookie() {
  if (globalThis.document !== undefined) document.cookie = 'conformance=1; path=/; SameSite=Lax';
}
