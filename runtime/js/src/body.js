// a stream of bytes -> the bytes, as far as is wanted.

/**
 * All bytes of a stream, but at most `most`: the rest is not read.
 * @param {ReadableStream<Uint8Array>} stream @param {number} most @returns {Promise<Uint8Array>}
 */
export async function readAll(stream, most) {
  /** @type {Uint8Array[]} */
  const chunks = [];
  let length = 0;
  for (const reader = stream.getReader(); ; ) {
    const { done, value } = await reader.read();
    if (done) break;
    chunks.push(value);
    length += value.length;
    if (length >= most) {
      await reader.cancel();
      break;
    }
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole.subarray(0, most);
}
