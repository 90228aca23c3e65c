// The room's sounds, made on the spot; silent until somebody asks for them.
let context = null;
let motor = null;

export const soundIsOn = () => context !== null;

export function switchSound(on) {
  if (on === soundIsOn()) return;
  if (on) {
    context = new AudioContext();
  } else {
    context.close();
    context = null;
    motor = null;
  }
}

function tone(frequency, length, volume, type = 'sine', delay = 0) {
  if (!context) return;
  const begin = context.currentTime + delay;
  const source = context.createOscillator();
  const gain = context.createGain();
  source.type = type;
  source.frequency.value = frequency;
  gain.gain.setValueAtTime(volume, begin);
  gain.gain.exponentialRampToValueAtTime(0.0001, begin + length);
  source.connect(gain).connect(context.destination);
  source.start(begin);
  source.stop(begin + length);
}

export const beep = () => tone(2300, 0.16, 0.06, 'square');

export function ring() {
  tone(1865, 0.9, 0.1);
  tone(2793, 0.7, 0.05, 'sine', 0.02);
  tone(90, 0.12, 0.2, 'triangle');
}

export function snip() {
  tone(420, 0.05, 0.08, 'sawtooth');
  tone(260, 0.08, 0.08, 'sawtooth', 0.06);
}

/** The stepping motor; runs while paper moves. */
export function hum(on) {
  if (!context || on === Boolean(motor)) return;
  if (!on) {
    motor.stop();
    motor = null;
    return;
  }
  motor = context.createOscillator();
  motor.type = 'sawtooth';
  motor.frequency.value = 118;
  const gain = context.createGain();
  gain.gain.value = 0.02;
  motor.connect(gain).connect(context.destination);
  motor.start();
}
