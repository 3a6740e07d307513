"""Adds members with openstacksdk, one session; prints the milliseconds.

Reads {"action": "add"|"remove", "threads": N, "members": {image: [project]}} from standard input.
"""
import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import openstack

work = json.load(sys.stdin)
image = openstack.connect(cloud=sys.argv[1]).image
image.get_image(next(iter(work["members"])))  # logged in, as the others are


def write(pair):
    image_id, project = pair
    if work["action"] == "add":
        image.add_member(image_id, member_id=project)
    else:
        image.remove_member(project, image=image_id, ignore_missing=False)


begun = time.monotonic()
for image_id in work["members"]:
    image.get_image(image_id)
    list(image.members(image_id))
pairs = [(i, p) for i, projects in work["members"].items() for p in projects]
if work["threads"] == 1:
    for pair in pairs:
        write(pair)
else:
    with ThreadPoolExecutor(work["threads"]) as pool:
        list(pool.map(write, pairs))
if work["action"] == "remove":
    for image_id in work["members"]:
        list(image.members(image_id))
print((time.monotonic() - begun) * 1000)
