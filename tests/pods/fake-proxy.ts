// Owns the fake's proxy to what runs in a pod: bytes through, 404 for a pod that is not there, 502 while nothing listens in it.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { request as httpRequest } from 'node:http';
import { connect, type Socket } from 'node:net';

/** Where a request leads; port null: the pod is there, and nothing in it listens. */
export type Target = { readonly port: number | null; readonly path: string } | null;

export function proxyRequest(target: Target, request: IncomingMessage, response: ServerResponse): void {
  const fail = (status: number): void => {
    if (response.headersSent) return void response.destroy();
    response.writeHead(status, { 'Content-Type': 'text/html' });
    response.end(`<html><body>${status}</body></html>`);
  };
  if (target === null || target.port === null) {
    fail(target === null ? 404 : 502);
    return;
  }
  const onward = httpRequest(
    { host: '127.0.0.1', port: target.port, path: target.path, method: request.method, headers: request.headers },
    (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
      answer.on('error', () => response.destroy());
    },
  );
  onward.on('error', () => fail(502));
  response.on('close', () => onward.destroy());
  request.pipe(onward);
}

export function proxyUpgrade(target: Target, request: IncomingMessage, socket: Socket, head: Buffer): void {
  socket.on('error', () => socket.destroy());
  if (target === null || target.port === null) {
    socket.end(`HTTP/1.1 ${target === null ? '404 Not Found' : '502 Bad Gateway'}\r\nContent-Length: 0\r\n\r\n`);
    return;
  }
  const onward = connect(target.port, '127.0.0.1', () => {
    const lines = [`${request.method} ${target.path} HTTP/1.1`];
    for (let index = 0; index < request.rawHeaders.length; index += 2)
      lines.push(`${request.rawHeaders[index]}: ${request.rawHeaders[index + 1]}`);
    onward.write(`${lines.join('\r\n')}\r\n\r\n`);
    if (head.length > 0) onward.write(head);
    socket.pipe(onward);
    onward.pipe(socket);
  });
  onward.on('error', () => socket.destroy());
  socket.on('close', () => onward.destroy());
  onward.on('close', () => socket.destroy());
}
