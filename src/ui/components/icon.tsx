// Owns the 16 px line icons. Each is decoration beside a word or under an accessible name.

const PATHS = {
  back5: 'M4 3.500v9M12.500 3.500v9L6.500 8z',
  check: 'm3.5 8.5 3 3 6-7',
  close: 'm4.5 4.5 7 7M11.5 4.5l-7 7',
  copy: 'M5.5 5.5h7v7h-7zM3.500 10.500v-7h7',
  dash: '',
  done: 'm5.4 8.2 1.9 1.9 3.4-3.9',
  down: 'm4.5 6.5 3.5 3.5 3.5-3.5',
  fail: 'm6 6 4 4M10 6l-4 4',
  fwd5: 'M12 3.500v9M3.500 3.500v9L9.500 8z',
  folder: 'M2.5 12V4.3c0-.5.3-.8.8-.8h3l1.4 1.6h5c.5 0 .8.3.8.8V12c0 .3-.3.6-.6.6H3.1c-.3 0-.6-.3-.6-.6z',
  intake: 'M8 2.500v8M4.500 7.500 8 11l3.500-3.500M3 13.500h10',
  left: 'M9.5 4.5 6 8l3.5 3.5',
  lock: 'M3.500 7.500h9v5.500h-9zM5.500 7.500V5.300a2.500 2.500 0 0 1 5 0v2.200',
  loop: 'M11 2.5 13 4.5l-2 2M13 4.5H5a2.5 2.5 0 0 0-2.5 2.5M5 13.5l-2-2 2-2M3 11.5h8A2.5 2.5 0 0 0 13.500 9',
  more: 'M4 8h.01M8 8h.01M12 8h.01',
  pause: 'M5.8 4v8M10.2 4v8',
  play: 'M5.5 3.5v9l7-4.5z',
  plus: 'M8 3.5v9M3.5 8h9',
  queue: 'M3 4h10M3 8h10M3 12h6',
  redo: 'm10.5 3 2.7 2.7-2.7 2.7M13 5.7H6.8a3.6 3.6 0 0 0 0 7.2H10',
  right: 'M6.5 4.5 10 8l-3.5 3.5',
  search: 'm10 10 3.5 3.5',
  settings: 'M2.5 5h5M11.5 5h2M2.5 11h2M8.5 11h5',
  sidebar: 'M3.5 3h9a1 1 0 0 1 1 1v8a1 1 0 0 1-1 1h-9a1 1 0 0 1-1-1V4a1 1 0 0 1 1-1zM9.5 3v10',
  skip: 'M2.500 8h2M6.500 5v6M9.500 6.500v3M12 8h1.500',
  spending: 'M2.500 13.500h11M4 11.500v-4M8 11.500v-8M12 11.500v-6',
  undo: 'M5.5 3 2.8 5.7l2.7 2.7M3 5.7h6.2a3.6 3.6 0 0 1 0 7.2H6',
  up: 'M8 12.5v-9M4.5 7 8 3.5 11.5 7',
  vol: 'M3 6.300v3.400h2L8 12.200V3.800L5 6.300zM10.500 6a2.800 2.800 0 0 1 0 4',
  wait: 'M8 4.8V8l2.2 1.6',
  warn: 'M8 2.7 14 13H2zM8 6.7v2.8M8 11.4h.01',
  workers:
    'M3.500 3h9a1 1 0 0 1 1 1v2a1 1 0 0 1-1 1h-9a1 1 0 0 1-1-1V4a1 1 0 0 1 1-1zM3.500 9h9a1 1 0 0 1 1 1v2a1 1 0 0 1-1 1h-9a1 1 0 0 1-1-1v-2a1 1 0 0 1 1-1zM5 5h.01M5 11h.01',
} as const;

export type IconName = keyof typeof PATHS;

const ROUND: readonly IconName[] = ['dash', 'done', 'fail', 'wait'];

/** One icon in the colour of the text. */
export function Icon({ name, tone }: { name: IconName; tone?: string }) {
  return (
    <svg
      className={tone === undefined ? 'icon' : `icon ${tone}`}
      viewBox="0 0 16 16"
      aria-hidden="true"
      data-icon={name}
    >
      {ROUND.includes(name) && (
        <circle cx="8" cy="8" r="6.2" {...(name === 'dash' ? { strokeDasharray: '2 1.9' } : {})} />
      )}
      {name === 'search' && <circle cx="7" cy="7" r="4" />}
      {name === 'settings' && <circle cx="9.500" cy="5" r="1.800" />}
      {name === 'settings' && <circle cx="6.500" cy="11" r="1.800" />}
      <path
        d={PATHS[name]}
        {...(name === 'more' ? { strokeWidth: 2 } : {})}
        {...(name === 'play' ? { fill: 'currentColor' } : {})}
      />
    </svg>
  );
}
