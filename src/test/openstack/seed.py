"""Projects, users, catalog, an application credential, and a clouds.yaml with all of them. What is there is left as it is."""
import http.client, json, os, urllib.parse
E = os.environ
ROOT, IMAGE = E['LAB_ROOT'], E['IMAGE']
auth = urllib.parse.urlsplit(E['AUTH'])
conn = http.client.HTTPConnection(auth.hostname, auth.port, timeout=60)

def call(method, path, body=None, token=None, ok=(200, 201, 204)):
    headers = {'Content-Type': 'application/json'}
    if token:
        headers['X-Auth-Token'] = token
    conn.request(method, auth.path + path, json.dumps(body) if body is not None else None, headers)
    r = conn.getresponse()
    data = r.read()
    if r.status not in ok:
        raise SystemExit('%s %s: %d %s' % (method, path, r.status, data.decode()))
    return r, json.loads(data) if data else None

def login(user, password, project):
    d = {'name': 'Default'}
    r, doc = call('POST', '/auth/tokens', {'auth': {
        'identity': {'methods': ['password'], 'password': {'user': {
            'name': user, 'domain': d, 'password': password}}},
        'scope': {'project': {'name': project, 'domain': d}}}})
    return r.getheader('X-Subject-Token'), doc['token']

T, _ = login('admin', E['ADMIN_PASSWORD'], 'admin')

def ensure(kind, plural, name, body, **match):
    found = call('GET', '/%s?%s' % (plural, urllib.parse.urlencode(dict(match, name=name))), token=T)[1][plural]
    if found:
        return found[0]['id']
    return call('POST', '/' + plural, {kind: dict(body, name=name)}, T)[1][kind]['id']

roles = {r['name']: r['id'] for r in call('GET', '/roles', token=T)[1]['roles']}
P, U = {}, {}
for name in ('admin', 'service', 'images', 'consumer-a', 'consumer-b', 'stranger', 'no-image'):
    P[name] = ensure('project', 'projects', name, {'domain_id': 'default'}, domain_id='default')
for name, project, role in (('glance', 'service', 'admin'), ('producer', 'images', 'member'),
                            ('producer-reader', 'images', 'reader'), ('consumer-a', 'consumer-a', 'member'),
                            ('consumer-b', 'consumer-b', 'member'), ('stranger', 'stranger', 'member'),
                            ('no-image', 'no-image', 'member')):
    U[name] = ensure('user', 'users', name, {
        'domain_id': 'default', 'default_project_id': P[project],
        'password': E['SERVICE_PASSWORD' if name == 'glance' else 'USER_PASSWORD']}, domain_id='default')
    call('PUT', '/projects/%s/users/%s/roles/%s' % (P[project], U[name], roles[role]), token=T)

image = ensure('service', 'services', 'glance', {'type': 'image'})
have = call('GET', '/endpoints', token=T)[1]['endpoints']
for interface in ('public', 'internal', 'admin'):
    mine = [e for e in have if e['service_id'] == image and e['interface'] == interface]
    if not mine:
        call('POST', '/endpoints', {'endpoint': {
            'service_id': image, 'interface': interface, 'region_id': 'RegionOne', 'url': IMAGE}}, T)
    elif mine[0]['url'] != IMAGE:
        call('PATCH', '/endpoints/' + mine[0]['id'], {'endpoint': {'url': IMAGE}}, T)
# a project that is tied to some endpoints is shown these only (409: it is tied already)
for e in have:
    if e['service_id'] != image:
        call('PUT', '/OS-EP-FILTER/projects/%s/endpoints/%s' % (P['no-image'], e['id']), token=T, ok=(204, 409))

def keep(path, text):
    with os.fdopen(os.open(path + '.new', os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), 'w') as f:
        f.write(text)
    os.replace(path + '.new', path)

# an application credential's secret is told once, so it is kept, and made anew when lost
kept = ROOT + '/producer-app-credential.json'
token, who = login('producer', E['USER_PASSWORD'], 'images')
path = '/users/%s/application_credentials' % who['user']['id']
live = {c['id']: c for c in call('GET', path, token=token)[1]['application_credentials']}
try:
    credential = json.load(open(kept))
except (OSError, ValueError):
    credential = {'id': None}
if credential['id'] not in live:
    for c in live.values():
        if c['name'] == 'lab-producer':
            call('DELETE', path + '/' + c['id'], token=token)
    credential = call('POST', path, {'application_credential': {'name': 'lab-producer'}}, token)[1]['application_credential']
    keep(kept, json.dumps({k: credential[k] for k in ('id', 'name', 'secret', 'project_id')}))

def entry(name, kind, *fields):
    lines = ['  %s:' % name, '    region_name: RegionOne', '    identity_api_version: "3"', '    auth_type: ' + kind,
             '    auth:', '      auth_url: ' + E['AUTH']]
    return '\n'.join(lines + ['      %s: %s' % field for field in fields]) + '\n'

def person(name, project, password):
    return entry(name, 'password', ('username', name), ('password', password), ('project_name', project),
                 ('user_domain_name', 'Default'), ('project_domain_name', 'Default'))

up = E['USER_PASSWORD']
keep(ROOT + '/clouds.yaml', 'clouds:\n' + person('admin', 'admin', E['ADMIN_PASSWORD'])
     + person('producer', 'images', up) + person('producer-reader', 'images', up)
     + ''.join(person(n, n, up) for n in ('consumer-a', 'consumer-b', 'stranger', 'no-image'))
     + entry('producer-app', 'v3applicationcredential', ('application_credential_id', credential['id']),
             ('application_credential_secret', credential['secret'])))
keep(ROOT + '/ids.json', json.dumps({
    'projects': P, 'users': U, 'auth_url': E['AUTH'], 'image_url': IMAGE,
    'release': E['RELEASE'], 'server': E['SERVER'], 'keystone': E['KEYSTONE_VERSION'], 'glance': E['GLANCE_VERSION']},
    indent=1))
