// Owns every word that main itself shows: menus, the tray, notifications, questions. The page has its own catalogue.

const count = (n: number, one: string, many: string): string => (n === 1 ? `one ${one}` : `${n} ${many}`);
const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

export const words = {
  app: 'Bulk Transcribe',
  cannotStart: 'Bulk Transcribe cannot start',
  menu: {
    file: '&File',
    addFiles: 'Add Recordings…',
    addFolder: 'Add Folders…',
    recent: 'Open Recent',
    settings: 'Settings…',
    view: '&View',
    queue: 'Queue',
    search: 'Search',
    workers: 'Workers',
    help: 'Help',
    keys: 'Keyboard Shortcuts',
    guide: 'Guide',
    issues: 'Report a Problem…',
    log: 'Show the Log',
    report: 'Check Everything, Save a Report…',
    updates: 'Check for Updates…',
    about: 'About Bulk Transcribe',
  },
  tray: {
    show: 'Show Bulk Transcribe',
    quit: 'Quit',
    idle: 'Nothing to do',
    state(atWork: number, left: number): string {
      if (left === 0) return this.idle;
      return atWork === 0 ? `${left} waiting` : `${atWork} at work, ${left - atWork} waiting`;
    },
  },
  batch: {
    done: (complete: number) => sentence(`${count(complete, 'recording is', 'recordings are')} transcribed.`),
    failed: (failed: number) => sentence(`${count(failed, 'recording', 'recordings')} failed.`),
    both: (complete: number, failed: number) =>
      `${complete} of ${complete + failed} recordings are transcribed, ${failed} failed.`,
  },
  handedOver: {
    refusedTitle: 'Not everything could be added',
    refused: (names: readonly string[], reason: string) =>
      `${names.slice(0, 5).join('\n')}${names.length > 5 ? `\nand ${names.length - 5} more` : ''}\n\n${reason}`,
  },
  link: {
    ask: (name: string, url: string) => `Add the worker “${name}”?`.concat(`\n\n${url}`),
    detail:
      'A link asks to add this worker. Recordings that you transcribe are sent to it. Add it only if you made it yourself or know who runs it.',
    add: 'Add Worker',
    cancel: 'Cancel',
    wrong: 'This link is not one that the app knows. Nothing was added.',
  },
  quit: {
    ask: 'Quit while recordings are being transcribed?',
    local: (n: number) =>
      n === 1
        ? 'One recording on this computer stops and begins again at the next start.'
        : `${n} recordings on this computer stop and begin again at the next start.`,
    remote: (n: number) =>
      `${sentence(count(n, 'recording', 'recordings'))} at a worker elsewhere ${n === 1 ? 'goes' : 'go'} on there; the text is fetched at the next start.`,
    lost: 'Nothing is lost.',
    quit: 'Quit',
    stay: 'Keep Working',
  },
  crash: {
    page: 'The window keeps failing.',
    pageDetail:
      'The queue goes on behind it, and nothing is lost. Open the window again, or quit and start the app anew.',
    again: 'Open Again',
    quit: 'Quit',
  },
  update: {
    ready: (version: string) => `Version ${version} is ready.`,
    detail: 'It is put in place when you quit. Nothing is interrupted.',
    restart: 'Restart Now',
    later: 'Later',
    none: 'This is the newest version.',
    failed: 'It could not be found out whether there is a newer version.',
  },
} as const;
