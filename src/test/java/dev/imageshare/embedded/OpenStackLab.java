package dev.imageshare.embedded;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.imageshare.openstack.MemberStatus;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * An OpenStack to test against, real or embedded, and what people do in it by hand, each with the named cloud's own
 * credentials. A call that the service refuses is an AssertionError with the body.
 */
public interface OpenStackLab extends AutoCloseable {
    /**
     * Entries {@code admin}, {@code producer} (project images, role member), {@code producer-app} (its application
     * credential), {@code producer-reader} (project images, role reader), {@code consumer-a}, {@code consumer-b},
     * {@code stranger}, and {@code no-image} (its catalog has no image service).
     */
    String cloudsYaml();

    /** The same with this entry alone: what one team has. */
    default String cloudsYaml(String cloud) {
        try {
            var mapper = new YAMLMapper();
            var yaml = (ObjectNode) mapper.readTree(cloudsYaml());
            ((ObjectNode) yaml.get("clouds")).retain(cloud);
            return mapper.writeValueAsString(yaml).replaceFirst("^---\n", "");
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }

    /** Glance's major version, such as 25 (Zed). The embedded one is like the oldest that the contract is tried on. */
    default int glanceVersion() {
        return 25;
    }

    /** Makes domains, projects and who reads them. */
    KeystoneAdmin keystone();

    /** The ID of the project {@code images}, {@code consumer-a}, {@code consumer-b}, {@code stranger} and so on. */
    String projectId(String projectName);

    /** An active image; gives its ID. */
    default String createImage(String cloud, String name, String visibility, List<String> tags) {
        return createImage(cloud, name, visibility, tags, Map.of());
    }

    /** An active image with properties of its own; gives its ID. */
    String createImage(String cloud, String name, String visibility, List<String> tags, Map<String, String> properties);

    /** Sets a property of an image, as {@code openstack image set --property} does; also its name. */
    void setProperty(String cloud, String imageId, String property, String value);

    void addMember(String cloud, String imageId, String memberId);

    void removeMember(String cloud, String imageId, String memberId);

    /** That cloud's project answers. */
    void answer(String cloud, String imageId, MemberStatus status);

    /** ID to status, sorted. */
    Map<String, String> members(String cloud, String imageId);

    void setVisibility(String cloud, String imageId, String visibility);

    /** Takes the image out of all lists that don't ask for hidden ones. */
    void hide(String cloud, String imageId);

    /** By the admin. */
    void deactivate(String imageId);

    /** By the admin. */
    void reactivate(String imageId);

    void deleteImage(String cloud, String imageId);

    /** Who wrote how to an image's members, as the service's own record has it: "PROJECT-ID METHOD" each. */
    Set<String> memberWrites(String imageId);

    /** The IDs that a plain list of images shows. */
    List<String> listedImages(String cloud);

    /** Ends a token at Keystone. Glance takes one that it has seen before for some minutes more. */
    void revoke(String token);

    /**
     * A new application credential of the producer's, as a clouds.yaml with the one entry {@code credential}.
     *
     * @param accessRules "METHOD /path" with {@code *} for one segment; empty: no rules, everything is allowed
     */
    String applicationCredential(List<String> accessRules);

    @Override
    void close();
}
