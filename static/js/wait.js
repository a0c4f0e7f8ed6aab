// [data-wait="seconds"]: sending a code again counts down from what the server said. Without script the button is
// live and the server answers with the wait.
for (const button of all('[data-wait]')) {
  const words = button.querySelector('span');
  const ready = words.textContent;
  let left = Number(button.dataset.wait);
  const tick = () => {
    button.disabled = left > 0;
    words.textContent = left > 0 ? button.dataset.label.replace('%', left) : ready;
    if (left-- > 0) return setTimeout(tick, 1000);
    say(ready);
  };
  if (left > 0) tick();
}
