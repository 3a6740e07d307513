package dev.imageshare.rotation;

/**
 * One image in one of a set's clouds; two regions can have images of one ID.
 *
 * @param cloud the cloud's name in the spec
 */
record CloudImageId(String cloud, String id) implements Comparable<CloudImageId> {
    @Override
    public int compareTo(CloudImageId other) {
        var order = cloud.compareTo(other.cloud);
        return order != 0 ? order : id.compareTo(other.id);
    }
}
