// Owns what the preload exposes to the window as `window.bulkTranscribe`: the two verbs of the app's interface and what only a desktop can do.

/**
 * The one object that crosses the isolation of the window. It carries no token: the preload's other end is trusted already.
 * Everything that comes out of it is `unknown` and is parsed by the UI's client with the schemas of the API table.
 */
export interface DesktopBridge {
  /**
   * Makes one call of the API table. Resolves with its result, or with `{error, code}` (`apiErrorSchema`) where the engine refuses it:
   * Electron strips everything but the message from an Error on its way across, so the code must not travel in one.
   */
  call(name: string, params: unknown): Promise<unknown>;
  /**
   * Every event of the engine; `ready` comes first, and again whenever the engine was started anew. Several listeners may listen at
   * once. Returns its own undo.
   */
  subscribe(listener: (event: unknown) => void): () => void;
  /** The absolute path of a `File` that was dropped or chosen, empty where it has none. */
  pathForFile(file: unknown): string;
  /** Asks for recordings with the system's dialog. Empty when the person changes their mind. */
  openFiles(): Promise<string[]>;
  /** Asks for folders with the system's dialog. Empty when the person changes their mind. */
  openFolder(): Promise<string[]>;
  /** Shows a file in the system's file manager. */
  reveal(path: string): void;
  /** Whether secrets outlive the app. Where the system offers no real encryption they last until it is closed. */
  secretsKept(): Promise<boolean>;
  /** What main tells the page (`pageToldSchema`): what was chosen in a menu, what had to be started anew. Returns its own undo. */
  onTold(listener: (told: unknown) => void): () => void;
  /** As `process.platform` says it. */
  readonly platform: string;
}
