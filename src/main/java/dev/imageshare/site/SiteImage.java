package dev.imageshare.site;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One image of one region of a cloud.
 *
 * @param file the name of its page without its ending, unique on the site
 * @param name may be empty
 * @param cloud the name of its {@link SiteCloud}
 * @param status Glance's, such as {@code active}
 * @param hidden whether lists leave it out; whoever knows its ID can use it all the same
 * @param facts what its properties say; empty where Glance wasn't asked
 * @param asOf how old the knowledge is, RFC 3339; null if Glance was asked now
 * @param shares the ImageShares that are about it
 * @param members by project; also projects that are declared, and no member yet
 */
public record SiteImage(
        String file,
        String id,
        String name,
        @Nullable String owner,
        String cloud,
        String region,
        String visibility,
        String status,
        boolean hidden,
        ImageFacts facts,
        @Nullable String asOf,
        List<SiteShare> shares,
        List<SiteMember> members) {

    public SiteImage {
        shares = List.copyOf(shares);
        members = List.copyOf(members);
    }

    /** What people call it: its name, or its ID if it has none. */
    public String title() {
        return name.isEmpty() ? id : name;
    }

    /** The images that it stands with: its family, or those of its name without a date at the end. */
    public String group() {
        return facts.family() != null ? facts.family() : ImageFacts.withoutDate(title());
    }

    /** Whether every project may use it. */
    public boolean isForEveryone() {
        return visibility.equals("public") || visibility.equals("community");
    }

    public Answers answers() {
        return Answers.of(members);
    }
}
