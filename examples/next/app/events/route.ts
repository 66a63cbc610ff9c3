// Made for each request, and never when the application is built.
export const dynamic = 'force-dynamic';

/** The time, once a second. */
export function GET() {
  const encoder = new TextEncoder();
  let timer: NodeJS.Timeout;
  const body = new ReadableStream({
    start(controller) {
      const send = () => controller.enqueue(encoder.encode(`id: ${Date.now()}\ndata: ${new Date().toISOString().slice(11, 19)}\n\n`));
      send();
      timer = setInterval(send, 1000);
    },
    // The client has left.
    cancel: () => clearInterval(timer),
  });
  return new Response(body, {
    headers: {
      'Content-Type': 'text/event-stream',
      // `no-transform`: Next would compress the stream, and hold events back until there are enough of them.
      'Cache-Control': 'no-cache, no-transform',
    },
  });
}
