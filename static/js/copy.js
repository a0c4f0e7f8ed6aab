// [data-copy="text"], or empty for the text of the code beside it. Consoles often run on plain HTTP, where there is no
// clipboard: then the old command, and when that is refused too, the whole text is selected for the person to copy.
const copied = async text => {
  if (navigator.clipboard && isSecureContext) return navigator.clipboard.writeText(text);
  const area = document.createElement('textarea');
  area.value = text;
  area.className = 'hide';
  document.body.append(area);
  area.select();
  const done = document.execCommand('copy');
  area.remove();
  if (!done) throw new Error('copy refused');
};
for (const button of all('[data-copy]')) {
  button.addEventListener('click', async () => {
    const code = button.parentElement.querySelector('code');
    const text = button.dataset.copy || code.textContent;
    try {
      await copied(text);
      draw(button, 'check');
      setTimeout(() => draw(button, 'copy'), 2000);
      say(live.dataset.copied);
    } catch {
      // The page may show the text shortened.
      code.textContent = text;
      getSelection().selectAllChildren(code);
      say(live.dataset.selected);
    }
    button.focus();
  });
}
