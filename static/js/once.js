// form[data-once]: a second submit is ignored while the first is on its way. Nothing is disabled, and the form is free
// again after ten seconds or when the page comes back from history, because an answer may be a download.
for (const form of all('form[data-once]')) {
  let sent = null;
  const free = () => {
    sent?.removeAttribute('aria-busy');
    sent = null;
  };
  form.addEventListener('submit', event => {
    if (sent) return event.preventDefault();
    sent = event.submitter || form;
    sent.setAttribute('aria-busy', 'true');
    setTimeout(free, 10000);
  });
  addEventListener('pageshow', event => { if (event.persisted) free(); });
}
