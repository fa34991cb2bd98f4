/**
 * The data of server-sent events, as the HTML standard reads them: lines end with LF, CR or CRLF, an empty line ends an
 * event, one that the end cuts short does not count, and all fields but "data" are skipped. EventSource itself cannot
 * send a body.
 *
 * @param {ReadableStream<Uint8Array>} body
 * @returns {AsyncGenerator<string>}
 */
export async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  let data = [];
  try {
    for (;;) {
      const {value, done} = await reader.read();
      rest += value ?? '';
      // A CR at the end may be half of a CRLF.
      const whole = !done && rest.endsWith('\r') ? rest.length - 1 : rest.length;
      const lines = rest.slice(0, whole).split(/\r\n|\r|\n/);
      rest = lines.pop() + rest.slice(whole);
      for (const line of lines) {
        if (line.startsWith('data:')) {
          data.push(line.slice(line[5] === ' ' ? 6 : 5));
        } else if (line === '' && data.length > 0) {
          yield data.join('\n');
          data = [];
        }
      }
      if (done) {
        return;
      }
    }
  } finally {
    // Also where the caller stops half-way: the connection closes, and the server stops writing.
    await reader.cancel().catch(() => {});
  }
}
