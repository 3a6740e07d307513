package dev.imageshare.openstack;

import dev.imageshare.embedded.OpenStackLab;
import dev.imageshare.embedded.RealOpenStackLab;

/**
 * The contract on a real Keystone and Glance: {@code src/test/openstack/openstack-lab.sh start} and {@code ... start
 * strict} first. They are found where the script puts them, or where IMAGESHARE_LAB_ROOT and IMAGESHARE_LAB_STRICT_ROOT
 * say.
 */
class ImageServiceContractRealIT extends ImageServiceContract {
    @Override
    OpenStackLab lab() {
        return RealOpenStackLab.standard();
    }

    @Override
    OpenStackLab strictLab() {
        return RealOpenStackLab.strict();
    }
}
