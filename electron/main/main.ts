// The app's main process: joins its parts and starts them. No logic.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  app,
  BrowserWindow,
  dialog,
  ipcMain,
  Menu,
  MessageChannelMain,
  Notification,
  nativeImage,
  powerSaveBlocker,
  protocol,
  safeStorage,
  screen,
  session,
  shell,
  Tray,
  utilityProcess,
} from 'electron';
import { explain } from '../../src/contract/errors.ts';
import { SYSTEM_CLOCK } from './clock.ts';
import { setupDialogs } from './dialogs.ts';
import { engineLine } from './engine-client.ts';
import { createEngineProcess } from './engine-process.ts';
import { setupFailing } from './failing.ts';
import type { Request } from './handed-over.ts';
import { setupIntake } from './intake.ts';
import { setupIpc } from './ipc.ts';
import { type Activity, jobActivity } from './job-activity.ts';
import { menuTemplate } from './menu.ts';
import { openExternalLink, setupNavigation, setupPermissions } from './navigation.ts';
import { setupNotifications } from './notifications.ts';
import { setupPower } from './power.ts';
import { programEnvironment } from './program-path.ts';
import { setupProgressBar } from './progress-bar.ts';
import { PAGE_SCHEME_PRIVILEGES, setupProtocol } from './protocol.ts';
import { setupQuit } from './quit.ts';
import { secretFile } from './secrets.ts';
import { setupSingleInstance } from './single-instance.ts';
import { setupTray } from './tray.ts';
import { setupUpdates, type Updates } from './updates.ts';
import { setupWindow } from './window.ts';
import { setupWindowPort } from './window-port.ts';
import { words } from './words.ts';

/** dist/electron, where this file is when it runs. */
const here = import.meta.dirname;
const inUserData = (name: string): string => join(app.getPath('userData'), name);
const { platform } = process;

protocol.registerSchemesAsPrivileged([PAGE_SCHEME_PRIVILEGES]);
app.enableSandbox();

const window = setupWindow({
  BrowserWindow,
  screens: () => screen.getAllDisplays().map(({ workArea }) => workArea),
  preloadPath: join(here, 'preload.cjs'),
  boundsPath: inUserData('window.json'),
  packaged: app.isPackaged,
  clock: SYSTEM_CLOCK,
  onFailing: setupFailing({ dialog, again: () => window.drawAgain(), quit: () => app.quit() }),
});
const secrets = secretFile({
  safeStorage,
  path: inUserData('secrets.json'),
  platform,
  onUnreadable: (name) =>
    process.stderr.write(`The secret "${name}" was encrypted elsewhere and cannot be read here.\n`),
});
const engine = createEngineProcess({
  fork: () =>
    utilityProcess.fork(join(here, 'engine.js'), [], {
      serviceName: 'Bulk Transcribe engine',
      stdio: 'inherit',
      env: programEnvironment(platform, process.env, app.getPath('home'), existsSync),
    }),
  channel: () => new MessageChannelMain(),
  startMessage: async () => ({
    type: 'start',
    resourcesDir: app.isPackaged ? process.resourcesPath : null,
    secrets: await secrets.load(),
  }),
  onSecret: (name, value) => {
    secrets.keep(name, value).catch((error: Error) => process.stderr.write(`${error.message}\n`));
  },
  onRestarted: () => window.tell('engine-restarted'),
  onFailed: (report) => {
    const { what, lost, todo } = explain(report);
    dialog.showErrorBox(words.cannotStart, `${what}\n\n${lost} ${todo}`);
    quit.now();
  },
  clock: SYSTEM_CLOCK,
});
const dialogs = setupDialogs({ app, dialog, shell, window: window.current });
/** What is told of the queue's state; the tray joins when the app is ready. */
const watchers: ((activity: Activity) => void)[] = [
  setupPower({ powerSaveBlocker }),
  setupProgressBar({ app, window: window.current }),
];
const activity = jobActivity({
  changed: (now) => {
    for (const watch of watchers) watch(now);
  },
  batchFinished: setupNotifications({
    Notification,
    looking: () => window.current()?.isFocused() ?? false,
    show: window.show,
  }),
});
const line = engineLine(activity.take);
const quit = setupQuit({ app, dialog, platform, activity: () => activity.current, closeEngine: engine.close });
const openExternal = openExternalLink((address) => shell.openExternal(address));

/** A build without a feed of releases has no such file. */
async function updates(): Promise<Updates | null> {
  if (!app.isPackaged || !existsSync(join(process.resourcesPath, 'app-update.yml'))) return null;
  const { autoUpdater: updater } = (await import('electron-updater')).default;
  const made = setupUpdates({
    updater,
    dialog,
    clock: SYSTEM_CLOCK,
    activity: () => activity.current,
    closeEngine: engine.close,
  });
  watchers.push(made.activityChanged);
  return made;
}

async function ready(): Promise<void> {
  setupPermissions(session.defaultSession);
  setupProtocol({ protocol, uiDir: join(here, '../ui'), enginePort: engine.port });
  setupIpc({
    ipcMain,
    actions: {
      'engine:connect': setupWindowPort(engine),
      'dialog:open-files': dialogs.openFiles,
      'dialog:open-folder': dialogs.openFolder,
      'file:reveal': (_frame, path) => dialogs.reveal(path),
      'secrets:kept': secrets.kept,
    },
  });
  engine.connect(line.attach);
  engine.start();
  window.show();
  app.on('activate', window.show);
  watchers.push(
    setupTray({
      Tray,
      Menu,
      image: nativeImage.createFromPath(join(here, 'tray.png')),
      show: window.show,
      quit: () => app.quit(),
    }),
  );
  const newer = await updates();
  Menu.setApplicationMenu(
    Menu.buildFromTemplate(
      menuTemplate({
        platform,
        packaged: app.isPackaged,
        tell: window.tell,
        openExternal,
        showLog: () => dialogs.showLog(engine.logDir()),
        checkForUpdates: newer === null ? null : () => void newer.check(),
      }),
    ),
  );
}

const take = setupIntake({ app, dialog, call: line.call, show: window.show });
/** Before that no window can be made and no engine runs. */
const isReady = Promise.withResolvers<void>();
const takeWhenReady = (request: Request): void => void isReady.promise.then(() => take(request));

if (setupSingleInstance({ app, argv: process.argv, cwd: process.cwd(), take: takeWhenReady })) {
  setupNavigation({ app, openExternal });
  // Not awaited: Electron becomes ready only after this module has run to its end.
  void app.whenReady().then(ready).then(isReady.resolve);
} else {
  app.quit();
}
