// Owns what is put into a page of the stand-in before its own scripts: in an isolated world of Chromium's the app's real preload with the
// part of Electron that it uses, in the page's world the other end of the context bridge. The functions below run there, as text.

/** What crosses between the worlds: DOM events do, at once, and what they carry is cloned. */
const CROSSING = `
function bridgeEnd(own, other, expose) {
  const functions = new Map();
  const promises = new Map();
  let last = 0;
  const results = new Map();
  const say = (detail) => window.dispatchEvent(new CustomEvent('bridge-to-' + other, { detail }));
  const pack = (value) => {
    if (typeof value === 'function') {
      last += 1;
      functions.set(own + last, value);
      return { kind: 'function', id: own + last };
    }
    if (value instanceof Promise) {
      last += 1;
      const id = own + last;
      value.then((it) => say({ kind: 'resolve', id, value: pack(it) }), (error) => say({ kind: 'reject', id, message: String(error && error.message) }));
      return { kind: 'promise', id };
    }
    if (Array.isArray(value)) return { kind: 'array', items: value.map(pack) };
    if (value !== null && typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype)
      return { kind: 'object', entries: Object.entries(value).map(([key, it]) => [key, pack(it)]) };
    return { kind: 'value', value };
  };
  const unpack = (packed) => {
    switch (packed.kind) {
      case 'function': return (...args) => call(packed.id, args);
      case 'promise': return new Promise((resolve, reject) => promises.set(packed.id, { resolve, reject }));
      case 'array': return packed.items.map(unpack);
      case 'object': return Object.fromEntries(packed.entries.map(([key, it]) => [key, unpack(it)]));
      default: return packed.value;
    }
  };
  const call = (id, args) => {
    last += 1;
    const callId = own + last;
    say({ kind: 'call', id, callId, args: args.map(pack) });
    const result = results.get(callId);
    results.delete(callId);
    if (result === undefined) throw new Error('The other world did not answer.');
    if ('message' in result) throw new Error(result.message);
    return unpack(result.value);
  };
  window.addEventListener('bridge-to-' + own, ({ detail }) => {
    switch (detail.kind) {
      case 'expose': expose(detail.name, unpack(detail.value)); break;
      case 'call':
        try {
          say({ kind: 'result', callId: detail.callId, value: pack(functions.get(detail.id)(...detail.args.map(unpack))) });
        } catch (error) {
          say({ kind: 'result', callId: detail.callId, message: String(error && error.message) });
        }
        break;
      case 'result': results.set(detail.callId, detail); break;
      case 'resolve': promises.get(detail.id)?.resolve(unpack(detail.value)); promises.delete(detail.id); break;
      case 'reject': promises.get(detail.id)?.reject(new Error(detail.message)); promises.delete(detail.id); break;
    }
  });
  return { pack, say };
}
`;

/** Runs in the page's own world: what the preload exposes becomes a property of the window that cannot be changed. */
export const PAGE_WORLD = `(() => {
${CROSSING}
  const exposed = new Set();
  const { say } = bridgeEnd('page', 'preload', (name, value) => {
    if (exposed.has(name)) return;
    exposed.add(name);
    Object.defineProperty(window, name, { value: Object.freeze(value) });
  });
  // Whichever world is first waits for the other.
  say({ kind: 'hello' });
})();`;

/** Runs in the isolated world: Electron for a sandboxed preload, then the preload itself. Main is reached by the binding \`standInSend\`. */
export function preloadWorld(preload: string, platform: string): string {
  return `(() => {
${CROSSING}
  const send = (frame) => standInSend(JSON.stringify(frame));
  const listeners = new Map();
  const asked = new Map();
  const ports = new Map();
  const paths = new Map();
  let last = 0;
  const ipcRenderer = {
    invoke: (channel, ...args) => new Promise((resolve, reject) => {
      last += 1;
      asked.set(last, { resolve, reject });
      send({ kind: 'invoke', id: last, channel, args });
    }),
    on(channel, listener) {
      listeners.set(channel, [...(listeners.get(channel) ?? []), listener]);
      return ipcRenderer;
    },
    off(channel, listener) {
      listeners.set(channel, (listeners.get(channel) ?? []).filter((each) => each !== listener));
      return ipcRenderer;
    },
  };
  const tell = (channel, event, args) => {
    for (const listener of listeners.get(channel) ?? []) listener(event, ...args);
  };
  globalThis.standInReceive = (frame) => {
    switch (frame.kind) {
      case 'answer': asked.get(frame.id)?.resolve(frame.value); asked.delete(frame.id); break;
      case 'refuse': asked.get(frame.id)?.reject(new Error(frame.message)); asked.delete(frame.id); break;
      case 'send': tell(frame.channel, { ports: [] }, frame.args); break;
      case 'post': {
        const { port1, port2 } = new MessageChannel();
        ports.set(frame.port, port1);
        port1.onmessage = ({ data }) => send({ kind: 'port', port: frame.port, data });
        port1.addEventListener('close', () => send({ kind: 'port', port: frame.port, close: true }));
        tell(frame.channel, { ports: [port2] }, [frame.message]);
        break;
      }
      case 'port':
        if (frame.close) { ports.get(frame.port)?.close(); ports.delete(frame.port); }
        else ports.get(frame.port)?.postMessage(frame.data);
        break;
      case 'paths': for (const [name, path] of frame.paths) paths.set(name, path); break;
    }
  };
  const exposedValues = [];
  const { pack, say } = bridgeEnd('preload', 'page', () => undefined);
  const electron = {
    ipcRenderer,
    contextBridge: {
      exposeInMainWorld(name, value) {
        const packed = pack(value);
        exposedValues.push({ name, packed });
        say({ kind: 'expose', name, value: packed });
      },
    },
    webUtils: {
      getPathForFile(file) {
        if (!(file instanceof File)) throw new TypeError('This is no file.');
        return paths.get(file.name) ?? '';
      },
    },
  };
  window.addEventListener('bridge-to-preload', ({ detail }) => {
    if (detail.kind === 'hello') for (const { name, packed } of exposedValues) say({ kind: 'expose', name, value: packed });
  });
  const require = (name) => {
    if (name === 'electron') return electron;
    throw new Error('A sandboxed preload finds no ' + name + '.');
  };
  const module = { exports: {} };
  ((require, module, exports, process) => {
${preload}
  })(require, module, module.exports, { platform: ${JSON.stringify(platform)} });
})();`;
}
