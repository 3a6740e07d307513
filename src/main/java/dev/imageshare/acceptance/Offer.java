package dev.imageshare.acceptance;

import dev.imageshare.openstack.Image;
import dev.imageshare.openstack.MemberStatus;

/**
 * An image that a list showed, and the project's answer to it.
 *
 * @param image as listed
 * @param answer by which list it was in
 */
record Offer(Image image, MemberStatus answer) {}
