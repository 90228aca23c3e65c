/** Reads, and shows what was asked for last: an older answer may come later, and is then let go. */
export function newest(read, show) {
  let asked = 0;
  return async () => {
    const mine = ++asked;
    const answer = await read();
    if (mine === asked) await show(answer);
  };
}
