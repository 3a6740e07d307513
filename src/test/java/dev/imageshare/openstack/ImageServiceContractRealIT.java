package dev.imageshare.openstack;

import dev.imageshare.embedded.OpenStackLab;
import dev.imageshare.embedded.RealOpenStackLab;
import java.nio.file.Path;

/**
 * The contract on a real Keystone and Glance: {@code src/test/openstack/openstack-lab.sh start} and {@code ... start
 * strict} first. They are found where the script puts them, or where IMAGESHARE_LAB_ROOT and IMAGESHARE_LAB_STRICT_ROOT
 * say.
 */
class ImageServiceContractRealIT extends ImageServiceContract {
    @Override
    OpenStackLab lab() {
        return new RealOpenStackLab(root("IMAGESHARE_LAB_ROOT", "openstack-lab"));
    }

    @Override
    OpenStackLab strictLab() {
        return new RealOpenStackLab(root("IMAGESHARE_LAB_STRICT_ROOT", "openstack-lab-strict"));
    }

    private static Path root(String variable, String name) {
        String given = System.getenv(variable);
        return given == null ? Path.of(System.getProperty("user.home"), ".cache", name) : Path.of(given);
    }
}
