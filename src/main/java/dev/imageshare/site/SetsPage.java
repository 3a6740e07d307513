package dev.imageshare.site;

/** Who may use images, as the ProjectSets have it. */
public record SetsPage(Frame frame, SiteData data) {}
