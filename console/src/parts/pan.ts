// A timeline is moved along: with Shift held and the mouse, with a wheel that goes sideways. What is already here moves at once, what is not is
// asked for when the hand rests.
import type uPlot from 'uplot';

/** Milliseconds without a turn of the wheel after which it rests. */
const RESTS = 250;

/** Moves a plot with the hand, and says from when until when it shows, once the hand rests. Returns what ends that. */
export function pannable(plot: uPlot, rests: (from: number, until: number) => void): () => void {
  const { over } = plot;
  let frame = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const span = () => [plot.scales.x!.min!, plot.scales.x!.max!] as const;
  const perPixel = () => (span()[1] - span()[0]) / over.clientWidth;
  // However often the hand moves, it is drawn once a frame.
  const show = (from: number, until: number) => {
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(() => plot.setScale('x', { min: from, max: until }));
  };
  const rest = (from: number, until: number) => {
    cancelAnimationFrame(frame);
    plot.setScale('x', { min: from, max: until });
    rests(from, until);
  };

  const down = (event: PointerEvent) => {
    if (!event.shiftKey || event.button !== 0) return;
    const [from, until] = span();
    const [begun, seconds] = [event.clientX, perPixel()];
    const by = (moved: PointerEvent) => (begun - moved.clientX) * seconds;
    const move = (moved: PointerEvent) => show(from + by(moved), until + by(moved));
    const up = (moved: PointerEvent) => {
      end();
      if (moved.type === 'pointerup' && by(moved) !== 0) rest(from + by(moved), until + by(moved));
      else show(from, until);
    };
    const end = () => {
      over.classList.remove('is-held');
      window.removeEventListener('pointermove', move);
      window.removeEventListener('pointerup', up);
      window.removeEventListener('pointercancel', up);
    };
    over.classList.add('is-held');
    window.addEventListener('pointermove', move);
    window.addEventListener('pointerup', up);
    window.addEventListener('pointercancel', up);
  };

  let turned: readonly [number, number] | null = null;
  const wheel = (event: WheelEvent) => {
    const by = event.shiftKey && event.deltaX === 0 ? event.deltaY : event.deltaX;
    if (!event.shiftKey && Math.abs(event.deltaX) <= Math.abs(event.deltaY)) return;
    event.preventDefault();
    const [from, until] = turned ?? span();
    const seconds = by * perPixel();
    turned = [from + seconds, until + seconds];
    show(...turned);
    clearTimeout(timer);
    timer = setTimeout(() => {
      const at = turned!;
      turned = null;
      rest(...at);
    }, RESTS);
  };

  over.addEventListener('pointerdown', down);
  over.addEventListener('wheel', wheel, { passive: false });
  return () => {
    clearTimeout(timer);
    cancelAnimationFrame(frame);
    over.removeEventListener('pointerdown', down);
    over.removeEventListener('wheel', wheel);
  };
}
