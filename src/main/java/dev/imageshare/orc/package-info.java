/**
 * The objects of openstack-resource-controller (ORC) that ours refer to: Images and Projects, of which no more than
 * {@code status.id} matters. Read only, and only while an object of ours refers to one.
 */
@NullMarked
package dev.imageshare.orc;

import org.jspecify.annotations.NullMarked;
