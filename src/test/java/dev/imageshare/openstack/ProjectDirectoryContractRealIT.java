package dev.imageshare.openstack;

import dev.imageshare.embedded.OpenStackLab;
import dev.imageshare.embedded.RealOpenStackLab;

/** The contract on a real Keystone: {@code src/test/openstack/openstack-lab.sh start} first, as {@link ImageServiceContractRealIT}. */
class ProjectDirectoryContractRealIT extends ProjectDirectoryContract {
    @Override
    OpenStackLab lab() {
        return RealOpenStackLab.standard();
    }
}
