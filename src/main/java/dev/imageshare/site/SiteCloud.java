package dev.imageshare.site;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One region of one cloud, as the objects or a login saw it.
 *
 * @param name the entry of the clouds.yaml that was asked, or the Keystone's scheme, host and port; unique with the region
 * @param asked whether it was asked now
 * @param images how many are on the site
 * @param objects how many ImageShares and ImageAcceptances work there
 * @param lastLook the newest look of the operator, RFC 3339; null if there was none
 * @param oldestLook the oldest one among the objects
 * @param errors what objects say that has to do with the cloud, by reason
 */
public record SiteCloud(
        String name,
        String region,
        boolean asked,
        int images,
        int objects,
        @Nullable String lastLook,
        @Nullable String oldestLook,
        List<CloudError> errors) {

    public SiteCloud {
        errors = List.copyOf(errors);
    }

    /**
     * Objects with one reason.
     *
     * @param example the message of one of them
     * @param since the earliest
     */
    public record CloudError(
            String reason,
            int objects,
            String example,
            String exampleObject,
            @Nullable String since) {}

    /** Whether it answers, for people. */
    public Reach reach() {
        if (asked) {
            return Reach.asked;
        }
        var unreachable = errors.stream()
                .filter(each -> each.reason().equals("CloudUnreachable"))
                .mapToInt(CloudError::objects)
                .sum();
        if (unreachable == 0) {
            return lastLook == null ? Reach.unknown : Reach.reachable;
        }
        return unreachable == objects ? Reach.unreachable : Reach.partly;
    }

    /** What is known of a cloud. */
    public enum Reach {
        asked("answered now"),
        reachable("reachable"),
        partly("not reachable for some objects"),
        unreachable("not reachable"),
        unknown("not known yet");

        private final String label;

        Reach(String label) {
            this.label = label;
        }

        /** For people. */
        public String label() {
            return label;
        }
    }
}
