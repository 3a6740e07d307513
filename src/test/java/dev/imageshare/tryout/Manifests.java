package dev.imageshare.tryout;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collection;

/** The files of the try-out, for the show and for the reader's own kubectl: in {@code target/try-out}. */
final class Manifests {

    private static final Path DIRECTORY = Path.of("target", "try-out");

    private Manifests() {}

    /** A team's namespace, and the Secret {@code <side>-clouds} with its credentials. */
    static Path credentials(String side, String namespace, String cloudsYaml) {
        return write(side + "-credentials.yaml", """
                apiVersion: v1
                kind: Namespace
                metadata:
                  name: %s
                ---
                apiVersion: v1
                kind: Secret
                metadata:
                  name: %s-clouds
                  namespace: %s
                stringData:
                  clouds.yaml: |
                """.formatted(namespace, side, namespace) + cloudsYaml.indent(4));
    }

    /** The Secret {@code keystone-reader} with the credentials of somebody who may read a domain's projects. */
    static Path reader(String cloudsYaml) {
        return write("keystone-reader.yaml", """
                apiVersion: v1
                kind: Secret
                metadata:
                  name: keystone-reader
                  namespace: golden-images
                stringData:
                  clouds.yaml: |
                """ + cloudsYaml.indent(4));
    }

    /** A ProjectSet of the projects of a domain that have the tag golden. */
    static Path set(String name, String domain) {
        return write(name + ".yaml", """
                apiVersion: imageshare.dev/v1alpha1
                kind: ProjectSet
                metadata:
                  name: %s
                  namespace: golden-images
                spec:
                  cloudCredentialsRef:
                    secretName: keystone-reader
                    cloudName: directory
                  selectors:
                    - name: tagged
                      domain:
                        id: %s
                      filter:
                        tags: [golden]
                  managedOptions:
                    absentFor: 1s    # the default is 24h; short for the show
                  resyncPeriod: 1s   # the default is 30m; short for the show
                """.formatted(name, domain));
    }

    /** As {@link #share}, with the projects of a ProjectSet. */
    static Path shareWithSet(String name, String image, Projects projects, Collection<String> members, String set) {
        var path = share(name, image, projects, members);
        try {
            return Files.writeString(path, reference(set), StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** How an ImageShare names a ProjectSet. */
    static String reference(String set) {
        return "  projectSetRefs:\n    - name: " + set + "\n";
    }

    /** An ImageAcceptance by which consumer-a accepts the image. */
    static Path acceptance(String name, String imageId) {
        return write(name + "-acceptance.yaml", """
                apiVersion: imageshare.dev/v1alpha1
                kind: ImageAcceptance
                metadata:
                  name: %s
                  namespace: consumer-a
                spec:
                  cloudCredentialsRef:
                    secretName: consumer-clouds
                    cloudName: consumer-a
                  image:
                    id: %s
                  memberStatus: accepted
                  resyncPeriod: 1s   # the default is 10m; short for the show
                """.formatted(name, imageId));
    }

    /** An ImageShare; {@code image} is the YAML of {@code spec.image}. */
    static Path share(String name, String image, Projects projects, Collection<String> members) {
        return write(
                name + ".yaml",
                """
                apiVersion: imageshare.dev/v1alpha1
                kind: ImageShare
                metadata:
                  name: %s
                  namespace: golden-images
                spec:
                  cloudCredentialsRef:
                    secretName: producer-clouds
                    cloudName: producer
                  image:
                    %s
                  resyncPeriod: 1s   # the default is 10m; short for the show
                  members:
                """.formatted(name, image)
                        + String.join(
                                "",
                                members.stream()
                                        .map(member -> member(projects, member))
                                        .toList()));
    }

    /** One entry of an ImageShare's list of members. */
    static String member(Projects projects, String name) {
        return "    - projectID: " + projects.id(name) + "   # " + name + "\n";
    }

    static Path write(String name, String text) {
        try {
            Files.createDirectories(DIRECTORY);
            return Files.writeString(DIRECTORY.resolve(name), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
