// Asks addresses of the browser's network whether a box is there. A hidden page: the only one that may reach other
// addresses than the server's. It is told which, and tells who answered.
const atATime = 24;
const patience = 1_500;

/** What Chrome asks the person for before a page may look into the local network. */
async function isDenied() {
  for (const name of ['local-network-access', 'local-network']) {
    const {state} = await navigator.permissions.query({name}).catch(() => ({}));
    if (state === 'denied') return true;
  }
  return false;
}

const tell = (message) => parent.postMessage(message, location.origin);

async function ask(url, nonce) {
  const answer = await fetch(`${url}api/v1/announcement?nonce=${nonce}`, {
    credentials: 'omit', referrerPolicy: 'no-referrer', redirect: 'error', cache: 'no-store',
    targetAddressSpace: /^http:\/\/127\./.test(url) ? 'loopback' : 'local', signal: AbortSignal.timeout(patience),
  });
  if (answer.ok) tell({found: {url, announcement: await answer.json()}});
}

async function askAll(urls, nonce) {
  let next = 0;
  let asked = 0;
  let answered = false;
  const worker = async () => {
    while (next < urls.length) {
      const url = urls[next++];
      await ask(url, nonce).then(() => { answered = true; }, () => {}); // nobody there, or no box
      tell({asked: ++asked});
    }
  };
  if (await isDenied()) return tell({done: true, denied: true});
  await Promise.all(Array.from({length: atATime}, worker));
  tell({done: true, answered, denied: await isDenied()});
}

addEventListener('message', ({source, origin, data}) => {
  if (source === parent && origin === location.origin && Array.isArray(data.urls)) askAll(data.urls, data.nonce);
});
tell({ready: true});
