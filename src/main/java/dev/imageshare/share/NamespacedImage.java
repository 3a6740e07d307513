package dev.imageshare.share;

/** An image as the objects of one namespace have it in common, in whichever way they write its cloud. */
record NamespacedImage(String namespace, ImageKey image) {}
