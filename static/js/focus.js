// [data-focus]: the error summary takes the focus when a page arrives with one.
document.querySelector('[data-focus]')?.focus();
