// form[data-passkey="create|get"]: a passkey answers data-options, and its answer goes along with the form. Where the
// browser has none, what needs them stays hidden and the form is sent as it is, so that the server says what is wrong.
const api = self.PublicKeyCredential;
let quiet;

// Pages are good for ten minutes; an older one takes its options from a new one.
const renew = async form => {
  if (performance.now() < 48e4) return;
  const text = await (await fetch(location)).text();
  const other = new DOMParser().parseFromString(text, 'text/html').querySelector('form[data-passkey]') ?? location.reload();
  form.dataset.options = other.dataset.options;
  form.elements.ceremony.value = other.elements.ceremony.value;
};

const use = async (form, more) => {
  const { passkey: act, options } = form.dataset;
  const read = api[`parse${act === 'create' ? 'Creation' : 'Request'}OptionsFromJSON`];
  const credential = await navigator.credentials[act]({ publicKey: read(JSON.parse(options)), ...more });
  form.elements.credential.value = JSON.stringify(credential.toJSON());
  // One that was offered goes off by itself: nothing is pressed meanwhile.
  form.ariaBusy = true;
  form.submit();
};

for (const form of api?.parseRequestOptionsFromJSON ? document.querySelectorAll('form[data-passkey]') : []) {
  const parts = name => form.querySelectorAll(`[${name}]`);
  for (const part of [form, ...parts('data-with')]) part.hidden = false;
  for (const part of parts('data-without')) part.hidden = true;
  const [fault] = parts('data-fault');
  form.addEventListener('submit', async event => {
    if (form.ariaBusy) return event.preventDefault();
    // The rest is wrong and the server says how; or it was, and the passkey has been made.
    if (form.elements.credential.value || !form.checkValidity()) return;
    event.preventDefault();
    quiet?.abort();
    fault.hidden = true;
    form.ariaBusy = true;
    try {
      await renew(form);
      await use(form);
    } catch (error) {
      form.ariaBusy = null;
      fault.textContent = form.dataset[error.name.toLowerCase()] ?? form.dataset.failed;
      fault.hidden = false;
    }
  });
  // Passkeys among what the browser offers for the address, where it does that.
  if ('offered' in form.dataset && await api.isConditionalMediationAvailable?.()) {
    const offer = async () => {
      await renew(form);
      quiet?.abort();
      quiet = new AbortController();
      use(form, { mediation: 'conditional', signal: quiet.signal }).catch(() => {});
    };
    offer();
    setInterval(offer, 5e5);
  }
}
