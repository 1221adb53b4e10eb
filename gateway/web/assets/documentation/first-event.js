// The viewer shows an answer once it has ended; a stream of server-sent events never does.

const END_OF_EVENT = "\n\n";

async function firstEvent(stream) {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let event = "";
  while (!event.includes(END_OF_EVENT)) {
    const { value, done } = await reader.read();
    if (done) break;
    event += value;
  }
  await reader.cancel();
  return event;
}

/** Fetch as `fetch` does, and of a stream of events give the first one as if it were all. */
export async function fetchFirstEvent(url, options) {
  const response = await fetch(url, options);
  if (!response.headers.get("content-type")?.startsWith("text/event-stream")) return response;
  const { status, statusText, headers } = response;
  return new Response(await firstEvent(response.body), { status, statusText, headers });
}
