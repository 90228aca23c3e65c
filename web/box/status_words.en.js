// English words of the page for an attached screen.
export const words = {
  'status.enter': 'Enter this code on {server}:',
  'status.enter.any': 'Enter this code on your server:',
  'status.setup_code': 'Setup code of the homepage: {code}',
  'status.left': 'Good for {time}.',
  'status.qr': 'QR code that opens the server with this code',
  'status.expired': 'The code has expired.',
  'status.expired.text': 'Ask for a new code on the homepage, or switch the box off and on.',
  'status.off': 'No server is set yet.',
  'status.off.text': 'Open the homepage and choose “Connect to a server”.',
  'status.linked': 'Connected to {name}.',
  'status.connecting': 'Connecting to {name} …',
  'status.devices': {one: '1 device, ready.', other: '{count} devices, all ready.'},
  'status.devices.none': 'No device yet.',
  'status.clock': 'The clock of this box was never set; it shows {time}.',
  'status.lost': 'The box starts anew or does not answer. This page waits for it.',
  'status.blink': 'This is {name}',
};
