// Counts messages by time, so that drawing the plots costs the same however many messages arrive.

/** The length of a bucket, in milliseconds. */
export const WIDTH = 250;
/** How many buckets there are: a minute's worth. */
export const COUNT = 240;

const empty = () => ({ at: -1, count: 0, gap: null, delay: null });

/** The longer of two durations; `null` means that there is none, unlike 0. */
const longer = (kept, given) => (kept === null || (given !== null && given > kept) ? given : kept);

export class Buckets {
  #ring = Array.from({ length: COUNT }, empty);

  /** Counts a message that arrived at `time`, and keeps the longest gap and delay; `null` means that there is none. */
  add(time, gap, delay) {
    const at = Math.floor(time / WIDTH);
    const bucket = this.#ring[at % COUNT];
    if (bucket.at !== at) Object.assign(bucket, empty(), { at });
    bucket.count += 1;
    bucket.gap = longer(bucket.gap, gap);
    bucket.delay = longer(bucket.delay, delay);
  }

  /** The buckets of the minute before `time`, oldest first; those without a message have the count 0. */
  before(time) {
    const end = Math.floor(time / WIDTH);
    return Array.from({ length: COUNT }, (_, index) => {
      const at = end - COUNT + 1 + index;
      const bucket = this.#ring[((at % COUNT) + COUNT) % COUNT];
      return bucket.at === at ? bucket : { ...empty(), at };
    });
  }
}
