package dev.imageshare.bench;

import dev.imageshare.embedded.OpenStackLab;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Images that the producer owns, and the projects that are to get them. The IDs come from a seed, the same in each run. */
final class Work {

    private static final Random RANDOM = new Random(1);

    private Work() {}

    static List<String> projects(int count) {
        var projects = new ArrayList<String>();
        for (var i = 0; i < count; i++) {
            projects.add(String.format("%016x%016x", RANDOM.nextLong(), RANDOM.nextLong()));
        }
        return projects;
    }

    /** New images, and for each the projects that are to be its members. */
    static Map<String, List<String>> images(OpenStackLab lab, int images, int members) {
        var projects = projects(members);
        var work = new LinkedHashMap<String, List<String>>();
        for (var i = 0; i < images; i++) {
            work.put(lab.createImage("producer", "bench-" + i, "shared", List.of()), projects);
        }
        return work;
    }

    /** Of each image the first half of the members. */
    static Map<String, List<String>> half(Map<String, List<String>> work) {
        var half = new LinkedHashMap<String, List<String>>();
        work.forEach((image, members) -> half.put(image, members.subList(0, members.size() / 2)));
        return half;
    }
}
