// Developer mode: more to see, in this browser.
const kept = 'troupe.developer';
let now = null;

export function isDeveloper() {
  try {
    now ??= localStorage.getItem(kept) === '1';
  } catch {
    now ??= false; // storage may be forbidden
  }
  return now;
}

export function setDeveloper(on) {
  now = on;
  try {
    if (on) localStorage.setItem(kept, '1');
    else localStorage.removeItem(kept);
  } catch {
    // then it holds for this visit
  }
}
