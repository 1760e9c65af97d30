// The app's main process: joins its parts and starts them. No logic.

import { join } from 'node:path';
import {
  app,
  BrowserWindow,
  dialog,
  ipcMain,
  Menu,
  MessageChannelMain,
  Notification,
  powerSaveBlocker,
  protocol,
  safeStorage,
  screen,
  session,
  shell,
  utilityProcess,
} from 'electron';
import { explain } from '../../src/contract/errors.ts';
import { SYSTEM_CLOCK } from './clock.ts';
import { setupDialogs } from './dialogs.ts';
import { listenToEngine } from './engine-client.ts';
import { createEngineProcess } from './engine-process.ts';
import { setupIpc } from './ipc.ts';
import { jobActivity } from './job-activity.ts';
import { menuTemplate } from './menu.ts';
import { setupNavigation, setupPermissions } from './navigation.ts';
import { setupNotifications } from './notifications.ts';
import { setupPower } from './power.ts';
import { PAGE_SCHEME_PRIVILEGES, setupProtocol } from './protocol.ts';
import { setupQuit } from './quit.ts';
import { secretFile } from './secrets.ts';
import { setupSingleInstance } from './single-instance.ts';
import { setupWindow } from './window.ts';
import { setupWindowPort } from './window-port.ts';

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
    utilityProcess.fork(join(here, 'engine.js'), [], { serviceName: 'Bulk Transcribe engine', stdio: 'inherit' }),
  channel: () => new MessageChannelMain(),
  startMessage: async () => ({
    type: 'start',
    resourcesDir: app.isPackaged ? process.resourcesPath : null,
    secrets: await secrets.load(),
  }),
  onSecret: (name, value) => {
    secrets.keep(name, value).catch((error: Error) => process.stderr.write(`${error.message}\n`));
  },
  onFailed: (report) => {
    const { what, lost, todo } = explain(report);
    dialog.showErrorBox('Bulk Transcribe cannot start', `${what}\n\n${lost} ${todo}`);
    app.quit();
  },
  clock: SYSTEM_CLOCK,
});
const dialogs = setupDialogs({ dialog, shell, window: window.current });
const activity = jobActivity({
  activeChanged: setupPower({ powerSaveBlocker }),
  batchFinished: setupNotifications({
    Notification,
    looking: () => window.current()?.isFocused() ?? false,
    show: window.show,
  }),
});

function ready(): void {
  setupPermissions(session.defaultSession);
  setupProtocol({ protocol, uiDir: join(here, '../ui'), enginePort: engine.port });
  Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate({ platform, packaged: app.isPackaged })));
  setupIpc({
    ipcMain,
    actions: {
      'engine:connect': setupWindowPort(engine),
      'dialog:open-files': dialogs.openFiles,
      'dialog:open-folder': dialogs.openFolder,
      'file:reveal': (_frame, path) => dialogs.reveal(path),
    },
  });
  engine.connect((port) => listenToEngine(port, activity.take));
  engine.start();
  window.show();
  app.on('activate', window.show);
}

if (setupSingleInstance({ app, show: window.show })) {
  setupNavigation({ app, openExternal: (address) => shell.openExternal(address) });
  setupQuit({ app, platform, closeEngine: engine.close });
  // Not awaited: Electron becomes ready only after this module has run to its end.
  void app.whenReady().then(ready);
} else {
  app.quit();
}
