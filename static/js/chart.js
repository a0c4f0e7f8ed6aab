// [data-chart]: the pointer and the arrow keys read one day at a time.
for (const figure of all('[data-chart]')) {
  const days = all('.hit', figure);
  const read = figure.querySelector('.read');
  const drawing = figure.querySelector('.plot svg');
  let at = days.length - 1;
  const show = to => {
    at = Math.max(0, Math.min(days.length - 1, to));
    read.textContent = days[at].dataset.v;
    days.forEach((day, n) => day.classList.toggle('on', n === at));
  };
  if (at < 0) continue;
  days.forEach((day, n) => day.addEventListener('pointerenter', () => show(n)));
  drawing.tabIndex = 0;
  drawing.addEventListener('keydown', event => {
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: days.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    show(to);
    say(read.textContent);
  });
}
