"""Makes and deletes a domain's projects by the thousand, in the lab's Keystone database: by its API each takes 30 ms.

    projects.py DATABASE create DOMAIN NAME COUNT     prints their IDs in ascending order
    projects.py DATABASE delete DOMAIN                the domain, and all that is in it
"""
import sqlite3, sys, uuid

database, verb, domain = sys.argv[1:4]
with sqlite3.connect(database, timeout=60) as db:
    if verb == 'create':
        name, count = sys.argv[4], int(sys.argv[5])
        ids = sorted(uuid.uuid4().hex for _ in range(count))
        # the order of creation is another than that of the IDs
        rows = [(i, '%s-%d' % (name, n), '{}', '', 1, domain, domain, 0) for n, i in enumerate(reversed(ids))]
        db.executemany('INSERT INTO project (id, name, extra, description, enabled, domain_id, parent_id, is_domain)'
                       ' VALUES (?, ?, ?, ?, ?, ?, ?, ?)', rows)
        print('\n'.join(ids))
    elif verb == 'delete':
        mine = 'SELECT id FROM project WHERE domain_id = ? OR id = ?'
        db.execute('DELETE FROM project_tag WHERE project_id IN (%s)' % mine, (domain, domain))
        db.execute('DELETE FROM assignment WHERE target_id IN (%s)' % mine, (domain, domain))
        db.execute('DELETE FROM project WHERE domain_id = ?', (domain,))
        db.execute('DELETE FROM project WHERE id = ?', (domain,))
    else:
        sys.exit(__doc__)
