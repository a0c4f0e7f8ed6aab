// Comfort only: every page works without this file. The modules after it share these names. The class `js` on the root
// lets the style sheet show what needs script.
const page = document.documentElement;
const all = (selector, root = document) => [...root.querySelectorAll(selector)];

// Speaks through the live region of the page. Emptied first, so that the same words are spoken twice.
const live = document.getElementById('live');
const say = words => {
  live.textContent = '';
  setTimeout(() => { live.textContent = words; }, 50);
};

// An icon is a fragment of the sprite, whose address carries a fingerprint: only the fragment changes here.
const draw = (root, icon) => {
  const use = root.querySelector('use');
  use.setAttribute('href', use.getAttribute('href').replace(/#.*/, '#' + icon));
};

page.classList.add('js');
