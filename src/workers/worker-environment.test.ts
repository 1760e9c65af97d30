import { expect, test } from 'vitest';
import { workerEnvironment } from './worker-environment.ts';
import { WorkerFolder } from './worker-folder.ts';

test('the worker on this computer is given no secret of the app, in whatever letters the system writes its name', () => {
  const given = {
    RUNPOD_API_KEY: 'secret',
    Secret_Key: 'secret',
    CLOUDFLARED_TOKEN: 'secret',
    Remote_Worker_Token: 'secret',
    PythonPath: 'elsewhere',
    HF_TOKEN: 'of the models',
    WORKER_TOKEN: 'of another worker',
  };
  const made = workerEnvironment(given, new WorkerFolder('/data'), '/data', 'its own');
  expect(Object.entries(made).filter(([, value]) => value === 'secret' || value === 'elsewhere')).toEqual([]);
  expect(made).toMatchObject({ HF_TOKEN: 'of the models', WORKER_TOKEN: 'its own', WORKER_HOST: '127.0.0.1' });
});
