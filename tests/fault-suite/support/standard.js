// What all classes have in common that are made after the Standard's EventSource.

export const openEventSource = (EventSource, options) => (url, { message, closed }) => {
  const source = new EventSource(url, options);
  for (const type of ['message', 'gap']) source.addEventListener(type, message);
  source.addEventListener('error', (event) => {
    if (source.readyState === EventSource.CLOSED) closed(event.message);
  });
  return () => source.close();
};
