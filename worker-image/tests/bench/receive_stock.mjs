// The sending half of the stock tunnel: an HTTP/2 server inside a WebSocket, made of the libraries' own parts.
//   node receive_stock.mjs WEBSOCKET_URL BYTES
import { createServer } from 'node:http2';
import { Readable } from 'node:stream';
import WebSocket, { createWebSocketStream } from 'ws';

const [url, bytes] = [process.argv[2], Number(process.argv[3])];
const block = Buffer.alloc(256 * 1024, 'recording ');
const server = createServer({ settings: { maxConcurrentStreams: 100 } });
server.on('stream', (stream) => {
  stream.respond({ ':status': 200, 'content-length': String(bytes) });
  Readable.from(parts(), { objectMode: false, highWaterMark: 1024 * 1024 }).pipe(stream);
});
function* parts() {
  for (let left = bytes; left > 0; left -= block.length) yield left < block.length ? block.subarray(0, left) : block;
}
const socket = new WebSocket(url, { perMessageDeflate: false });
socket.on('open', () => server.emit('connection', createWebSocketStream(socket)));
socket.on('close', () => process.exit(0));
socket.on('error', () => process.exit(1));
