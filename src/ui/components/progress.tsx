// Owns the two forms of progress: the bar and the ring. A share that is not known is drawn as dots that turn, and claims nothing.

import { ProgressBar } from 'react-aria-components';

/** `percent` 0..100, or null where nothing is known. */
export function Bar({ percent, name }: { percent: number | null; name: string }) {
  return (
    <ProgressBar
      aria-label={name}
      className="pbar"
      {...(percent === null ? { isIndeterminate: true } : { value: percent })}
    >
      <i className={percent === null ? 'turning' : ''} style={percent === null ? {} : { width: `${percent}%` }} />
    </ProgressBar>
  );
}

const ROUND = 2 * Math.PI * 6;

/** Decoration beside the words that say the same. `share` 0..1, or null where nothing is known. */
export function Ring({ share, tone = 'live' }: { share: number | null; tone?: 'live' | 'done' | 'mute' }) {
  return (
    <svg className={`ring ${tone}${share === null ? ' turning' : ''}`} viewBox="0 0 16 16" aria-hidden="true">
      <circle className="b" cx="8" cy="8" r="6" />
      <circle
        className="v"
        cx="8"
        cy="8"
        r="6"
        strokeDasharray={share === null ? '1.57 4.71' : `${(share * ROUND).toFixed(2)} ${ROUND.toFixed(2)}`}
        transform="rotate(-90 8 8)"
      />
    </svg>
  );
}
