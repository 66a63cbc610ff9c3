/** A message whose data is decoded when it is first read: what a decoder throws, it throws to that reader. */
export function decoded({ type, data: text, lastEventId, origin }, decode) {
  let data;
  let isDecoded = false;
  // A member of its own, so that it is there where a message is copied, posted or shown.
  return {
    type,
    get data() {
      if (!isDecoded) {
        data = decode(text);
        isDecoded = true;
      }
      return data;
    },
    lastEventId,
    origin,
  };
}
