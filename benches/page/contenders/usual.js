// What everybody writes first.

export default async () => ({
  lists: true,
  start({ url, list }) {
    const source = new EventSource(url);
    source.onmessage = (event) => {
      const line = document.createElement('li');
      line.textContent = 'message: ' + event.data;
      list.appendChild(line);
    };
    return () => source.close();
  },
});
