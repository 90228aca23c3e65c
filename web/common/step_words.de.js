// Deutsche Wörter der Schritte nach dem Verbinden, die mit ihnen geladen werden.
export const words = {
  'connecting': '{name} verbindet diese Box',
  'connecting.done': '{name} hat diese Box',
  'steps': 'Verbinden, Schritt für Schritt',
  'step.taken': 'Aufgenommen: mit Code, mit Token oder wie gefunden',
  'step.linked': 'Leitung steht: Box und Server sprechen',
  'step.proven': 'Identität bewiesen, auf beiden Seiten',
  'step.devices': 'Geräte gemeldet',
  'step.devices.count': {one: '1 Gerät gemeldet', other: '{count} Geräte gemeldet'},
  'step.devices.none': 'Geräte gemeldet: Es gibt noch keine',
  'step.done': 'Fertig: Die Box ist in Betrieb',
  'step.state.done': 'erledigt',
  'step.state.working': 'läuft',
  'step.state.failed': 'gescheitert',
  'step.state.late': 'noch nicht',
  'step.state.waiting': 'kommt noch',
};
