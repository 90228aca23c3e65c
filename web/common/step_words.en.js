// English words of the list of steps after connecting, loaded with it.
export const words = {
  'connecting': '{name} is connecting this box',
  'connecting.done': '{name} has this box',
  'steps': 'Connecting, step by step',
  'step.taken': 'Taken in: by code, by token, or as found',
  'step.linked': 'Linked: box and server speak',
  'step.proven': 'Identity proven, on both sides',
  'step.devices': 'Devices sent',
  'step.devices.count': {one: '1 device sent', other: '{count} devices sent'},
  'step.devices.none': 'Devices sent: it has none yet',
  'step.done': 'Done: the box is in use',
  'step.state.done': 'done',
  'step.state.working': 'at work',
  'step.state.failed': 'failed',
  'step.state.late': 'not yet',
  'step.state.waiting': 'to come',
};
