// What all models here answer, in the pieces that they answer it in: the same each time, and not only ASCII.

const TOKENS = [
  'A', ' stream', ' arrives', ' in', ' pieces', ' 🧩', ':', '\n\n', '水', 'は', '流れる', '。',
  ' Naïve', ' cafés', ' — “quoted”', ', \\ and', ' a ✅', ' 👩‍👩‍👧', '.',
];

export const text = TOKENS.join('');
export const thoughts = ['Somebody asks about', ' streams', ' — 考え中', '…'];

/** Two calls of tools, their arguments in pieces that are no JSON by themselves. */
export const calls = [
  { id: '1', name: 'get_weather', pieces: ['{"ci', 'ty":"東', '京","unit', '":"°C"}'] },
  { id: '2', name: 'get_time', pieces: ['{"zone":', '"Asia/Tokyo"', '}'] },
];

/** The pieces, so many times over. */
export function* tokens(repeat) {
  for (let n = 0; n < repeat; n += 1) yield* TOKENS;
}

/** How many tokens all of it is. */
export const length = (repeat) => TOKENS.length * repeat;
