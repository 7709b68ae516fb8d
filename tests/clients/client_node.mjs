// What @kubernetes/client-node does with the cluster of KUBECONFIG. Prints "ok" for each thing that went well, and ends with 1 at the first that did not.
import { strict as assert } from 'node:assert';
import { Writable } from 'node:stream';
import * as k8s from '@kubernetes/client-node';

const config = new k8s.KubeConfig();
config.loadFromDefault();
const core = config.makeApiClient(k8s.CoreV1Api), apps = config.makeApiClient(k8s.AppsV1Api);
const namespace = `client-node-${process.pid}`;

async function step(name, run) {
  await run();
  console.log(`ok ${name}`);
}

async function until(probe) {
  for (const end = Date.now() + 20000; Date.now() < end; await new Promise((resolve) => setTimeout(resolve, 200))) {
    const value = await probe();
    if (value) return value;
  }
  assert.fail(`not within 20 s: ${probe}`);
}

const ready = (pod) => pod.status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'True');

await step('create and list namespaces', async () => {
  await core.createNamespace({ body: { metadata: { name: namespace } } });
  const { items } = await core.listNamespace();
  assert(items.some((item) => item.metadata.name === namespace));
});
await step('watch with an informer', async () => {
  const seen = [];
  const informer = k8s.makeInformer(config, `/api/v1/namespaces/${namespace}/configmaps`, () => core.listNamespacedConfigMap({ namespace }));
  informer.on('add', (object) => seen.push(object.metadata.name));
  informer.on('error', (error) => assert(/abort/i.test(String(error)), String(error)));  // stopping it is one
  await informer.start();
  await core.createNamespacedConfigMap({ namespace, body: { metadata: { name: 'seen' }, data: { key: 'value' } } });
  await until(() => seen.includes('seen'));
  await informer.stop();
});
await step('replace, conflict, delete', async () => {
  const before = await core.readNamespacedConfigMap({ namespace, name: 'seen' });
  await core.replaceNamespacedConfigMap({ namespace, name: 'seen', body: { ...before, data: { key: 'other' } } });
  await assert.rejects(core.replaceNamespacedConfigMap({ namespace, name: 'seen', body: before }), (error) => error.code === 409);
  await core.deleteNamespacedConfigMap({ namespace, name: 'seen' });
  await assert.rejects(core.readNamespacedConfigMap({ namespace, name: 'seen' }), (error) => error.code === 404);
});
await step('roll a deployment out', async () => {
  const body = {
    metadata: { name: 'web' },
    spec: {
      replicas: 1, selector: { matchLabels: { app: 'web' } },
      template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'fairlead.test/busybox:1', command: ['sleep', '1000'] }] } },
    },
  };
  await apps.createNamespacedDeployment({ namespace, body });
  await until(async () => (await apps.readNamespacedDeployment({ namespace, name: 'web' })).status?.readyReplicas === 1);
  const scale = await apps.readNamespacedDeploymentScale({ namespace, name: 'web' });
  await apps.replaceNamespacedDeploymentScale({ namespace, name: 'web', body: { ...scale, spec: { replicas: 0 } } });
  await until(async () => (await apps.readNamespacedDeployment({ namespace, name: 'web' })).spec.replicas === 0);
});
await step('run a command and read a log', async () => {
  const { items } = await core.listNamespacedPod({ namespace: 'shop' });
  const pod = items.find(ready), container = pod.spec.containers[0].name;
  let out = '';
  const sink = new Writable({ write(chunk, _, done) { out += chunk; done(); } });
  const status = await new Promise((resolve, reject) => {
    new k8s.Exec(config).exec('shop', pod.metadata.name, container, ['echo', 'hello'], sink, sink, null, false, resolve).catch(reject);
  });
  assert.equal(status.status, 'Success');
  assert.equal(out, 'hello\n');
  assert(await core.readNamespacedPodLog({ namespace: 'shop', name: pod.metadata.name, container, tailLines: 1 }));
});
await core.deleteNamespace({ name: namespace });
process.exit(0);
