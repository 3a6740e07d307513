/**
 * The pages to look at: the public catalog, and the site that shows who may boot what. {@link
 * dev.imageshare.site.SiteDataBuilder} takes what a cluster's objects and clouds say and gives {@link
 * dev.imageshare.site.SiteData}, which knows no HTML; {@link dev.imageshare.site.InternalSite} and {@link
 * dev.imageshare.site.PublicCatalog} make files of it, each written only when it is asked for. {@link
 * dev.imageshare.site.SiteDirectory} puts all of them on a disk, {@link dev.imageshare.site.Dashboard} serves the same ones.
 * The templates are in {@code src/main/jte}; they are compiled by the build and escape by context.
 */
@NullMarked
package dev.imageshare.site;

import org.jspecify.annotations.NullMarked;
