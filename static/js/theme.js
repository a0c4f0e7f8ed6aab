// form[data-theme-form]: posts without script; with it the page changes at once and keeps the same cookie.
for (const form of all('[data-theme-form]')) {
  const button = form.querySelector('button');
  const isDark = () => page.dataset.theme
    ? page.dataset.theme === 'dark'
    : matchMedia('(prefers-color-scheme: dark)').matches;
  const paint = () => {
    button.setAttribute('aria-pressed', isDark());
    draw(button, isDark() ? 'sun' : 'moon');
  };
  paint();
  form.addEventListener('submit', event => {
    event.preventDefault();
    page.dataset.theme = isDark() ? 'light' : 'dark';
    const secure = location.protocol === 'https:' ? '; secure' : '';
    document.cookie = `theme=${page.dataset.theme}; path=/; max-age=31536000; samesite=lax${secure}`;
    paint();
  });
}
