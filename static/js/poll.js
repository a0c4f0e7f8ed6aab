// [data-poll="address"]: asks every three seconds whether what the page waits for is still as data-state says, and shows
// the page anew when it is not. Ten minutes at most: then nothing waits any more.
for (const waiting of all('[data-poll]')) {
  let left = 200;
  const look = async () => {
    if (left-- <= 0) return;
    try {
      const answer = await fetch(waiting.dataset.poll, { headers: { accept: 'text/plain' }, redirect: 'manual' });
      if (!answer.ok || await answer.text() !== waiting.dataset.state) return location.reload();
    } catch {
      // Away for a moment.
    }
    setTimeout(look, 3000);
  };
  setTimeout(look, 3000);
}
