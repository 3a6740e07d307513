package dev.imageshare.openstack;

import java.util.List;

/**
 * One answer with projects of a list.
 *
 * @param kept of its projects
 * @param ids of all of them
 * @param saysMore whether it says that there is another page
 * @param hasOthers whether there were projects in it that weren't asked for, of another domain; they are left out
 * @param room as the next page finds it
 */
record ProjectListPage(
        List<DirectoryProject> kept, IdTally ids, boolean saysMore, boolean hasOthers, ProjectRoom room) {}
