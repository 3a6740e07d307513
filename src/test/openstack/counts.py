"""Prints what the tests on real services came to, a line for each class:

    counts.py RELEASE API-SERVER REPORTS-FOLDER
"""
import glob
import os
import sys
import xml.etree.ElementTree as ET

release, server, reports = sys.argv[1:]
for path in sorted(glob.glob(os.path.join(reports, 'TEST-*RealIT.xml'))):
    suite = ET.parse(path).getroot()
    get = lambda name: int(suite.get(name, 0))  # noqa: E731
    print('%-9s %-14s %-28s %4d passed %4d failed %4d skipped' % (
        release, server, suite.get('name').rsplit('.', 1)[-1],
        get('tests') - get('failures') - get('errors') - get('skipped'), get('failures') + get('errors'), get('skipped')))
