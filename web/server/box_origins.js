// Whose pages may use a box, as its owner decides on the server; the box carries it out.
import {originsCard, originWords} from '/common/origins.js';
import {toast} from '/common/view.js';
import {t} from '/common/words.js';
import {ask} from './commands.js';

export const words = originWords;

/** What a box of an older program does not tell cannot be decided here. */
export function originsOf(page, box) {
  const {origins = []} = box.report ?? {};
  const change = async (origin, decision) => {
    const path = `/api/v1/boxes/${encodeURIComponent(box.id)}/origins/${encodeURIComponent(origin)}`;
    const sent = decision === 'forget' ? await ask(page, path, undefined, {method: 'DELETE'}) : await ask(page, path, {decision}, {method: 'PUT'});
    if (sent && !box.online) toast(t('command.state.waits'));
    return Boolean(sent);
  };
  return originsCard(origins, page.may('owner') ? change : null);
}
