package dev.imageshare.share;

/**
 * An image as objects of different namespaces have it in common. Each namespace names its own clouds, so what a cloud
 * says of an image counts for that cloud only.
 *
 * @param cloud the Keystone that says who owns the image, as {@link dev.imageshare.openstack.SameClouds#cloud} names it
 * @param image the image there
 */
record CloudImage(String cloud, ImageKey image) {}
