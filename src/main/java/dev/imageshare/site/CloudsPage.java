package dev.imageshare.site;

/** All clouds. */
public record CloudsPage(Frame frame, SiteData data) {}
