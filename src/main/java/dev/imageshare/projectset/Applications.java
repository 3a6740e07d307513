package dev.imageshare.projectset;

import dev.imageshare.api.v1alpha1.ProjectSetStatus.WaitingRequest;
import java.util.List;

/**
 * What the requests for a set come to.
 *
 * @param decided one of each request and project that something was decided about; the others have no place in the set
 * @param waiting the requests that wait for a person, the oldest first
 */
public record Applications(List<Application> decided, List<WaitingRequest> waiting) {

    /** Nobody asks. */
    public static final Applications NONE = new Applications(List.of(), List.of());

    /** No selector can have a name with a blank. */
    private static final String REQUEST = "request ";

    public Applications {
        decided = List.copyOf(decided);
        waiting = List.copyOf(waiting);
    }

    /** What a request is called among the sources of a set's projects. */
    public static String source(String namespace, String name) {
        return REQUEST + namespace + "/" + name;
    }

    /** Whether a source of a set's project is a request. */
    static boolean isRequest(String source) {
        return source.startsWith(REQUEST);
    }
}
