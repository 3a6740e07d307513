package dev.imageshare.site;

/** All objects of the cluster. */
public record SharesPage(Frame frame, SiteData data) {}
