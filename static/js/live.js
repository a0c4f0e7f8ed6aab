// [data-live="address"]: shows its part of the page anew when the server says that it has changed.
for (const part of document.querySelectorAll('[data-live]')) {
  new EventSource(part.dataset.live).onmessage = async () => {
    try {
      const text = await (await fetch(location.href)).text();
      const now = new DOMParser().parseFromString(text, 'text/html').querySelector('[data-live]');
      if (now) part.replaceChildren(...now.childNodes);
      else location.reload();
    } catch {
      // Away for a moment: the stream begins again by itself.
    }
  };
}
