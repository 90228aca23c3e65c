// Deutsche Wörter der Seite für einen angeschlossenen Bildschirm.
export const words = {
  'status.enter': 'Diesen Code auf {server} eingeben:',
  'status.enter.any': 'Diesen Code auf dem Server eingeben:',
  'status.setup_code': 'Einrichtungscode der Seite: {code}',
  'status.left': 'Gilt noch {time}.',
  'status.qr': 'QR-Code, der den Server mit diesem Code öffnet',
  'status.expired': 'Der Code ist abgelaufen.',
  'status.expired.text': 'Auf der Startseite einen neuen Code anfordern, oder die Box aus- und einschalten.',
  'status.off': 'Noch kein Server eingestellt.',
  'status.off.text': 'Die Startseite öffnen und „Mit einem Server verbinden“ wählen.',
  'status.linked': 'Verbunden mit {name}.',
  'status.connecting': 'Verbindung zu {name} wird aufgebaut …',
  'status.devices': {one: '1 Gerät, bereit.', other: '{count} Geräte, alle bereit.'},
  'status.devices.none': 'Noch kein Gerät.',
  'status.clock': 'Die Uhr dieser Box wurde nie gestellt; sie zeigt {time}.',
  'status.lost': 'Die Box startet neu oder antwortet nicht. Diese Seite wartet auf sie.',
  'status.blink': 'Das ist {name}',
};
