// Deutsche Wörter der Dialoge, die mit ihnen geladen werden.
import {sentences as common} from '../common/words.de.js';

export const words = {
  'pairing.address.hint': 'Seine Optionen zeigen sie. Leer lassen heißt: kein Server.',
  'pairing.token': 'Server-Token',
  'pairing.token.hint': 'Statt einer Adresse: das Token, das ein Inhaber am Server gemacht hat. Damit verbindet sich die Box ohne Code, auch später, wenn es ein Netz gibt.',
  'pairing.token.file': 'Aus einer Datei laden',
  'pairing.token.refused': 'Das Token wurde nicht angenommen',
  'pairing.token.remove': 'Das Token wegnehmen',
  'pairing.token.until': 'Das Token gilt bis {time}.',
  'help.title': 'Hilfe',
  'help.address': 'die Adresse dieser Box',
  'help.till': 'Eine Kasse verbinden',
  'help.till.1': 'In den Einstellungen der Kasse diese Adresse als IoT-Box eintragen:',
  'help.till.2': 'Die Kasse öffnen und drucken. Beim ersten Mal fragt diese Seite, ob die Kasse darf: Erlauben wählen.',
  'help.till.3': 'Der Bon kommt aus dem ersten Bondrucker dieser Box.',
  'help.till.3.none': 'Bons kommen aus dem ersten Bondrucker; noch ist keiner da.',
  'help.states': 'Was die Zustände bedeuten',
  'help.state.ready': 'Es läuft.',
  'help.state.attention': 'Es läuft, braucht aber bald etwas.',
  'help.state.trouble': 'Es läuft nicht, bis jemand tut, was daneben steht.',
  'help.state.unknown': 'Die Box kann nicht sehen, wie es steht.',
  'help.unknown': 'Wenn ein Druck „unbekannt“ ist',
  'help.unknown.text': 'Während des Drucks fiel der Strom oder die Leitung aus, und der Drucker kann nicht sagen, ob er fertig wurde. Die Box druckt nie von selbst noch einmal. Bitte am Drucker nachsehen und „Ist gedruckt“ oder „Noch einmal drucken“ wählen.',
  'help.programs': 'Für Programme:',
};

export const sentences = {
  'That is no connection token, or not all of it.': 'Das ist kein Verbindungs-Token, oder nicht das ganze.',
  'Copy the whole token as the server shows it.': 'Bitte das ganze Token kopieren, wie der Server es zeigt.',
  'Copy the whole line: it begins with troupe-token-1-.': 'Bitte die ganze Zeile kopieren: Sie beginnt mit troupe-token-1-.',
  'This connection token was changed after it was made.': 'Dieses Token wurde verändert, nachdem es gemacht war.',
  'Copy it anew from the server, or let the server make another one.': 'Bitte neu vom Server kopieren oder dort ein anderes machen.',
  'The token\'s address is this machine itself.': 'Die Adresse des Tokens ist dieses Gerät selbst.',
  'The box connects by itself as soon as it reaches the server.': 'Die Box verbindet sich von selbst, sobald sie den Server erreicht.',
  'Look at the server\'s address, or use a token of the server that is there.': 'Bitte die Adresse des Servers prüfen oder ein Token des Servers nehmen, der dort ist.',
  'Update the server; or take the token away, and connect the box with its code.': 'Den Server aktualisieren; oder das Token wegnehmen und die Box mit ihrem Code verbinden.',
  'The server does not know this connection token.': 'Der Server kennt dieses Token nicht.',
  'This connection token has expired.': 'Dieses Token ist abgelaufen.',
  'The server\'s owner has revoked this connection token.': 'Der Inhaber des Servers hat dieses Token widerrufen.',
  'Another box was connected with this token already.': 'Mit diesem Token wurde schon eine andere Box verbunden.',
  'As many boxes as may were connected with this token already.': 'Mit diesem Token wurden schon so viele Boxen verbunden, wie es erlaubt.',
  'The server has this box with another key.': 'Der Server hat diese Box mit einem anderen Schlüssel.',
  'Connect it with its code, or take the old one out of the fleet first.': 'Bitte mit ihrem Code verbinden oder die alte zuerst aus der Flotte nehmen.',
  'Get another token, or connect the box with its code.': 'Bitte ein anderes Token nehmen oder die Box mit ihrem Code verbinden.',
};

export const patterns = [
  [/^The box has a token of (.+), which cannot be reached\. (.+)$/, (name, why) => `Die Box hat ein Token von ${name}, ist aber nicht verbunden: Der Server ist nicht zu erreichen. ${common[why] ?? why}`],
  [/^The box goes to (.+) with its token\.$/, (name) => `Die Box geht mit ihrem Token zu ${name}.`],
  [/^The server at (.+) takes no tokens\.$/, (place) => `Der Server an ${place} nimmt keine Token.`],
  [/^At (.+) answers another server than the one that made the token, (.+)\.$/, (place, name) => `An ${place} antwortet ein anderer Server als der, der das Token gemacht hat, ${name}.`],
];
