// All words come from one table a language. English is complete; what another misses falls back to it.
import {words as english} from './words.en.js';

/** Language code -> its own name. */
export const languages = {en: 'English', de: 'Deutsch'};
const keptChoice = 'troupe.language';

let table = english;
let sentences = {}; // of the box, which speaks English
let patterns = [];
const tables = []; // of the page and of its parts, beside the common ones
let chosen = 'en';

/** For Intl: the browser's own variant ("en-GB") when it is of the chosen language. */
export function locale() {
  const wished = globalThis.navigator?.languages ?? [];
  return wished.find((each) => each.split('-')[0] === chosen) ?? chosen;
}

const plurals = new Map();
function pluralOf(count) {
  if (!plurals.has(chosen)) plurals.set(chosen, new Intl.PluralRules(chosen));
  return plurals.get(chosen).select(count);
}

export const has = (key) => key in english;

/** The words for a key; `{name}` in them stands for `values.name`; plural forms go by `values.count`. */
export function t(key, values = {}) {
  const entry = table[key] ?? english[key] ?? key;
  const text = typeof entry === 'string' ? entry : entry[pluralOf(values.count)] ?? entry.other;
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

/** A sentence that came from the box or the simulator, in the chosen language where that is known. */
export function said(sentence) {
  if (!sentence) return '';
  if (sentences[sentence]) return sentences[sentence];
  for (const [pattern, words] of patterns) {
    const match = pattern.exec(sentence);
    if (match) return words(...match.slice(1));
  }
  return sentence;
}

async function use(language) {
  chosen = language in languages ? language : 'en';
  const all = await Promise.all([chosen === 'en' ? {words: english} : import(`./words.${chosen}.js`), ...tables.map((own) => own[chosen]?.())]);
  table = Object.assign({}, ...all.map((each) => each?.words));
  sentences = Object.assign({}, ...all.map((each) => each?.sentences));
  patterns = all.flatMap((each) => each?.patterns ?? []);
  if (globalThis.document) document.documentElement.lang = chosen;
}

function kept() {
  try {
    return localStorage.getItem(keptChoice);
  } catch {
    return null; // storage may be forbidden
  }
}

async function add(own) {
  tables.push(own);
  Object.assign(english, (await own.en?.())?.words);
}

const brought = new Map(); // what was asked for, and when it is there

/** Words of a part that is loaded later than its page; `own` as for `begin`. Who asks second waits too. */
export function bring(own) {
  if (!brought.has(own)) {
    brought.set(own, add(own).then(() => use(chosen)));
    brought.get(own).catch(() => brought.delete(own));
  }
  return brought.get(own);
}

/**
 * Takes the language chosen before, else the browser's first that there is a table for. A page with many words
 * of its own brings them along: language -> what loads the table. Its English must be complete too.
 */
export async function begin(own = {}) {
  await add(own);
  const wished = [kept(), ...(globalThis.navigator?.languages ?? [])].map((each) => each?.split('-')[0]);
  await use(wished.find((each) => each in languages) ?? 'en').catch(() => use('en'));
}

/** Changes the language for this visit. */
export const speak = (language) => use(language);

/** Changes the language and keeps the choice in this browser. */
export async function chooseLanguage(language) {
  await use(language);
  try {
    localStorage.setItem(keptChoice, language);
  } catch {
    // then it holds for this visit
  }
}
