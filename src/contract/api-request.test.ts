import { describe, expect, it } from 'vitest';
import { API, API_NAMES } from './api.ts';
import { apiRequest, matchApiPath } from './api-request.ts';

const IDS = [
  'job_1',
  'a b',
  '..',
  '.',
  'a/b',
  '%2F',
  '?x=1',
  '#',
  'ü',
  '日本',
  '__proto__',
  'constructor',
  '\\',
  ';',
  'test',
];

describe('a call as HTTP', () => {
  it('names the same call again, with the same ids, whatever is in them', () => {
    for (const name of API_NAMES) {
      for (const id of API[name].path.includes(':id') ? IDS : ['']) {
        const request = apiRequest(name, { id, extra: 'x' });
        const [path = ''] = request.path.split('?', 1);
        const match = matchApiPath(request.method, path);
        expect(match).toMatchObject({ kind: 'call', name });
        if (match.kind === 'call' && id !== '') expect(match.ids).toEqual({ id });
      }
    }
  });

  it('puts the rest into the query of GET and DELETE and into the body of POST and PUT', () => {
    expect(apiRequest('listJobs', { state: 'failed', cursor: 'a&b', limit: undefined })).toEqual({
      method: 'GET',
      path: '/api/jobs?state=failed&cursor=a%26b',
      body: undefined,
    });
    expect(apiRequest('addJobs', { paths: ['/a'] })).toEqual({
      method: 'POST',
      path: '/api/jobs',
      body: { paths: ['/a'] },
    });
    expect(apiRequest('cancelJob', { id: 'j' })).toEqual({ method: 'POST', path: '/api/jobs/j/cancel', body: {} });
    expect(() => apiRequest('getJob', {})).toThrow(TypeError);
    expect(apiRequest('listJobs', { states: ['failed', 'canceled'] }).path).toBe('/api/jobs?states=failed%2Ccanceled');
    for (const states of [{}, ['a,b'], [''], [1]]) expect(() => apiRequest('listJobs', { states })).toThrow(TypeError);
  });

  it('prefers fixed words, tells other methods, and knows nothing else', () => {
    expect(matchApiPath('POST', '/api/workers/test')).toEqual({ kind: 'call', name: 'testWorker', ids: {} });
    expect(matchApiPath('PUT', '/api/jobs')).toEqual({ kind: 'other-method', allow: ['POST', 'GET'] });
    for (const path of [
      '',
      '/',
      '/api',
      '/api/',
      '/api/jobs/',
      '/api/jobs//cancel',
      '/api/jobs/a/b/c',
      '/API/jobs',
      '/api/__proto__',
      '/api/jobs/:id/x',
    ])
      expect(matchApiPath('GET', path)).toEqual({ kind: 'nothing' });
    expect(() => matchApiPath('GET', '/api/jobs/%E0%A4%A')).toThrow(URIError);
  });
});
