// An identity provider for tests: npm's oidc-provider, out of NODE_MODULES. SETTINGS in the environment is JSON:
//   {"port", "keys": [{"kid", "kind"}], "clients": {id: {"claims", "alg", "seconds", "opaque"}}}
// Keys are made at each start, of the kinds RSA, Ed25519, P-256, P-384, P-521. A client (its secret is "secret-of-" + its id) gets JWT access tokens by its credentials,
// for the resource that it asks for, with those claims. Prints a line when it listens.
import { generateKeyPairSync } from 'node:crypto';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const require = createRequire(`${process.env.NODE_MODULES}/`);
const { default: Provider } = await import(pathToFileURL(require.resolve('oidc-provider')).href);
const { port, keys, clients } = JSON.parse(process.env.SETTINGS);

const privateKey = (kind) => {
  if (kind === 'RSA') return generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  if (kind === 'Ed25519') return generateKeyPairSync('ed25519').privateKey;
  return generateKeyPairSync('ec', { namedCurve: kind }).privateKey;
};

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: Object.keys(clients).map((id) => ({
    client_id: id,
    client_secret: `secret-of-${id}`,
    grant_types: ['client_credentials'],
    redirect_uris: [],
    response_types: [],
    id_token_signed_response_alg: 'ES256',
  })),
  jwks: { keys: keys.map(({ kid, kind }) => ({ ...privateKey(kind).export({ format: 'jwk' }), kid, use: 'sig' })) },
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: false },
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: (_, resource, { clientId }) => ({
        audience: resource,
        scope: 'read write',
        accessTokenFormat: clients[clientId].opaque ? 'opaque' : 'jwt',
        accessTokenTTL: clients[clientId].seconds ?? 600,
        jwt: { sign: { alg: clients[clientId].alg ?? 'ES256' } },
      }),
    },
  },
  extraTokenClaims: (_, { clientId }) => clients[clientId].claims,
});
provider.listen(port, '127.0.0.1', () => console.log('listening'));
