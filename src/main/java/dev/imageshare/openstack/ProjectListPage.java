package dev.imageshare.openstack;

import java.util.List;

/**
 * One response with projects of a list.
 *
 * @param kept the projects that are kept
 * @param ids of all of them
 * @param saysMore whether it says that there is another page
 * @param hasOthers whether there were projects of another domain in it; they are left out
 * @param room the room that is left for the next page
 */
record ProjectListPage(
        List<DirectoryProject> kept, IdTally ids, boolean saysMore, boolean hasOthers, ProjectRoom room) {}
