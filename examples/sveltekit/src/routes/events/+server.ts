import type { RequestHandler } from './$types';

/** The time, once a second. */
export const GET: RequestHandler = () => {
  const encoder = new TextEncoder();
  let timer: ReturnType<typeof setInterval>;
  const body = new ReadableStream({
    start(controller) {
      const send = () => controller.enqueue(encoder.encode(`id: ${Date.now()}\ndata: ${new Date().toISOString().slice(11, 19)}\n\n`));
      send();
      timer = setInterval(send, 1000);
    },
    // The client has left.
    cancel: () => clearInterval(timer),
  });
  // `no-transform`: what compresses would hold events back until there are enough of them.
  return new Response(body, { headers: { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache, no-transform' } });
};
