/**
 * The objects of openstack-resource-controller (ORC) that ours refer to: Images and Projects, of which only {@code
 * status.id} is used. Read-only, and only while one of our objects refers to one.
 */
@NullMarked
package dev.imageshare.orc;

import org.jspecify.annotations.NullMarked;
