// Dates, durations and amounts in the reader's language.
import {locale, t} from './words.js';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

let offset = 0; // box's clock minus this browser's

/** Takes the box's clock as the one that counts; a till's clock may be wrong. */
export function setClock(serverTime, sent, received) {
  const server = Date.parse(serverTime);
  if (Number.isNaN(server)) return;
  const difference = server - (sent + received) / 2;
  offset = Math.abs(difference) > second ? difference : 0;
}
export const now = () => Date.now() + offset;
export const clockOffset = () => offset;

const made = new Map();
function format(kind, options) {
  const key = `${kind} ${locale()} ${JSON.stringify(options)}`;
  if (!made.has(key)) made.set(key, new Intl[kind](locale(), options));
  return made.get(key);
}

export const number = (value, options = {}) => format('NumberFormat', options).format(value);
const unit = (value, name, digits = 0) =>
  number(value, {style: 'unit', unit: name, unitDisplay: 'short', maximumFractionDigits: digits});
const long = (value, name) => number(value, {style: 'unit', unit: name, unitDisplay: 'long'});

const parse = (time) => (typeof time === 'number' ? time : Date.parse(time));

/** "3 minutes ago"; within a minute "just now". */
export function ago(time, at = now()) {
  const age = at - parse(time);
  if (Number.isNaN(age)) return '';
  if (age < minute) return t('time.now');
  const relative = format('RelativeTimeFormat', {numeric: 'auto'});
  if (age < hour) return relative.format(-Math.floor(age / minute), 'minute');
  if (age < day) return relative.format(-Math.floor(age / hour), 'hour');
  return relative.format(-Math.floor(age / day), 'day');
}

/** "12:04" today, "1 Mar, 12:04" before. */
export function clock(time, at = now()) {
  const date = new Date(parse(time));
  if (Number.isNaN(date.getTime())) return '';
  const sameDay = date.toDateString() === new Date(at).toDateString();
  const options = {hour: '2-digit', minute: '2-digit', ...(sameDay ? {} : {day: 'numeric', month: 'short'})};
  return format('DateTimeFormat', options).format(date);
}

/** With seconds, as in a log. */
export const clockSeconds = (time) =>
  format('DateTimeFormat', {hour: '2-digit', minute: '2-digit', second: '2-digit', fractionalSecondDigits: 3}).format(
    parse(time));

/** Everything, for hovering. */
export function exact(time) {
  const date = new Date(parse(time));
  if (Number.isNaN(date.getTime())) return '';
  return format('DateTimeFormat', {
    weekday: 'short', day: 'numeric', month: 'long', year: 'numeric', hour: '2-digit', minute: '2-digit',
    second: '2-digit', fractionalSecondDigits: 3, timeZoneName: 'short',
  }).format(date);
}

/** "34 ms", "1.2 sec", "2 min". */
export function duration(milliseconds) {
  if (!(milliseconds >= 0)) return '';
  if (milliseconds < 1) return unit(milliseconds, 'millisecond', 2);
  if (milliseconds < second) return unit(milliseconds, 'millisecond', milliseconds < 10 ? 1 : 0);
  if (milliseconds < minute) return unit(milliseconds / second, 'second', 1);
  if (milliseconds < hour) return unit(Math.floor(milliseconds / minute), 'minute');
  return long(Math.floor(milliseconds / hour), 'hour');
}

/** "3 days", "5 hours", "12 minutes". */
export function span(milliseconds) {
  if (milliseconds < minute) return t('time.moments');
  if (milliseconds < hour) return long(Math.floor(milliseconds / minute), 'minute');
  if (milliseconds < day) return long(Math.floor(milliseconds / hour), 'hour');
  return long(Math.floor(milliseconds / day), 'day');
}

/** "1 hr 52 min" until a moment; within the last minute "a few moments". */
export function left(until, at = now()) {
  const minutes = Math.ceil((parse(until) - at) / minute);
  if (!(minutes > 1)) return t('time.moments');
  const hours = Math.floor(minutes / 60);
  return [hours ? unit(hours, 'hour') : '', minutes % 60 ? unit(minutes % 60, 'minute') : ''].filter(Boolean).join(' ');
}

/** "65.9 kB". */
export function size(bytes) {
  if (bytes < 1000) return unit(bytes, 'byte');
  if (bytes < 1e6) return unit(bytes / 1000, 'kilobyte', 1);
  if (bytes < 1e9) return unit(bytes / 1e6, 'megabyte', 1);
  return unit(bytes / 1e9, 'gigabyte', 1);
}
